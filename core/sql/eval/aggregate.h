// Aggregates: what SUM, COUNT and the others make of the rows of a group (MySQL manual 14.19).
//
//   std::vector<BoundAggregate> aggregates;
//   bind(expr, scope, session, &aggregates);       // each aggregate in it becomes a slot
//   auto states = begin_aggregates(aggregates);    // for each group
//   for each row: for (auto& state : states) state->add(context);
//   std::vector<Value> values = results(states, context);
//   context.aggregates = values;                   // then the expressions can be evaluated
//
// So HAVING, ORDER BY and the select list of one query are bound with one list of aggregates, and
// are evaluated with the values of the group and the row that stands for it. Arguments of
// aggregates are evaluated in add(), with the row of the context; an aggregate in them is an error.
//
// NULLs do not count, nor do rows of which one argument of several is NULL. With DISTINCT each
// value counts once, by the equality of its type and collation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/sql/ast/query.h"
#include "core/sql/eval/bound_expr.h"

namespace aftersync::sql {

struct BoundAggregate {
  AggregateKind kind = AggregateKind::count;
  bool distinct = false;
  TypeInfo type;                     // of the result
  std::vector<BoundExpr> args;       // none: COUNT(*)
  std::vector<BoundExpr> order_by;   // GROUP_CONCAT
  std::vector<bool> descending;      // for each of them
  std::string separator;             // GROUP_CONCAT
  uint64_t most_bytes = UINT64_MAX;  // GROUP_CONCAT: group_concat_max_len
};

// Of arguments that are bound: SUM and AVG of exact numbers are exact, of anything else a DOUBLE;
// MIN and MAX are of their argument's type.
[[nodiscard]] TypeInfo aggregate_type(AggregateKind kind, const std::vector<BoundExpr>& args);

class AggregateState {
 public:
  virtual ~AggregateState() = default;
  // The context's row is one of the group.
  virtual void add(EvalContext& context) = 0;
  // What the rows so far make. GROUP_CONCAT warns (1260) when it had to be cut.
  [[nodiscard]] virtual Value result(EvalContext& context) const = 0;
  // What it keeps, roughly: grows with DISTINCT and GROUP_CONCAT.
  [[nodiscard]] virtual uint64_t memory_bytes() const { return 64; }
};

// Empty. `aggregate` outlives it.
[[nodiscard]] std::unique_ptr<AggregateState> begin_aggregate(const BoundAggregate& aggregate);
[[nodiscard]] std::vector<std::unique_ptr<AggregateState>> begin_aggregates(
    std::span<const BoundAggregate> aggregates);
[[nodiscard]] std::vector<Value> results(std::span<const std::unique_ptr<AggregateState>> states,
                                         EvalContext& context);

}  // namespace aftersync::sql
