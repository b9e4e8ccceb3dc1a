// LockTable: what performance_schema shows of it.
//
// Shards are looked at one after the other, so locks that come and go meanwhile may be missed; but
// nobody begins or ends a wait, so every wait is listed with all that is in its way.
#include <algorithm>

#include "core/txn/lock_table.h"

namespace aftersync::txn {

LockInfo LockTable::info_of(const Lock& lock) {
  const LockTarget target = lock.queue->target();
  return {lock.owner->number(),    target.kind, target.object,
          std::string(target.key), lock.type,   lock.waiting};
}

template <typename Visit>
void LockTable::for_each_queue(Visit&& visit) {
  const MutexLock waiting(wait_mutex_);
  for (size_t i = 0; i < options_.shards; ++i) {
    Shard& shard = shards_[i];
    const MutexLock guard(shard.mutex);
    for (LockQueue* queue : shard.buckets) {
      for (; queue != nullptr; queue = queue->hash_next) visit(*queue);
    }
  }
}

std::vector<LockInfo> LockTable::list_locks() {
  std::vector<LockInfo> all;
  for_each_queue([&](LockQueue& queue) {
    for (const Lock& lock : queue.locks) all.push_back(info_of(lock));
  });
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<LockWaitInfo> LockTable::list_waits() {
  std::vector<LockWaitInfo> all;
  for_each_queue([&](LockQueue& queue) {
    for (const Lock& waits : queue.locks) {
      if (!waits.waiting) continue;
      for (const Lock& lock : queue.locks) {
        if (&lock == &waits) break;
        if (lock.owner == waits.owner) continue;
        if (!must_wait(waits.type, lock.type, queue.on_supremum())) continue;
        all.push_back({info_of(waits), info_of(lock)});
      }
    }
  });
  std::sort(all.begin(), all.end());
  return all;
}

std::optional<DeadlockReport> LockTable::latest_deadlock() {
  const MutexLock waiting(wait_mutex_);
  return latest_deadlock_;
}

LockStats LockTable::stats() const {
  const MutexLock waiting(wait_mutex_);
  LockStats stats = totals_;
  stats.bytes = bytes_.load(std::memory_order_relaxed);
  stats.locks =
      table_locks_.load(std::memory_order_relaxed) + record_locks_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace aftersync::txn
