// Conditions, and the ranges of an index that they leave to be scanned.
//
// Which records a statement locks depends on the range it scans, not on the rows that match (manual
// 17.7.3: "InnoDB does not remember the exact WHERE condition, but only knows which index ranges
// were scanned"). A real server chooses the index by cost; here the rule is fixed, and scripts
// write FORCE INDEX where it matters: the clustered index if its first column is constrained, else
// the first secondary index whose first column is, else the whole clustered index.
#pragma once

#include <optional>
#include <vector>

#include "model/txn/statement.h"
#include "model/txn/table.h"

namespace aftersync::model::txn {

// Bounds are prefixes of the index's key; an empty one is open. `exact`: an equality, both bounds
// are the same.
struct Range {
  Row low;
  bool low_inclusive = true;
  Row high;
  bool high_inclusive = true;
  bool exact = false;
};

struct Access {
  size_t index = kClustered;
  std::vector<Range> ranges;  // in the order they are scanned
};

[[nodiscard]] bool matches(const Table& table, const Where& where, const Row& row);

[[nodiscard]] Access choose_access(const Table& table, const Where& where,
                                   std::optional<size_t> forced, bool descending);

}  // namespace aftersync::model::txn
