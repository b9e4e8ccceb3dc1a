// Operators as functions of bound operands.
#pragma once

#include <vector>

#include "core/sql/ast/query.h"
#include "core/sql/eval/bound_expr.h"

namespace aftersync::sql {

// What an operator becomes, given its operands in the order of the text.
[[nodiscard]] BoundExpr bound_unary(UnaryOp op, BoundExpr operand);
[[nodiscard]] BoundExpr bound_binary(BinaryOp op, BoundExpr left, BoundExpr right);
[[nodiscard]] BoundExpr bound_logical(bool is_or, std::vector<BoundExpr> terms);
[[nodiscard]] BoundExpr bound_test(TruthTest test, bool negated, BoundExpr operand);
[[nodiscard]] BoundExpr bound_between(bool negated, std::vector<BoundExpr> value_low_high);
[[nodiscard]] BoundExpr bound_in(bool negated, std::vector<BoundExpr> value_and_list);
// Value, pattern and, where there is one, escape.
[[nodiscard]] BoundExpr bound_like(bool negated, std::vector<BoundExpr> operands);
// + - * / DIV % and bits; - and ~.
[[nodiscard]] BoundExpr bound_arithmetic(BinaryOp op, BoundExpr left, BoundExpr right);
[[nodiscard]] BoundExpr bound_sign(UnaryOp op, BoundExpr operand);
// [operand] when then ... [else]
[[nodiscard]] BoundExpr bound_case(bool has_operand, bool has_else, std::vector<BoundExpr> parts);
[[nodiscard]] BoundExpr bound_cast(const Cast& cast, BoundExpr operand);
[[nodiscard]] BoundExpr bound_interval(IntervalUnit unit, bool subtract, BoundExpr base,
                                       BoundExpr amount);

}  // namespace aftersync::sql
