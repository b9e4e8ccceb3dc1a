// From syntax to something that can be evaluated: names become column numbers,
// operators and functions get their types by MySQL's rules.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

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
};

// Errors: 1054 for a column that the scope does not have; 1305 for a function
// that does not exist, 1582 for a wrong number of arguments; 1241 for rows
// where one value is wanted; 1111 for an aggregate; 1235 for what cannot be
// evaluated yet, by name (queries, variables, REGEXP).
[[nodiscard]] std::variant<BoundExpr, SqlError> bind(const Expr& expr, const ColumnScope& scope);

}  // namespace aftersync::sql
