// The graph of dependencies between transactions, and its strongly connected components.
//
// Nodes below transaction_count() are transactions. Nodes above are *virtual*: they stand for "all
// of these" and keep the graph linear where it would be quadratic. An edge from transaction T to a
// virtual node, and from there to U, means one edge from T to U of the first edge's kind. There are
// two uses:
//
//   real time   Everything that ended before a moment precedes everything that began after it. One
//               virtual node a moment, each leading to the next: n transactions need 3n edges,
//               where pairs would be n*n, and no order is lost.
//   fan-out     Readers of a version that many writers, in unknown order, replaced: see
//   add_rw_all().
//
// A virtual node has only edges of the kind it stands for, so that projecting the graph to some
// kinds needs no thought about them. No path leads from a transaction through virtual nodes only
// back to itself.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace aftersync::model {

// Kinds are bits, so that a set of kinds is a mask.
using EdgeKinds = uint8_t;
inline constexpr EdgeKinds kWw = 1;         // the next version was written by
inline constexpr EdgeKinds kWr = 2;         // was read by
inline constexpr EdgeKinds kRw = 4;         // what was read was replaced by
inline constexpr EdgeKinds kProcess = 8;    // the same client did next
inline constexpr EdgeKinds kRealtime = 16;  // ended before the other began

// "ww", "wr", ...; one kind only.
[[nodiscard]] std::string_view edge_name(EdgeKinds kind);

struct Edge {
  uint32_t to;
  EdgeKinds kind;
};

class DependencyGraph;

// Collects edges in any order.
class GraphBuilder {
 public:
  explicit GraphBuilder(uint32_t transactions)
      : transactions_(transactions), nodes_(transactions) {}

  void add(uint32_t from, uint32_t to, EdgeKinds kind) { records_.push_back({from, to, kind}); }
  [[nodiscard]] uint32_t add_virtual_node() { return nodes_++; }

  // An rw edge from every reader to every writer but itself. Both sorted and without repetition.
  // Linear: the writers stand in a row, with a virtual node for each start and each end of the
  // row, and a reader that is itself a writer takes the part before it and the part after it.
  void add_rw_all(std::span<const uint32_t> readers, std::span<const uint32_t> writers);

  // Leaves the builder empty.
  [[nodiscard]] DependencyGraph build();

 private:
  friend class DependencyGraph;
  struct Record {
    uint32_t from;
    uint32_t to;
    EdgeKinds kind;
  };

  uint32_t transactions_;
  uint32_t nodes_;
  std::vector<Record> records_;
};

class DependencyGraph {
 public:
  DependencyGraph() = default;

  [[nodiscard]] uint32_t node_count() const { return static_cast<uint32_t>(starts_.size() - 1); }
  [[nodiscard]] uint32_t transaction_count() const { return transactions_; }
  [[nodiscard]] bool is_virtual(uint32_t node) const { return node >= transactions_; }
  [[nodiscard]] size_t edge_count() const { return edges_.size(); }
  [[nodiscard]] std::span<const Edge> edges(uint32_t node) const {
    return std::span(edges_).subspan(starts_[node], starts_[node + 1] - starts_[node]);
  }
  // The number of a node in the graph that this is a part of; itself when it is no part.
  [[nodiscard]] uint32_t origin(uint32_t node) const {
    return origins_.empty() ? node : origins_[node];
  }

  // The part that can hold circles: nodes of components with more than one node, and the edges
  // within components. `components` as components_of() returns it.
  [[nodiscard]] DependencyGraph part(std::span<const uint32_t> components) const;

 private:
  friend class GraphBuilder;

  uint32_t transactions_ = 0;
  std::vector<uint32_t> starts_{0};
  std::vector<Edge> edges_;
  std::vector<uint32_t> origins_;
};

inline constexpr uint32_t kNoComponent = UINT32_MAX;

// For each node its strongly connected component over edges of `kinds`, or kNoComponent when it is
// alone in it. Components are numbered from 0.
[[nodiscard]] std::vector<uint32_t> components_of(const DependencyGraph& graph, EdgeKinds kinds);

// The same in the graph of walks in which no rw edge follows another. Its node 2*n is n after
// another edge than rw, 2*n+1 is n after an rw edge. A circle there is what snapshot isolation
// forbids (Cerone and Gotsman, "Analysing Snapshot Isolation", theorem 9).
[[nodiscard]] std::vector<uint32_t> nonadjacent_components_of(const DependencyGraph& graph,
                                                              EdgeKinds kinds);

}  // namespace aftersync::model
