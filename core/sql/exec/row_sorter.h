// RowSorter: rows in the order of ORDER BY.
//
// All of them are kept, up to the statement's memory (1038); with a LIMIT only as many as it lets
// through. Rows with equal keys stay in the order in which they came.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/sql/exec/statement_run.h"
#include "core/sql/plan/select_plan.h"

namespace aftersync::sql {

class RowSorter {
 public:
  // `most`: so many of the first rows are wanted. The keys outlive the sorter.
  RowSorter(StatementRun& run, const std::vector<SortKey>& keys, uint64_t most);

  // `context`: what the keys are computed from; `values`: what is kept.
  [[nodiscard]] bool add(EvalContext& context, std::span<const Value> values);
  // In order, until `emit` answers false.
  bool each(const std::function<bool(std::span<const Value>)>& emit);

 private:
  struct Entry {
    ValueRow keys;
    ValueRow values;
    uint64_t number = 0;  // in the order of arrival
  };
  [[nodiscard]] bool before(const Entry& a, const Entry& b);

  StatementRun& run_;
  const std::vector<SortKey>& keys_;
  const uint64_t most_;
  std::vector<Entry> entries_;  // a heap with the last on top, once there are as many as wanted
  uint64_t arrived_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace aftersync::sql
