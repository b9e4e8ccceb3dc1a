// What both kinds of transactional workload give: findings that need no graph, the edges of data
// dependencies, and the reason for each edge in words.
#pragma once

#include <string>
#include <vector>

#include "model/history/anomaly.h"
#include "model/history/dependency_graph.h"
#include "model/history/history.h"

namespace aftersync::model {

class Inference {
 public:
  virtual ~Inference() = default;

  // Transactions that took effect as far as anybody can tell: those that committed, and unanswered
  // ones of which a committed transaction read a write. By position.
  [[nodiscard]] virtual const std::vector<bool>& happened() const = 0;
  // Adds everything found without a graph, and the ww, wr and rw edges. Call it once.
  virtual void run(GraphBuilder& builder, Findings& findings) = 0;
  // Why there is an edge of this kind (ww, wr or rw), with `a` and `b` as the transactions' names:
  // "T2 read key x as [1] and missed T1's append of 2".
  [[nodiscard]] virtual std::string reason(uint32_t from, uint32_t to, EdgeKinds kind,
                                           const std::string& a, const std::string& b) const = 0;
};

// An Example about some transactions: `text`, then a line for each transaction.
[[nodiscard]] Example example_of(const History& history, const std::string& text,
                                 std::vector<uint32_t> transactions);

}  // namespace aftersync::model
