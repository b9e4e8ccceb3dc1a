// RowStore: inserting, updating and removing rows, and their entries in secondary trees.
#include "core/storage/row_store.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/probe.h"
#include "core/storage/long_value.h"
#include "core/storage/row_change.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::storage {

using undo_format::UndoKind;

namespace {

using Decision = LeafChange::Decision;
using Action = LeafChange::Action;

// A change that looks only at whether there is an entry, and how it is marked.
template <typename Decide>
class EntryChange final : public LeafChange {
 public:
  EntryChange(IndexId index, std::string_view key, KeyHooks hooks, Decide decide)
      : index_(index), key_(key), hooks_(hooks), decide_(std::move(decide)) {}
  Result<Decision> decide(const RecordView* found, const Frame&, uint16_t) override {
    const Decision decision = decide_(found);
    if (decision.action == Action::set_flags && hooks_.guard != nullptr) {
      RETURN_IF_ERROR(hooks_.guard->may_change(index_, key_));
    }
    return decision;
  }
  void finish(Mtr&) override {}
  KeyHooks hooks() const override { return hooks_; }

 private:
  const IndexId index_;
  const std::string_view key_;
  const KeyHooks hooks_;
  Decide decide_;
};

template <typename Decide>
Status change_entry(BTree& tree, std::string_view key, KeyHooks hooks, Decide decide) {
  EntryChange<Decide> change(tree.root().index, key, hooks, std::move(decide));
  return tree.modify(key, change).status();
}

}  // namespace

// --- secondary entries ---

Status RowStore::put_entry(Table& table, size_t index, std::string_view entry_key,
                           std::string_view clustered_key, KeyGuard* guard) {
  const std::string value = Table::entry_value(clustered_key);
  const auto decide = [&](const RecordView* found) -> Decision {
    if (found == nullptr) return {Action::insert, value, 0};
    if (found->is_delete_marked()) return {Action::set_flags, {}, 0};
    return {};
  };
  return change_entry(table.tree(index), entry_key, hooks(guard), decide);
}

Status RowStore::mark_entry(Table& table, size_t index, std::string_view entry_key,
                            KeyGuard* guard) {
  const auto decide = [](const RecordView* found) -> Decision {
    if (found == nullptr || found->is_delete_marked()) return {};
    return {Action::set_flags, {}, index_format::kDeleteMark};
  };
  return change_entry(table.tree(index), entry_key, hooks(guard), decide);
}

Status RowStore::erase_entry(Table& table, size_t index, std::string_view entry_key,
                             bool only_if_marked) {
  const auto decide = [=](const RecordView* found) -> Decision {
    if (found == nullptr || (only_if_marked && !found->is_delete_marked())) return {};
    return {Action::erase, {}, 0};
  };
  return change_entry(table.tree(index), entry_key, hooks(), decide);
}

Status RowStore::add_entry(Table& table, size_t index, std::string_view entry_key,
                           size_t clustered_bytes, bool has_null) {
  const size_t columns_bytes = entry_key.size() - clustered_bytes;
  const std::string_view clustered_key = entry_key.substr(columns_bytes);
  if (table.def().indexes[index].unique && !has_null) {
    RETURN_IF_ERROR(check_columns(table, index, entry_key.substr(0, columns_bytes), clustered_key));
  }
  return put_entry(table, index, entry_key, clustered_key);
}

Status RowStore::check_unique(Table& table, size_t index, const Row& row,
                              std::string_view own_key) {
  if (!table.def().indexes[index].unique) return {};
  std::string prefix;
  bool has_null = false;
  RETURN_IF_ERROR(table.append_key(index, row, prefix, &has_null));
  return has_null ? Status() : check_columns(table, index, prefix, own_key);
}

Status RowStore::check_columns(Table& table, size_t index, std::string_view prefix,
                               std::string_view own_key) {
  TreeCursor cursor(table.tree(index));
  ASSIGN_OR_RETURN(bool on_entry, cursor.seek(prefix, Seek::at_or_after));
  while (on_entry && cursor.record().key.starts_with(prefix)) {
    const RecordView entry = cursor.record();
    ASSIGN_OR_RETURN(const std::string_view clustered_key, Table::clustered_key_of(entry));
    const bool same_columns = entry.key.size() - clustered_key.size() == prefix.size();
    if (!entry.is_delete_marked() && same_columns && clustered_key != own_key) {
      return {Code::duplicate_key, table.def().indexes[index].name};
    }
    ASSIGN_OR_RETURN(on_entry, cursor.next());
  }
  return {};
}

// Brings the secondary entries from one version of a row to the next.
Status RowStore::change_entries(Table& table, const Row& from, const Row& to,
                                std::string_view key) {
  for (size_t i = 1; i < table.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string old_key, table.entry_key(i, from, key));
    ASSIGN_OR_RETURN(const std::string new_key, table.entry_key(i, to, key));
    if (old_key == new_key) continue;
    RETURN_IF_ERROR(mark_entry(table, i, old_key));
    RETURN_IF_ERROR(put_entry(table, i, new_key, key));
  }
  return {};
}

// --- rows ---

// Makes one clustered change with its undo; the room its undo needs is known only once the old
// version has been seen, so it may take two turns.
Status RowStore::write(UndoLog& log, Table& table, std::string_view key, RowChange& change) {
  size_t room = usual_undo_bytes(key);
  while (true) {
    RETURN_IF_ERROR(undo_.prepare(log, room));
    const Status status = table.tree(0).modify(key, change).status();
    if (status.ok() || change.room_wanted() <= room) return status;
    PROBE("row-store/more-undo-room-wanted");
    room = change.room_wanted();
  }
}

Status RowStore::insert(UndoLog& log, Table& table, const Row& row, uint64_t hidden_row_id,
                        std::string& clustered_key) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  clustered_key.clear();
  if (table.has_hidden_row_id()) append_be(clustered_key, hidden_row_id);
  RETURN_IF_ERROR(table.append_key(0, row, clustered_key));
  if (table.has_unique_secondary()) {
    // Everything is decided before anything is written, in MySQL's order: primary key first.
    ASSIGN_OR_RETURN(const auto present, newest_under_latch(table, clustered_key));
    if (present && !present->delete_marked) {
      return {Code::duplicate_key, table.def().indexes[0].name};
    }
    for (size_t i = 1; i < table.indexes(); ++i) {
      RETURN_IF_ERROR(check_unique(table, i, row, clustered_key));
    }
  }
  RETURN_IF_ERROR(insert_under_latch(log, table, clustered_key, row, nullptr));
  for (size_t i = 1; i < table.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string entry, table.entry_key(i, row, clustered_key));
    RETURN_IF_ERROR(put_entry(table, i, entry, clustered_key));
  }
  return {};
}

Status RowStore::update(UndoLog& log, Table& table, std::string_view clustered_key,
                        const Row& row) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  if (!table.has_hidden_row_id()) {
    std::string key;
    RETURN_IF_ERROR(table.append_key(0, row, key));
    if (key != clustered_key) {
      return {Code::invalid_argument, "update may not change the primary key of a row"};
    }
  }
  if (table.has_unique_secondary()) {
    // A row that is not there violates nothing.
    ASSIGN_OR_RETURN(const auto present, newest_under_latch(table, clustered_key));
    if (!present || present->delete_marked) return {Code::not_found, "no such row"};
    for (size_t i = 1; i < table.indexes(); ++i) {
      RETURN_IF_ERROR(check_unique(table, i, row, clustered_key));
    }
  }
  ASSIGN_OR_RETURN(const Row old_row, update_under_latch(log, table, clustered_key, row, nullptr));
  return change_entries(table, old_row, row, clustered_key);
}

Status RowStore::remove(UndoLog& log, Table& table, std::string_view clustered_key) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  ASSIGN_OR_RETURN(const Row row, remove_under_latch(log, table, clustered_key, nullptr));
  for (size_t i = 1; i < table.indexes(); ++i) {
    ASSIGN_OR_RETURN(const std::string entry, table.entry_key(i, row, clustered_key));
    RETURN_IF_ERROR(mark_entry(table, i, entry));
  }
  return {};
}

// --- their steps ---

Status RowStore::insert_under_latch(UndoLog& log, Table& table, std::string_view key,
                                    const Row& row, KeyGuard* guard) {
  LongValue value(store_, table.tree(0).root());
  RETURN_IF_ERROR(value.write(table.def().columns, row, key.size(), log.trx));
  RowChange change(RowChange::Kind::insert, undo_, log, table, key, value, hooks(guard));
  RETURN_IF_ERROR(write(log, table, key, change));
  value.keep();
  return {};
}

// Without secondary indexes nobody wants the row as it was.
Result<Row> RowStore::update_under_latch(UndoLog& log, Table& table, std::string_view key,
                                         const Row& row, KeyGuard* guard) {
  LongValue value(store_, table.tree(0).root());
  RETURN_IF_ERROR(value.write(table.def().columns, row, key.size(), log.trx));
  RowChange change(RowChange::Kind::update, undo_, log, table, key, value, hooks(guard));
  RETURN_IF_ERROR(write(log, table, key, change));
  value.keep();
  if (table.indexes() == 1) return Row();
  ASSIGN_OR_RETURN(
      const std::string old_bytes,
      LongValue::read(store_, table.tree(0).root(), change.old_value(), change.old_flags()));
  return decode_row(table.def().columns, old_bytes);
}

Result<Row> RowStore::remove_under_latch(UndoLog& log, Table& table, std::string_view key,
                                         KeyGuard* guard) {
  LongValue nothing(store_, table.tree(0).root());
  RowChange change(RowChange::Kind::remove, undo_, log, table, key, nothing, hooks(guard));
  RETURN_IF_ERROR(write(log, table, key, change));
  if (table.indexes() == 1) return Row();
  ASSIGN_OR_RETURN(const auto removed, newest_under_latch(table, key));
  CHECK(removed.has_value());
  return decode_row(table.def().columns, removed->row);
}

// --- versions ---

Result<std::optional<RowVersion>> RowStore::newest(Table& table, std::string_view clustered_key) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return newest_under_latch(table, clustered_key);
}

Result<bool> RowStore::read_raw(Table& table, std::string_view key, RawRecord& record) {
  ASSIGN_OR_RETURN(const bool found, table.tree(0).get(key, [&](const RecordView& view) {
    record.value = view.value;
    record.flags = view.flags;
  }));
  if (found && record.value.size() < kSystemBytes) {
    return {Code::corruption, "clustered record without system columns"};
  }
  return found;
}

// The leaf is let go before the chain of a long row is read. Meanwhile somebody may replace the
// row, or take his change back, and its pages are given back and used again: then the record is no
// longer the one that led there, and is read again. No two versions of a row are the same bytes,
// as no roll pointer and transaction id come together twice.
Result<std::optional<RowVersion>> RowStore::newest_under_latch(Table& table, std::string_view key,
                                                               RawRecord* raw) {
  RawRecord own;
  RawRecord& record = raw == nullptr ? own : *raw;
  ASSIGN_OR_RETURN(bool found, read_raw(table, key, record));
  while (found) {
    auto row =
        LongValue::read(store_, table.tree(0).root(), record.value_after_system(), record.flags);
    if (row.ok()) {
      RowVersion version;
      version.system = load_system_columns(record.value.data());
      version.delete_marked = (record.flags & index_format::kDeleteMark) != 0;
      version.row = std::move(row).value();
      return std::optional<RowVersion>(std::move(version));
    }
    const std::string before = record.value;
    ASSIGN_OR_RETURN(found, read_raw(table, key, record));
    if (found && record.value == before) return row.status();
    PROBE("row-store/long-row-changed-while-read");
  }
  return std::optional<RowVersion>();
}

Result<std::optional<RowVersion>> RowStore::older(Table& table, std::string_view clustered_key,
                                                  const RowVersion& version) {
  const RollPtr roll = version.system.roll;
  if (roll.value() == 0 || undo_format::is_insert(roll) || !undo_.has_undo_of(version.system.trx)) {
    return std::optional<RowVersion>();
  }
  ASSIGN_OR_RETURN(const UndoRecord record, undo_.read(roll));
  if (record.trx != version.system.trx || record.key != clustered_key) {
    return {Code::corruption, "roll pointer of a row leads to the undo of another"};
  }
  ASSIGN_OR_RETURN(RowVersion before, version_before(table, record, version));
  return std::optional<RowVersion>(std::move(before));
}

Result<RowVersion> RowStore::version_before(Table& table, const UndoRecord& record,
                                            const RowVersion& after) {
  RowVersion before;
  before.system = {record.old_trx, record.old_roll};
  before.delete_marked = (record.old_flags & index_format::kDeleteMark) != 0;
  if (record.kind == UndoKind::delete_mark) {
    before.row = after.row;
  } else {
    ASSIGN_OR_RETURN(before.row, LongValue::read(store_, table.tree(0).root(), record.old_value,
                                                 record.old_flags));
  }
  return before;
}

// Whether the version `from` or one before it, down to the one that `stop` (its roll pointer) was
// written with, has the secondary entry.
Result<bool> RowStore::has_version_with_entry(Table& table, size_t index,
                                              std::string_view entry_key,
                                              std::string_view clustered_key,
                                              std::optional<RowVersion> from, RollPtr stop) {
  while (from) {
    ASSIGN_OR_RETURN(const Row row, decode_row(table.def().columns, from->row));
    ASSIGN_OR_RETURN(const std::string key, table.entry_key(index, row, clustered_key));
    if (key == entry_key) return true;
    if (from->system.roll == stop) return false;
    ASSIGN_OR_RETURN(from, older(table, clustered_key, *from));
  }
  return false;
}

}  // namespace aftersync::storage
