// Reading and checking histories that stand in a test as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "model/history/check_history.h"
#include "model/history/history.h"

namespace aftersync::model {

// Reads a history of JSON lines, in pieces of the given size.
Status read_text(std::string_view text, History& history, size_t piece_bytes = 1 << 20);

// Checks a history written in short. A line an event, "PROCESS TYPE OPERATIONS":
//
//   0 invoke append x 1, r y
//   0 ok     append x 1, r y [1 2]
//   1 info
//
// The index is the number of the line. Other workloads give f and JSON: "0 invoke set/add 3".
struct Checked {
  History history;
  CheckReport report;

  // "G1a, G1c", in the order of the enumeration.
  [[nodiscard]] std::string found() const;
  [[nodiscard]] bool holds(std::string_view model) const;
  // The text of the first example of an anomaly.
  [[nodiscard]] std::string story(Anomaly anomaly) const;
};

[[nodiscard]] Checked check_short(std::string_view text);

}  // namespace aftersync::model
