// aftersync::storage::Engine: tables in a directory, with transactions that survive crashes. The
// public face of storage, for the transaction layer above and for programs that embed it.
//
//   ASSIGN_OR_RETURN(auto node, posix::RealNode::open({.data_directory = "data",
//                                                      .create_data_directory = true}));
//   ASSIGN_OR_RETURN(auto engine, storage::Engine::open(node->node(), {}));
//   ASSIGN_OR_RETURN(auto accounts, engine->create_table(def));    // TableDef: schema.h
//   storage::Transaction trx;
//   Status status = engine->insert(trx, *accounts, {int64_t{1}, "Ada"});
//   if (status.ok()) status = engine->commit(trx);                 // durable when it returns
//   if (!status.ok()) RETURN_IF_ERROR(engine->rollback(trx));      // one of the two must come
//   storage::RowCursor cursor(engine->rows(), *accounts);          // scans: row_cursor.h
//   ...
//   RETURN_IF_ERROR(engine->close());
//
// A whole program, to be built and run: proptests/embedded/embedded_example_main.cc.
//
// Values. A Row holds a Value for each column, in the table's order: std::monostate for NULL,
// int64_t and uint64_t for signed and unsigned integers, dates and times (key_encoding.h says
// how they are packed), double for both floating-point types, std::string for text, bytes and
// packed decimals (decimal.h). A value that does not fit its column is Code::invalid_argument and
// names it. A row is named by its *clustered key*: primary_key() makes it from the values of the
// primary key; a RowCursor has that of the row it is on, which is the only way to rows of a table
// without a primary key.
//
// Errors. Code::duplicate_key (its message is the index's name), not_found, too_large and
// no_space concern one statement, which has then left no trace; the transaction goes on.
// Code::corruption means that a file is not what was written: its table answers so from then on,
// and others work. What could lose acknowledged changes (a failed sync) stops the process through
// Node::crash.
//
// What it promises: atomic and durable transactions, unique indexes, DDL that is atomic across
// crashes. What it leaves to its caller: isolation. Two running transactions must not write the
// same row, and readers here see the newest version, committed or not; older versions are reached
// through RowStore. A definition must not change while a running transaction has changed rows of
// its table.
//
// DDL across crashes. The catalog is a table, so each statement commits or not as one transaction.
// Files and segments follow it: what is new is made before the commit, what is old is removed after
// it, and at startup whatever the catalog does not know is removed.
//
// Thread safety: all members from any task; a Transaction by one task at a time.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/storage/index_build.h"
#include "core/storage/page_store.h"
#include "core/storage/row_store.h"
#include "core/storage/schema.h"
#include "core/storage/system_page.h"
#include "core/storage/table.h"
#include "core/storage/undo.h"

namespace aftersync::storage {

struct EngineOptions {
  // Sizes of log and buffer pool, what a commit waits for: page_store.h and the headers it names.
  // The size of the log is that of its making.
  PageStoreOptions pages;
  // A task of the engine's removes what no transaction needs any more; else it is up to purge().
  bool background_purge = true;
  size_t index_build_bytes =
      kIndexBuildBytes;  // memory for sorting, all indexes of a build together
};

// Nothing is allocated, on disk or in the engine, before its first write. Must have ended (commit
// or rollback) before it is destroyed: CHECKed. Can be used again for another one then.
class Transaction {
 public:
  Transaction() = default;
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // 0 before its first write.
  [[nodiscard]] TrxId id() const { return undo_.trx; }
  [[nodiscard]] bool has_written() const { return undo_.last_record.value() != 0; }

 private:
  friend class Engine;
  UndoLog undo_;
};

// Where the rows of a new table come from: see Engine::create_filled_table.
using RowSource = std::function<Result<bool>(Row& row)>;

class Engine {
 public:
  // Recovers: redo, then rollback of unfinished transactions, then interrupted DDL. Errors as
  // PageStore::open; a table whose file is lost or damaged does not stop the start.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(Node& node, EngineOptions options);
  // As after a crash unless close() was called, but stops its tasks. Tables and cursors must not be
  // used afterwards.
  ~Engine();
  // Clean shutdown; no transaction runs, and nothing but the destructor may follow.
  Status close();

  // --- tables ---

  // `def.name` must be new; ids are given here. Code::already_exists, invalid_argument, no_space.
  [[nodiscard]] Result<std::shared_ptr<Table>> create_table(TableDef def);
  // The same with rows in it from the start: all of them, or no table when there is an error or a
  // crash. `next` sets its argument to one row after the other and answers false after the last;
  // its error ends the statement. Rows must ascend by the primary key, if there is one:
  // Code::invalid_argument, Code::duplicate_key. Two to three times as fast as inserting: no undo,
  // and pages are written to once. The rows count as written by one transaction that has committed.
  [[nodiscard]] Result<std::shared_ptr<Table>> create_filled_table(TableDef def,
                                                                   const RowSource& next);
  Status drop_table(std::string_view name);
  // Empties it: a new table under the old name. Handles to the old one answer not_found.
  Status truncate_table(std::string_view name);
  Status rename_table(std::string_view from, std::string_view to);
  // Code::duplicate_key when rows violate a new unique index.
  Status add_index(std::string_view table, IndexDef index);
  Status drop_index(std::string_view table, std::string_view index);
  // Code::not_found; Code::corruption, with the first thing found, of a table whose file is lost or
  // damaged. The handle may be kept, and used by any task.
  [[nodiscard]] Result<std::shared_ptr<Table>> open_table(std::string_view name);
  [[nodiscard]] std::vector<std::string> list_tables();

  // --- transactions ---

  // Durable on return by flush_mode. `note` (at most undo_format::kMaxNoteBytes) stays with the
  // transaction's undo.
  Status commit(Transaction& trx, std::string_view note = {});
  // Fails only for want of the device: it has not ended then, and may be tried again.
  Status rollback(Transaction& trx);
  // A place to come back to, for rollback_to() of the same transaction while it runs.
  [[nodiscard]] RollPtr savepoint(const Transaction& trx) const { return trx.undo_.last_record; }
  Status rollback_to(Transaction& trx, RollPtr savepoint);

  // --- rows: see RowStore; a failed one has been taken back whole ---

  Status insert(Transaction& trx, Table& table, const Row& row);
  // All of them or none: the same as one after the other, and cheaper where neighbours by key
  // follow one another (row_run.cc).
  Status insert_many(Transaction& trx, Table& table, std::span<const Row> rows);
  // Replaces the row with the given clustered key; the key itself may change.
  Status update(Transaction& trx, Table& table, std::string_view clustered_key, const Row& row);
  Status remove(Transaction& trx, Table& table, std::string_view clustered_key);
  // The newest version of a row, unless it is delete-marked.
  [[nodiscard]] Result<std::optional<Row>> get(Table& table, std::string_view clustered_key);
  // As get, without decoding or allocating: `visit` is called with the bytes of the row under a
  // latch and must not call into the engine. Long rows are Code::unsupported.
  template <typename Visit>
  [[nodiscard]] Result<bool> visit(Table& table, std::string_view clustered_key, Visit&& visit);
  // The clustered key of given primary key values, in the order of the key's parts.
  [[nodiscard]] static Result<std::string> primary_key(const Table& table, const Row& values);

  // --- purge ---

  // Undo of transactions whose commit number is below this may be purged. UINT64_MAX (the default):
  // all. The transaction layer sets it to what its oldest view needs.
  void set_purge_limit(uint64_t commit_number);
  // Purges up to `most` transactions; returns how many.
  [[nodiscard]] Result<size_t> purge(size_t most);

  // --- for the transaction layer, which gives out ids and commits by itself ---

  [[nodiscard]] SystemPage& ids() { return system_; }
  // Takes back everything after `until` (0: everything). Code::invalid_argument when that is no
  // record of the transaction.
  Status roll_back_to(UndoLog& log, RollPtr until);
  // There may be something to purge.
  void wake_purge() { purge_wake_.notify_one(); }

  [[nodiscard]] PageStore& pages() { return *store_; }
  [[nodiscard]] Undo& undo() { return undo_; }
  [[nodiscard]] RowStore& rows() { return rows_; }

 private:
  Engine(Node& node, EngineOptions options, std::unique_ptr<PageStore> store);

  Status bootstrap();
  Status recover();
  Status load_catalog();
  Status remove_orphans();
  Status roll_back_unfinished(std::vector<UndoLog>& unfinished, bool of_catalog);
  [[nodiscard]] bool is_out_of_use(const Table* table);
  Status begin_writing(Transaction& trx);
  // Runs one row operation; takes it back when it fails.
  template <typename Change>
  Status statement(Transaction& trx, Change&& change);

  [[nodiscard]] std::shared_ptr<Table> find_table(TableId id);
  void publish(std::shared_ptr<Table> table);
  void forget(const Table& table, std::string_view name);
  Status give_ids(TableDef& def);
  Status create_trees(TableDef& def);
  Status change_catalog(std::string_view remove_name, const TableDef* insert);
  void after_commit(const Status& status);
  Status note_pending(SpaceId space, const TreeRoot* tree);
  Status finish_pending(const Table& table);
  Status free_tree(const TreeRoot& tree);
  Status make_pending_tree(IndexDef& index, SpaceId space);
  Status fill_index(Table& building, size_t index);
  Status load_rows(const TableDef& def, const RowSource& next);
  Status purge_record(const Undo::History& history, RollPtr at, UndoPosition next,
                      const UndoRecord& record);
  void run_purge();

  Node& node_;
  const EngineOptions options_;
  std::unique_ptr<PageStore> store_;
  SystemPage system_;
  Undo undo_;
  RowStore rows_;
  std::shared_ptr<Table> tables_table_;

  Mutex ddl_mutex_;  // one definition change at a time; taken before everything else
  Mutex catalog_mutex_;
  // Guarded by catalog_mutex_, a leaf.
  std::map<std::string, std::shared_ptr<Table>, std::less<>> by_name_;
  std::map<TableId, std::shared_ptr<Table>> by_id_;

  Mutex purge_mutex_;  // one purge at a time
  std::atomic<uint64_t> purge_limit_{UINT64_MAX};
  Task purger_;
  Mutex purge_wake_mutex_;
  CondVar purge_wake_;
  bool purge_stop_ = false;  // guarded by purge_wake_mutex_
  bool closed_ = false;
};

template <typename Visit>
Result<bool> Engine::visit(Table& table, std::string_view clustered_key, Visit&& visit) {
  const SharedLock lock(table.latch());
  Status refused;
  ASSIGN_OR_RETURN(const bool found,
                   table.tree(0).get(clustered_key, [&](const RecordView& record) {
                     if (record.is_overflow()) {
                       refused = Status(Code::unsupported, "a long row cannot be visited in place");
                     } else if (!record.is_delete_marked()) {
                       visit(record.value.substr(kSystemBytes));
                     }
                   }));
  RETURN_IF_ERROR(refused);
  return found;
}

}  // namespace aftersync::storage
