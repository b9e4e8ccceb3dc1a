// Dictionary: databases and tables of a server, as SQL knows them.
//
// One for all sessions. Tables are storage's (engine.h); what SQL has to know of one is decoded
// when it is first opened and shared until its definition changes. Databases are rows of a table of
// their own, `#sql/databases`, whose name no statement can say.
//
// Who changes a definition holds the metadata locks of all that it names exclusively (locks()); who
// opens a table holds its lock shared: then an OpenTable is as the table is for as long as the lock
// is held. The Dictionary itself takes none.
//
// Names of databases and tables are compared as bytes (lower_case_table_names = 0).
//
// Any task.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/sql/schema/auto_increment.h"
#include "core/sql/schema/metadata_locks.h"
#include "core/sql/schema/table_schema.h"
#include "core/sql/value/column_codec.h"
#include "core/storage/engine.h"
#include "core/txn/transaction.h"

namespace aftersync::sql {

// Immutable, but for the counter.
struct OpenTable {
  TableSchema schema;
  std::vector<ColumnCodec> codecs;                      // by column
  std::vector<std::optional<storage::Value>> defaults;  // constant ones, as they are stored
  std::shared_ptr<storage::Table> storage;
  std::shared_ptr<AutoIncrement> counter;  // null: no such column
};

// The value of a constant default, as it is stored; nothing for NOW() and for none.
[[nodiscard]] std::optional<storage::Value> constant_default(const Column& column,
                                                             const ColumnCodec& codec);

class Dictionary {
 public:
  // What a definition is, when it fails, is for the client.
  template <typename T>
  using Answer = std::variant<T, SqlError>;

  // Reads the databases. Makes their table in an empty engine. Both outlive the dictionary.
  [[nodiscard]] static Result<std::unique_ptr<Dictionary>> open(
      Node& node, txn::TransactionManager& transactions);

  // --- databases ---

  [[nodiscard]] std::vector<std::string> databases();
  // Its default collation; nothing when there is no such database.
  [[nodiscard]] std::optional<std::string> collation_of(std::string_view database);
  // 1007, 1102.
  [[nodiscard]] std::optional<SqlError> create_database(const std::string& name,
                                                        const std::string& collation);
  // Changes the default collation. 1049.
  [[nodiscard]] std::optional<SqlError> alter_database(const std::string& name,
                                                       const std::string& collation);
  // With its tables, of which it returns the number. 1008.
  [[nodiscard]] Answer<size_t> drop_database(const std::string& name);

  // --- tables ---

  // In the order of their names.
  [[nodiscard]] std::vector<std::string> tables(std::string_view database);
  [[nodiscard]] bool has_table(std::string_view database, std::string_view table);
  // 1146, and what storage says of a damaged file.
  [[nodiscard]] Answer<std::shared_ptr<const OpenTable>> open_table(std::string_view database,
                                                                    std::string_view table);
  // 1050.
  [[nodiscard]] std::optional<SqlError> create_table(const TableSchema& table);
  // 1146.
  [[nodiscard]] std::optional<SqlError> drop_table(const TableName& name);
  [[nodiscard]] std::optional<SqlError> truncate_table(const TableName& name);
  // 1050, 1146. The database of the new name exists.
  [[nodiscard]] std::optional<SqlError> rename_table(const TableName& from, const TableName& to);
  // 1062 when rows violate a new unique index.
  [[nodiscard]] std::optional<SqlError> add_index(const TableName& table, const Index& index);
  [[nodiscard]] std::optional<SqlError> drop_index(const TableName& table,
                                                   const std::string& index);

  // Puts a table with this definition, which is named as one that exists, and these rows in that
  // one's place; all of it or nothing, crashes included. 1062; what `rows` fails with.
  [[nodiscard]] std::optional<SqlError> rebuild_table(const TableSchema& table,
                                                      const storage::RowSource& rows);

  [[nodiscard]] MetadataLocks& locks() { return locks_; }
  [[nodiscard]] txn::TransactionManager& transactions() { return transactions_; }
  [[nodiscard]] storage::Engine& engine() { return transactions_.engine(); }
  [[nodiscard]] Node& node() { return node_; }

 private:
  Dictionary(Node& node, txn::TransactionManager& transactions);

  Status load_databases();
  Status finish_rebuilds();
  Status write_database(const std::string& name, const std::string* collation);
  [[nodiscard]] Answer<std::shared_ptr<const OpenTable>> decode(
      const std::shared_ptr<storage::Table>& table);
  [[nodiscard]] Result<uint64_t> next_auto_increment(const OpenTable& table);
  void forget(std::string_view storage_name);

  Node& node_;
  txn::TransactionManager& transactions_;
  MetadataLocks locks_;
  std::shared_ptr<storage::Table> databases_table_;
  Mutex mutex_;  // taken before storage's; nothing is waited for under it but the device
  std::map<std::string, std::string, std::less<>> databases_;                  // name -> collation
  std::map<std::string, std::shared_ptr<const OpenTable>, std::less<>> open_;  // by storage name
};

}  // namespace aftersync::sql
