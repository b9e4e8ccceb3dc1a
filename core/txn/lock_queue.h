// Lock and LockQueue: one lock, and all locks on one target in the order in which they came.
// Internal to the lock table; lock_table.h has the essay and says who may touch what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/intrusive.h"
#include "core/txn/lock_mode.h"
#include "core/txn/lock_target.h"

namespace aftersync::txn {

class LockOwner;
struct LockQueue;

using LockHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;

struct Lock {
  Lock(LockQueue* of, LockOwner* by, LockType what, bool waits)
      : queue(of), owner(by), type(what), waiting(waits) {}

  LockHook in_queue;
  LockHook of_owner;
  LockQueue* const queue;
  LockOwner* const owner;
  const LockType type;
  bool waiting;
};

// Made with room for its key behind it; never empty but while it is being changed.
struct LockQueue {
  using List =
      boost::intrusive::list<Lock, boost::intrusive::member_hook<Lock, LockHook, &Lock::in_queue>,
                             boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] static LockQueue* make(const LockTarget& target, uint64_t hash);
  static void destroy(LockQueue* queue);
  [[nodiscard]] size_t bytes() const { return sizeof(LockQueue) + key_bytes; }

  [[nodiscard]] LockTarget target() const {
    return {kind, object, {reinterpret_cast<const char*>(this + 1), key_bytes}};
  }
  [[nodiscard]] bool on_supremum() const { return kind == LockTarget::Kind::supremum; }

  // The first lock before `end` (null: of all) that a request of `owner` waits for; null: none.
  [[nodiscard]] Lock* first_conflict(const LockOwner& owner, LockType wanted, const Lock* end);
  // Whether `owner` has been granted as much as `wanted`.
  [[nodiscard]] bool is_covered(const LockOwner& owner, LockType wanted);
  // Whether it has been granted exactly that.
  [[nodiscard]] bool is_granted(const LockOwner& owner, LockType type);

  LockQueue* hash_next = nullptr;
  uint64_t hash = 0;
  List locks;
  uint64_t object = 0;
  uint32_t waiters = 0;
  uint16_t key_bytes = 0;
  LockTarget::Kind kind = LockTarget::Kind::table;
};

}  // namespace aftersync::txn
