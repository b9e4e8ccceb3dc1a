// AccessPath: by which index a table is read, and which of its ranges.
//
// Choice (MySQL manual 10.2.1.2, 10.8.2). There are no statistics yet, so indexes are compared by
// what the statement says about their columns:
//
//   const, eq_ref   all columns of a unique index equal something that is known: one row
//   ref             the first columns do
//   range           the first columns are restricted
//   index           nothing, but rows come in the order that is wanted
//   ALL             the clustered index from end to end
//
// Earlier ones win; then the one of which more columns are used; then the clustered index.
//
// Ranges are computed when the table is read, as values may come from tables read before: one list
// of intervals of keys, sorted, so that IN lists and ORs become probes in index order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/sql/plan/key_condition.h"

namespace aftersync::sql {

// More ranges than these are not worth telling apart: what comes behind them in the index's columns
// is left to the filter.
inline constexpr size_t kMaxRanges = 20000;

enum class AccessKind : uint8_t { one_row, ref, range, index, all };

struct AccessPath {
  AccessKind kind = AccessKind::all;
  size_t index = 0;
  // By part of the index, from the first: conditions that must all hold. Behind one that is not a
  // point there is nothing.
  std::vector<std::vector<KeyCondition>> conditions;
  bool backward = false;
  SourceSet known = 0;  // tables from which values come

  // All parts that are used are equal to something.
  [[nodiscard]] bool is_equal() const {
    return kind == AccessKind::one_row || kind == AccessKind::ref;
  }
};

// For source number `source`, of the conditions that `conjuncts` are, when the tables in `known`
// have been read.
[[nodiscard]] AccessPath choose_access(const NameScope& scope, size_t source,
                                       const std::vector<const Conjunct*>& conjuncts,
                                       SourceSet known);

// A range of keys: low <= key < high; an empty `high` is no bound.
struct KeyRange {
  std::string low;
  std::string high;
  bool is_equal = false;  // one value in each part that is used
  // The whole key of a unique index, without NULLs.
  bool is_one_row = false;
};

// Sorted and disjoint; none when no row can match.
[[nodiscard]] std::vector<KeyRange> ranges_of(const AccessPath& path, const OpenTable& table,
                                              EvalContext& context);

}  // namespace aftersync::sql
