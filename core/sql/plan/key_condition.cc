// One method a kind of expression.
#include "core/sql/plan/key_condition.h"

#include <algorithm>

namespace aftersync::sql {

namespace {

BinaryOp mirrored(BinaryOp op) {
  switch (op) {
    case BinaryOp::less: return BinaryOp::greater;
    case BinaryOp::less_equal: return BinaryOp::greater_equal;
    case BinaryOp::greater: return BinaryOp::less;
    case BinaryOp::greater_equal: return BinaryOp::less_equal;
    default: return op;
  }
}

class Finder {
 public:
  Finder(uint32_t slot, SourceSet known, const NameScope& scope)
      : slot_(slot), known_(known), scope_(scope) {}

  std::optional<KeyCondition> find(const Expr& expr) { return std::visit(*this, expr.node); }

  std::optional<KeyCondition> operator()(const Binary& n) {
    if (!is_comparison(n.op) || n.op == BinaryOp::not_equal) return {};
    if (is_column(*n.left)) return compared(n.op, *n.right);
    if (is_column(*n.right)) return compared(mirrored(n.op), *n.left);
    return {};
  }
  std::optional<KeyCondition> operator()(const Between& n) {
    if (n.negated || !is_column(*n.value)) return {};
    KeyCondition made;
    made.kind = KeyCondition::Kind::all_of;
    for (const auto& [op, bound] :
         {std::pair{BinaryOp::greater_equal, &*n.low}, std::pair{BinaryOp::less_equal, &*n.high}}) {
      if (auto one = compared(op, *bound)) made.terms.push_back(*std::move(one));
    }
    if (made.terms.empty()) return {};
    return made;
  }
  std::optional<KeyCondition> operator()(const In& n) {
    if (n.negated || n.query || !is_column(*n.value)) return {};
    KeyCondition made;
    made.kind = KeyCondition::Kind::in_list;
    for (const Expr& one : n.list) {
      auto value = known_value(one);
      if (!value) return {};
      made.values.push_back(*std::move(value));
    }
    return made;
  }
  std::optional<KeyCondition> operator()(const IsTest& n) {
    if (n.test != TruthTest::null_value || !is_column(*n.operand)) return {};
    KeyCondition made;
    made.kind = n.negated ? KeyCondition::Kind::not_null : KeyCondition::Kind::is_null;
    return made;
  }
  std::optional<KeyCondition> operator()(const Like& n) {
    if (n.negated || n.is_regexp || n.escape || !is_column(*n.value)) return {};
    auto value = known_value(*n.pattern);
    if (!value) return {};
    KeyCondition made;
    made.kind = KeyCondition::Kind::beginning;
    made.values.push_back(*std::move(value));
    return made;
  }
  // Of AND some terms are enough, of OR it takes all.
  std::optional<KeyCondition> operator()(const Logical& n) {
    KeyCondition made;
    made.kind = n.is_or ? KeyCondition::Kind::any_of : KeyCondition::Kind::all_of;
    for (const Expr& term : n.terms) {
      auto one = find(term);
      if (!one && n.is_or) return {};
      if (one) made.terms.push_back(*std::move(one));
    }
    if (made.terms.empty()) return {};
    return made;
  }
  template <typename Other>
  std::optional<KeyCondition> operator()(const Other& /*n*/) {
    return {};
  }

 private:
  bool is_column(const Expr& expr) const {
    const auto* column = std::get_if<ColumnRef>(&expr.node);
    return column != nullptr && scope_.find_column(column->name) == slot_;
  }
  std::optional<BoundExpr> known_value(const Expr& expr) const {
    if ((sources_of(expr, scope_) & ~known_) != 0) return {};
    auto bound = scope_.bind_here(expr);
    if (auto* value = std::get_if<BoundExpr>(&bound)) return std::move(*value);
    return {};
  }
  std::optional<KeyCondition> compared(BinaryOp op, const Expr& other) const {
    auto value = known_value(other);
    if (!value) return {};
    KeyCondition made;
    made.op = op;
    made.values.push_back(*std::move(value));
    return made;
  }

  const uint32_t slot_;
  const SourceSet known_;
  const NameScope& scope_;
};

}  // namespace

std::optional<KeyCondition> key_condition(const Expr& expr, uint32_t slot, SourceSet known,
                                          const NameScope& scope) {
  return Finder(slot, known, scope).find(expr);
}

}  // namespace aftersync::sql
