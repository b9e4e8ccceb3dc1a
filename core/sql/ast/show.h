// SHOW: one struct, because its many forms share their few parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/sql/ast/query.h"

namespace aftersync::sql {

// What is shown, and which members of ShowStatement count beside `like`, `where`.
enum class ShowKind : uint8_t {
  databases,
  tables,           // full, database
  table_status,     // database
  open_tables,      // database
  triggers,         // database
  columns,          // full, table
  index,            // table
  create_table,     // table
  create_view,      // table
  create_database,  // database, if_not_exists
  variables,        // scope
  status,           // scope
  processlist,      // full
  warnings,         // limit, count
  errors,           // limit, count
  grants,           // account; not set: the current one
  engines,
  engine_status,  // name: the engine
  engine_mutex,   // name
  plugins,
  privileges,
  character_set,
  collation,
  master_status,
  slave_status,
  slave_hosts,
  binary_logs,
  binlog_events,  // name: the log, position, limit
  relaylog_events,
};

struct ShowStatement {
  ShowKind kind = ShowKind::databases;
  bool full = false;
  bool if_not_exists = false;
  bool count = false;  // SHOW COUNT(*) WARNINGS
  VariableScope scope = VariableScope::unspecified;
  TableName table;
  std::string database;
  std::string name;
  std::optional<AccountName> account;
  std::string position;  // digits
  std::optional<Literal> like;
  Box<Expr> where;
  std::optional<Limit> limit;
  bool operator==(const ShowStatement&) const = default;
};

}  // namespace aftersync::sql
