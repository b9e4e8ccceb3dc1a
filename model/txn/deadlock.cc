// Breadth first, so that the circle reported is a shortest one.
#include "model/txn/deadlock.h"

#include <algorithm>
#include <deque>
#include <map>

namespace aftersync::model::txn {
namespace {

std::vector<Transaction*> edges(const LockTable& locks, const Transaction& from,
                                const Rules& rules) {
  std::vector<Transaction*> found = locks.blockers(from);
  if (rules.follows_first_blocker_only && found.size() > 1) found.resize(1);
  return found;
}

size_t weight(const Transaction& transaction, const Rules& rules) {
  return transaction.rows_changed() +
         (rules.victim_weight_counts_locks ? transaction.lock_structures : 0);
}

}  // namespace

std::vector<Transaction*> find_circle(const LockTable& locks, Transaction& start,
                                      const Rules& rules) {
  std::map<TransactionId, Transaction*> came_from;
  std::deque<Transaction*> to_visit = {&start};
  while (!to_visit.empty()) {
    Transaction* const from = to_visit.front();
    to_visit.pop_front();
    for (Transaction* const to : edges(locks, *from, rules)) {
      if (to == &start) {
        std::vector<Transaction*> circle;
        for (Transaction* at = from; at != &start; at = came_from.at(at->id)) circle.push_back(at);
        circle.push_back(&start);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
      if (came_from.emplace(to->id, from).second) to_visit.push_back(to);
    }
  }
  return {};
}

Transaction* choose_victim(const std::vector<Transaction*>& circle, const Rules& rules) {
  return *std::min_element(circle.begin(), circle.end(),
                           [&](const Transaction* a, const Transaction* b) {
                             return weight(*a, rules) < weight(*b, rules);
                           });
}

}  // namespace aftersync::model::txn
