// RowStore: changes to rows, with undo, in the clustered tree and the secondary trees.
//
// The problem. A row is one clustered record and one entry in each secondary tree; each tree
// changes in mini-transactions of its own. Older versions must stay reachable for views, and any
// prefix of the steps must be something that rollback, or recovery, can take back.
//
// Rules
//  1. Clustered first, secondaries after. The undo record is in the clustered change's
//     mini-transaction, and names the row by its clustered key: rollback works out the secondary
//     entries from the row's versions, and tolerates those not yet, or no longer, there.
//  2. Rollback of one record goes the other way: secondaries first, then, in one mini-transaction,
//     the clustered record and the undo record.
//  3. Nothing that an older version may need is removed: delete is a mark, and so is taking an
//  entry
//     out of a secondary tree, until purge (or rollback of what added it) finds that no version
//     left has that entry.
//  4. A version's roll pointer is followed only while its undo exists: its transaction is running
//     or in history. Whoever walks a chain holds `chains` shared (after the table's latch), from
//     before it reads the newest version; purge visits a record, and frees undo, and rollback takes
//     a record back, under it exclusively.
//
// What it does not do: isolation. Callers see to it that a row is written by one running
// transaction at a time, and that nobody inserts a key whose uniqueness is being decided. Those who
// do that with locks change a row step by step, as a wait must hold nothing: each step asks their
// KeyGuard, and whoever is told to wait makes that step anew.
//
// Locks: a table's latch (shared) is taken by each public function, before any page.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/storage/page_store.h"
#include "core/storage/row_format.h"
#include "core/storage/table.h"
#include "core/storage/undo.h"

namespace aftersync::storage {

class RowChange;

// A version of a row, copied out of its page (and overflow pages).
struct RowVersion {
  SystemColumns system;
  bool delete_marked = false;
  std::string row;  // as append_row made it
};

class RowStore {
 public:
  RowStore(PageStore& store, Undo& undo) : store_(store), undo_(undo) {}

  // Code::duplicate_key names the index and leaves the transaction as it was; other errors may
  // leave part of the change, which rolling back to the savepoint before takes back.
  // `clustered_key` receives the new row's key; `hidden_row_id` is used by tables without a primary
  // key.
  Status insert(UndoLog& log, Table& table, const Row& row, uint64_t hidden_row_id,
                std::string& clustered_key);
  // Inserts the rows one after the other, those for the same leaf together (row_run.cc).
  // `row_ids`: one for each in a table without a primary key, else none. An error is about the row
  // at which it stopped, or the entries of those before it; what was made stays.
  Status insert_many(UndoLog& log, Table& table, std::span<const Row> rows,
                     std::span<const uint64_t> row_ids);
  // Replaces the row. The clustered key may not change: Code::invalid_argument. Code::not_found.
  Status update(UndoLog& log, Table& table, std::string_view clustered_key, const Row& row);
  // Marks the row as deleted. Code::not_found.
  Status remove(UndoLog& log, Table& table, std::string_view clustered_key);

  // --- the steps of these, for transactions that lock: key_guard.h ---

  // The clustered record. Errors as above, and those of the guard; nothing has happened then.
  // Uniqueness of other indexes is not looked at.
  Status insert_record(UndoLog& log, Table& table, std::string_view clustered_key, const Row& row,
                       KeyGuard& guard);
  // These two return the row as it was.
  [[nodiscard]] Result<Row> update_record(UndoLog& log, Table& table,
                                          std::string_view clustered_key, const Row& row,
                                          KeyGuard& guard);
  [[nodiscard]] Result<Row> remove_record(UndoLog& log, Table& table,
                                          std::string_view clustered_key, KeyGuard& guard);
  // An entry of a secondary index: into it, and out of it by a mark.
  Status enter(Table& table, size_t index, std::string_view entry_key,
               std::string_view clustered_key, KeyGuard& guard);
  Status leave(Table& table, size_t index, std::string_view entry_key, KeyGuard& guard);
  // Told of every key that comes or goes, from now on; null: nobody. What runs already may still
  // tell the old one: purge, until a purge() of the engine has returned.
  void set_watcher(KeyWatcher* watcher) { watcher_.store(watcher, std::memory_order_release); }
  // The transaction, running by `is_running`, whose change of the row has brought an entry into the
  // state that it is in, marked or not; 0: none. Its changes lock the entry without a lock.
  using IsRunning = std::function<bool(TrxId)>;
  [[nodiscard]] Result<TrxId> writer_of_entry(Table& table, size_t index,
                                              std::string_view entry_key,
                                              std::string_view clustered_key, bool marked,
                                              const IsRunning& is_running);

  // The newest version, delete-marked ones included; empty when there is none.
  [[nodiscard]] Result<std::optional<RowVersion>> newest(Table& table,
                                                         std::string_view clustered_key);
  // The version before `version`; empty when that was the first, or what came before is purged.
  [[nodiscard]] Result<std::optional<RowVersion>> older(Table& table,
                                                        std::string_view clustered_key,
                                                        const RowVersion& version);

  // The newest version whose transaction `sees` accepts, delete-marked ones included; empty when
  // there is none. Somebody holds purge back from what `sees` refuses.
  using Sees = std::function<bool(TrxId)>;
  [[nodiscard]] Result<std::optional<RowVersion>> version_for(Table& table,
                                                              std::string_view clustered_key,
                                                              const Sees& sees);

  // Takes back the transaction's last record. `table` is null when it no longer exists.
  Status roll_back_one(UndoLog& log, const UndoRecord& record, Table* table);
  // Removes what only the version before `record` needed. `at` is the record's own position.
  Status purge_one(Table& table, RollPtr at, const UndoRecord& record);
  // Whether the version before `record` is on overflow pages of its own, and giving them back:
  // once, after purge_one().
  [[nodiscard]] static bool has_long_old_value(const UndoRecord& record);
  Status free_old_value(Table& table, const UndoRecord& record);
  // Writes an entry into one secondary tree (building an index): its key, of which the last
  // `clustered_bytes` are the row's. Code::duplicate_key.
  Status add_entry(Table& table, size_t index, std::string_view entry_key, size_t clustered_bytes,
                   bool has_null);

  // See rule 4. Also held shared by whoever calls older().
  [[nodiscard]] SharedMutex& chains() { return chains_; }
  [[nodiscard]] PageStore& store() { return store_; }

 private:
  class InsertRun;
  // What an undo record takes unless the version before is a long one.
  [[nodiscard]] static size_t usual_undo_bytes(std::string_view key) {
    constexpr size_t kUsualOldValueBytes = 256;
    return Undo::record_bytes(key.size(), kUsualOldValueBytes);
  }
  // A clustered record as it stands in its leaf.
  struct RawRecord {
    std::string value;
    uint8_t flags = 0;
    [[nodiscard]] std::string_view value_after_system() const {
      return std::string_view(value).substr(kSystemBytes);
    }
  };

  // Whether a unique index already holds the row's values in an entry that is not marked.
  Status check_unique(Table& table, size_t index, const Row& row, std::string_view own_key);
  Status check_columns(Table& table, size_t index, std::string_view columns,
                       std::string_view own_key);
  Status write(UndoLog& log, Table& table, std::string_view key, RowChange& change);
  [[nodiscard]] Result<bool> read_raw(Table& table, std::string_view key, RawRecord& record);
  [[nodiscard]] Result<std::optional<RowVersion>> newest_under_latch(Table& table,
                                                                     std::string_view key,
                                                                     RawRecord* raw = nullptr);
  [[nodiscard]] Result<std::optional<RowVersion>> newest_if_short(Table& table,
                                                                  std::string_view key,
                                                                  const Sees& sees);
  [[nodiscard]] Result<RowVersion> version_before(Table& table, const UndoRecord& record,
                                                  const RowVersion& after);
  [[nodiscard]] Result<bool> has_version_with_entry(Table& table, size_t index,
                                                    std::string_view entry_key,
                                                    std::string_view clustered_key,
                                                    std::optional<RowVersion> from, RollPtr stop);
  [[nodiscard]] KeyHooks hooks(KeyGuard* guard = nullptr) const {
    return {guard, watcher_.load(std::memory_order_acquire)};
  }
  // These under the table's latch.
  Status insert_run(UndoLog& log, Table& table, InsertRun& run);
  Status enter_rows(Table& table, std::span<const Row> rows, std::span<const uint64_t> row_ids,
                    size_t first);
  // Under the table's latch; `guard` may be null.
  Status insert_under_latch(UndoLog& log, Table& table, std::string_view key, const Row& row,
                            KeyGuard* guard);
  [[nodiscard]] Result<Row> update_under_latch(UndoLog& log, Table& table, std::string_view key,
                                               const Row& row, KeyGuard* guard);
  [[nodiscard]] Result<Row> remove_under_latch(UndoLog& log, Table& table, std::string_view key,
                                               KeyGuard* guard);
  Status put_entry(Table& table, size_t index, std::string_view entry_key,
                   std::string_view clustered_key, KeyGuard* guard = nullptr);
  Status mark_entry(Table& table, size_t index, std::string_view entry_key,
                    KeyGuard* guard = nullptr);
  Status erase_entry(Table& table, size_t index, std::string_view entry_key, bool only_if_marked);
  Status change_entries(Table& table, const Row& from, const Row& to, std::string_view key);
  Status take_back_entries(Table& table, const UndoRecord& record, const RowVersion& now,
                           bool is_last);
  Status purge_dead_row(Table& table, RollPtr at, std::string_view key, const RowVersion& dead,
                        const RawRecord& raw);

  PageStore& store_;
  Undo& undo_;
  SharedMutex chains_;
  std::atomic<KeyWatcher*> watcher_{nullptr};
};

}  // namespace aftersync::storage
