// LockTable: requests, waits, releases.
#include "core/txn/lock_table.h"

#include <algorithm>
#include <bit>

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/base/probe.h"

namespace aftersync::txn {

namespace {

constexpr size_t kFirstBuckets = 16;  // of a shard

}  // namespace

LockOwner::~LockOwner() { CHECK(locks_.empty()); }

void LockOwner::describe(std::string text) {
  const MutexLock lock(mutex_);
  description_ = std::move(text);
}

LockTable::LockTable(Node& node, LockTableOptions options)
    : node_(node), options_(options), shards_(std::make_unique<Shard[]>(options.shards)) {
  CHECK(std::has_single_bit(options.shards));
  for (size_t i = 0; i < options_.shards; ++i) shards_[i].buckets.resize(kFirstBuckets);
}

LockTable::~LockTable() { CHECK_EQ(bytes_.load(), size_t{0}); }

// On a supremum there is only a gap.
LockType LockTable::as_kept(LockType type, const LockTarget& target) {
  if (!target.is_supremum()) return type;
  CHECK(type.reach != LockReach::record);
  return type.reach == LockReach::gap ? next_key(type.mode) : type;
}

// --- queues ---

uint64_t LockTable::hash_of(const LockTarget& target) {
  Digest digest;
  digest.add(target.object * 4 + static_cast<uint64_t>(target.kind));
  digest.add(target.key);
  return digest.value();
}

LockQueue** LockTable::slot_of(Shard& shard, uint64_t hash) {
  return &shard.buckets[(hash >> 32) & (shard.buckets.size() - 1)];
}

LockQueue* LockTable::find(Shard& shard, const LockTarget& target, uint64_t hash) {
  LockQueue* queue = *slot_of(shard, hash);
  while (queue != nullptr && (queue->hash != hash || queue->target() != target)) {
    queue = queue->hash_next;
  }
  return queue;
}

LockQueue* LockTable::find_or_make(Shard& shard, const LockTarget& target, uint64_t hash) {
  if (LockQueue* const found = find(shard, target, hash)) return found;
  if (shard.queues == shard.buckets.size()) grow(shard);
  LockQueue* const queue = LockQueue::make(target, hash);
  LockQueue** const slot = slot_of(shard, hash);
  queue->hash_next = *slot;
  *slot = queue;
  ++shard.queues;
  bytes_.fetch_add(queue->bytes(), std::memory_order_relaxed);
  return queue;
}

void LockTable::grow(Shard& shard) {
  std::vector<LockQueue*> old(shard.buckets.size() * 2);
  old.swap(shard.buckets);
  for (LockQueue* queue : old) {
    while (queue != nullptr) {
      LockQueue* const next = queue->hash_next;
      LockQueue** const slot = slot_of(shard, queue->hash);
      queue->hash_next = *slot;
      *slot = queue;
      queue = next;
    }
  }
}

void LockTable::drop_if_empty(Shard& shard, LockQueue* queue) {
  if (!queue->locks.empty()) return;
  LockQueue** slot = slot_of(shard, queue->hash);
  while (*slot != queue) slot = &(*slot)->hash_next;
  *slot = queue->hash_next;
  --shard.queues;
  bytes_.fetch_sub(queue->bytes(), std::memory_order_relaxed);
  LockQueue::destroy(queue);
}

// --- locks ---

bool LockTable::has_room(const LockTarget& target) const {
  return bytes_.load(std::memory_order_relaxed) + sizeof(Lock) + sizeof(LockQueue) +
             target.key.size() <=
         options_.max_bytes;
}

void LockTable::count(const Lock& lock, bool added) {
  std::atomic<uint64_t>& locks =
      lock.queue->kind == LockTarget::Kind::table ? table_locks_ : record_locks_;
  if (added) {
    bytes_.fetch_add(sizeof(Lock), std::memory_order_relaxed);
    locks.fetch_add(1, std::memory_order_relaxed);
  } else {
    bytes_.fetch_sub(sizeof(Lock), std::memory_order_relaxed);
    locks.fetch_sub(1, std::memory_order_relaxed);
  }
}

// The owner's mutex is held.
void LockTable::link(LockQueue* queue, LockOwner& owner, LockType type, bool waiting) {
  auto* const lock = new Lock(queue, &owner, type, waiting);
  queue->locks.push_back(*lock);
  owner.locks_.push_back(*lock);
  if (waiting) {
    ++queue->waiters;
    owner.waiting_ = lock;
  }
  count(*lock, true);
}

// For a lock that nobody has asked for: false when the owner has ended.
bool LockTable::add_granted(Shard& shard, const LockTarget& target, uint64_t hash, LockOwner& owner,
                            LockType type, Known known) {
  const MutexLock lock(owner.mutex_);
  if (owner.closed_) return false;
  LockQueue* const queue = find_or_make(shard, target, hash);
  const bool is_known =
      known == Known::as_much ? queue->is_covered(owner, type) : queue->is_granted(owner, type);
  if (!is_known) link(queue, owner, type, false);
  return true;
}

// Takes it out of both lists. An owner's list is left first: release_in_shard() relies on it.
void LockTable::unlink_and_free(Lock* lock) {
  {
    const MutexLock guard(lock->owner->mutex_);
    lock->owner->locks_.erase(LockOwner::List::s_iterator_to(*lock));
  }
  lock->queue->locks.erase(LockQueue::List::s_iterator_to(*lock));
  count(*lock, false);
  delete lock;
}

void LockTable::remove(Shard& shard, Lock* lock) {
  LockQueue* const queue = lock->queue;
  unlink_and_free(lock);
  if (queue->waiters > 0) grant_waiters(queue);
  drop_if_empty(shard, queue);
}

void LockTable::grant_waiters(LockQueue* queue) {
  wait_mutex_.assert_held();
  for (Lock& lock : queue->locks) {
    if (!lock.waiting || queue->first_conflict(*lock.owner, lock.type, &lock) != nullptr) continue;
    end_wait(&lock, LockAnswer::granted);
    if (queue->waiters == 0) return;
  }
}

void LockTable::end_wait(Lock* lock, LockAnswer outcome) {
  CHECK(lock->waiting);
  lock->waiting = false;
  --lock->queue->waiters;
  --totals_.waiting;
  LockOwner& owner = *lock->owner;
  CHECK_EQ(owner.waiting_ == lock, true);
  owner.waiting_ = nullptr;
  owner.outcome_ = static_cast<uint8_t>(outcome);
  owner.ended_.notify_all();
}

// --- requests ---

// Empty: somebody is in the way.
std::optional<LockAnswer> LockTable::try_grant(Shard& shard, uint64_t hash, LockOwner& owner,
                                               const LockTarget& target, LockType type, Keep keep) {
  LockQueue* queue = find(shard, target, hash);
  if (queue != nullptr) {
    if (queue->is_covered(owner, type)) return LockAnswer::granted;
    if (queue->first_conflict(owner, type, nullptr) != nullptr) return std::nullopt;
  }
  if (keep == Keep::asked_only) return LockAnswer::granted;
  if (!has_room(target)) return LockAnswer::full;
  if (queue == nullptr) queue = find_or_make(shard, target, hash);
  const MutexLock lock(owner.mutex_);
  CHECK(!owner.closed_);
  link(queue, owner, type, false);
  return LockAnswer::granted;
}

bool LockTable::is_held(const LockOwner& owner, const LockTarget& target, LockType type) {
  const uint64_t hash = hash_of(target);
  Shard& shard = shard_of(hash);
  const MutexLock lock(shard.mutex);
  LockQueue* const queue = find(shard, target, hash);
  return queue != nullptr && queue->is_covered(owner, as_kept(type, target));
}

LockAnswer LockTable::request(LockOwner& owner, const LockTarget& target, LockType type,
                              IfBusy if_busy, Keep keep) {
  CHECK_EQ(type.reach == LockReach::table, target.kind == LockTarget::Kind::table);
  const LockType kept = as_kept(type, target);
  const uint64_t hash = hash_of(target);
  {
    Shard& shard = shard_of(hash);
    const MutexLock lock(shard.mutex);
    const auto answer = try_grant(shard, hash, owner, target, kept, keep);
    if (answer) return *answer;
  }
  if (if_busy == IfBusy::give_up) return LockAnswer::busy;
  return enqueue(owner, target, kept, keep);
}

// Between the first look and this one somebody may have gone; so it looks again.
LockAnswer LockTable::enqueue(LockOwner& owner, const LockTarget& target, LockType type,
                              Keep keep) {
  const uint64_t hash = hash_of(target);
  const MutexLock waiting(wait_mutex_);
  CHECK(owner.waiting_ == nullptr);
  {
    Shard& shard = shard_of(hash);
    const MutexLock lock(shard.mutex);
    const auto answer = try_grant(shard, hash, owner, target, type, keep);
    if (maybe(answer.has_value())) return *answer;
    if (!has_room(target)) return LockAnswer::full;
    const MutexLock guard(owner.mutex_);
    CHECK(!owner.closed_);
    link(find_or_make(shard, target, hash), owner, type, true);
    ++totals_.waiting;
    ++totals_.waits;
  }
  break_circles(owner);
  // Granted at once, since a victim has gone: wait() says so. It had to be waited for all the same.
  const bool has_ended = owner.waiting_ == nullptr;
  const auto outcome = static_cast<LockAnswer>(owner.outcome_);
  return has_ended && outcome != LockAnswer::granted ? outcome : LockAnswer::waiting;
}

LockAnswer LockTable::wait(LockOwner& owner, MonoTime deadline) {
  LockWaitObserver* const observer = observer_.load();
  if (observer == nullptr) return sleep(owner, deadline);
  observer->begins();
  const LockAnswer answer = sleep(owner, deadline);
  observer->ends();
  return answer;
}

LockAnswer LockTable::sleep(LockOwner& owner, MonoTime deadline) {
  const MonoTime begin = node_.clock().now();
  const MutexLock waiting(wait_mutex_);
  while (owner.waiting_ != nullptr) {
    const WaitResult woken = owner.ended_.wait_until(wait_mutex_, deadline);
    if (woken == WaitResult::timed_out && owner.waiting_ != nullptr) {
      ++totals_.timeouts;
      cancel(owner, LockAnswer::timed_out);
    }
  }
  totals_.wait_ns += static_cast<uint64_t>((node_.clock().now() - begin).count());
  return static_cast<LockAnswer>(owner.outcome_);
}

void LockTable::expire(LockOwner& owner) {
  const MutexLock waiting(wait_mutex_);
  if (owner.waiting_ == nullptr) return;
  ++totals_.timeouts;
  cancel(owner, LockAnswer::timed_out);
}

Status LockTable::lock(LockOwner& owner, const LockTarget& target, LockType type,
                       Duration timeout) {
  const IfBusy if_busy = timeout == Duration(0) ? IfBusy::give_up : IfBusy::enqueue;
  LockAnswer answer = request(owner, target, type, if_busy);
  if (answer == LockAnswer::waiting) answer = wait(owner, node_.clock().now() + timeout);
  return status_of(answer, target, type);
}

Status LockTable::status_of(LockAnswer answer, const LockTarget& target, LockType type) const {
  const auto lock = [&] { return to_string(type) + " on " + to_string(target); };
  switch (answer) {
    case LockAnswer::granted:
    case LockAnswer::vanished: return {};
    case LockAnswer::deadlock: return {Code::deadlock, "waiting for " + lock()};
    case LockAnswer::timed_out: return {Code::lock_wait_timeout, "waiting for " + lock()};
    case LockAnswer::busy:
    case LockAnswer::waiting: return {Code::unavailable, "somebody is in the way of " + lock()};
    case LockAnswer::full: break;
  }
  return {Code::too_large, "lock table full: " + std::to_string(bytes_.load()) + " of " +
                               std::to_string(options_.max_bytes) + " bytes in use"};
}

void LockTable::cancel(LockOwner& owner, LockAnswer outcome) {
  Lock* const lock = owner.waiting_;
  Shard& shard = shard_of(lock->queue->hash);
  const MutexLock guard(shard.mutex);
  end_wait(lock, outcome);
  remove(shard, lock);
}

void LockTable::break_circles(LockOwner& owner) {
  while (owner.waiting_ != nullptr) {
    const std::vector<Edge> circle = find_circle(owner);
    if (circle.empty()) return;
    const size_t victim = choose_victim(circle);
    latest_deadlock_ = describe(circle, victim);
    ++totals_.deadlocks;
    cancel(*circle[victim].waiter, LockAnswer::deadlock);
  }
}

// --- releases ---

// False: a waiter may have to be granted, and wait_mutex_ is not held.
bool LockTable::release_one(LockOwner& owner, const LockTarget& target, LockType type,
                            Granting granting) {
  const uint64_t hash = hash_of(target);
  Shard& shard = shard_of(hash);
  const MutexLock guard(shard.mutex);
  LockQueue* const queue = find(shard, target, hash);
  if (queue == nullptr) return true;
  if (queue->waiters > 0 && granting == Granting::no) return false;
  for (Lock& lock : queue->locks) {
    if (lock.owner != &owner || lock.waiting || lock.type != type) continue;
    remove(shard, &lock);
    break;
  }
  return true;
}

void LockTable::release(LockOwner& owner, const LockTarget& target, LockType type) {
  const LockType kept = as_kept(type, target);
  if (release_one(owner, target, kept, Granting::no)) return;
  const MutexLock waiting(wait_mutex_);
  CHECK(release_one(owner, target, kept, Granting::yes));
}

void LockTable::release_auto_inc(LockOwner& owner) {
  std::vector<LockTarget> targets;  // of tables: they own no key
  {
    const MutexLock guard(owner.mutex_);
    for (const Lock& lock : owner.locks_) {
      if (lock.type.mode == LockMode::auto_inc && !lock.waiting) {
        targets.push_back(lock.queue->target());
      }
    }
  }
  for (const LockTarget& target : targets) release(owner, target, {LockMode::auto_inc});
}

// Gives back the owner's last locks as long as they are in this shard. False: as release_one().
bool LockTable::release_in_shard(LockOwner& owner, size_t number, Granting granting) {
  Shard& shard = shards_[number];
  const MutexLock guard(shard.mutex);
  while (true) {
    Lock* last;
    {
      const MutexLock lock(owner.mutex_);
      if (owner.locks_.empty()) return true;
      last = &owner.locks_.back();
      if (shard_number(last->queue->hash) != number) return true;
    }
    if (last->queue->waiters > 0 && granting == Granting::no) return false;
    remove(shard, last);
  }
}

void LockTable::release_all(LockOwner& owner) {
  while (true) {
    size_t number;
    {
      const MutexLock lock(owner.mutex_);
      owner.closed_ = true;
      if (owner.locks_.empty()) return;
      number = shard_number(owner.locks_.back().queue->hash);
    }
    if (release_in_shard(owner, number, Granting::no)) continue;
    const MutexLock waiting(wait_mutex_);
    CHECK(owner.waiting_ == nullptr);
    CHECK(release_in_shard(owner, number, Granting::yes));
  }
}

}  // namespace aftersync::txn
