// RecordLocker: finds the next record of an index and locks it, as one step.
//
// The problem. Which lock is wanted depends on what is found: a record, one that is deleted, one
// beyond the range, the end of the index. When it has to be waited for, nothing may be latched, and
// afterwards everything may be different: the record gone, others before it. And a record that a
// running transaction has written is locked by that alone, without a lock in the table.
//
// How. The place is looked at with its leaf latched, and the lock asked for under the latch
// (BTree::visit_next). If it has to be waited for, the request is in the queue when the latch is
// let go; then the place is looked at again: from the beginning where gaps are locked, else at the
// record that was waited for. What is returned is what stood there when the lock was granted.
//
// Implicit locks. In the clustered index a record names its writer: if that is running, its lock is
// made explicit before ours is asked for. An entry of a secondary index names nobody; who wrote it
// is seen from the versions of its row, and that cannot be looked up with the entry latched. So one
// looks before and after. Before, to queue behind a writer. Then, with the lock, nobody can change
// the entry any more, and one looks again. If a running transaction turns out to have written it in
// between, we give our lock back, make that one explicit, and ask again behind it. If none has, the
// entry is read once more, until it stands as it stood when that was found: the writer may be
// rolling back, step by step. A lock that has been waited for is looked after in the same way: who
// had it may be one who gave it back because of a writer. (All found by the scenario txn-lists:
// scans passed over rows whose entries somebody had marked.)
//
// What the transaction has itself written is locked by that, as far as the record goes: it gets no
// lock in the table. A gap has to be locked like any other.
//
// Snapshot isolation (innodb_snapshot_isolation): what is to be locked must be what the
// transaction's view sees; if somebody has changed it since, and has ended, the transaction is
// rolled back with Code::conflict, as in MariaDB, whoever else has locked it. So no change of
// others is overwritten unseen.
//
// Source: MySQL manual 17.7.1 to 17.7.3; MariaDB's manual on innodb_snapshot_isolation.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/table.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

// What to do when somebody is in the way: wait, NOWAIT, SKIP LOCKED, and the semi-consistent read
// of UPDATE (locking_read.h), which looks before it waits.
enum class OnBusy : uint8_t { wait, fail, skip, look };

// What was found at a place when it was locked.
struct LockedRecord {
  enum class Place : uint8_t {
    record,  // the lock has been granted
    end,     // there is nothing behind
    busy,    // somebody is in the way, and was not waited for; key only
  };
  Place place = Place::end;
  std::string key;
  std::string value;
  uint8_t flags = 0;
  // The lock, if it was not held before, and whether it had to be waited for.
  std::optional<LockType> fresh;
  bool waited = false;

  [[nodiscard]] bool is_record() const { return place == Place::record; }
  [[nodiscard]] bool is_marked() const { return (flags & storage::index_format::kDeleteMark) != 0; }
};

class RecordLocker {
 public:
  // Takes the table's intention lock with the first record.
  RecordLocker(Transaction& trx, storage::Table& table, LockMode mode, OnBusy on_busy);

  // Which lock is wanted on what has been found (null: the end); empty: none. Called with latches
  // held.
  using Rule = std::function<std::optional<LockType>(const storage::RecordView*)>;
  // The first record at `from` or behind it. Errors as Transaction::settle, Code::conflict; of
  // reading.
  [[nodiscard]] Result<LockedRecord> lock_next(size_t index, std::string_view from,
                                               const Rule& rule);
  // The clustered record with exactly this key, by itself; without a lock when there is none.
  [[nodiscard]] Result<LockedRecord> lock_row(std::string_view clustered_key);
  // The row of a clustered record that has been locked.
  [[nodiscard]] Result<storage::Row> row_of(const LockedRecord& record);
  // Gives back what lock_next() has just taken; a lock that was waited for is kept, as in InnoDB.
  void release(size_t index, const LockedRecord& record);
  // Whether the transaction itself has written this clustered record.
  [[nodiscard]] bool is_own(const LockedRecord& record) const;
  // Whether an entry of a secondary index is, as it stands, the work of another running
  // transaction.
  [[nodiscard]] Result<bool> is_of_another(size_t index, const LockedRecord& entry);

  [[nodiscard]] LockMode mode() const { return mode_; }

 private:
  struct Look;
  Status announce();
  Status look(size_t index, std::string_view from, const Rule& rule, Look& look);
  void ask(size_t index, const storage::RecordView* record, LockType type, Look& look);
  [[nodiscard]] bool ask_writer(const storage::RecordView& record, LockType type,
                                const LockTarget& target, Look& look);
  [[nodiscard]] Result<TrxId> writer_of(size_t index, const LockedRecord& entry);
  [[nodiscard]] Result<bool> ask_writer_of_entry(size_t index, std::string_view from,
                                                 const Rule& rule, LockedRecord& found);
  [[nodiscard]] Result<bool> yields_to_writer(size_t index, const LockedRecord& record);
  [[nodiscard]] IndexId id_of(size_t index) { return table_.tree(index).root().index; }

  Transaction& trx_;
  storage::Table& table_;
  LockTable& locks_;
  const LockMode mode_;
  const OnBusy on_busy_;
  bool announced_ = false;
};

}  // namespace aftersync::txn
