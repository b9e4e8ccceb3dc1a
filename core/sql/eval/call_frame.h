// CallFrame: a call whose arguments have been computed, none of them NULL.
#pragma once

#include <string>
#include <vector>

#include "core/sql/eval/bound_expr.h"
#include "core/sql/eval/function_table.h"

namespace aftersync::sql {

struct CallFrame {
  const BoundExpr& self;
  EvalContext& context;
  std::vector<Value> args;

  [[nodiscard]] size_t size() const { return args.size(); }
  [[nodiscard]] std::string text(size_t i) const { return to_text(args[i], self.args[i].type); }
  [[nodiscard]] double real(size_t i) const { return to_double(args[i], context.diagnostics); }
  [[nodiscard]] Integer integer(size_t i) const { return to_integer(args[i], context.diagnostics); }
  // Clipped to what a length or position can be.
  [[nodiscard]] int64_t position(size_t i) const {
    const Integer value = integer(i);
    if (value.is_unsigned && value.bits > INT64_MAX) return INT64_MAX;
    return value.as_signed();
  }
  // Whether texts are bytes here.
  [[nodiscard]] bool binary() const { return self.type.is_binary(); }
};

// A function that is NULL when an argument is.
template <Value (*body)(CallFrame&)>
Value strict(const BoundExpr& self, EvalContext& context) {
  CallFrame frame{self, context, {}};
  frame.args.reserve(self.args.size());
  for (const BoundExpr& arg : self.args) {
    frame.args.push_back(arg.evaluate(context));
    if (is_null(frame.args.back())) return {};
  }
  return body(frame);
}

}  // namespace aftersync::sql
