// DeadlockReport: who waited for whom, and who had to go. What SHOW ENGINE INNODB STATUS prints as
// LATEST DETECTED DEADLOCK.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/platform/time.h"
#include "core/txn/lock_mode.h"
#include "core/txn/lock_target.h"

namespace aftersync::txn {

// A lock as listings show it (performance_schema.data_locks). Owns its key.
struct LockInfo {
  uint64_t owner = 0;  // LockOwner::number()
  LockTarget::Kind kind = LockTarget::Kind::table;
  uint64_t object = 0;
  std::string key;
  LockType type{};
  bool waiting = false;

  [[nodiscard]] LockTarget target() const { return {kind, object, key}; }
  friend bool operator==(const LockInfo&, const LockInfo&) = default;
  friend auto operator<=>(const LockInfo&, const LockInfo&) = default;
};

// "X,REC_NOT_GAP on index 9 key 8000002a".
[[nodiscard]] std::string to_string(const LockInfo& lock);

struct DeadlockReport {
  struct Member {
    uint64_t owner = 0;
    std::string description;  // what its transaction says of itself
    uint64_t weight = 0;      // how much it has changed
    LockInfo waits_for;
    LockInfo blocked_by;  // a lock of the next member; of the first, for the last one
  };

  WallTime when;
  // The whole cycle, beginning with the transaction whose request closed it.
  std::vector<Member> cycle;
  size_t victim = 0;  // index in `cycle`

  [[nodiscard]] std::string to_string() const;
};

}  // namespace aftersync::txn
