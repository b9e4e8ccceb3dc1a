// A small engine and a table of numbers for tests of transactions.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/storage/engine.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

inline storage::EngineOptions small_engine(bool background_purge) {
  storage::EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 2 * 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 200;
  options.background_purge = background_purge;
  return options;
}

// id BIGINT PRIMARY KEY, v BIGINT, w BIGINT.
inline storage::TableDef numbers_table(const std::string& name) {
  storage::TableDef def;
  def.name = name;
  for (const char* column_name : {"id", "v", "w"}) {
    storage::ColumnDef column;
    column.name = column_name;
    column.nullable = def.columns.empty() ? false : true;
    def.columns.push_back(column);
  }
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.resize(1);
  storage::describe_part(def.columns[0], primary.parts[0]);
  def.indexes = {primary};
  return def;
}

// With an index on `column`, unique or not.
inline storage::TableDef with_index(storage::TableDef def, uint32_t column, bool unique) {
  storage::IndexDef index;
  index.name = def.columns[column].name + "_index";
  index.unique = unique;
  index.parts.resize(1);
  index.parts[0].column = column;
  storage::describe_part(def.columns[column], index.parts[0]);
  def.indexes.push_back(index);
  return def;
}

inline storage::Row row_of(int64_t id, int64_t v, int64_t w = 0) { return {id, v, w}; }

inline std::string key_of(const storage::Table& table, int64_t id) {
  auto key = storage::Engine::primary_key(table, {storage::Value(id)});
  CHECK_OK(key);
  return *std::move(key);
}

// Writes a row, or deletes it, past all locks: for tests that do not need them.
inline Status put(Transaction& trx, storage::Table& table, int64_t id, int64_t v) {
  RETURN_IF_ERROR(trx.become_writer());
  storage::RowStore& rows = trx.manager().engine().rows();
  std::string key = key_of(table, id);
  ASSIGN_OR_RETURN(const auto newest, rows.newest(table, key));
  RETURN_IF_ERROR(newest && !newest->delete_marked
                      ? rows.update(trx.undo(), table, key, row_of(id, v))
                      : rows.insert(trx.undo(), table, row_of(id, v), 0, key));
  trx.note_row_changed();
  return {};
}

inline Status erase(Transaction& trx, storage::Table& table, int64_t id) {
  RETURN_IF_ERROR(trx.become_writer());
  RETURN_IF_ERROR(trx.manager().engine().rows().remove(trx.undo(), table, key_of(table, id)));
  trx.note_row_changed();
  return {};
}

// An engine with transactions, closed in good order at its end.
class Database {
 public:
  explicit Database(Node& node, TransactionManagerOptions options = {},
                    bool background_purge = false) {
    auto opened = storage::Engine::open(node, small_engine(background_purge));
    CHECK_OK(opened);
    engine_ = *std::move(opened);
    transactions_ = std::make_unique<TransactionManager>(node, *engine_, options);
  }
  ~Database() {
    transactions_.reset();
    CHECK_OK(engine_->close());
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::shared_ptr<storage::Table> create(storage::TableDef def) {
    auto table = engine_->create_table(std::move(def));
    CHECK_OK(table);
    return *std::move(table);
  }
  storage::Engine& engine() { return *engine_; }
  TransactionManager& transactions() { return *transactions_; }
  std::unique_ptr<Transaction> begin(const TransactionOptions& options = {}) {
    return transactions_->begin(options);
  }

 private:
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<TransactionManager> transactions_;
};

}  // namespace aftersync::txn
