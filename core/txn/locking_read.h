// LockingRead: SELECT ... FOR UPDATE, FOR SHARE, and the search of UPDATE and DELETE. Sees newest
// versions, and locks what it sees.
//
// Which locks (MySQL manual 17.7.3 "Locks Set by Different SQL Statements"):
//
//   REPEATABLE READ, SERIALIZABLE
//     one row by its whole clustered key    the record; the gap, if there is none. A record that is
//                                           deleted but still there: both
//     a range of an index                   each record and the gap before it, and so what comes
//                                           first behind the range; of equal keys (Match::equal) of
//                                           that only the gap. Not the gap before the record with
//                                           which a range of the clustered index begins
//   READ COMMITTED, READ UNCOMMITTED
//     both                                  records only; those that are deleted, or do not match
//                                           (release_row()), are given back
//
// Backwards the same are locked: first the gap before what comes behind the range, then each record
// and the gap before it, which for the last one reaches beyond the range.
//
// Along a secondary index the entry is locked so, and then the row's clustered record by itself.
//
// OnBusy: wait; fail (NOWAIT) with Code::unavailable; skip (SKIP LOCKED); look, for UPDATE under
// READ COMMITTED along the clustered index: a row that is locked is shown as it was last committed,
// and waited for only if that matches (lock_row()). InnoDB calls it a semi-consistent read.
//
// Used by the transaction's task. A scan holds no latch between rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/table.h"
#include "core/txn/consistent_read.h"
#include "core/txn/record_locker.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

// The row with this clustered key, locked; empty when there is none, or it is skipped. Errors as
// RecordLocker.
[[nodiscard]] Result<std::optional<storage::Row>> locking_get(Transaction& trx,
                                                              storage::Table& table,
                                                              std::string_view clustered_key,
                                                              LockMode mode,
                                                              OnBusy on_busy = OnBusy::wait);

// The rows of a range of an index, in its order, each locked when it is shown.
class LockingScan {
 public:
  using Direction = ConsistentScan::Direction;
  using Range = ConsistentScan::Range;

  // `equal`: the range is that of all keys with the same first columns.
  enum class Match : uint8_t { range, equal };

  LockingScan(Transaction& trx, storage::Table& table, size_t index, Range range, LockMode mode,
              OnBusy on_busy = OnBusy::wait, Direction direction = Direction::forward,
              Match match = Match::range);

  // Whether there is another row. Errors as RecordLocker.
  [[nodiscard]] Result<bool> next();
  // Of the row that next() has found.
  [[nodiscard]] const storage::Row& row() const { return row_; }
  [[nodiscard]] const std::string& clustered_key() const { return clustered_key_; }
  // False after OnBusy::look has shown a row without its lock.
  [[nodiscard]] bool is_locked() const { return entry_.is_record(); }
  // Waits for the lock of such a row. Whether it is still there; row() is its newest version then.
  [[nodiscard]] Result<bool> lock_row();
  // The row does not match. Gives its locks back where gaps are not locked; elsewhere they are
  // kept, as the answer depends on it.
  void release_row();

 private:
  [[nodiscard]] std::optional<LockType> lock_for(const storage::RecordView* record) const;
  [[nodiscard]] bool is_beyond(std::string_view key) const;
  // Locks the entry to come next; false: there is none.
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] Result<bool> step_back();
  Status lock_upper_end();
  [[nodiscard]] Result<bool> take_row();
  [[nodiscard]] Result<bool> take_row_of_entry();
  [[nodiscard]] Result<bool> take_committed();

  Transaction& trx_;
  storage::Table& table_;
  const size_t index_;
  const Range range_;
  const Direction direction_;
  const Match match_;
  const bool looks_first_;
  RecordLocker locker_;
  std::string position_;  // forwards: what comes is at it or behind; backwards: before it
  bool started_ = false;
  bool at_end_ = false;
  LockedRecord entry_;      // in the index that is scanned
  LockedRecord clustered_;  // of a secondary index's entry
  storage::Row row_;
  std::string clustered_key_;
};

}  // namespace aftersync::txn
