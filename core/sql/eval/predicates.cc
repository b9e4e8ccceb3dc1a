// Comparison, logic with three values, and choice (MySQL manual 14.4, 14.5).
#include <algorithm>

#include "core/base/check.h"
#include "core/sql/eval/compare.h"
#include "core/sql/eval/operators.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

Value truth(bool value) { return int64_t{value}; }

std::optional<int> compare_args(const BoundExpr& a, const Value& left, const BoundExpr& b,
                                const Value& right, EvalContext& context) {
  return compare_values(compare_mode(a.type, b.type), joint_collation(a.type, b.type), left, right,
                        context);
}

bool holds(BinaryOp op, int order) {
  switch (op) {
    case BinaryOp::null_safe_equal:
    case BinaryOp::equal: return order == 0;
    case BinaryOp::not_equal: return order != 0;
    case BinaryOp::less: return order < 0;
    case BinaryOp::less_equal: return order <= 0;
    case BinaryOp::greater: return order > 0;
    default: return order >= 0;
  }
}

Value compare(const BoundExpr& self, EvalContext& context) {
  const auto op = static_cast<BinaryOp>(self.option);
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) {
    if (op != BinaryOp::null_safe_equal) return {};
    return truth(is_null(a) && is_null(b));
  }
  const std::optional<int> order = compare_args(self.args[0], a, self.args[1], b, context);
  if (!order) return op == BinaryOp::null_safe_equal ? truth(false) : Value();
  return truth(holds(op, *order));
}

Value logical_not(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  return truth(!to_truth(value, context.diagnostics));
}

Value logical_xor(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return {};
  return truth(to_truth(a, context.diagnostics) != to_truth(b, context.diagnostics));
}

// AND stops at the first false, OR at the first true; else NULL if there was
// one.
Value logical(const BoundExpr& self, EvalContext& context) {
  const bool is_or = self.option != 0;
  bool unknown = false;
  for (const BoundExpr& term : self.args) {
    const Value value = term.evaluate(context);
    if (is_null(value)) {
      unknown = true;
    } else if (to_truth(value, context.diagnostics) == is_or) {
      return truth(is_or);
    }
  }
  return unknown ? Value() : truth(!is_or);
}

Value test(const BoundExpr& self, EvalContext& context) {
  const auto wanted = static_cast<TruthTest>(self.option / 2);
  const bool negated = self.option % 2 != 0;
  const Value value = self.arg(0, context);
  bool result = is_null(value);
  if (wanted == TruthTest::is_true) {
    result = !result && to_truth(value, context.diagnostics);
  } else if (wanted == TruthTest::is_false) {
    result = !result && !to_truth(value, context.diagnostics);
  }
  return truth(result != negated);
}

Value between(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  const Value low = self.arg(1, context);
  const Value high = self.arg(2, context);
  if (is_null(value)) return {};
  const bool negated = self.option != 0;
  // Each side is 1, 0 or unknown; one that is 0 decides.
  const auto side = [&](size_t i, const Value& limit, BinaryOp op) -> std::optional<bool> {
    if (is_null(limit)) return std::nullopt;
    const auto order = compare_args(self.args[0], value, self.args[i], limit, context);
    if (!order) return std::nullopt;
    return holds(op, *order);
  };
  const std::optional<bool> above = side(1, low, BinaryOp::greater_equal);
  const std::optional<bool> below = side(2, high, BinaryOp::less_equal);
  if ((above && !*above) || (below && !*below)) return truth(negated);
  if (!above || !below) return {};
  return truth(!negated);
}

Value in_list(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  bool unknown = false;
  for (size_t i = 1; i < self.args.size(); ++i) {
    const Value one = self.arg(i, context);
    const auto order =
        is_null(one) ? std::nullopt : compare_args(self.args[0], value, self.args[i], one, context);
    if (!order) {
      unknown = true;
    } else if (*order == 0) {
      return truth(self.option == 0);
    }
  }
  return unknown ? Value() : truth(self.option != 0);
}

Value like(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  const Value pattern = self.arg(1, context);
  if (is_null(value) || is_null(pattern)) return {};
  std::string escape = "\\";
  if (self.args.size() > 2) {
    const Value given = self.arg(2, context);
    if (!is_null(given)) escape = to_text(given);
  }
  const bool matched = matches_like(joint_collation(self.args[0].type, self.args[1].type),
                                    to_text(value), to_text(pattern), escape);
  return truth(matched != (self.option != 0));
}

// option: 1 with an operand, 2 with ELSE
Value choose(const BoundExpr& self, EvalContext& context) {
  const bool has_operand = (self.option & 1) != 0;
  const size_t end = self.args.size() - ((self.option & 2) != 0 ? 1 : 0);
  const Value operand = has_operand ? self.arg(0, context) : Value();
  for (size_t i = has_operand ? 1 : 0; i + 1 < end; i += 2) {
    const Value when = self.arg(i, context);
    bool taken = false;
    if (has_operand) {
      if (is_null(when) || is_null(operand)) continue;
      const auto order = compare_args(self.args[0], operand, self.args[i], when, context);
      taken = order && *order == 0;
    } else {
      taken = !is_null(when) && to_truth(when, context.diagnostics);
    }
    if (taken) {
      return converted(self.arg(i + 1, context), self.args[i + 1].type, self.type, context);
    }
  }
  if (end == self.args.size()) return {};
  const BoundExpr& otherwise = self.args.back();
  return converted(otherwise.evaluate(context), otherwise.type, self.type, context);
}

BoundExpr node(BoundExpr::Function function, TypeInfo type, std::vector<BoundExpr> args,
               int64_t option = 0) {
  BoundExpr made;
  made.function = function;
  made.type = type;
  made.args = std::move(args);
  made.option = option;
  return made;
}

std::vector<BoundExpr> two(BoundExpr a, BoundExpr b) {
  std::vector<BoundExpr> list;
  list.push_back(std::move(a));
  list.push_back(std::move(b));
  return list;
}

}  // namespace

BoundExpr bound_unary(UnaryOp op, BoundExpr operand) {
  if (op != UnaryOp::logical_not) return bound_sign(op, std::move(operand));
  std::vector<BoundExpr> args;
  args.push_back(std::move(operand));
  return node(logical_not, boolean_type(), std::move(args));
}

BoundExpr bound_binary(BinaryOp op, BoundExpr left, BoundExpr right) {
  if (op == BinaryOp::logical_xor) {
    return node(logical_xor, boolean_type(), two(std::move(left), std::move(right)));
  }
  if (!is_comparison(op)) return bound_arithmetic(op, std::move(left), std::move(right));
  const auto is_number = [](const TypeInfo& type) {
    return type.type >= TypeClass::integer && type.type <= TypeClass::real;
  };
  if (is_number(left.type)) right = numeric_operand(std::move(right));
  if (is_number(right.type)) left = numeric_operand(std::move(left));
  return node(compare, boolean_type(), two(std::move(left), std::move(right)),
              static_cast<int64_t>(op));
}

BoundExpr bound_logical(bool is_or, std::vector<BoundExpr> terms) {
  return node(logical, boolean_type(), std::move(terms), is_or ? 1 : 0);
}

BoundExpr bound_test(TruthTest wanted, bool negated, BoundExpr operand) {
  std::vector<BoundExpr> args;
  args.push_back(std::move(operand));
  return node(test, boolean_type(), std::move(args),
              static_cast<int64_t>(wanted) * 2 + (negated ? 1 : 0));
}

BoundExpr bound_between(bool negated, std::vector<BoundExpr> value_low_high) {
  return node(between, boolean_type(), std::move(value_low_high), negated ? 1 : 0);
}

BoundExpr bound_in(bool negated, std::vector<BoundExpr> value_and_list) {
  return node(in_list, boolean_type(), std::move(value_and_list), negated ? 1 : 0);
}

BoundExpr bound_like(bool negated, std::vector<BoundExpr> operands) {
  return node(like, boolean_type(), std::move(operands), negated ? 1 : 0);
}

BoundExpr bound_case(bool has_operand, bool has_else, std::vector<BoundExpr> parts) {
  std::vector<BoundExpr> results;
  const size_t end = parts.size() - (has_else ? 1 : 0);
  for (size_t i = has_operand ? 1 : 0; i + 1 < end; i += 2) results.push_back(parts[i + 1]);
  if (has_else) results.push_back(parts.back());
  const TypeInfo type = common_type(results);
  return node(choose, type, std::move(parts), (has_operand ? 1 : 0) | (has_else ? 2 : 0));
}

}  // namespace aftersync::sql
