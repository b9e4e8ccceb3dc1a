// Greedy: there are no statistics that would make more of it.
#include "core/sql/plan/join_plan.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

class JoinPlanner {
 public:
  JoinPlanner(const NameScope& scope, bool in_order) : scope_(scope), in_order_(in_order) {}

  std::unique_ptr<JoinNode> plan(JoinTree& tree, std::vector<Conjunct> conditions,
                                 SourceSet known) {
    std::vector<JoinTree*> units;
    flatten(tree, units, conditions);
    std::unique_ptr<JoinNode> done;
    while (!units.empty()) {
      const size_t next = best_of(units, conditions, known);
      JoinTree* unit = units[next];
      units.erase(units.begin() + static_cast<std::ptrdiff_t>(next));
      std::unique_ptr<JoinNode> node = plan_unit(*unit, conditions, known);
      known |= node->sources;
      if (done) {
        auto join = std::make_unique<JoinNode>();
        join->sources = done->sources | node->sources;
        join->left = std::move(done);
        join->right = std::move(node);
        node = std::move(join);
      }
      take(conditions, known, node->filters);
      done = std::move(node);
    }
    CHECK(conditions.empty());
    return done;
  }

 private:
  // Inner joins become a list of what they join, and conditions.
  void flatten(JoinTree& tree, std::vector<JoinTree*>& units, std::vector<Conjunct>& conditions) {
    if (tree.is_leaf() || tree.outer) {
      units.push_back(&tree);
      return;
    }
    if (tree.straight) in_order_ = true;
    flatten(*tree.left, units, conditions);
    flatten(*tree.right, units, conditions);
    std::move(tree.on.begin(), tree.on.end(), std::back_inserter(conditions));
  }

  size_t best_of(const std::vector<JoinTree*>& units, const std::vector<Conjunct>& conditions,
                 SourceSet known) const {
    if (in_order_) return 0;
    size_t best = 0;
    AccessKind best_kind = AccessKind::all;
    for (size_t i = 0; i < units.size(); ++i) {
      if (!units[i]->is_leaf()) continue;
      const AccessKind kind = access_to(units[i]->source, conditions, known).kind;
      if (kind < best_kind) {
        best = i;
        best_kind = kind;
      }
    }
    return best;
  }

  AccessPath access_to(size_t source, const std::vector<Conjunct>& conditions,
                       SourceSet known) const {
    std::vector<const Conjunct*> usable;
    for (const Conjunct& one : conditions) usable.push_back(&one);
    return choose_access(scope_, source, usable, known);
  }

  std::unique_ptr<JoinNode> plan_unit(JoinTree& unit, std::vector<Conjunct>& conditions,
                                      SourceSet known) {
    auto node = std::make_unique<JoinNode>();
    if (unit.is_leaf()) {
      node->source = unit.source;
      node->sources = set_of(unit.source);
      node->path = access_to(unit.source, conditions, known);
      take(conditions, known | node->sources, node->filters);
      return node;
    }
    std::vector<Conjunct> of_left;
    take(conditions, known | unit.left->sources(), of_left);
    node->outer = true;
    node->sources = unit.sources();
    node->left = plan(*unit.left, std::move(of_left), known);
    node->right = plan(*unit.right, std::move(unit.on), known | unit.left->sources());
    return node;
  }

  // Moves the conditions that can be checked when `known` has been read.
  static void take(std::vector<Conjunct>& conditions, SourceSet known,
                   std::vector<Conjunct>& taken) {
    const auto later =
        std::stable_partition(conditions.begin(), conditions.end(),
                              [&](const Conjunct& one) { return (one.sources & ~known) != 0; });
    std::move(later, conditions.end(), std::back_inserter(taken));
    conditions.erase(later, conditions.end());
  }

  const NameScope& scope_;
  bool in_order_;
};

}  // namespace

std::unique_ptr<JoinNode> plan_join(const NameScope& scope, JoinTree& tree,
                                    std::vector<Conjunct> where, bool in_order) {
  return JoinPlanner(scope, in_order).plan(tree, std::move(where), 0);
}

}  // namespace aftersync::sql
