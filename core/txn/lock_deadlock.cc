// LockTable: finding the circle that a request closes, and who of it has to go.
//
// The graph was without circles before the request (lock_table.h, invariant 2), so every circle
// goes through the one who has just asked: a depth-first search from there, along every lock in the
// way and not only the first, finds one if there is any. Once a victim is out the search runs
// again: one request may have closed several.
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
    std::vector<Lock*> blockers;
    size_t next = 0;
  };
  const uint64_t search = ++searches_;
  std::vector<Visit> path;
  path.push_back({&start, blockers_of(start)});
  while (!path.empty()) {
    Visit& last = path.back();
    if (last.next == last.blockers.size()) {
      path.pop_back();
      continue;
    }
    LockOwner* const blocker = last.blockers[last.next++]->owner;
    if (blocker == &start) {
      std::vector<Edge> circle;
      for (const Visit& visit : path) {
        circle.push_back({visit.waiter, visit.blockers[visit.next - 1]});
      }
      return circle;
    }
    if (blocker->waiting_ == nullptr || blocker->search_ == search) continue;
    blocker->search_ = search;
    path.push_back({blocker, blockers_of(*blocker)});
  }
  return {};
}

// The one that has changed least; of several, the one that has just asked, else the youngest.
size_t LockTable::choose_victim(const std::vector<Edge>& circle) {
  size_t victim = 0;
  for (size_t i = 1; i < circle.size(); ++i) {
    const LockOwner& best = *circle[victim].waiter;
    const LockOwner& other = *circle[i].waiter;
    const bool lighter = other.weight() < best.weight();
    const bool younger = other.weight() == best.weight() && other.number() > best.number();
    if (lighter || (victim != 0 && younger)) victim = i;
  }
  if (victim != 0) PROBE("lock-table/victim-is-another");
  return victim;
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
