// RowStore: many rows inserted by one call.
//
// A row by itself pays for a descent, for a mini-transaction, and for its frame in the log. Rows
// that go to the same leaf need all that once. So the clustered records of a call are made in runs,
// as far as one leaf and one page of undo take them, and the entries of secondary indexes after
// each run. Every prefix of this is what inserting one by one could have left, so rollback and
// recovery have nothing new to know.
#include <optional>
#include <utility>

#include "core/base/coding.h"
#include "core/base/probe.h"
#include "core/storage/long_value.h"
#include "core/storage/overflow.h"
#include "core/storage/row_change.h"
#include "core/storage/row_store.h"

namespace aftersync::storage {

// Insertions that the tree asks for one after the other. It is at a row, unless it is at the end;
// what cannot be in a run (a long row, one that is no row) ends it, and is left to insert().
class RowStore::InsertRun final : public LeafRun {
 public:
  InsertRun(RowStore& store, UndoLog& log, Table& table, std::span<const Row> rows,
            std::span<const uint64_t> row_ids)
      : log_(log),
        table_(table),
        rows_(rows),
        row_ids_(row_ids),
        nothing_(store.store_, table.tree(0).root()),
        change_(RowChange::Kind::insert, store.undo_, log, table, {}, nothing_, store.hooks()) {}

  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] bool is_at_end() const { return at_ == rows_.size(); }
  [[nodiscard]] const Row& row() const { return rows_[at_]; }
  [[nodiscard]] uint64_t row_id() const { return row_ids_.empty() ? 0 : row_ids_[at_]; }
  void skip() { ++at_; }
  // Gets the row it is at ready; false when insert() has to do it.
  [[nodiscard]] bool prepare() {
    std::string& key = key_;
    key.clear();
    bytes_.clear();
    if (table_.has_hidden_row_id()) append_be(key, row_id());
    if (!table_.append_key(0, row(), key).ok()) return false;
    if (!append_row(table_.def().columns, row(), bytes_).ok()) return false;
    if (needs_overflow(key.size(), kSystemBytes + bytes_.size())) return false;
    change_.restart(key, bytes_);
    return true;
  }
  [[nodiscard]] size_t room_wanted() const { return change_.room_wanted(); }

  [[nodiscard]] std::string_view key() const override { return key_; }
  [[nodiscard]] LeafChange& change() override { return change_; }
  [[nodiscard]] bool advance() override {
    ++at_;
    return !is_at_end() && prepare() && Undo::has_room(log_, usual_undo_bytes(key_));
  }

 private:
  UndoLog& log_;
  Table& table_;
  const std::span<const Row> rows_;
  const std::span<const uint64_t> row_ids_;
  const LongValue nothing_;
  RowChange change_;
  size_t at_ = 0;
  std::string key_;
  std::string bytes_;
};

Status RowStore::insert_many(UndoLog& log, Table& table, std::span<const Row> rows,
                             std::span<const uint64_t> row_ids) {
  // Where secondary indexes are unique everything about a row is decided before it is written.
  const bool in_runs = !table.has_unique_secondary();
  InsertRun run(*this, log, table, rows, row_ids);
  std::string key;
  while (!run.is_at_end()) {
    const size_t from = run.position();
    if (in_runs && run.prepare()) {
      const SharedLock lock(table.latch());
      RETURN_IF_ERROR(table.usable(store_));
      RETURN_IF_ERROR(insert_run(log, table, run));
      if (run.position() - from > 1) PROBE("row-store/rows-inserted-together");
      RETURN_IF_ERROR(enter_rows(table, rows.subspan(from, run.position() - from), row_ids, from));
    } else {
      RETURN_IF_ERROR(insert(log, table, run.row(), run.row_id(), key));
      run.skip();
    }
  }
  return {};
}

// As write() does for one.
Status RowStore::insert_run(UndoLog& log, Table& table, InsertRun& run) {
  size_t room = usual_undo_bytes(run.key());
  while (true) {
    RETURN_IF_ERROR(undo_.prepare(log, room));
    const Status status = table.tree(0).modify_run(run);
    if (status.ok() || run.room_wanted() <= room) return status;
    room = run.room_wanted();
  }
}

Status RowStore::enter_rows(Table& table, std::span<const Row> rows,
                            std::span<const uint64_t> row_ids, size_t first) {
  if (table.indexes() == 1) return {};
  std::string key;
  for (size_t r = 0; r < rows.size(); ++r) {
    key.clear();
    if (table.has_hidden_row_id()) append_be(key, row_ids[first + r]);
    RETURN_IF_ERROR(table.append_key(0, rows[r], key));
    for (size_t i = 1; i < table.indexes(); ++i) {
      ASSIGN_OR_RETURN(const std::string entry, table.entry_key(i, rows[r], key));
      RETURN_IF_ERROR(put_entry(table, i, entry, key));
    }
  }
  return {};
}

}  // namespace aftersync::storage
