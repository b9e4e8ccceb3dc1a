// aftersync::storage::Engine: tables in a directory, with transactions that survive crashes. The
// public face of storage, for the transaction layer above and for programs that embed it.
//
//   ASSIGN_OR_RETURN(auto engine, storage::Engine::open(node, {}));
//   ASSIGN_OR_RETURN(auto accounts, engine->create_table(def));
//   auto trx = engine->begin();
//   RETURN_IF_ERROR(engine->insert(*trx, *accounts, row));
//   RETURN_IF_ERROR(engine->commit(*trx));          // durable when it returns
//
// What it promises: atomic and durable transactions, unique indexes, DDL that is atomic across
// crashes. What it leaves to its caller: isolation. Two running transactions must not write the
// same row, and readers here see the newest version, committed or not; older versions are reached
// through version chains (undo.h).
//
// Thread safety: all members from any task; a Transaction by one task at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/storage/page_store.h"
#include "core/storage/schema.h"
#include "core/storage/undo.h"

namespace aftersync::storage {

using Row = std::vector<Value>;

struct EngineOptions {
  PageStoreOptions pages;
};

class Table;

class Transaction {
 public:
  [[nodiscard]] TrxId id() const { return undo_.trx; }

 private:
  friend class Engine;
  UndoLog undo_;
  Lsn last_lsn_;
};

class Engine {
 public:
  // Recovers: redo, then rollback of unfinished transactions, then interrupted DDL.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(Node& node, EngineOptions options);
  ~Engine();
  Status close();

  [[nodiscard]] Result<std::shared_ptr<Table>> create_table(const TableDef& def);
  Status drop_table(std::string_view name);
  Status truncate_table(std::string_view name);
  Status rename_table(std::string_view from, std::string_view to);
  Status add_index(std::string_view table, const IndexDef& index);
  Status drop_index(std::string_view table, std::string_view index);
  [[nodiscard]] Result<std::shared_ptr<Table>> open_table(std::string_view name);
  [[nodiscard]] Result<std::vector<std::string>> list_tables();

  [[nodiscard]] std::unique_ptr<Transaction> begin();
  // `note` stands in the commit record: see Undo::commit. Durable by flush_mode.
  Status commit(Transaction& trx, std::string_view note = {});
  Status rollback(Transaction& trx);
  // A place to come back to.
  [[nodiscard]] RollPtr savepoint(const Transaction& trx) const;
  Status rollback_to(Transaction& trx, RollPtr savepoint);

  Status insert(Transaction& trx, Table& table, const Row& row);
  Status update(Transaction& trx, Table& table, std::string_view primary_key, const Row& row);
  Status remove(Transaction& trx, Table& table, std::string_view primary_key);
  // Calls `visit` with the encoded row under a latch.
  using RowVisitor = std::function<void(std::string_view row)>;
  [[nodiscard]] Result<bool> get(Table& table, std::string_view primary_key,
                                 const RowVisitor& visit);
  // Rows in ascending primary key into an empty table: pages are filled, not split.
  Status bulk_load(Table& table, const std::function<bool(Row&)>& next);

 private:
  Engine();
};

}  // namespace aftersync::storage
