// LockTable: who has locked what, and who waits.
//
// The problem. Readers and writers of rows lock tables, records and the gaps between records, by
// InnoDB's rules (lock_mode.h), millions at a time; most locks meet nobody. Those that do wait, in
// the order in which they came, and a circle of waiters must be seen at once. Locks must not hinder
// pages, which split, merge and move records while locked.
//
// Locks by key. InnoDB keys record locks by (page, number of the record in the page's heap), with
// one bitmap for each transaction, page and mode: a scan that locks whole pages pays bits. The
// price is that every split, merge and reorganisation moves bitmaps about, that each page has a
// supremum of its own which shows up in lock sets, and that locks can only be spoken of while the
// page is in memory. Here the key is (index, encoded key). Where a record lies makes no difference;
// "the gap before this key" and one supremum for each index are all that a rule needs to say, and
// an executable model can say the same. What remains of inheritance is what is meant by it: a key
// inserted into a gap inherits the gap's locks, and a key that is erased leaves its locks on the
// gap that it leaves behind. The price is memory: a lock alone on its key takes 64 bytes and its
// queue 64 and the key, so about 150 MB for a million with short keys by reckoning, where InnoDB's
// bitmaps take 2 MB after a full scan, though about as much as here for a million single rows.
// `max_bytes` bounds it.
//
// Invariants
//  1. A lock waits exactly as long as some lock of another transaction *ahead* of it in its queue
//     is in its way (must_wait). Waiting locks count like granted ones. So nobody overtakes, nobody
//     starves, and whom a request waits for is settled when it comes: later it can only get less.
//  2. So a circle of waiters can only be closed by a new request. The search runs in request(),
//     along all edges, before anybody sleeps.
//  3. A transaction waits for at most one lock.
//  4. A queue with a waiter changes under wait_mutex_; so while that is held every edge stands
//  still.
//
// Two steps. request() never blocks and may be called with a leaf latched, so that what was found
// in the leaf and the lock on it are one step for everybody else. A request that has to wait is in
// the queue already when the caller lets go of the latch and calls wait(). Whoever has waited looks
// again: the record may be gone (LockAnswer::vanished), or others may stand in the gap.
//
// Keys come and go under their leaf's exclusive latch: key_inserted() and key_erased() are called
// there. A waiting lock on an erased key ends as vanished.
//
// Memory. Requests are refused when it is used up (LockAnswer::full). What the table adds by
// itself, inherited and implicit locks, is counted but not refused: those cannot be done without.
//
// What it does not do: implicit locks (the transaction layer finds them in rows, and adds them by
// add_implicit()), and which statement takes which lock.
//
// Locks, after page latches and the transaction layer's own: wait_mutex_, shards in ascending
// order, one owner's mutex. None is held across I/O or a wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/txn/deadlock_report.h"
#include "core/txn/lock_mode.h"
#include "core/txn/lock_queue.h"
#include "core/txn/lock_target.h"

namespace aftersync::txn {

// A transaction as the lock table knows it. Used by one task at a time; others add inherited and
// implicit locks. Must hold nothing when destroyed: CHECKed.
class LockOwner {
 public:
  // `number` names it in listings. `keeps_gaps`: exclusive locks on an erased record go over to the
  // gap (REPEATABLE READ and SERIALIZABLE); shared ones always do.
  LockOwner(uint64_t number, bool keeps_gaps) : number_(number), keeps_gaps_(keeps_gaps) {}
  ~LockOwner();
  LockOwner(const LockOwner&) = delete;
  LockOwner& operator=(const LockOwner&) = delete;

  [[nodiscard]] uint64_t number() const { return number_; }
  // How much it has changed: of a circle, the one that has changed least has to go.
  void set_weight(uint64_t rows) { weight_.store(rows, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t weight() const { return weight_.load(std::memory_order_relaxed); }
  // What deadlock reports say of it (its statement).
  void describe(std::string text);

 private:
  friend class LockTable;
  using List =
      boost::intrusive::list<Lock, boost::intrusive::member_hook<Lock, LockHook, &Lock::of_owner>,
                             boost::intrusive::constant_time_size<false>>;

  const uint64_t number_;
  const bool keeps_gaps_;
  std::atomic<uint64_t> weight_{0};

  Mutex mutex_;
  // Guarded by mutex_, a leaf.
  List locks_;  // in the order in which they came
  bool closed_ = false;
  std::string description_;

  // Guarded by LockTable::wait_mutex_.
  Lock* waiting_ = nullptr;
  uint8_t outcome_ = 0;  // LockAnswer of the wait that ended last
  uint64_t search_ = 0;  // the last search for circles that came by
  CondVar ended_;
};

struct LockTableOptions {
  size_t max_bytes = size_t{128} << 20;
  size_t shards = 64;  // a power of two
};

enum class LockAnswer : uint8_t {
  granted,    // or held already
  waiting,    // in the queue; wait() comes next
  busy,       // somebody is in the way, and the caller did not want to wait
  full,       // the table's memory is used up
  deadlock,   // chosen as the victim of a circle; the request is gone
  timed_out,  // the request is gone
  vanished,   // the record was erased, the request with it
};

struct LockStats {
  size_t bytes = 0;
  uint64_t locks = 0;
  uint64_t waiting = 0;
  uint64_t waits = 0;      // so far
  uint64_t deadlocks = 0;  // so far
  uint64_t timeouts = 0;   // so far
  uint64_t wait_ns = 0;    // so far, of waits that have ended
};

// One transaction in the way of another (performance_schema.data_lock_waits).
struct LockWaitInfo {
  LockInfo waits;
  LockInfo blocked_by;
  friend bool operator==(const LockWaitInfo&, const LockWaitInfo&) = default;
  friend auto operator<=>(const LockWaitInfo&, const LockWaitInfo&) = default;
};

// Told by the tasks themselves that they go to sleep on a lock, and that they have woken up: what a
// pool of threads needs to know. Holds up who calls it.
class LockWaitObserver {
 public:
  virtual ~LockWaitObserver() = default;
  virtual void begins() = 0;
  virtual void ends() = 0;
};

class LockTable {
 public:
  LockTable(Node& node, LockTableOptions options);
  ~LockTable();
  LockTable(const LockTable&) = delete;
  LockTable& operator=(const LockTable&) = delete;

  // `enqueue`: get into the queue when somebody is in the way; `give_up`: answer busy.
  enum class IfBusy : uint8_t { enqueue, give_up };
  // `asked_only`: if nobody is in the way, leave no lock behind. For inserts into gaps, and where
  // an implicit lock will do.
  enum class Keep : uint8_t { lock, asked_only };

  // Answers granted, waiting, busy, full or deadlock. Never blocks; a latch may be held. On a
  // supremum, gap locks become next-key locks and record locks are refused (CHECK).
  [[nodiscard]] LockAnswer request(LockOwner& owner, const LockTarget& target, LockType type,
                                   IfBusy if_busy = IfBusy::enqueue, Keep keep = Keep::lock);
  // Waits for the request that is in the queue; nothing is held. Answers granted, deadlock,
  // timed_out or vanished.
  [[nodiscard]] LockAnswer wait(LockOwner& owner, MonoTime deadline);
  // While nobody waits; null: nobody.
  void set_observer(LockWaitObserver* observer) { observer_.store(observer); }
  // Ends the wait of an owner, if it waits, as if its time were up. From any task; the caller sees
  // to it that the owner is not destroyed meanwhile.
  void expire(LockOwner& owner);
  // Both, for callers who hold no latch. Code::deadlock, lock_wait_timeout, unavailable (somebody
  // is in the way and `timeout` is 0), too_large (the table is full).
  Status lock(LockOwner& owner, const LockTarget& target, LockType type, Duration timeout);
  // The Status of an answer, granted and vanished being OK; `target` for its message.
  [[nodiscard]] Status status_of(LockAnswer answer, const LockTarget& target, LockType type) const;

  // Whether `owner` has been granted at least that.
  [[nodiscard]] bool is_held(const LockOwner& owner, const LockTarget& target, LockType type);
  // Gives back one granted lock, if `owner` holds exactly that.
  void release(LockOwner& owner, const LockTarget& target, LockType type);
  // Gives back the locks of mode AUTO_INC: at the end of a statement.
  void release_auto_inc(LockOwner& owner);
  // Gives back everything, and ends the owner: nothing is added to it any more.
  void release_all(LockOwner& owner);

  // Adds to `holder` the exclusive record lock that its change of the row implies. False when it
  // has ended; the caller sees to it that it is not destroyed meanwhile.
  bool add_implicit(LockOwner& holder, const LockTarget& target);
  // A key has come to stand before `successor` (the next key, or the supremum); its leaf is latched
  // exclusively.
  void key_inserted(IndexId index, std::string_view key, const LockTarget& successor);
  // A key before `successor` is about to go; its leaf is latched exclusively.
  void key_erased(IndexId index, std::string_view key, const LockTarget& successor);
  // Whether there is any record lock: what spares inserts the search for their successor.
  [[nodiscard]] bool has_record_locks() const {
    return record_locks_.load(std::memory_order_relaxed) != 0;
  }

  // All locks, ordered by owner and target; those waiting, and who is in their way.
  [[nodiscard]] std::vector<LockInfo> list_locks();
  [[nodiscard]] std::vector<LockWaitInfo> list_waits();
  [[nodiscard]] std::optional<DeadlockReport> latest_deadlock();
  [[nodiscard]] LockStats stats() const;

 private:
  struct alignas(64) Shard {
    Mutex mutex;
    // Guarded by mutex. A power of two of chains.
    std::vector<LockQueue*> buckets;
    size_t queues = 0;
  };
  class TwoShards;
  enum class Granting : uint8_t { no, yes };  // yes: wait_mutex_ is held

  [[nodiscard]] static LockType as_kept(LockType type, const LockTarget& target);
  [[nodiscard]] static uint64_t hash_of(const LockTarget& target);
  [[nodiscard]] Shard& shard_of(uint64_t hash) { return shards_[shard_number(hash)]; }
  [[nodiscard]] size_t shard_number(uint64_t hash) const { return hash & (options_.shards - 1); }

  // Under the shard's mutex.
  [[nodiscard]] static LockQueue** slot_of(Shard& shard, uint64_t hash);
  [[nodiscard]] static LockQueue* find(Shard& shard, const LockTarget& target, uint64_t hash);
  LockQueue* find_or_make(Shard& shard, const LockTarget& target, uint64_t hash);
  static void grow(Shard& shard);
  void drop_if_empty(Shard& shard, LockQueue* queue);
  [[nodiscard]] bool has_room(const LockTarget& target) const;
  void count(const Lock& lock, bool added);
  void link(LockQueue* queue, LockOwner& owner, LockType type, bool waiting);
  // What must be there already to add nothing: as strong a lock, or the very same.
  enum class Known : uint8_t { as_much, exactly };
  bool add_granted(Shard& shard, const LockTarget& target, uint64_t hash, LockOwner& owner,
                   LockType type, Known known);
  [[nodiscard]] std::optional<LockAnswer> try_grant(Shard& shard, uint64_t hash, LockOwner& owner,
                                                    const LockTarget& target, LockType type,
                                                    Keep keep);
  void unlink_and_free(Lock* lock);
  void remove(Shard& shard, Lock* lock);

  // Under wait_mutex_ and the shard's mutex.
  void grant_waiters(LockQueue* queue);
  void end_wait(Lock* lock, LockAnswer outcome);

  // Under wait_mutex_.
  void cancel(LockOwner& owner, LockAnswer outcome);
  void break_circles(LockOwner& owner);

  [[nodiscard]] LockAnswer sleep(LockOwner& owner, MonoTime deadline);
  [[nodiscard]] LockAnswer enqueue(LockOwner& owner, const LockTarget& target, LockType type,
                                   Keep keep);
  [[nodiscard]] bool release_in_shard(LockOwner& owner, size_t shard, Granting granting);
  [[nodiscard]] bool release_one(LockOwner& owner, const LockTarget& target, LockType type,
                                 Granting granting);
  [[nodiscard]] bool erase_key(const LockTarget& key, const LockTarget& successor,
                               Granting granting);

  // The circle that a request has closed (lock_deadlock.cc); under wait_mutex_.
  struct Edge {
    LockOwner* waiter;
    Lock* blocked_by;
  };
  [[nodiscard]] std::vector<Lock*> blockers_of(const LockOwner& waiter);
  [[nodiscard]] std::vector<Edge> find_circle(LockOwner& start);
  [[nodiscard]] static size_t choose_victim(const std::vector<Edge>& circle);
  [[nodiscard]] DeadlockReport describe(const std::vector<Edge>& circle, size_t victim);
  [[nodiscard]] static LockInfo info_of(const Lock& lock);
  template <typename Visit>
  void for_each_queue(Visit&& visit);

  Node& node_;
  const LockTableOptions options_;
  std::unique_ptr<Shard[]> shards_;
  std::atomic<LockWaitObserver*> observer_{nullptr};
  std::atomic<size_t> bytes_{0};
  std::atomic<uint64_t> table_locks_{0};
  std::atomic<uint64_t> record_locks_{0};

  mutable Mutex wait_mutex_;
  // Guarded by wait_mutex_.
  LockStats totals_;  // waiting and what is counted so far
  uint64_t searches_ = 0;
  std::optional<DeadlockReport> latest_deadlock_;
};

}  // namespace aftersync::txn
