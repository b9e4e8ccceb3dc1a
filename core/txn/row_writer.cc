// RowWriter: the steps of a change, and the search for equal entries.
#include "core/txn/row_writer.h"

#include <utility>

#include "core/base/coding.h"
#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::txn {

using storage::RecordView;
using storage::Row;

RowWriter::RowWriter(Transaction& trx, storage::Table& table, LockMode on_duplicate)
    : trx_(trx),
      table_(table),
      on_duplicate_(on_duplicate),
      guard_(trx.manager().locks(), trx.locks(), table.tree(0).root().index) {}

Status RowWriter::begin() {
  RETURN_IF_ERROR(trx_.become_writer());
  return trx_.lock(LockTarget::table(table_.id()), {LockMode::ix});
}

template <typename Step>
Status RowWriter::persist(Step&& step) {
  while (true) {
    guard_.begin();
    Status status = step();
    if (!guard_.was_refused()) return status;
    PROBE("row-writer/step-made-again");
    guard_.trust({});
    RETURN_IF_ERROR(trx_.settle(guard_.answer(), guard_.target(), guard_.type()));
  }
}

// --- the clustered record ---

Status RowWriter::insert(const Row& row) {
  RETURN_IF_ERROR(begin());
  std::string key;
  if (table_.has_hidden_row_id()) {
    ASSIGN_OR_RETURN(const uint64_t id, trx_.manager().engine().ids().next_id());
    append_be(key, id);
  }
  RETURN_IF_ERROR(table_.append_key(0, row, key));
  RETURN_IF_ERROR(insert_record(key, row));
  trx_.note_row_changed();
  for (size_t i = 1; i < table_.indexes(); ++i) RETURN_IF_ERROR(enter(i, row, key));
  return {};
}

// Tries first, as mostly there is nothing in the way. A record with that key is locked, looked at,
// and then inserted over if it is a deleted one.
Status RowWriter::insert_record(const std::string& key, const Row& row) {
  guard_.trust({});
  while (true) {
    const Status status =
        persist([&] { return rows().insert_record(trx_.undo(), table_, key, row, guard_); });
    if (status.code() != Code::duplicate_key && !guard_.has_met_record()) return status;
    RETURN_IF_ERROR(check_no_duplicate(key));
    guard_.trust(key);
  }
}

Status RowWriter::check_no_duplicate(const std::string& key) {
  RecordLocker locker(trx_, table_, on_duplicate_, OnBusy::wait);
  ASSIGN_OR_RETURN(const LockedRecord found, locker.lock_row(key));
  if (!found.is_record() || found.is_marked()) return {};
  return {Code::duplicate_key, table_.def().indexes[0].name};
}

Status RowWriter::lock_for_change(std::string_view clustered_key) {
  RecordLocker locker(trx_, table_, LockMode::x, OnBusy::wait);
  ASSIGN_OR_RETURN(const LockedRecord found, locker.lock_row(clustered_key));
  if (found.is_record() && !found.is_marked()) return {};
  return {Code::not_found, "no such row"};
}

template <typename Step>
Status RowWriter::change_record(const std::string& key, Step&& step) {
  while (true) {
    RETURN_IF_ERROR(lock_for_change(key));
    guard_.trust(key);
    const Status status = persist(step);
    if (guard_.has_met_record()) continue;
    RETURN_IF_ERROR(status);
    trx_.note_row_changed();
    return {};
  }
}

Status RowWriter::move_record(const std::string& old_key, const std::string& new_key,
                              const Row& row, Row& before) {
  RETURN_IF_ERROR(change_record(old_key, [&]() -> Status {
    ASSIGN_OR_RETURN(before, rows().remove_record(trx_.undo(), table_, old_key, guard_));
    return {};
  }));
  RETURN_IF_ERROR(insert_record(new_key, row));
  trx_.note_row_changed();
  return {};
}

Status RowWriter::update(std::string_view clustered_key, const Row& row) {
  RETURN_IF_ERROR(begin());
  const std::string old_key(clustered_key);
  std::string new_key = old_key;
  if (!table_.has_hidden_row_id()) {
    new_key.clear();
    RETURN_IF_ERROR(table_.append_key(0, row, new_key));
  }
  Row before;
  if (new_key != old_key) {
    RETURN_IF_ERROR(move_record(old_key, new_key, row, before));
  } else {
    RETURN_IF_ERROR(change_record(old_key, [&]() -> Status {
      ASSIGN_OR_RETURN(before, rows().update_record(trx_.undo(), table_, old_key, row, guard_));
      return {};
    }));
  }
  for (size_t i = 1; i < table_.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string old_entry, table_.entry_key(i, before, old_key));
    ASSIGN_OR_RETURN(const std::string new_entry, table_.entry_key(i, row, new_key));
    if (old_entry == new_entry) continue;
    RETURN_IF_ERROR(leave(i, old_entry));
    RETURN_IF_ERROR(enter(i, row, new_key));
  }
  return {};
}

Status RowWriter::remove(std::string_view clustered_key) {
  RETURN_IF_ERROR(begin());
  const std::string key(clustered_key);
  Row before;
  RETURN_IF_ERROR(change_record(key, [&]() -> Status {
    ASSIGN_OR_RETURN(before, rows().remove_record(trx_.undo(), table_, key, guard_));
    return {};
  }));
  for (size_t i = 1; i < table_.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string entry, table_.entry_key(i, before, key));
    RETURN_IF_ERROR(leave(i, entry));
  }
  return {};
}

// --- entries ---

Status RowWriter::leave(size_t index, const std::string& entry_key) {
  return persist([&] { return rows().leave(table_, index, entry_key, guard_); });
}

Status RowWriter::enter(size_t index, const Row& row, std::string_view clustered_key) {
  std::string columns;
  bool has_null = false;
  RETURN_IF_ERROR(table_.append_key(index, row, columns, &has_null));
  ASSIGN_OR_RETURN(const std::string entry, table_.entry_key(index, row, clustered_key));
  const bool is_unique = table_.def().indexes[index].unique && !has_null;
  RETURN_IF_ERROR(enter_once(index, columns, entry, clustered_key, is_unique));
  if (!is_unique || AFTERSYNC_FAULT("bug/duplicate-unique")) return {};
  return check_unique(index, columns, entry);
}

// After a wait others may have entered the same values: it begins with the search again.
Status RowWriter::enter_once(size_t index, std::string_view columns, const std::string& entry,
                             std::string_view clustered_key, bool is_unique) {
  while (true) {
    if (is_unique) RETURN_IF_ERROR(check_unique(index, columns, {}));
    guard_.begin();
    const Status status = rows().enter(table_, index, entry, clustered_key, guard_);
    if (!guard_.was_refused()) return status;
    PROBE("row-writer/step-made-again");
    RETURN_IF_ERROR(trx_.settle(guard_.answer(), guard_.target(), guard_.type()));
  }
}

// Whether the values stand in an entry that is not marked; `own_entry`, which is in by now, apart.
Status RowWriter::check_unique(size_t index, std::string_view columns, std::string_view own_entry) {
  RecordLocker locker(trx_, table_, on_duplicate_, OnBusy::wait);
  bool any = false;
  std::string position(columns);
  const auto rule = [&](const RecordView* record) -> std::optional<LockType> {
    if (record == nullptr || !record->key.starts_with(columns)) {
      return any ? std::optional(next_key(on_duplicate_)) : std::nullopt;
    }
    if (record->key == own_entry) return {};
    return next_key(on_duplicate_);
  };
  while (true) {
    ASSIGN_OR_RETURN(const LockedRecord found, locker.lock_next(index, position, rule));
    if (!found.is_record() || !found.key.starts_with(columns)) return {};
    position = found.key + '\0';
    if (found.key == own_entry) continue;
    any = true;
    if (found.is_marked()) continue;
    PROBE("row-writer/duplicate-in-unique-index");
    return {Code::duplicate_key, table_.def().indexes[index].name};
  }
}

}  // namespace aftersync::txn
