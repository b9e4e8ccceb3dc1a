// Building expressions, and looking at what is inside one.
#include "core/sql/ast/expr.h"

#include <algorithm>

#include "core/sql/ast/query.h"

namespace aftersync::sql {

namespace {

// Collects the operands of a node. Overloads for leaves do nothing.
class Operands {
 public:
  template <typename Leaf>
  void operator()(const Leaf& /*leaf*/) {}
  void operator()(const Assign& n) { add(n.value); }
  void operator()(const Unary& n) { add(n.operand); }
  void operator()(const Binary& n) { add(n.left), add(n.right); }
  void operator()(const Logical& n) { add(n.terms); }
  void operator()(const IsTest& n) { add(n.operand); }
  void operator()(const Like& n) { add(n.value), add(n.pattern), add(n.escape); }
  void operator()(const Between& n) { add(n.value), add(n.low), add(n.high); }
  void operator()(const In& n) { add(n.value), add(n.list); }
  void operator()(const Quantified& n) { add(n.left); }
  void operator()(const Case& n) { add(n.operand), add(n.whens), add(n.otherwise); }
  void operator()(const Cast& n) { add(n.operand); }
  void operator()(const ConvertUsing& n) { add(n.operand); }
  void operator()(const Collate& n) { add(n.operand); }
  void operator()(const IntervalAdd& n) { add(n.base), add(n.amount); }
  void operator()(const Call& n) { add(n.args); }
  void operator()(const RowValue& n) { add(n.values); }
  void operator()(const Aggregate& n) {
    add(n.args);
    for (const OrderItem& item : n.order_by) found.push_back(&item.expr);
  }

  std::vector<const Expr*> found;

 private:
  void add(const Box<Expr>& box) {
    if (box) found.push_back(&*box);
  }
  void add(const std::vector<Expr>& list) {
    for (const Expr& expr : list) found.push_back(&expr);
  }
};

}  // namespace

std::vector<const Expr*> operands_of(const Expr& expr) {
  Operands operands;
  std::visit(operands, expr.node);
  return std::move(operands.found);
}

Expr::Expr(Node from) : node(std::move(from)) {
  for (const Expr* operand : operands_of(*this)) depth = std::max(depth, operand->depth + 1);
}

Expr make_logical(bool is_or, Expr left, Expr right) {
  const auto same = [is_or](const Expr& e) {
    const auto* logical = std::get_if<Logical>(&e.node);
    return logical != nullptr && logical->is_or == is_or;
  };
  // The left side is taken as it is, so that a long chain costs no more than its length.
  if (!same(left)) {
    Logical chain;
    chain.is_or = is_or;
    chain.terms.push_back(std::move(left));
    left = Expr(std::move(chain));
  }
  auto& terms = std::get<Logical>(left.node).terms;
  if (same(right)) {
    for (Expr& term : std::get<Logical>(right.node).terms) terms.push_back(std::move(term));
  } else {
    terms.push_back(std::move(right));
  }
  left.depth = std::max(left.depth, terms.back().depth + 1);
  return left;
}

}  // namespace aftersync::sql
