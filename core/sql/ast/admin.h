// Statements about the server and the connection.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/sql/ast/ddl.h"
#include "core/sql/ast/dml.h"
#include "core/sql/ast/query.h"

namespace aftersync::sql {

struct UseStatement {
  std::string database;
  bool operator==(const UseStatement&) const = default;
};

struct DoStatement {
  std::vector<Expr> values;
  bool operator==(const DoStatement&) const = default;
};

struct KillStatement {
  bool query_only = false;
  Expr id;
  bool operator==(const KillStatement&) const = default;
};

enum class FlushWhat : uint8_t {
  tables,
  tables_with_read_lock,
  logs,
  binary_logs,
  error_logs,
  general_logs,
  slow_logs,
  engine_logs,
  relay_logs,
  privileges,
  status,
  hosts,
  user_resources,
};

// `local`: NO_WRITE_TO_BINLOG. Tables belong to the first item alone.
struct FlushStatement {
  bool local = false;
  std::vector<FlushWhat> what;
  std::vector<TableName> tables;
  bool operator==(const FlushStatement&) const = default;
};

// EXPLAIN of a query or change.
struct ExplainStatement {
  std::string format;  // TRADITIONAL, JSON, TREE, or empty
  bool analyze = false;
  std::variant<Query, InsertStatement, UpdateStatement, DeleteStatement> statement;
  bool operator==(const ExplainStatement&) const = default;
};

enum class TableAction : uint8_t { analyze, check, checksum, optimize, repair };

struct TableMaintenance {
  TableAction action = TableAction::analyze;
  bool local = false;
  std::vector<TableName> tables;
  std::vector<std::string> options;
  bool operator==(const TableMaintenance&) const = default;
};

// PREPARE name FROM text, where the text is a string or the value of a user variable.
struct PrepareStatement {
  std::string name;
  Expr text;
  bool operator==(const PrepareStatement&) const = default;
};

struct ExecuteStatement {
  std::string name;
  std::vector<std::string> variables;
  bool operator==(const ExecuteStatement&) const = default;
};

struct DeallocateStatement {
  std::string name;
  bool operator==(const DeallocateStatement&) const = default;
};

}  // namespace aftersync::sql
