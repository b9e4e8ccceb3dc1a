// SelectPlan: one SELECT, bound and planned: what its execution walks.
//
// The row that a SELECT works on has a slot for each column of its tables, and behind them one for
// each item of the select list. So what comes after the list (HAVING, ORDER BY) is bound to either.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/sql/plan/from_clause.h"

namespace aftersync::sql {

struct SortKey {
  BoundExpr expr;
  bool descending = false;
};

struct SelectPlan {
  NameScope scope;
  FromClause from;                 // keeps what the conditions were made of
  std::unique_ptr<JoinNode> join;  // null: no tables; one row without columns
  std::vector<Conjunct> filters;   // where there are no tables
  std::vector<BoundExpr> items;    // item i goes to slot first_item + i
  uint32_t first_item = 0;
  std::vector<ResultColumn> columns;
  // With either of these, rows become groups; without GROUP BY all of them are one.
  std::vector<BoundExpr> group_by;
  std::vector<BoundAggregate> aggregates;
  std::optional<BoundExpr> having;
  std::vector<SortKey> order_by;
  bool order_comes_by_itself = false;  // from the index by which the first table is read
  bool distinct = false;

  explicit SelectPlan(TableOpener& opener) : from(scope, opener) {}
  [[nodiscard]] bool is_grouped() const { return !group_by.empty() || !aggregates.empty(); }
  SelectPlan(const SelectPlan&) = delete;
  SelectPlan& operator=(const SelectPlan&) = delete;
};

struct PlanOptions {
  SessionState& session;
  bool only_full_group_by = true;  // of sql_mode
};

// `order_by`: of the query, where the select is all of it. The syntax outlives the plan.
[[nodiscard]] std::optional<SqlError> plan_select(const Select& select,
                                                  const std::vector<OrderItem>& order_by,
                                                  const PlanOptions& options, SelectPlan& plan);

}  // namespace aftersync::sql
