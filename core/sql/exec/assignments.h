// Assignments: SET of UPDATE and of ON DUPLICATE KEY UPDATE.
//
// They are made one after another, from the left: an expression sees what those before it have
// assigned (MySQL manual 15.2.17). Columns with ON UPDATE CURRENT_TIMESTAMP that are not named get
// the time if anything has changed.
#pragma once

#include <vector>

#include "core/sql/exec/row_builder.h"
#include "core/sql/plan/name_scope.h"

namespace aftersync::sql {

class Assignments {
 public:
  // Of ON DUPLICATE KEY UPDATE: VALUES(c) is the row that could not be inserted. 1054, 1110.
  [[nodiscard]] bool bind(StatementRun& run, const std::vector<Assignment>& set,
                          const OpenTable& table);
  // Of UPDATE: names are those of `scope`, whose source number 0 is the table.
  [[nodiscard]] bool bind(StatementRun& run, const std::vector<Assignment>& set,
                          const NameScope& scope);

  // Makes `after`, which begins as a copy of `before`, what it is to be. `inserted`: what VALUES()
  // means, or null.
  [[nodiscard]] bool apply(StatementRun& run, const RowBuilder& prototype,
                           const storage::Row& before, const storage::Row* inserted,
                           storage::Row& after);
  [[nodiscard]] bool assigns(uint32_t column) const;

 private:
  struct One {
    uint32_t column = 0;
    bool is_default = false;
    BoundExpr value;
  };
  [[nodiscard]] bool bind_all(StatementRun& run, const std::vector<Assignment>& set,
                              const NameScope& scope, const OpenTable& table);

  NameScope own_scope_;  // of ON DUPLICATE KEY UPDATE
  const OpenTable* table_ = nullptr;
  std::vector<One> all_;
  ValueRow slots_;  // the row's columns, behind them those of the one that was to be inserted
};

}  // namespace aftersync::sql
