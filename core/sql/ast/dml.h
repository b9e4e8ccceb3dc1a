// INSERT, REPLACE, UPDATE, DELETE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/sql/ast/query.h"

namespace aftersync::sql {

struct Assignment {
  ColumnName column;
  Expr value;
  bool operator==(const Assignment&) const = default;
};

// INSERT and REPLACE. Rows or a query; INSERT ... SET is a row with its columns.
struct InsertStatement {
  bool replace = false;
  bool ignore = false;
  TableName table;
  std::vector<std::string> columns;
  std::vector<std::vector<Expr>> rows;
  Box<Query> query;
  std::vector<Assignment> on_duplicate;
  bool operator==(const InsertStatement&) const = default;
};

struct UpdateStatement {
  bool ignore = false;
  std::vector<TableRef> tables;
  std::vector<Assignment> set;
  Box<Expr> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  bool operator==(const UpdateStatement&) const = default;
};

// `from` is empty in DELETE FROM t; in DELETE t FROM u it is u, and `tables` are those to delete
// from.
struct DeleteStatement {
  bool ignore = false;
  std::vector<TableName> tables;
  std::string alias;
  std::vector<TableRef> from;
  Box<Expr> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  bool operator==(const DeleteStatement&) const = default;
};

}  // namespace aftersync::sql
