// Whole scripts: every schedule in every setting it names, and what differs from what it expects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/txn/script.h"

namespace aftersync::model::txn {

struct ScriptRun {
  size_t schedule = 0;
  Defaults settings;
  std::vector<StepResult> results;  // one for each step
  bool cut = false;                 // there are more orders than kMaxOrders; this is the last tried
};

inline constexpr size_t kMaxOrders = 100;

// Every schedule in every setting that it names, in the order in which sessions were set free. See
// run_schedule.
[[nodiscard]] Result<std::vector<ScriptRun>> run_script(const Script& script);

// The same for random schedules: steps of sessions that wait are skipped, and there is a run for
// each order in which sessions can go on.
[[nodiscard]] Result<std::vector<ScriptRun>> run_script_in_all_orders(const Script& script);

// For each step that answers otherwise: file, line, setting, expected and actual lines. Empty when
// all is as expected.
[[nodiscard]] std::string differences(const std::string& file, const Script& script,
                                      const std::vector<ScriptRun>& runs);

// The script's text with the answers of the first setting of each schedule.
[[nodiscard]] std::string fill_in(std::string_view text, const Script& script,
                                  const std::vector<ScriptRun>& runs);

}  // namespace aftersync::model::txn
