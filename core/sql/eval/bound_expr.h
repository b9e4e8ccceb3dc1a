// BoundExpr: an expression of which all names and types are known; what a row's
// evaluation walks.
//
// A node is a function pointer, its operands and what binding has decided for
// it. Evaluation is a function of the row and the context, where the session answers for what
// changes; no node but RAND(n) keeps state between rows that a result depends on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/eval/session_state.h"
#include "core/sql/value/convert.h"
#include "core/sql/value/diagnostics.h"
#include "core/sql/value/value.h"

namespace aftersync::sql {

// What evaluation may ask for besides its operands.
struct EvalContext {
  Diagnostics& diagnostics;
  std::span<const Value> row;  // by column number, as the scope has given them
  Temporal now;                // the statement's time: a datetime of six digits, local
  // What binding was given; nullptr only where it was given none.
  SessionState* session = nullptr;
  // The row's values of the aggregates that binding has collected (aggregate.h).
  std::span<const Value> aggregates{};
};

// What a node has made and keeps for the rows to come: a compiled pattern, a sequence of numbers.
struct NodeMemory {
  virtual ~NodeMemory() = default;
};

struct BoundExpr {
  using Function = Value (*)(const BoundExpr& self, EvalContext& context);

  Function function = nullptr;
  TypeInfo type;
  std::vector<BoundExpr> args;
  Value constant;                      // of a literal, perhaps with a sign
  std::shared_ptr<NodeMemory> memory;  // rarely any; copies share it
  int64_t option = 0;                  // column number, unit, flags: what `function` says

  [[nodiscard]] Value evaluate(EvalContext& context) const { return function(*this, context); }
  [[nodiscard]] Value arg(size_t i, EvalContext& context) const {
    return args[i].evaluate(context);
  }
};

}  // namespace aftersync::sql
