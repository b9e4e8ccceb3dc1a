// KeyIntervals: the encoded values of one part of an index that satisfy conditions on its column.
//
// Encodings compare as their values do and none is the beginning of another one (key_encoding.h),
// so a set of values is a list of intervals of bytes: sorted, disjoint, each from `low` to below
// `high`. A single value is the interval of everything that begins with its encoding.
//
// What the column cannot hold. A condition's value is stored as the column would store it and
// loaded again; where that is not the same (1.5 in an INT, 300 in a TINYINT), the nearest value
// that the column can hold takes its place, on the side on which it lies. Where the comparison is
// not one in the column's own order (an INT with a text that is no number, texts of different
// collations), the condition says nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/plan/key_condition.h"
#include "core/sql/value/column_codec.h"
#include "core/storage/key_encoding.h"

namespace aftersync::sql {

struct KeyInterval {
  std::string low;
  std::optional<std::string> high;  // nothing: no bound
  bool is_point = false;            // all of it begins with `low`
};

class KeyIntervals {
 public:
  // Of the values in this part of an index. Both outlive it.
  KeyIntervals(const storage::KeyPart& part, const ColumnCodec& codec)
      : part_(part), codec_(codec) {}

  // Leaves those values that satisfy the condition, which is computed now.
  void restrict(const KeyCondition& condition, EvalContext& context);

  // Everything, to begin with.
  [[nodiscard]] const std::vector<KeyInterval>& intervals() const { return intervals_; }
  [[nodiscard]] bool all_points() const;

 private:
  using List = std::vector<KeyInterval>;

  [[nodiscard]] List of(const KeyCondition& condition, EvalContext& context) const;
  [[nodiscard]] List of_comparison(BinaryOp op, const BoundExpr& expr, EvalContext& context) const;
  [[nodiscard]] List of_beginning(const BoundExpr& expr, EvalContext& context) const;
  [[nodiscard]] List not_null() const;
  // What lies on one side of an encoding.
  [[nodiscard]] List side(BinaryOp op, const std::string& at) const;
  [[nodiscard]] static List point(std::string encoded);
  [[nodiscard]] static List everything();
  [[nodiscard]] static List intersection(const List& a, const List& b);
  [[nodiscard]] static List united(List all);

  const storage::KeyPart& part_;
  const ColumnCodec& codec_;
  List intervals_ = everything();
};

}  // namespace aftersync::sql
