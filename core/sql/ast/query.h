// SELECT: one select, or several joined by UNION, with the ORDER BY and LIMIT of the whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/sql/ast/expr.h"
#include "core/sql/ast/table_ref.h"

namespace aftersync::sql {

// `expr` is empty for * and for table.*, where `table` names the latter.
struct SelectItem {
  Box<Expr> expr;
  std::string alias;
  TableName table;
  std::string text;  // as it was written: the column's name where there is no alias

  // By meaning: `text` is left out.
  bool operator==(const SelectItem& other) const {
    return expr == other.expr && alias == other.alias && table == other.table;
  }
};

// LIMIT offset, count: each an integer literal or a parameter.
struct Limit {
  Expr count;
  Box<Expr> offset;
  bool operator==(const Limit&) const = default;
};

enum class LockStrength : uint8_t { for_update, for_share };
enum class LockWait : uint8_t { wait, nowait, skip_locked };

// FOR UPDATE [OF tables] [NOWAIT | SKIP LOCKED]; LOCK IN SHARE MODE is for_share.
struct LockingClause {
  LockStrength strength = LockStrength::for_update;
  std::vector<TableName> tables;
  LockWait wait = LockWait::wait;
  bool operator==(const LockingClause&) const = default;
};

struct SelectOptions {
  bool distinct = false;
  bool straight_join = false;
  bool calc_found_rows = false;
  bool operator==(const SelectOptions&) const = default;
};

struct Select {
  SelectOptions options;
  std::vector<SelectItem> items;
  std::vector<TableRef> from;  // separated by commas; empty without FROM, or with FROM DUAL
  Box<Expr> where;
  std::vector<Expr> group_by;
  bool rollup = false;
  Box<Expr> having;
  bool operator==(const Select&) const = default;
};

// How a term follows the one before it.
enum class SetOperator : uint8_t { first, union_distinct, union_all };

struct QueryTerm {
  SetOperator op = SetOperator::first;
  std::variant<Select, Box<Query>> body;  // the second: a query in parentheses
  bool operator==(const QueryTerm&) const = default;
};

struct Query {
  std::vector<QueryTerm> terms;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  std::vector<LockingClause> locking;
  std::vector<std::string> into;  // SELECT ... INTO @a, @b: names of user variables
  bool operator==(const Query&) const = default;
};

}  // namespace aftersync::sql
