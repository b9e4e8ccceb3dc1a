// BoundExpr: an expression of which all names and types are known; what a row's
// evaluation walks.
//
// A node is a function pointer, its operands and what binding has decided for
// it. Evaluation is a pure function of the row and the context: no node keeps
// state between rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/value/convert.h"
#include "core/sql/value/diagnostics.h"
#include "core/sql/value/value.h"

namespace aftersync::sql {

// What evaluation may ask for besides its operands.
struct EvalContext {
  Diagnostics& diagnostics;
  std::span<const Value> row;  // by column number, as the scope has given them
  Temporal now;                // the statement's time: a datetime
};

struct BoundExpr {
  using Function = Value (*)(const BoundExpr& self, EvalContext& context);

  Function function = nullptr;
  TypeInfo type;
  std::vector<BoundExpr> args;
  Value constant;      // of a literal, perhaps with a sign
  int64_t option = 0;  // column number, unit, flags: what `function` says

  [[nodiscard]] Value evaluate(EvalContext& context) const { return function(*this, context); }
  [[nodiscard]] Value arg(size_t i, EvalContext& context) const {
    return args[i].evaluate(context);
  }
};

}  // namespace aftersync::sql
