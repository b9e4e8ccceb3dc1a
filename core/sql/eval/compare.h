// Comparison: which way two operands are compared follows from their types
// (MySQL manual 14.3).
#pragma once

#include <string_view>

#include "core/sql/eval/bound_expr.h"

namespace aftersync::sql {

enum class CompareMode : uint8_t { integer, decimal, real, text, binary, datetime, time };

[[nodiscard]] CompareMode compare_mode(const TypeInfo& a, const TypeInfo& b);
// Below, at or above zero. Neither is NULL. Nothing when one of them is no date
// (with a warning).
[[nodiscard]] std::optional<int> compare_values(CompareMode mode, storage::Collation collation,
                                                const Value& a, const Value& b,
                                                EvalContext& context);
// The collation under which two texts are compared: bytes if one is bytes.
[[nodiscard]] storage::Collation joint_collation(const TypeInfo& a, const TypeInfo& b);
[[nodiscard]] int compare_text(storage::Collation collation, std::string_view a,
                               std::string_view b);

// LIKE (14.8.1): % any run, _ any character, `escape` before a character that
// means itself.
[[nodiscard]] bool matches_like(storage::Collation collation, std::string_view text,
                                std::string_view pattern, std::string_view escape);

}  // namespace aftersync::sql
