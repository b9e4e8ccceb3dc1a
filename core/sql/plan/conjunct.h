// Conjunct: one of the conditions that must all hold, and which tables it looks at.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "core/sql/plan/name_scope.h"

namespace aftersync::sql {

// Bit n: source n of the scope. Queries have at most 61 tables (kMaxJoinTables).
using SourceSet = uint64_t;

[[nodiscard]] constexpr SourceSet set_of(size_t source) { return SourceSet{1} << source; }

struct Conjunct {
  const Expr* expr = nullptr;  // lives as long as the statement
  BoundExpr bound;
  SourceSet sources = 0;
};

// The sources whose columns the expression names; those of output columns count for nothing.
[[nodiscard]] SourceSet sources_of(const Expr& expr, const NameScope& scope);
// Splits at AND, and binds. The scope says which clause it is.
[[nodiscard]] std::variant<std::vector<Conjunct>, SqlError> conjuncts_of(const Expr& condition,
                                                                         const NameScope& scope);

}  // namespace aftersync::sql
