// LockQueue: making one, and asking it who is in the way.
#include "core/txn/lock_queue.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/base/fault.h"

namespace aftersync::txn {

LockQueue* LockQueue::make(const LockTarget& target, uint64_t hash) {
  auto* const memory = static_cast<char*>(::operator new(sizeof(LockQueue) + target.key.size()));
  auto* const queue = new (memory) LockQueue();
  queue->hash = hash;
  queue->object = target.object;
  queue->kind = target.kind;
  queue->key_bytes = static_cast<uint16_t>(target.key.size());
  if (!target.key.empty()) {
    std::memcpy(memory + sizeof(LockQueue), target.key.data(), target.key.size());
  }
  return queue;
}

void LockQueue::destroy(LockQueue* queue) {
  CHECK(queue->locks.empty());
  const size_t bytes = queue->bytes();
  queue->~LockQueue();
  ::operator delete(queue, bytes);
}

Lock* LockQueue::first_conflict(const LockOwner& owner, LockType wanted, const Lock* end) {
  for (Lock& lock : locks) {
    if (&lock == end) break;
    if (lock.owner == &owner || !must_wait(wanted, lock.type, on_supremum())) continue;
    if (wanted.reach == LockReach::insert_intention &&
        AFTERSYNC_FAULT("bug/insert-intention-skips-gap")) {
      continue;
    }
    return &lock;
  }
  return nullptr;
}

bool LockQueue::is_granted(const LockOwner& owner, LockType type) {
  return std::any_of(locks.begin(), locks.end(), [&](const Lock& lock) {
    return lock.owner == &owner && !lock.waiting && lock.type == type;
  });
}

bool LockQueue::is_covered(const LockOwner& owner, LockType wanted) {
  for (const Lock& lock : locks) {
    if (lock.owner == &owner && !lock.waiting && covers(lock.type, wanted, on_supremum())) {
      return true;
    }
  }
  return false;
}

}  // namespace aftersync::txn
