// KeyCondition: a condition on one column which the order of an index can answer.
//
// Of an expression such as `a BETWEEN ? AND 7 OR a IN (1, 2)` it keeps what a search needs: the
// column and, for each comparison, the value beside it, which is computed when the table is read.
// It may say less than the expression (rows are checked against that anyway), but never more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/sql/plan/conjunct.h"

namespace aftersync::sql {

struct KeyCondition {
  enum class Kind : uint8_t {
    compare,    // column op values[0]
    in_list,    // column IN (values)
    is_null,    // column IS NULL
    not_null,   // column IS NOT NULL
    beginning,  // column LIKE values[0]
    all_of,     // of terms
    any_of,
  };
  Kind kind = Kind::compare;
  BinaryOp op = BinaryOp::equal;
  std::vector<BoundExpr> values;
  std::vector<KeyCondition> terms;

  // One value, known before the index is read: it can be followed by a condition on the next
  // column of an index.
  [[nodiscard]] bool is_point() const {
    return kind == Kind::is_null ||
           (kind == Kind::compare && (op == BinaryOp::equal || op == BinaryOp::null_safe_equal));
  }
};

// What `expr` says about the column in `slot`, where the other tables that it names are among
// `known`; nothing when an index is of no use.
[[nodiscard]] std::optional<KeyCondition> key_condition(const Expr& expr, uint32_t slot,
                                                        SourceSet known, const NameScope& scope);

}  // namespace aftersync::sql
