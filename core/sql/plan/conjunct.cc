// AND is one node with many terms (expr.h), so this does not recurse.
#include "core/sql/plan/conjunct.h"

namespace aftersync::sql {

SourceSet sources_of(const Expr& expr, const NameScope& scope) {
  if (const auto* column = std::get_if<ColumnRef>(&expr.node)) {
    const std::optional<uint32_t> slot = scope.find_column(column->name);
    if (!slot) return 0;
    for (size_t i = 0; i < scope.sources().size(); ++i) {
      if (scope.sources()[i].has_slot(*slot)) return set_of(i);
    }
  }
  SourceSet found = 0;
  for (const Expr* operand : operands_of(expr)) found |= sources_of(*operand, scope);
  return found;
}

std::variant<std::vector<Conjunct>, SqlError> conjuncts_of(const Expr& condition,
                                                           const NameScope& scope) {
  std::vector<const Expr*> terms{&condition};
  const auto* logical = std::get_if<Logical>(&condition.node);
  if (logical != nullptr && !logical->is_or) {
    terms.clear();
    for (const Expr& term : logical->terms) terms.push_back(&term);
  }
  std::vector<Conjunct> made;
  for (const Expr* term : terms) {
    auto bound = scope.bind_here(*term);
    if (auto* error = std::get_if<SqlError>(&bound)) return std::move(*error);
    made.push_back({term, std::get<BoundExpr>(std::move(bound)), sources_of(*term, scope)});
  }
  return made;
}

}  // namespace aftersync::sql
