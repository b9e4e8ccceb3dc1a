// JoinPlan: in which order the tables of a query are read, by which indexes, and where each
// condition is checked.
//
// Joins are nested loops (MySQL manual 10.2.1.7): for each row of the left side the right side is
// read, with what is known by then. Inner joins may be taken in any order: the table that can be
// read best comes next, the first in the text where they are equal. An outer join keeps its sides
// apart: its right side sees only its own ON, its left side what is said about it from above.
#pragma once

#include <memory>
#include <vector>

#include "core/sql/plan/access_path.h"

namespace aftersync::sql {

// A leaf reads a source; an inner node joins two.
struct JoinNode {
  size_t source = 0;  // of a leaf
  AccessPath path;
  std::unique_ptr<JoinNode> left;
  std::unique_ptr<JoinNode> right;
  bool outer = false;             // a row of the left side without a match comes with NULLs
  std::vector<Conjunct> filters;  // of the rows that it yields
  SourceSet sources = 0;

  [[nodiscard]] bool is_leaf() const { return left == nullptr; }
};

// FROM as it is written: leaves are sources of the scope, in their order.
struct JoinTree {
  size_t source = 0;
  std::unique_ptr<JoinTree> left;
  std::unique_ptr<JoinTree> right;
  bool outer = false;
  bool straight = false;  // STRAIGHT_JOIN: left before right
  std::vector<Conjunct> on;

  [[nodiscard]] bool is_leaf() const { return left == nullptr; }
  [[nodiscard]] SourceSet sources() const {
    return is_leaf() ? set_of(source) : left->sources() | right->sources();
  }
};

// `where`: what must hold for the whole. `in_order`: tables as they stand in the text.
[[nodiscard]] std::unique_ptr<JoinNode> plan_join(const NameScope& scope, JoinTree& tree,
                                                  std::vector<Conjunct> where, bool in_order);

}  // namespace aftersync::sql
