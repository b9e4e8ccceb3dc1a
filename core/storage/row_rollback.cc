// RowStore, the way back: taking a transaction's last change back, and removing what only versions
// that nobody can see any more needed.
#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/long_value.h"
#include "core/storage/row_store.h"

namespace aftersync::storage {

using undo_format::UndoKind;

namespace {

// Reverts a clustered record, and takes off the undo record in the same mini-transaction. The
// record goes with the change if that inserted it, or if nobody needs the version before.
class Revert final : public LeafChange {
 public:
  Revert(Undo& undo, UndoLog& log, const UndoRecord& record, bool is_last, KeyHooks hooks)
      : undo_(undo),
        log_(log),
        record_(record),
        erases_(record.kind == UndoKind::insert || is_last),
        hooks_(hooks),
        value_(kSystemBytes, '\0') {
    store_system_columns(value_.data(), {record.old_trx, record.old_roll});
    if (record.kind == UndoKind::update) value_ += record.old_value;
  }

  Result<Decision> decide(const RecordView* found, const Frame&, uint16_t) override {
    if (found == nullptr) {
      return {Code::corruption, "undo names a row that is not in the clustered index"};
    }
    if (erases_) return Decision{Action::erase, {}, 0};
    const bool is_update = record_.kind == UndoKind::update;
    return Decision{is_update ? Action::replace : Action::set_flags, value_, record_.old_flags};
  }
  void finish(Mtr& mtr) override { undo_.pop(mtr, log_, record_); }
  KeyHooks hooks() const override { return hooks_; }

 private:
  Undo& undo_;
  UndoLog& log_;
  const UndoRecord& record_;
  const bool erases_;
  const KeyHooks hooks_;
  std::string value_;
};

// Erases a clustered record that is still delete-marked by the change at `at`.
class EraseDead final : public LeafChange {
 public:
  EraseDead(RollPtr at, KeyHooks hooks) : at_(at), hooks_(hooks) {}
  Result<Decision> decide(const RecordView* found, const Frame&, uint16_t) override {
    const bool is_dead = found != nullptr && found->is_delete_marked() &&
                         load_system_columns(found->value.data()).roll == at_;
    if (!is_dead) return Decision{};
    return Decision{Action::erase, {}, 0};
  }
  void finish(Mtr&) override {}
  KeyHooks hooks() const override { return hooks_; }

 private:
  const RollPtr at_;
  const KeyHooks hooks_;
};

}  // namespace

Status RowStore::roll_back_one(UndoLog& log, const UndoRecord& record, Table* table) {
  if (table == nullptr || !table->usable(store_).ok()) {
    PROBE("rollback/table-gone");
    Mtr mtr(store_);
    RETURN_IF_ERROR(mtr.ready());
    undo_.pop(mtr, log, record);
    mtr.commit();
    return {};
  }
  const SharedLock lock(table->latch());
  // Against readers who are on their way down the chain that is about to lose its first record.
  const ExclusiveLock chain(chains_);
  RawRecord raw;
  ASSIGN_OR_RETURN(const auto now, newest_under_latch(*table, record.key, &raw));
  if (!now) {
    return {Code::corruption, "table '" + table->def().name +
                                  "': undo names a row that is not in the clustered index"};
  }
  // What has been taken back was an insert over a deleted row, and purge has passed that one by in
  // the meantime: nobody else will remove it. The answer can only turn from no to yes, and purge
  // waits for `chains` then before it looks at the row.
  const bool is_last = record.kind == UndoKind::update &&
                       (record.old_flags & index_format::kDeleteMark) != 0 &&
                       !undo_.has_undo_of(record.old_trx);
  RETURN_IF_ERROR(take_back_entries(*table, record, *now, is_last));
  Revert revert(undo_, log, record, is_last, hooks());
  RETURN_IF_ERROR(table->tree(0).modify(record.key, revert).status());
  if (record.kind == UndoKind::delete_mark) return {};
  RETURN_IF_ERROR(
      LongValue::free(store_, table->tree(0).root(), raw.value_after_system(), raw.flags));
  if (!is_last) return {};
  PROBE("rollback/dead-row-removed");
  return LongValue::free(store_, table->tree(0).root(), record.old_value, record.old_flags);
}

// Secondary entries: from those of the version to be taken back to those of the one before, which
// has none any more if `is_last`.
Status RowStore::take_back_entries(Table& table, const UndoRecord& record, const RowVersion& now,
                                   bool is_last) {
  if (table.indexes() == 1) return {};
  ASSIGN_OR_RETURN(const Row row_now, decode_row(table.def().columns, now.row));
  std::optional<RowVersion> before;
  Row row_before;
  if (record.kind != UndoKind::insert) {
    ASSIGN_OR_RETURN(before, version_before(table, record, now));
    ASSIGN_OR_RETURN(row_before, decode_row(table.def().columns, before->row));
  }
  for (size_t i = 1; i < table.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string key_now, table.entry_key(i, row_now, record.key));
    if (!before) {
      RETURN_IF_ERROR(erase_entry(table, i, key_now, false));
      continue;
    }
    ASSIGN_OR_RETURN(const std::string key_before, table.entry_key(i, row_before, record.key));
    if (key_now != key_before) {
      ASSIGN_OR_RETURN(const bool is_needed,
                       has_version_with_entry(table, i, key_now, record.key, before, RollPtr()));
      RETURN_IF_ERROR(is_needed ? mark_entry(table, i, key_now)
                                : erase_entry(table, i, key_now, false));
    }
    if (is_last) {
      RETURN_IF_ERROR(erase_entry(table, i, key_before, false));
      continue;
    }
    RETURN_IF_ERROR(before->delete_marked ? mark_entry(table, i, key_before)
                                          : put_entry(table, i, key_before, record.key));
  }
  return {};
}

Status RowStore::purge_one(Table& table, RollPtr at, const UndoRecord& record) {
  if (record.kind == UndoKind::insert) return {};
  const SharedLock lock(table.latch());
  if (!table.usable(store_).ok()) return {};
  // Against a rollback that has just found that a version needs an entry, and is about to mark it.
  const ExclusiveLock chain(chains_);
  RawRecord raw;
  ASSIGN_OR_RETURN(const auto now, newest_under_latch(table, record.key, &raw));
  if (record.kind == UndoKind::delete_mark) {
    if (!now || !now->delete_marked || now->system.roll != at) return {};
    return purge_dead_row(table, at, record.key, *now, raw);
  }
  if (table.indexes() > 1) {
    ASSIGN_OR_RETURN(
        const std::string old_bytes,
        LongValue::read(store_, table.tree(0).root(), record.old_value, record.old_flags));
    ASSIGN_OR_RETURN(const Row old_row, decode_row(table.def().columns, old_bytes));
    for (size_t i = 1; i < table.indexes(); ++i) {
      ASSIGN_OR_RETURN(const std::string key, table.entry_key(i, old_row, record.key));
      ASSIGN_OR_RETURN(const bool is_needed,
                       has_version_with_entry(table, i, key, record.key, now, at));
      if (!is_needed) RETURN_IF_ERROR(erase_entry(table, i, key, true));
    }
  }
  return {};
}

bool RowStore::has_long_old_value(const UndoRecord& record) {
  return record.kind == UndoKind::update && (record.old_flags & index_format::kOverflow) != 0;
}

Status RowStore::free_old_value(Table& table, const UndoRecord& record) {
  const SharedLock lock(table.latch());
  if (!table.usable(store_).ok()) return {};
  return LongValue::free(store_, table.tree(0).root(), record.old_value, record.old_flags);
}

// Nobody can see the row any more: its entries go first, so that none is ever without its row.
Status RowStore::purge_dead_row(Table& table, RollPtr at, std::string_view key,
                                const RowVersion& dead, const RawRecord& raw) {
  if (table.indexes() > 1) {
    ASSIGN_OR_RETURN(const Row row, decode_row(table.def().columns, dead.row));
    for (size_t i = 1; i < table.indexes(); ++i) {
      ASSIGN_OR_RETURN(const std::string entry, table.entry_key(i, row, key));
      RETURN_IF_ERROR(erase_entry(table, i, entry, true));
    }
  }
  EraseDead erase(at, hooks());
  ASSIGN_OR_RETURN(const Lsn end, table.tree(0).modify(key, erase));
  if (end.value() == 0) return {};
  return LongValue::free(store_, table.tree(0).root(), raw.value_after_system(), raw.flags);
}

}  // namespace aftersync::storage
