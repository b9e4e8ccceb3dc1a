// LockTable: finding the circle that a request closes, and who of it has to go.
//
// The graph was without circles before the request (lock_table.h, invariant 2), so every circle
// goes through the one who has just asked: a breadth-first search from there, along every lock in
// the way and not only the first, finds a shortest one if there is any. Once a victim is out the
// search runs again: one request may have closed several.
#include <algorithm>

#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/txn/lock_table.h"

namespace aftersync::txn {

// The locks stay where they are as long as wait_mutex_ is held: their queue has a waiter.
std::vector<Lock*> LockTable::blockers_of(const LockOwner& waiter) {
  Lock* const waits = waiter.waiting_;
  LockQueue* const queue = waits->queue;
  const MutexLock guard(shard_of(queue->hash).mutex);
  std::vector<Lock*> blockers;
  for (Lock& lock : queue->locks) {
    if (&lock == waits) break;
    if (lock.owner == &waiter || !must_wait(waits->type, lock.type, queue->on_supremum())) continue;
    blockers.push_back(&lock);
    if (AFTERSYNC_FAULT("bug/deadlock-one-edge")) break;
  }
  return blockers;
}

std::vector<LockTable::Edge> LockTable::find_circle(LockOwner& start) {
  struct Visit {
    LockOwner* waiter;
    size_t from;       // the visit that led here
    Lock* blocked_by;  // this waiter's lock, which was in that one's way
  };
  const uint64_t search = ++searches_;
  std::vector<Visit> visits = {{&start, 0, nullptr}};
  for (size_t i = 0; i < visits.size(); ++i) {
    for (Lock* const lock : blockers_of(*visits[i].waiter)) {
      LockOwner* const blocker = lock->owner;
      if (blocker == &start) {
        std::vector<Edge> circle = {{visits[i].waiter, lock}};
        for (size_t at = i; at != 0; at = visits[at].from) {
          circle.push_back({visits[visits[at].from].waiter, visits[at].blocked_by});
        }
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
      if (blocker->waiting_ == nullptr || blocker->search_ == search) continue;
      blocker->search_ = search;
      visits.push_back({blocker, i, lock});
    }
  }
  return {};
}

// The one that has changed least; of several, the first from the one that has just asked.
size_t LockTable::choose_victim(const std::vector<Edge>& circle) {
  const auto lighter = [](const Edge& a, const Edge& b) {
    return a.waiter->weight() < b.waiter->weight();
  };
  const auto found = std::min_element(circle.begin(), circle.end(), lighter);
  if (found != circle.begin()) PROBE("lock-table/victim-is-another");
  return static_cast<size_t>(found - circle.begin());
}

DeadlockReport LockTable::describe(const std::vector<Edge>& circle, size_t victim) {
  DeadlockReport report;
  report.when = node_.clock().wall_now();
  report.victim = victim;
  for (const Edge& edge : circle) {
    DeadlockReport::Member member;
    member.owner = edge.waiter->number();
    member.weight = edge.waiter->weight();
    member.waits_for = info_of(*edge.waiter->waiting_);
    member.blocked_by = info_of(*edge.blocked_by);
    const MutexLock guard(edge.waiter->mutex_);
    member.description = edge.waiter->description_;
    report.cycle.push_back(std::move(member));
  }
  return report;
}

}  // namespace aftersync::txn
