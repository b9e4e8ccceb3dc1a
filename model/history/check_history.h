// Checks a whole history: what is wrong with it, and which consistency models that rules out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/status.h"
#include "model/history/anomaly.h"
#include "model/history/consistency_model.h"
#include "model/history/cycle_search.h"
#include "model/history/history.h"

namespace aftersync::model {

struct Verdict {
  ConsistencyModel model;
  std::vector<Anomaly> ruled_out_by;  // empty: the history does not contradict the model
};

struct CheckReport {
  Findings findings;
  CycleReport cycles;
  std::vector<Verdict> verdicts;  // one a model
  size_t transactions = 0;
  size_t edges = 0;
  size_t calls = 0;

  [[nodiscard]] const Verdict& of(ConsistencyModel model) const {
    return verdicts[static_cast<size_t>(model)];
  }
};

// Fails with Code::invalid_argument and the line when a call's value has the wrong shape.
[[nodiscard]] Result<CheckReport> check_history(const History& history);

// For people. The findings that `model` proscribes come first and in full; others are named.
[[nodiscard]] std::string text_report(const History& history, const CheckReport& report,
                                      ConsistencyModel model);
// For programs: verdict, models, anomalies with examples and cycles with their operations.
[[nodiscard]] nlohmann::ordered_json json_report(const History& history, const CheckReport& report,
                                                 ConsistencyModel model);

}  // namespace aftersync::model
