// The lock table: for every record of every index a queue of locks, granted and waiting.
//
// Rules (MySQL 8.0 manual 17.7.1, 17.7.3; what it leaves open is as InnoDB does it)
//   1. First come, first served: a request waits while a lock before it in the queue, granted or
//      waiting, is in its way (lock_mode.h says when).
//   2. Nothing is added when the transaction has a lock that suffices. One that has a record lock
//      and asks for a next-key lock gets a gap lock besides.
//   3. A transaction waits for one lock at a time.
//   4. A new record divides a gap: it inherits, as gap locks, the locks on the gap it was put into.
//   5. A removed record unites two gaps: its successor inherits its locks as gap locks, also those
//      that were waited for. Below REPEATABLE READ exclusive ones are not inherited. Who waited for
//      the record looks again.
//   6. Locks on the supremum cover only a gap; they are kept as next-key locks.
//   7. Locks last until the transaction ends. A granted insert intention stays, too.
//
// There are no pages here: rules 4 and 5 are all that splits and merges must preserve.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "model/table/table_model.h"
#include "model/txn/transaction.h"

namespace aftersync::model::txn {

struct Lock {
  Transaction* owner = nullptr;
  LockShape shape;
  bool waiting = false;
  uint64_t number = 0;  // in the order of the requests
};

enum class Grant : uint8_t {
  held,     // the transaction had what it asked for
  fresh,    // it has it now
  waiting,  // it must wait
};

struct ListedLock {
  RecordId record;
  Lock lock;
};

class LockTable {
 public:
  IndexId add_index(KeyLess order);

  // Asks for a lock. If it has to wait, puts it at the end of the queue; without `enqueue` only
  // says so (NOWAIT, SKIP LOCKED).
  Grant request(Transaction& owner, const RecordId& record, LockShape shape, bool enqueue);
  // For changes, which are protected by implicit locks: waits like `request`, but sets nothing when
  // it need not wait.
  Grant request_implicit(Transaction& owner, const RecordId& record, LockShape shape);
  // Gives the owner the exclusive record lock that it has implicitly, if it has none yet.
  void make_explicit(Transaction& owner, const RecordId& record);

  void record_inserted(const RecordId& record, const RecordId& successor);
  void record_removed(const RecordId& record, const RecordId& successor);

  // The record has another size now: see Rules::victim_weight_counts_locks.
  void record_resized(const RecordId& record);

  // Releases one granted lock of that mode; `any_kind`: the first, else that of the record alone.
  void release(Transaction& owner, const RecordId& record, Mode mode, bool any_kind);
  void release_all(Transaction& owner);
  // Ends the owner's wait with `result`, and takes its request out of the queue.
  void cancel_wait(Transaction& owner, Status result);

  // The transactions in the way of one that waits, in the order of the queue; each once.
  [[nodiscard]] std::vector<Transaction*> blockers(const Transaction& waiting) const;
  // Transactions whose wait has ended since the last call, in that order.
  std::vector<Transaction*> take_woken() { return std::exchange(woken_, {}); }
  // All record locks: by index, record, and the order of requests.
  [[nodiscard]] std::vector<ListedLock> list() const;

 private:
  using Queue = std::vector<Lock>;
  struct Index {
    explicit Index(KeyLess order) : records(std::move(order)) {}
    std::map<Row, Queue, KeyLess> records;
    Queue supremum;
  };

  [[nodiscard]] Queue& queue_of(const RecordId& record);
  [[nodiscard]] const Queue* find_queue(const RecordId& record) const;
  [[nodiscard]] static const Lock* sufficient(const Queue& queue, const Transaction& owner,
                                              LockShape shape, bool supremum);
  [[nodiscard]] bool would_wait(const Transaction& owner, const RecordId& record,
                                LockShape shape) const;
  void add_granted(Transaction& owner, const RecordId& record, LockShape shape);
  void add_waiting(Transaction& owner, const RecordId& record, LockShape shape);
  void inherit(const Queue& from, const RecordId& heir, bool only_gaps);
  void wake(Transaction& owner, Status result);
  void grant_waiting(Queue& queue, bool supremum);

  std::vector<Index> indexes_;
  std::vector<Transaction*> woken_;
  uint64_t next_number_ = 0;
};

}  // namespace aftersync::model::txn
