// From syntax to something that can be evaluated: names become column numbers,
// operators and functions get their types by MySQL's rules.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/sql/ast/query.h"
#include "core/sql/eval/bound_expr.h"
#include "core/sql/sql_error.h"

namespace aftersync::sql {

// The columns that an expression may name.
class ColumnScope {
 public:
  virtual ~ColumnScope() = default;
  // The number and type of a column; nothing when there is none of that name.
  [[nodiscard]] virtual std::optional<std::pair<uint32_t, TypeInfo>> find(
      const ColumnName& name) const = 0;
  // VALUES(column): where the value is that was to be inserted. Nothing where there is none.
  [[nodiscard]] virtual std::optional<std::pair<uint32_t, TypeInfo>> find_inserted(
      const ColumnName& /*name*/) const {
    return std::nullopt;
  }
};

struct BoundAggregate;

// `session`: answers for variables, parameters and functions of the session; without one they are
// refused (1235), and it is to be that of the evaluation. `aggregates`: where the aggregates of the
// expression go (aggregate.h); nullptr where there can be none.
//
// A variable counts as what it is when the expression is bound; a system variable's value is taken
// then.
//
// Errors: 1054 for a column that the scope does not have; 1305 for a function that does not exist,
// 1582 for a wrong number of arguments; 1241 for rows where one value is wanted; 1111 for an
// aggregate where there can be none; 1210 for a parameter without a value; 1193 for a system
// variable that is none; 1235 for what cannot be evaluated yet, by name (queries).
[[nodiscard]] std::variant<BoundExpr, SqlError> bind(
    const Expr& expr, const ColumnScope& scope, SessionState* session = nullptr,
    std::vector<BoundAggregate>* aggregates = nullptr);

}  // namespace aftersync::sql
