// Building the graph, and Tarjan's algorithm without recursion: a history's circle may be as long
// as the history.
#include "model/history/dependency_graph.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

constexpr uint32_t kUnvisited = UINT32_MAX;
constexpr uint32_t kNowhere = UINT32_MAX;

// Tarjan, "Depth-first search and linear graph algorithms", 1972. Successors is called as
// successors.count(node) and successors.at(node, i); the latter may answer kNowhere.
template <typename Successors>
class Tarjan {
 public:
  Tarjan(uint32_t nodes, const Successors& successors)
      : successors_(successors), order_(nodes, kUnvisited), low_(nodes), component_(nodes, kOpen) {}

  std::vector<uint32_t> run() {
    for (uint32_t root = 0; root < order_.size(); ++root) {
      if (order_[root] == kUnvisited) visit(root);
    }
    return std::move(component_);
  }

 private:
  static constexpr uint32_t kOpen = UINT32_MAX - 1;  // not in a component yet
  struct Frame {
    uint32_t node;
    uint32_t next;  // successor to look at
  };

  void open(uint32_t node) {
    order_[node] = low_[node] = clock_++;
    stack_.push_back(node);
    frames_.push_back({node, 0});
  }

  void visit(uint32_t root) {
    open(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const uint32_t node = frame.node;
      if (frame.next == successors_.count(node)) {
        frames_.pop_back();
        close(node);
        if (!frames_.empty()) {
          uint32_t& low = low_[frames_.back().node];
          low = std::min(low, low_[node]);
        }
        continue;
      }
      const uint32_t to = successors_.at(node, frame.next++);
      if (to == kNowhere) continue;
      if (order_[to] == kUnvisited) {
        open(to);
      } else if (component_[to] == kOpen) {
        low_[node] = std::min(low_[node], order_[to]);
      }
    }
  }

  void close(uint32_t node) {
    if (low_[node] != order_[node]) return;
    const bool alone = stack_.back() == node;
    const uint32_t component = alone ? kNoComponent : components_++;
    uint32_t member;
    do {
      member = stack_.back();
      stack_.pop_back();
      component_[member] = component;
    } while (member != node);
  }

  const Successors& successors_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> low_;
  std::vector<uint32_t> component_;
  std::vector<uint32_t> stack_;
  std::vector<Frame> frames_;
  uint32_t clock_ = 0;
  uint32_t components_ = 0;
};

struct Projection {
  const DependencyGraph& graph;
  EdgeKinds kinds;

  [[nodiscard]] uint32_t count(uint32_t node) const {
    return static_cast<uint32_t>(graph.edges(node).size());
  }
  [[nodiscard]] uint32_t at(uint32_t node, uint32_t i) const {
    const Edge& edge = graph.edges(node)[i];
    return (edge.kind & kinds) != 0 ? edge.to : kNowhere;
  }
};

struct NonadjacentWalks {
  const DependencyGraph& graph;
  EdgeKinds kinds;

  [[nodiscard]] uint32_t count(uint32_t node) const {
    return static_cast<uint32_t>(graph.edges(node / 2).size());
  }
  [[nodiscard]] uint32_t at(uint32_t node, uint32_t i) const {
    const Edge& edge = graph.edges(node / 2)[i];
    const uint32_t after_rw = node % 2;
    if ((edge.kind & kinds) == 0) return kNowhere;
    if (graph.is_virtual(node / 2)) return edge.to * 2 + after_rw;
    if (edge.kind != kRw) return edge.to * 2;
    return after_rw != 0 ? kNowhere : edge.to * 2 + 1;
  }
};

}  // namespace

std::string_view edge_name(EdgeKinds kind) {
  switch (kind) {
    case kWw: return "ww";
    case kWr: return "wr";
    case kRw: return "rw";
    case kProcess: return "process";
    case kRealtime: return "realtime";
    default: return "?";
  }
}

void GraphBuilder::add_rw_all(std::span<const uint32_t> readers,
                              std::span<const uint32_t> writers) {
  if (readers.size() * writers.size() <= readers.size() + 4 * writers.size()) {
    for (const uint32_t reader : readers) {
      for (const uint32_t writer : writers) {
        if (reader != writer) add(reader, writer, kRw);
      }
    }
    return;
  }
  // up_to[i] leads to writers 0..i, from[i] to writers i..end.
  std::vector<uint32_t> up_to(writers.size());
  std::vector<uint32_t> from(writers.size());
  for (size_t i = 0; i < writers.size(); ++i) {
    up_to[i] = add_virtual_node();
    from[i] = add_virtual_node();
    add(up_to[i], writers[i], kRw);
    add(from[i], writers[i], kRw);
    if (i > 0) add(up_to[i], up_to[i - 1], kRw);
    if (i > 0) add(from[i - 1], from[i], kRw);
  }
  for (const uint32_t reader : readers) {
    const auto found = std::ranges::lower_bound(writers, reader);
    if (found == writers.end() || *found != reader) {
      add(reader, from[0], kRw);
      continue;
    }
    const auto at = static_cast<size_t>(found - writers.begin());
    if (at > 0) add(reader, up_to[at - 1], kRw);
    if (at + 1 < writers.size()) add(reader, from[at + 1], kRw);
  }
}

// Counting sort by source. Within one source edges keep the order in which they were added, so the
// same history always gives the same graph.
DependencyGraph GraphBuilder::build() {
  CHECK(records_.size() < UINT32_MAX);
  DependencyGraph graph;
  graph.transactions_ = transactions_;
  graph.starts_.assign(size_t{nodes_} + 1, 0);
  for (const Record& record : records_) ++graph.starts_[record.from + 1];
  for (size_t i = 1; i < graph.starts_.size(); ++i) graph.starts_[i] += graph.starts_[i - 1];
  graph.edges_.resize(records_.size());
  std::vector<uint32_t> next(graph.starts_.begin(), graph.starts_.end() - 1);
  for (const Record& record : records_) {
    graph.edges_[next[record.from]++] = {record.to, record.kind};
  }
  std::vector<Record>().swap(records_);
  return graph;
}

DependencyGraph DependencyGraph::part(std::span<const uint32_t> components) const {
  DependencyGraph result;
  std::vector<uint32_t> numbers(node_count(), kNowhere);
  for (uint32_t node = 0; node < node_count(); ++node) {
    if (components[node] == kNoComponent) continue;
    numbers[node] = static_cast<uint32_t>(result.origins_.size());
    result.origins_.push_back(node);
    if (!is_virtual(node)) ++result.transactions_;
  }
  for (const uint32_t node : result.origins_) {
    for (const Edge& edge : edges(node)) {
      if (components[edge.to] != components[node]) continue;
      result.edges_.push_back({numbers[edge.to], edge.kind});
    }
    result.starts_.push_back(static_cast<uint32_t>(result.edges_.size()));
  }
  return result;
}

std::vector<uint32_t> components_of(const DependencyGraph& graph, EdgeKinds kinds) {
  const Projection projection{graph, kinds};
  return Tarjan(graph.node_count(), projection).run();
}

std::vector<uint32_t> nonadjacent_components_of(const DependencyGraph& graph, EdgeKinds kinds) {
  CHECK(graph.node_count() < UINT32_MAX / 2);
  const NonadjacentWalks walks{graph, kinds};
  return Tarjan(graph.node_count() * 2, walks).run();
}

}  // namespace aftersync::model
