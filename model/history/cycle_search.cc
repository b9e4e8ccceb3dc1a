// The search for circles: required edges, and breadth-first search from their heads to their tails.
#include "model/history/cycle_search.h"

#include <algorithm>
#include <optional>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

// Edges looked at for one kind of circle: a fraction of a second. Small components are searched
// exhaustively; in a history that is broken everywhere any short circle will do.
constexpr uint64_t kBudgetToFind = 100'000'000;
constexpr uint64_t kBudgetToShorten = 10'000'000;

struct StartEdge {
  uint32_t from;
  Edge edge;
};

// How a walk may go on.
enum class Walk { any, nonadjacent };

// Breadth-first search over (node, whether an rw edge led here). Virtual nodes cost nothing, so it
// is a search with weights 0 and 1: those of weight 0 join the current round.
class ShortestWalk {
 public:
  explicit ShortestWalk(const DependencyGraph& graph)
      : graph_(graph), states_(size_t{graph.node_count()} * 2) {}

  // The shortest circle that begins with `start` and goes on over edges of `kinds`; none when there
  // is none shorter than `limit` transactions.
  std::optional<Cycle> close(const StartEdge& start, EdgeKinds kinds, Walk walk, size_t limit,
                             uint64_t& budget) {
    kinds_ = kinds;
    walk_ = walk;
    target_ = start.from;
    ++round_;
    now_.clear();
    const bool is_rw = start.edge.kind == kRw;
    reach(state_of(start.edge.to, is_rw), kNone, start.edge.kind, 1, now_);
    for (uint32_t distance = 1; !now_.empty() && distance < limit; ++distance) {
      next_.clear();
      for (size_t i = 0; i < now_.size(); ++i) {
        if (states_[now_[i]].distance != distance) continue;  // was reached over a shorter way
        if (now_[i] / 2 == target_ && may_end(now_[i])) return cycle(start, now_[i]);
        if (!expand(now_[i], distance, budget)) return std::nullopt;
      }
      now_.swap(next_);
    }
    return std::nullopt;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct State {
    uint32_t round = 0;
    uint32_t distance = 0;  // edges between transactions walked to come here
    uint32_t parent = 0;
    EdgeKinds kind = 0;
  };

  static uint32_t state_of(uint32_t node, bool after_rw) { return node * 2 + (after_rw ? 1 : 0); }

  // The first edge is an rw when walks must not have two in a row, so the last may be none.
  [[nodiscard]] bool may_end(uint32_t state) const { return walk_ == Walk::any || state % 2 == 0; }

  void reach(uint32_t state, uint32_t parent, EdgeKinds kind, uint32_t distance,
             std::vector<uint32_t>& queue) {
    State& known = states_[state];
    if (known.round == round_ && known.distance <= distance) return;
    known = {round_, distance, parent, kind};
    queue.push_back(state);
  }

  bool expand(uint32_t state, uint32_t distance, uint64_t& budget) {
    const uint32_t node = state / 2;
    const bool after_rw = state % 2 != 0;
    const std::span<const Edge> edges = graph_.edges(node);
    if (budget <= edges.size()) {
      budget = 0;
      return false;
    }
    budget -= edges.size() + 1;
    for (const Edge& edge : edges) {
      if (graph_.is_virtual(node)) {
        reach(state_of(edge.to, after_rw), state, edge.kind, distance, now_);
        continue;
      }
      const bool is_rw = edge.kind == kRw;
      if ((edge.kind & kinds_) == 0) continue;
      if (walk_ == Walk::nonadjacent && is_rw && after_rw) continue;
      reach(state_of(edge.to, walk_ == Walk::nonadjacent && is_rw), state, edge.kind, distance + 1,
            next_);
    }
    return true;
  }

  // Back from the end, leaving virtual nodes out: the edge into the first of them names the kind.
  [[nodiscard]] Cycle cycle(const StartEdge& start, uint32_t end) const {
    Cycle cycle;
    for (uint32_t state = end; state != kNone; state = states_[state].parent) {
      const uint32_t parent = states_[state].parent;
      const uint32_t from = parent == kNone ? start.from : parent / 2;
      if (graph_.is_virtual(from)) continue;
      cycle.transactions.push_back(graph_.origin(from));
      cycle.kinds.push_back(states_[state].kind);
    }
    std::ranges::reverse(cycle.transactions);
    std::ranges::reverse(cycle.kinds);
    return cycle;
  }

  const DependencyGraph& graph_;
  std::vector<State> states_;
  std::vector<uint32_t> now_;
  std::vector<uint32_t> next_;
  uint32_t round_ = 0;
  uint32_t target_ = 0;
  EdgeKinds kinds_ = 0;
  Walk walk_ = Walk::any;
};

void start_at_earliest(Cycle& cycle) {
  const auto first = std::ranges::min_element(cycle.transactions) - cycle.transactions.begin();
  std::ranges::rotate(cycle.transactions, cycle.transactions.begin() + first);
  std::ranges::rotate(cycle.kinds, cycle.kinds.begin() + first);
}

class CycleSearch {
 public:
  CycleSearch(const DependencyGraph& part, CycleReport& report)
      : graph_(part), walk_(part), report_(report) {}

  void search(Level level) {
    level_ = level;
    EdgeKinds order = 0;
    if (level != Level::plain) order |= kProcess;
    if (level == Level::realtime) order |= kRealtime;
    search_flow(Anomaly::g0, kWw, order);
    search_flow(Anomaly::g1c, kWr, static_cast<EdgeKinds>(kWw | order));
    search_anti(order);
  }

 private:
  // Whether this or a plainer level has it.
  [[nodiscard]] bool has(Anomaly plain) const {
    for (uint8_t level = 0; level <= static_cast<uint8_t>(level_); ++level) {
      if (report_.cycles.contains(cycle_anomaly(plain, static_cast<Level>(level)))) return true;
    }
    return false;
  }

  void keep(Anomaly plain, std::optional<Cycle> cycle) {
    if (!cycle) return;
    start_at_earliest(*cycle);
    report_.cycles.emplace(cycle_anomaly(plain, level_), std::move(*cycle));
  }

  // Edges from transactions for which `wanted(from, edge)` holds.
  template <typename Wanted>
  std::vector<StartEdge> edges_where(const Wanted& wanted) const {
    std::vector<StartEdge> found;
    for (uint32_t node = 0; node < graph_.transaction_count(); ++node) {
      for (const Edge& edge : graph_.edges(node)) {
        if (wanted(node, edge)) found.push_back({node, edge});
      }
    }
    return found;
  }

  std::optional<Cycle> shortest(const std::vector<StartEdge>& starts, EdgeKinds kinds, Walk walk) {
    std::optional<Cycle> best;
    uint64_t budget = kBudgetToFind;
    for (const StartEdge& start : starts) {
      const size_t limit = best ? best->transactions.size() : SIZE_MAX;
      std::optional<Cycle> found = walk_.close(start, kinds, walk, limit, budget);
      if (found) {
        if (!best) budget = std::min(budget, kBudgetToShorten);
        best = std::move(found);
        if (best->transactions.size() <= 2) break;
      }
      if (budget == 0) {
        report_.budget_ran_out = true;
        break;
      }
    }
    return best;
  }

  // Circles without rw: those of `required` edges and `others`.
  void search_flow(Anomaly plain, EdgeKinds required, EdgeKinds others) {
    if (has(plain)) return;
    const auto kinds = static_cast<EdgeKinds>(required | others);
    const std::vector<uint32_t> component = components_of(graph_, kinds);
    const auto starts = edges_where([&](uint32_t from, const Edge& edge) {
      return edge.kind == required && component[from] != kNoComponent &&
             component[from] == component[edge.to];
    });
    keep(plain, shortest(starts, kinds, Walk::any));
  }

  void search_anti(EdgeKinds order) {
    const auto flow = static_cast<EdgeKinds>(kWw | kWr | order);
    const auto all = static_cast<EdgeKinds>(flow | kRw);
    const std::vector<uint32_t> walks = nonadjacent_components_of(graph_, all);
    if (!has(Anomaly::g_single)) {
      const auto starts = edges_where([&](uint32_t from, const Edge& edge) {
        const uint32_t before = walks[size_t{from} * 2];
        return edge.kind == kRw && before != kNoComponent &&
               before == walks[size_t{edge.to} * 2 + 1];
      });
      search_nonadjacent(starts, flow, all);
    }
    if (!has(Anomaly::g2_item)) search_adjacent(walks, all);
  }

  void search_nonadjacent(const std::vector<StartEdge>& starts, EdgeKinds flow, EdgeKinds all) {
    if (starts.empty()) return;
    std::optional<Cycle> single = shortest(starts, flow, Walk::any);
    if (single) return keep(Anomaly::g_single, std::move(single));
    if (has(Anomaly::g_nonadjacent)) return;
    std::optional<Cycle> several = shortest(starts, all, Walk::nonadjacent);
    CHECK(several.has_value() || report_.budget_ran_out);
    if (!several) return;
    const bool is_single = std::ranges::count(several->kinds, kRw) == 1;
    keep(is_single ? Anomaly::g_single : Anomaly::g_nonadjacent, std::move(several));
  }

  void search_adjacent(const std::vector<uint32_t>& walks, EdgeKinds all) {
    const std::vector<uint32_t> component = components_of(graph_, all);
    std::vector<bool> explained(graph_.node_count());  // by component
    for (uint32_t node = 0; node < graph_.node_count(); ++node) {
      const bool on_walk =
          walks[size_t{node} * 2] != kNoComponent || walks[size_t{node} * 2 + 1] != kNoComponent;
      if (on_walk) explained[component[node]] = true;
    }
    const auto starts = edges_where([&](uint32_t from, const Edge& edge) {
      const uint32_t in = component[from];
      return edge.kind == kRw && in != kNoComponent && in == component[edge.to] && !explained[in];
    });
    keep(Anomaly::g2_item, shortest(starts, all, Walk::any));
  }

  const DependencyGraph& graph_;
  ShortestWalk walk_;
  CycleReport& report_;
  Level level_ = Level::plain;
};

}  // namespace

CycleReport find_cycles(const DependencyGraph& graph) {
  CycleReport report;
  const std::vector<uint32_t> components =
      components_of(graph, kWw | kWr | kRw | kProcess | kRealtime);
  std::vector<uint32_t> sizes;
  for (uint32_t node = 0; node < graph.node_count(); ++node) {
    if (components[node] == kNoComponent) continue;
    sizes.resize(std::max<size_t>(sizes.size(), components[node] + 1));
    if (!graph.is_virtual(node)) ++sizes[components[node]];
  }
  if (sizes.empty()) return report;
  report.components = static_cast<uint32_t>(sizes.size());
  report.largest_component = *std::ranges::max_element(sizes);
  const DependencyGraph part = graph.part(components);
  CycleSearch search(part, report);
  for (const Level level : {Level::plain, Level::process, Level::realtime}) search.search(level);
  return report;
}

}  // namespace aftersync::model
