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
        return record_only(mode);
      }));
  if (!found.is_record() || found.key != clustered_key) return std::optional<Row>();
  if (found.is_marked()) {
    if (!gaps) locker.release(0, found);
    return std::optional<Row>();
  }
  ASSIGN_OR_RETURN(Row row, locker.row_of(found));
  return std::optional<Row>(std::move(row));
}

// innodb_snapshot_isolation ends it at READ COMMITTED, as MariaDB has it.
bool LockingScan::may_look_first(const TransactionOptions& options) {
  if (options.isolation == Isolation::read_uncommitted) return true;
  return options.isolation == Isolation::read_committed && !options.snapshot_isolation;
}

LockingScan::LockingScan(Transaction& trx, storage::Table& table, size_t index, Range range,
                         LockMode mode, OnBusy on_busy, Direction direction, Match match)
    : trx_(trx),
      table_(table),
      index_(index),
      range_(std::move(range)),
      direction_(direction),
      match_(match),
      looks_first_(on_busy == OnBusy::look && index == 0 && match != Match::unique &&
                   may_look_first(trx.options())),
      locker_(trx, table, mode, on_busy == OnBusy::look && !looks_first_ ? OnBusy::wait : on_busy),
      position_(direction == Direction::forward ? range_.low : range_.high) {
  // A key behind all others.
  if (direction == Direction::backward && position_.empty()) {
    position_.assign(limits::kMaxKeyBytes + 1, '\xff');
  }
}

bool LockingScan::is_beyond(std::string_view key) const {
  if (direction_ == Direction::backward) return key < range_.low;
  return !range_.high.empty() && key >= range_.high;
}

// Whether a clustered record is a deleted one and nobody, who is still running, has deleted it.
bool LockingScan::is_dead(const RecordView& record) const {
  if (!record.is_delete_marked() || record.value.size() < storage::kSystemBytes) return false;
  const TrxId writer = storage::load_system_columns(record.value.data()).trx;
  return writer == trx_.id() || !trx_.manager().registry().is_active(writer);
}

std::optional<LockType> LockingScan::lock_for(const RecordView* record, bool even_if_dead) const {
  const LockMode mode = locker_.mode();
  const bool gaps = trx_.locks_gaps();
  if (record == nullptr || (is_beyond(record->key) && match_ != Match::range)) {
    return gaps ? std::optional(gap_only(mode)) : std::nullopt;
  }
  if (!gaps) {
    const bool passes = index_ == 0 ? is_dead(*record) : record->is_delete_marked();
    return passes && !even_if_dead ? std::nullopt : std::optional(record_only(mode));
  }
  const bool is_first =
      index_ == 0 && direction_ == Direction::forward && record->key == range_.low;
  const bool is_hit = index_ != 0 && match_ == Match::unique && !record->is_delete_marked();
  return is_first || is_hit ? record_only(mode) : next_key(mode);
}

Result<bool> LockingScan::next() {
  while (!at_end_) {
    ASSIGN_OR_RETURN(const bool on_entry, direction_ == Direction::forward ? step() : step_back());
    if (!on_entry || (match_ != Match::range && is_beyond(entry_.key))) break;
    clustered_ = LockedRecord();
    ASSIGN_OR_RETURN(const bool shown, show_entry());
    if (shown && is_beyond(entry_key_)) {
      if (direction_ == Direction::forward) release_row();
      break;
    }
    at_end_ = match_ == Match::unique && (shown || (index_ == 0 && entry_.is_record()));
    if (shown) return true;
  }
  at_end_ = true;
  return false;
}

// What somebody has locked is passed over, and what was locked on the way to it is kept.
Result<bool> LockingScan::show_entry() {
  if (!entry_.is_record()) return looks_first_ ? take_committed() : Result<bool>(false);
  if (entry_.is_marked()) {
    release_row();
    return false;
  }
  if (index_ == 0) return take_row();
  if (entries_only_) return take_columns_of_entry();
  ASSIGN_OR_RETURN(const bool shown, take_row_of_entry());
  if (!shown && clustered_.place != LockedRecord::Place::busy) release_row();
  return shown;
}

// A deleted entry is not locked below REPEATABLE READ, unless it turns out that the transaction
// which has deleted it is still running.
Result<bool> LockingScan::step() {
  bool even_if_dead = false;
  while (true) {
    ASSIGN_OR_RETURN(entry_, locker_.lock_next(index_, position_, [&](const RecordView* record) {
      return lock_for(record, even_if_dead);
    }));
    if (entry_.place == LockedRecord::Place::end) return false;
    if (trx_.locks_gaps() || index_ == 0 || !entry_.is_marked() || even_if_dead) break;
    ASSIGN_OR_RETURN(even_if_dead, locker_.is_of_another(index_, entry_));
    if (!even_if_dead) break;
  }
  entry_key_ = entry_.key;
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
  bool even_if_dead = false;
  while (true) {
    std::string key;
    {
      const SharedLock latch(table_.latch());
      RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
      storage::TreeCursor cursor(table_.tree(index_));
      ASSIGN_OR_RETURN(const bool found, cursor.seek(position_, storage::Seek::before));
      if (!found) return false;
      key = cursor.record().key;
    }
    ASSIGN_OR_RETURN(entry_, locker_.lock_next(index_, key, [&](const RecordView* record) {
      return record != nullptr && record->key == key ? lock_for(record, even_if_dead)
                                                     : std::nullopt;
    }));
    if (entry_.place == LockedRecord::Place::end || entry_.key != key) {
      PROBE("locking-read/record-gone-before-it-was-locked");
      continue;
    }
    if (!trx_.locks_gaps() && index_ != 0 && entry_.is_marked() && !even_if_dead) {
      ASSIGN_OR_RETURN(even_if_dead, locker_.is_of_another(index_, entry_));
      if (even_if_dead) continue;
    }
    entry_key_ = position_ = key;
    return true;
  }
}

Result<bool> LockingScan::take_row() {
  clustered_key_ = entry_.key;
  ASSIGN_OR_RETURN(row_, locker_.row_of(entry_));
  return true;
}

// The row may have another entry by now, with this one not yet marked.
Result<bool> LockingScan::take_row_of_entry() {
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

Result<bool> LockingScan::take_columns_of_entry() {
  const SharedLock latch(table_.latch());
  const RecordView view{entry_.key, entry_.value, entry_.flags};
  ASSIGN_OR_RETURN(const std::string_view key, storage::Table::clustered_key_of(view));
  clustered_key_ = key;
  row_.assign(table_.def().columns.size(), storage::Value());
  std::string_view rest = entry_.key;
  for (const size_t index : {index_, size_t{0}}) {
    for (const storage::KeyPart& part : table_.def().indexes[index].parts) {
      ASSIGN_OR_RETURN(row_[part.column], storage::take_key_part(part, rest));
    }
  }
  return true;
}

Result<bool> LockingScan::take_committed() {
  clustered_key_ = entry_.key;
  TransactionRegistry& registry = trx_.manager().registry();
  const bool sees_all = trx_.options().snapshot_isolation;  // so it is in MariaDB
  ASSIGN_OR_RETURN(const auto version, trx_.manager().engine().rows().version_for(
                                           table_, clustered_key_, [&](TrxId id) {
                                             return sees_all || !registry.is_active(id);
                                           }));
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
  if (!entry_.is_marked()) return take_row();
  release_row();
  return false;
}

void LockingScan::release_row() {
  if (trx_.locks_gaps() || !entry_.is_record()) return;
  if (locker_.is_own(index_ == 0 ? entry_ : clustered_)) return;
  PROBE("locking-read/released");
  if (clustered_.is_record()) locker_.release(0, clustered_);
  if (!clustered_.waited) locker_.release(index_, entry_);
}

}  // namespace aftersync::txn
