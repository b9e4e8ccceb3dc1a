// Locking reads: one range of one index, record by record.
//
// This is where "which statement takes which locks" is decided (manual 17.7.3 "Locks Set by
// Different SQL Statements"; 17.7.1 for the words). For each record in the scan's way:
//   1. At REPEATABLE READ and above a next-key lock, because neither the record nor the gap before
//      it may change. Below, the record alone.
//   2. Except where no gap can matter: a search by a full clustered key, or for keys from one on
//      (>=), that finds its first record locks only that record. Of a unique secondary index, see
//      Rules::unique_secondary_hit_locks_gap.
//   3. An equality ends at the first record that is not equal: its gap is locked, it is not. With a
//      unique key it ends with the row it finds.
//   4. A range ends at the first record beyond it, which has been locked like the others; below
//      REPEATABLE READ that lock is released again.
//   5. At the end of the index, the supremum.
//   6. Downwards, first the gap above the range.
//   7. A secondary entry is locked before its clustered record, of which only the record is locked;
//      a shared read that finds all columns in the secondary index leaves the clustered one alone.
//   8. Marked records are locked and passed over; below REPEATABLE READ, those whose deletion has
//      been committed are not even locked. A unique search of the clustered index ends there.
//      After a wait the scan goes on at the same record; a unique search of a secondary index
//      begins anew, as no gap has kept another entry of the same key from coming before that one.
//   9. UPDATE below REPEATABLE READ is semi-consistent on the clustered index (17.7.2.1): for a
//      locked row it is first shown the last committed version, and waits only if that matches.
#pragma once

#include <optional>

#include "model/txn/record_lock.h"
#include "model/txn/statement.h"
#include "model/txn/where.h"

namespace aftersync::model::txn {

struct ScanOptions {
  size_t index = kClustered;
  Mode mode = Mode::exclusive;
  bool descending = false;
  bool semi_consistent = false;  // the statement is an UPDATE
  OnConflict on_conflict = OnConflict::wait;
};

class LockingScan {
 public:
  LockingScan(Database& database, Transaction& owner, Table& table, Range range,
              ScanOptions options);

  // Finds the next row in the range and locks it; row() is empty at the end. Fails with conflict,
  // deadlock or lock_wait_timeout.
  Task next();
  [[nodiscard]] const std::optional<Row>& row() const { return row_; }

  // The range is an equality on all columns of a unique key: there is one row at most.
  [[nodiscard]] bool unique_search() const;
  // The row is the last committed version of one that somebody else has locked.
  [[nodiscard]] bool semi_consistent() const { return semi_; }
  // next() is to return the same row again, locked.
  void repeat();
  // The row does not match: below REPEATABLE READ its locks are released, if this scan took them.
  void unlock_row();

 private:
  enum class Visit : uint8_t { found, pass, end, wait, failed };

  void begin();
  [[nodiscard]] std::optional<Row> current() const;
  [[nodiscard]] bool ascending() const { return !options_.descending || range_.exact; }
  [[nodiscard]] bool beyond(const Row& key) const;
  [[nodiscard]] bool marked(const Row& key) const;
  [[nodiscard]] bool looks_anew() const;
  [[nodiscard]] Kind kind_for(const Row& key) const;

  Visit visit(const Row& key);
  Visit visit_marked(const Row& key);
  Visit visit_clustered(const Row& key);
  Visit conflict(const Row& key);
  Visit found_row(const Row& row, const Row& key);
  // True when the lock was granted; otherwise `blocked_` says what to do.
  bool lock(size_t index, const std::optional<Row>& key, Kind kind, bool& fresh);
  void lock_gap(const std::optional<Row>& key, Kind kind);

  Database& database_;
  Transaction& owner_;
  Table& table_;
  const Range range_;
  const ScanOptions options_;

  bool begun_ = false;
  bool first_fetch_ = true;
  bool ended_ = false;
  bool again_ = false;  // repeat(): this time wait
  Row position_;
  bool inclusive_ = true;

  std::optional<Row> row_;
  bool semi_ = false;
  bool fresh_ = false;            // this visit locked the record
  bool fresh_clustered_ = false;  // ... and the clustered record behind it
  Visit blocked_ = Visit::wait;
  Status failure_;
};

}  // namespace aftersync::model::txn
