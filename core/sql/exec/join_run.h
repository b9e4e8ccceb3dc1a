// JoinRun: the rows of a join, one after another, in the slots of one row.
#pragma once

#include <functional>
#include <span>

#include "core/sql/exec/statement_run.h"
#include "core/sql/exec/table_scan.h"
#include "core/sql/plan/join_plan.h"

namespace aftersync::sql {

// A stored row's columns that are needed, into their slots.
void load_slots(const Source& source, const storage::Row& stored, int32_t zone_offset_s,
                std::span<Value> slots);

// Whether all conditions are true for the row. False after an error, too.
[[nodiscard]] bool passes(StatementRun& run, const std::vector<Conjunct>& filters,
                          std::span<const Value> row);

class JoinRun {
 public:
  // `row` has room for all slots of the scope; all of these outlive the JoinRun.
  JoinRun(StatementRun& run, const NameScope& scope, std::span<Value> row, RowLocking locking)
      : run_(run), scope_(scope), row_(row), locking_(locking) {}

  // Calls `emit` for each row of the node, until it answers false. Whether it never did.
  using Emit = std::function<bool()>;
  bool each(const JoinNode& node, const Emit& emit);

 private:
  bool each_of_leaf(const JoinNode& node, const Emit& emit);
  bool each_stored(const JoinNode& node, const Source& source, const Emit& emit);
  bool each_computed(const JoinNode& node, const Source& source, const Emit& emit);
  bool each_of_join(const JoinNode& node, const Emit& emit);
  void set_null(const JoinNode& node);

  StatementRun& run_;
  const NameScope& scope_;
  const std::span<Value> row_;
  const RowLocking locking_;
};

}  // namespace aftersync::sql
