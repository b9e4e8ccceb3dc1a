// What a session asks of those around it: interfaces that the server implements, and tests do in a
// few lines.
//
// Each answers with an error as the client is to see it, or with nothing when all is well. They are
// called from the session's task; those that several sessions share take care of it themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/sql/ast/ddl.h"
#include "core/sql/ast/set.h"
#include "core/sql/ast/transaction.h"
#include "core/sql/sql_error.h"
#include "core/sql/value/typed_value.h"
#include "core/storage/row_format.h"
#include "core/txn/transaction.h"

namespace aftersync::sql {

struct TableSchema;
struct SessionSettings;

// @@name, and SET. The settings that execution itself looks at are in SessionSettings, which
// set() changes besides what it keeps.
class SystemVariables {
 public:
  virtual ~SystemVariables() = default;
  // 1193 for a name that is none, 1238 for a scope that it does not have.
  [[nodiscard]] virtual std::variant<TypedValue, SqlError> get(const SystemVariable& name) = 0;
  // A null `value` is DEFAULT.
  [[nodiscard]] virtual std::optional<SqlError> set(const SystemVariable& name,
                                                    const TypedValue* value) = 0;
  // SET NAMES, SET CHARACTER SET.
  [[nodiscard]] virtual std::optional<SqlError> set_charset(const SetCharset& charset) = 0;
  // SET [GLOBAL | SESSION] TRANSACTION; that of the next transaction only is the session's own.
  [[nodiscard]] virtual std::optional<SqlError> set_transaction(const SetTransaction& set) = 0;
};

// A privilege that a statement needs on a table, or on a database where the table is empty.
enum class Need : uint8_t {
  select,
  insert,
  update,
  remove,  // DELETE
  create,
  drop,
  alter,
  index,
  lock_tables,
  any,  // to see that it is there
};

class Privileges {
 public:
  virtual ~Privileges() = default;
  // 1044 and 1142 for what the user may not. (1290 for what read_only forbids comes from here,
  // too.)
  [[nodiscard]] virtual std::optional<SqlError> check(Need need, std::string_view database,
                                                      std::string_view table) = 0;
};

// A table that is computed when it is read: information_schema, performance_schema.
class VirtualTable {
 public:
  struct Column {
    std::string name;
    ColumnTypeSpec type;
  };
  virtual ~VirtualTable() = default;
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  // All rows, as they are now; values are of the columns' types.
  [[nodiscard]] virtual std::variant<std::vector<std::vector<Value>>, SqlError> rows() = 0;
};

class VirtualTables {
 public:
  virtual ~VirtualTables() = default;
  // Databases of virtual tables only. They have no other tables.
  [[nodiscard]] virtual std::vector<std::string> databases() = 0;
  [[nodiscard]] virtual bool has_database(std::string_view database) = 0;
  [[nodiscard]] virtual std::vector<std::string> tables(std::string_view database) = 0;
  // nullptr: there is none of that name (compared without regard to case). It lives as long as the
  // session.
  [[nodiscard]] virtual VirtualTable* find(std::string_view database, std::string_view table) = 0;
};

// Told of every change, in its order: what the binlog is made of.
class ChangeLog {
 public:
  virtual ~ChangeLog() = default;
  // A row has been changed in the running transaction. `before` is null for an insert, `after` for
  // a delete.
  [[nodiscard]] virtual std::optional<SqlError> row(txn::Transaction& transaction,
                                                    const TableSchema& table,
                                                    const storage::Row* before,
                                                    const storage::Row* after) = 0;
  // How much has been told of the running transaction; 0 when nothing has.
  [[nodiscard]] virtual uint64_t position() = 0;
  // What was told after `position` has been taken back; 0: all of it.
  virtual void truncate(uint64_t position) = 0;
  // A definition has changed, outside of transactions. `text`: the statement in canonical form.
  [[nodiscard]] virtual std::optional<SqlError> definition(std::string_view database,
                                                           std::string_view text) = 0;
};

}  // namespace aftersync::sql
