// RowGroups: the rows of GROUP BY: for each group one of its rows, and what its aggregates are so
// far.
//
// All groups are kept, up to the statement's memory (1038), and come in the order in which the
// first row of each came.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/sql/exec/statement_run.h"
#include "core/sql/plan/select_plan.h"

namespace aftersync::sql {

class RowGroups {
 public:
  struct Group {
    ValueRow row;  // the first of its rows
    std::vector<std::unique_ptr<AggregateState>> states;
  };

  // The plan outlives the groups.
  RowGroups(StatementRun& run, const SelectPlan& plan) : run_(run), plan_(plan) {}

  [[nodiscard]] bool add(std::span<const Value> row);
  // Without GROUP BY there is one group, even if there were no rows: then its row is `none`.
  void finish(std::span<const Value> none);
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }

 private:
  Group& new_group(std::span<const Value> row);

  StatementRun& run_;
  const SelectPlan& plan_;
  std::vector<Group> groups_;
  std::map<std::string, size_t> numbers_;  // by the key of what is grouped by
  uint64_t bytes_ = 0;
};

}  // namespace aftersync::sql
