// MetadataLocks: definitions wait for the transactions that use a table, and the other way round.
//
// A transaction holds a shared lock on each table that it has used, until it ends: the table cannot
// change under it. A definition change holds exclusive locks on all that it names, for its own
// duration (MySQL manual 10.11.4).
//
// No deadlocks among these locks, without looking for any:
//  1. Exclusive locks are taken all at once, by whoever holds no shared ones (definitions commit
//     first). Who holds them waits for no other metadata lock.
//  2. While somebody waits for an exclusive lock, a transaction that holds nothing yet queues
//  behind
//     it, so that a definition change is not put off for ever. One that holds other tables does
//     not: the waiting one may be waiting for it.
// A circle through row locks is broken by innodb_lock_wait_timeout, as in MySQL.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/platform/node.h"
#include "core/platform/sync.h"

namespace aftersync::sql {

enum class MetadataLock : uint8_t { granted, timed_out, interrupted };

class MetadataLocks {
 public:
  // The shared locks of one transaction.
  using Held = std::set<std::string, std::less<>>;

  explicit MetadataLocks(Node& node) : node_(node) {}

  // Waits for at most `timeout`, and no longer than `stop` is false. Any task.
  [[nodiscard]] MetadataLock lock_shared(Held& held, std::string_view name, Duration timeout,
                                         const std::atomic<bool>& stop);
  void release(Held& held);
  // `names` without repetitions.
  [[nodiscard]] MetadataLock lock_exclusive(const std::vector<std::string>& names, Duration timeout,
                                            const std::atomic<bool>& stop);
  void unlock_exclusive(const std::vector<std::string>& names);

 private:
  struct Entry {
    uint32_t shared = 0;
    uint32_t waiting = 0;  // for an exclusive lock
    bool exclusive = false;
    [[nodiscard]] bool idle() const { return shared == 0 && waiting == 0 && !exclusive; }
  };

  template <typename Free>
  [[nodiscard]] MetadataLock wait(Duration timeout, const std::atomic<bool>& stop, Free&& is_free);
  void drop_if_idle(std::string_view name);

  Node& node_;
  Mutex mutex_;  // a leaf
  CondVar changed_;
  std::map<std::string, Entry, std::less<>> entries_;  // guarded by mutex_
};

}  // namespace aftersync::sql
