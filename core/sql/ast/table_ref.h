// What stands in FROM: tables, derived tables and joins of them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/sql/ast/expr.h"

namespace aftersync::sql {

struct TableRef;

enum class IndexHintKind : uint8_t { use, ignore, force };

// USE INDEX (names); FOR JOIN and the like are refused by the grammar.
struct IndexHint {
  IndexHintKind kind = IndexHintKind::use;
  std::vector<std::string> indexes;
  bool operator==(const IndexHint&) const = default;
};

struct NamedTable {
  TableName name;
  std::string alias;
  std::vector<IndexHint> hints;
  bool operator==(const NamedTable&) const = default;
};

// (query) AS alias (columns)
struct DerivedTable {
  Box<Query> query;
  std::string alias;
  std::vector<std::string> columns;
  bool operator==(const DerivedTable&) const = default;
};

enum class JoinKind : uint8_t {
  inner,
  straight,
  left,
  right,
  natural,
  natural_left,
  natural_right
};

// A comma is an inner join without a condition that binds weaker; the tree says which is which.
struct Join {
  JoinKind kind = JoinKind::inner;
  Box<TableRef> left;
  Box<TableRef> right;
  Box<Expr> on;
  std::vector<std::string> using_columns;
  bool operator==(const Join&) const = default;
};

struct TableRef {
  using Node = std::variant<NamedTable, DerivedTable, Join>;
  Node node;
  uint32_t tables = 1;  // in all of it

  TableRef() = default;
  TableRef(Node from);  // NOLINT(google-explicit-constructor): a node is a table reference

  bool operator==(const TableRef& other) const { return node == other.node; }
};

}  // namespace aftersync::sql
