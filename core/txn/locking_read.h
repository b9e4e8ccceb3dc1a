// LockingRead: SELECT ... FOR UPDATE, FOR SHARE, and the search of UPDATE and DELETE. Sees newest
// versions, and locks what it sees.
//
// Which locks (MySQL manual 17.7.3 "Locks Set by Different SQL Statements"; where it is silent, as
// InnoDB does it, and as model/txn says: scenario `lockstep`):
//
//   REPEATABLE READ, SERIALIZABLE
//     one row by its whole clustered key    the record, deleted or not; the gap, if there is none
//     one row by a unique secondary key     the entry; a deleted one with the gap before it; if
//     there
//                                           is none, the gap
//     a range of an index                   each record and the gap before it, up to the first row
//                                           behind the range, which is locked likewise; of equal
//                                           keys (Match::equal) of that only the gap. Not the gap
//                                           before the record with which a range of the clustered
//                                           index begins
//   READ COMMITTED, READ UNCOMMITTED
//     both                                  records only, those that are deleted not at all; those
//                                           that do not match (release_row()) are given back,
//                                           unless they had to be waited for
//
// Backwards the same are locked: first the gap before what comes behind the range, then each record
// and the gap before it, the first row before the range included.
//
// Along a secondary index the entry is locked so, and then the row's clustered record by itself;
// not that if the reader is content with what the index holds (read_entries_only()).
//
// OnBusy: wait; fail (NOWAIT) with Code::unavailable; skip (SKIP LOCKED); look, for UPDATE under
// READ COMMITTED along the clustered index: a row that is locked is shown as it was last committed,
// and waited for only if that matches (lock_row()). InnoDB calls it a semi-consistent read. With
// innodb_snapshot_isolation READ COMMITTED waits at once, and READ UNCOMMITTED is shown the newest
// version: so MariaDB does it (proptests/isolation/scripts/manual/update_without_index.txt).
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

  // `equal`: the range is that of all keys with the same first columns; `unique`: and these are all
  // columns of a unique index, none of them NULL.
  enum class Match : uint8_t { range, equal, unique };

  LockingScan(Transaction& trx, storage::Table& table, size_t index, Range range, LockMode mode,
              OnBusy on_busy = OnBusy::wait, Direction direction = Direction::forward,
              Match match = Match::range);

  // Before the first row, of a secondary index whose columns can all be read back from their keys
  // (storage::take_key_part): rows have the columns of this index and of the clustered key, and no
  // others, and the clustered records are neither read nor locked.
  void read_entries_only() { entries_only_ = true; }

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
  [[nodiscard]] static bool may_look_first(const TransactionOptions& options);
  [[nodiscard]] std::optional<LockType> lock_for(const storage::RecordView* record,
                                                 bool even_if_dead) const;
  [[nodiscard]] bool is_dead(const storage::RecordView& record) const;
  [[nodiscard]] bool is_beyond(std::string_view key) const;
  [[nodiscard]] Result<bool> show_entry();
  // Locks the entry to come next; false: there is none.
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] Result<bool> step_back();
  Status lock_upper_end();
  [[nodiscard]] Result<bool> take_row();
  [[nodiscard]] Result<bool> take_row_of_entry();
  [[nodiscard]] Result<bool> take_columns_of_entry();
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
  bool entries_only_ = false;
  bool started_ = false;
  bool at_end_ = false;
  std::string entry_key_;
  LockedRecord entry_;      // in the index that is scanned
  LockedRecord clustered_;  // of a secondary index's entry
  storage::Row row_;
  std::string clustered_key_;
};

}  // namespace aftersync::txn
