// LockTable: locks that nobody asks for: what a change of the keys, or of a row, implies.
//
// Rules, as InnoDB's (MySQL manual 17.7.1 and 17.7.3; lock_update_insert, lock_update_delete):
//   inserted  whoever has locked the gap before the successor has locked the gap before the new key
//             as well, which was part of it;
//   erased    whoever has locked the record, or the gap before it, keeps the gap before the
//             successor locked, which takes the place of both. Exclusive locks of READ COMMITTED
//             are not kept: they were on a record that is no more. Requests still waiting leave the
//             same gap lock, and vanish.
// Insert intentions are never inherited. A lock that says as much already does not keep one from
// being inherited: that one may be given back before (locking reads of READ COMMITTED, and of
// entries that turn out to be their writer's).
#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/txn/lock_table.h"

namespace aftersync::txn {

namespace {

bool reaches_gap(const LockQueue& queue, LockType type) {
  return type.reach == LockReach::next_key || type.reach == LockReach::gap || queue.on_supremum();
}

}  // namespace

// The mutexes of two shards, which may be one.
class LockTable::TwoShards {
 public:
  TwoShards(Shard& a, Shard& b) : first_(&a < &b ? a : b), second_(&a < &b ? b : a) {
    first_.mutex.lock();
    if (&first_ != &second_) second_.mutex.lock();
  }
  ~TwoShards() {
    if (&first_ != &second_) second_.mutex.unlock();
    first_.mutex.unlock();
  }
  TwoShards(const TwoShards&) = delete;
  TwoShards& operator=(const TwoShards&) = delete;

 private:
  Shard& first_;
  Shard& second_;
};

bool LockTable::add_implicit(LockOwner& holder, const LockTarget& target) {
  const uint64_t hash = hash_of(target);
  Shard& shard = shard_of(hash);
  const MutexLock guard(shard.mutex);
  return add_granted(shard, target, hash, holder, record_only(LockMode::x), Known::as_much);
}

void LockTable::key_inserted(IndexId index, std::string_view key, const LockTarget& successor) {
  if (!has_record_locks()) return;
  const LockTarget heir = LockTarget::record(index, key);
  const uint64_t from_hash = hash_of(successor);
  const uint64_t heir_hash = hash_of(heir);
  Shard& shard = shard_of(from_hash);
  const TwoShards guard(shard, shard_of(heir_hash));
  LockQueue* const from = find(shard, successor, from_hash);
  if (from == nullptr) return;
  PROBE("lock-table/gap-inherited-by-insert");
  for (const Lock& lock : from->locks) {
    if (lock.type.reach == LockReach::insert_intention || !reaches_gap(*from, lock.type)) continue;
    (void)add_granted(shard_of(heir_hash), heir, heir_hash, *lock.owner, gap_only(lock.type.mode),
                      Known::exactly);
  }
}

void LockTable::key_erased(IndexId index, std::string_view key, const LockTarget& successor) {
  if (!has_record_locks()) return;
  const LockTarget gone = LockTarget::record(index, key);
  if (erase_key(gone, successor, Granting::no)) return;
  const MutexLock waiting(wait_mutex_);
  CHECK(erase_key(gone, successor, Granting::yes));
}

// False: requests wait, and wait_mutex_ is not held.
bool LockTable::erase_key(const LockTarget& gone, const LockTarget& successor, Granting granting) {
  const uint64_t hash = hash_of(gone);
  const uint64_t heir_hash = hash_of(successor);
  Shard& shard = shard_of(hash);
  Shard& heir_shard = shard_of(heir_hash);
  const TwoShards guard(shard, heir_shard);
  LockQueue* const queue = find(shard, gone, hash);
  if (queue == nullptr) return true;
  if (queue->waiters > 0 && granting == Granting::no) return false;
  PROBE("lock-table/locks-of-erased-key-inherited");
  while (!queue->locks.empty()) {
    Lock& lock = queue->locks.front();
    LockOwner& owner = *lock.owner;
    const LockMode mode = lock.type.mode;
    if (lock.type.reach != LockReach::insert_intention &&
        (owner.keeps_gaps_ || mode == LockMode::s)) {
      (void)add_granted(heir_shard, successor, heir_hash, owner, as_kept(gap_only(mode), successor),
                        Known::exactly);
    }
    if (lock.waiting) end_wait(&lock, LockAnswer::vanished);
    unlink_and_free(&lock);
  }
  drop_if_empty(shard, queue);
  return true;
}

}  // namespace aftersync::txn
