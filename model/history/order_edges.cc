// Process and real-time edges.
#include "model/history/order_edges.h"

#include <algorithm>

namespace aftersync::model {

void add_process_edges(const History& history, const std::vector<bool>& happened,
                       GraphBuilder& builder) {
  std::vector<uint32_t> last(history.processes.size(), kNone);
  for (uint32_t t = 0; t < history.transactions.size(); ++t) {
    if (!happened[t]) continue;
    uint32_t& before = last[history.transactions[t].process];
    if (before != kNone) builder.add(before, t, kProcess);
    before = t;
  }
}

void add_realtime_edges(const History& history, const std::vector<bool>& happened,
                        GraphBuilder& builder) {
  std::vector<uint32_t> answered;  // in the order of their answers
  for (uint32_t t = 0; t < history.transactions.size(); ++t) {
    const Transaction& transaction = history.transactions[t];
    if (happened[t] && transaction.outcome == Completion::ok) answered.push_back(t);
  }
  std::ranges::sort(answered, {}, [&](uint32_t t) { return history.transactions[t].complete; });

  uint32_t moment = kNone;
  size_t next = 0;  // answer not in a moment yet
  for (uint32_t t = 0; t < history.transactions.size(); ++t) {
    if (!happened[t]) continue;
    const uint32_t asked = history.transactions[t].invoke;
    const auto is_before = [&](size_t i) {
      return i < answered.size() && history.transactions[answered[i]].complete < asked;
    };
    if (is_before(next)) {
      const uint32_t closed = builder.add_virtual_node();
      if (moment != kNone) builder.add(moment, closed, kRealtime);
      moment = closed;
      for (; is_before(next); ++next) builder.add(answered[next], moment, kRealtime);
    }
    if (moment != kNone) builder.add(moment, t, kRealtime);
  }
}

}  // namespace aftersync::model
