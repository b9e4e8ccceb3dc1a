// Types of results: the rules that many operators and functions share.
#pragma once

#include <cstddef>
#include <vector>

#include "core/sql/eval/bound_expr.h"

namespace aftersync::sql {

[[nodiscard]] TypeInfo integer_type(bool is_unsigned = false);
[[nodiscard]] TypeInfo boolean_type();
[[nodiscard]] TypeInfo real_type(unsigned decimals = TypeInfo::kNotFixed);
[[nodiscard]] TypeInfo decimal_type(unsigned scale, bool is_unsigned = false);
[[nodiscard]] TypeInfo text_type(bool binary = false);
[[nodiscard]] TypeInfo temporal_type(TypeClass type, unsigned decimals = 0);

// Of a text function: bytes when one of the texts among its arguments is bytes.
[[nodiscard]] TypeInfo text_of(const std::vector<BoundExpr>& args);
// What can hold any of the arguments from `first` on, every `step`: CASE,
// COALESCE, UNION.
[[nodiscard]] TypeInfo common_type(const std::vector<BoundExpr>& args, size_t first = 0,
                                   size_t step = 1);
// The class in which an operand counts (14.3): text as a real, times as whole
// numbers or decimals.
[[nodiscard]] TypeInfo numeric_type(const TypeInfo& type);

// As an operand that is to be a number: x'41' is 65 there.
[[nodiscard]] BoundExpr numeric_operand(BoundExpr operand);

// `value` as the type that was promised.
// `from`: the type it has.
[[nodiscard]] Value converted(Value value, const TypeInfo& from, const TypeInfo& type,
                              EvalContext& context);

}  // namespace aftersync::sql
