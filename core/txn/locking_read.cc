// LockingRead: rows by key, and ranges.
#include "core/txn/locking_read.h"

#include <utility>

#include "core/base/limits.h"
#include "core/base/probe.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::txn {

using storage::RecordView;
using storage::Row;

Result<std::optional<Row>> locking_get(Transaction& trx, storage::Table& table,
                                       std::string_view clustered_key, LockMode mode,
                                       OnBusy on_busy) {
  RecordLocker locker(trx, table, mode, on_busy);
  const bool gaps = trx.locks_gaps();
  ASSIGN_OR_RETURN(
      const LockedRecord found,
      locker.lock_next(0, clustered_key, [&](const RecordView* record) -> std::optional<LockType> {
        if (record == nullptr || record->key != clustered_key) {
          return gaps ? std::optional(gap_only(mode)) : std::nullopt;
        }
        return gaps && record->is_delete_marked() ? next_key(mode) : record_only(mode);
      }));
  if (!found.is_record() || found.key != clustered_key) return std::optional<Row>();
  if (found.is_marked()) {
    if (!gaps) locker.release(0, found);
    return std::optional<Row>();
  }
  ASSIGN_OR_RETURN(Row row, locker.row_of(found));
  return std::optional<Row>(std::move(row));
}

LockingScan::LockingScan(Transaction& trx, storage::Table& table, size_t index, Range range,
                         LockMode mode, OnBusy on_busy, Direction direction, Match match)
    : trx_(trx),
      table_(table),
      index_(index),
      range_(std::move(range)),
      direction_(direction),
      match_(match),
      looks_first_(on_busy == OnBusy::look && index == 0 && !trx.locks_gaps()),
      locker_(trx, table, mode, on_busy == OnBusy::look && !looks_first_ ? OnBusy::wait : on_busy),
      position_(direction == Direction::forward ? range_.low : range_.high) {
  // A key behind all others.
  if (direction == Direction::backward && position_.empty()) {
    position_.assign(limits::kMaxKeyBytes + 1, '\xff');
  }
}

bool LockingScan::is_beyond(std::string_view key) const {
  return !range_.high.empty() && key >= range_.high;
}

std::optional<LockType> LockingScan::lock_for(const RecordView* record) const {
  const LockMode mode = locker_.mode();
  const bool is_end = record == nullptr;
  if (is_end || (is_beyond(record->key) && match_ == Match::equal)) {
    return trx_.locks_gaps() ? std::optional(gap_only(mode)) : std::nullopt;
  }
  if (!trx_.locks_gaps()) return record_only(mode);
  const bool is_first = index_ == 0 && record->key == range_.low && !record->is_delete_marked();
  return is_first ? record_only(mode) : next_key(mode);
}

Result<bool> LockingScan::next() {
  while (!at_end_) {
    ASSIGN_OR_RETURN(const bool on_entry, direction_ == Direction::forward ? step() : step_back());
    if (!on_entry) {
      at_end_ = true;
      break;
    }
    if (!entry_.is_record()) {
      if (!looks_first_) continue;
      ASSIGN_OR_RETURN(const bool committed, take_committed());
      if (committed) return true;
      continue;
    }
    clustered_ = LockedRecord();
    ASSIGN_OR_RETURN(const bool shown, index_ == 0 ? take_row() : take_row_of_entry());
    if (shown) return true;
    release_row();
  }
  return false;
}

Result<bool> LockingScan::step() {
  ASSIGN_OR_RETURN(entry_, locker_.lock_next(index_, position_, [this](const RecordView* record) {
    return lock_for(record);
  }));
  if (entry_.place == LockedRecord::Place::end) return false;
  if (is_beyond(entry_.key)) {
    if (!trx_.locks_gaps()) locker_.release(index_, entry_);
    return false;
  }
  position_ = entry_.key + '\0';
  return true;
}

Status LockingScan::lock_upper_end() {
  const auto gap = [this](const RecordView*) -> std::optional<LockType> {
    return trx_.locks_gaps() ? std::optional(gap_only(locker_.mode())) : std::nullopt;
  };
  return locker_.lock_next(index_, position_, gap).status();
}

// The record before is looked for with nothing latched, and locked afterwards. It may have gone by
// then; but nothing can have come between it and `position_`, as that gap is locked already.
Result<bool> LockingScan::step_back() {
  if (!std::exchange(started_, true)) RETURN_IF_ERROR(lock_upper_end());
  while (true) {
    std::string key;
    {
      const SharedLock latch(table_.latch());
      RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
      storage::TreeCursor cursor(table_.tree(index_));
      ASSIGN_OR_RETURN(const bool found, cursor.seek(position_, storage::Seek::before));
      if (!found || cursor.record().key < range_.low) return false;
      key = cursor.record().key;
    }
    ASSIGN_OR_RETURN(entry_, locker_.lock_next(index_, key, [&](const RecordView* record) {
      return record != nullptr && record->key == key ? lock_for(record) : std::nullopt;
    }));
    if (entry_.place != LockedRecord::Place::end && entry_.key == key) {
      position_ = key;
      return true;
    }
    PROBE("locking-read/record-gone-before-it-was-locked");
  }
}

Result<bool> LockingScan::take_row() {
  if (entry_.is_marked()) return false;
  clustered_key_ = entry_.key;
  ASSIGN_OR_RETURN(row_, locker_.row_of(entry_));
  return true;
}

// The row may have another entry by now, with this one not yet marked.
Result<bool> LockingScan::take_row_of_entry() {
  if (entry_.is_marked()) return false;
  const RecordView view{entry_.key, entry_.value, entry_.flags};
  ASSIGN_OR_RETURN(const std::string_view key, storage::Table::clustered_key_of(view));
  clustered_key_ = key;
  ASSIGN_OR_RETURN(clustered_, locker_.lock_row(clustered_key_));
  if (!clustered_.is_record() || clustered_.is_marked()) return false;
  ASSIGN_OR_RETURN(row_, locker_.row_of(clustered_));
  const SharedLock latch(table_.latch());
  ASSIGN_OR_RETURN(const std::string own, table_.entry_key(index_, row_, clustered_key_));
  return own == entry_.key;
}

Result<bool> LockingScan::take_committed() {
  clustered_key_ = entry_.key;
  TransactionRegistry& registry = trx_.manager().registry();
  ASSIGN_OR_RETURN(const auto version,
                   trx_.manager().engine().rows().version_for(
                       table_, clustered_key_, [&](TrxId id) { return !registry.is_active(id); }));
  if (!version || version->delete_marked) return false;
  PROBE("locking-read/looked-before-waiting");
  const SharedLock latch(table_.latch());
  ASSIGN_OR_RETURN(row_, storage::decode_row(table_.def().columns, version->row));
  return true;
}

Result<bool> LockingScan::lock_row() {
  if (is_locked()) return true;
  RecordLocker waiting(trx_, table_, locker_.mode(), OnBusy::wait);
  ASSIGN_OR_RETURN(entry_, waiting.lock_row(clustered_key_));
  if (!entry_.is_record()) return false;
  ASSIGN_OR_RETURN(const bool is_there, take_row());
  if (!is_there) release_row();
  return is_there;
}

void LockingScan::release_row() {
  if (trx_.locks_gaps()) return;
  PROBE("locking-read/released");
  locker_.release(index_, entry_);
  if (clustered_.is_record()) locker_.release(0, clustered_);
}

}  // namespace aftersync::txn
