// Expressions as syntax: what was written, before names and types are known.
//
// An Expr is one of the node structs below. Chains of AND, and of OR, are one node with many terms,
// because programs write them with thousands of terms; everything else nests, and `depth` counts
// how far, so that the parser can refuse what would exhaust a stack later (limits in parse.h).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/sql/ast/box.h"
#include "core/sql/ast/literal.h"
#include "core/sql/ast/names.h"
#include "core/sql/ast/operators.h"

namespace aftersync::sql {

struct Expr;
struct Query;
struct OrderItem;

struct ColumnRef {
  ColumnName name;
  bool operator==(const ColumnRef&) const = default;
};

// @name
struct UserVariable {
  std::string name;
  bool operator==(const UserVariable&) const = default;
};

// @@scope.base.name; base names a structured variable and is mostly empty.
struct SystemVariable {
  VariableScope scope = VariableScope::unspecified;
  std::string base;
  std::string name;
  bool operator==(const SystemVariable&) const = default;
};

// ? of a prepared statement, counted from 0 in the order of the text.
struct Parameter {
  uint32_t index = 0;
  bool operator==(const Parameter&) const = default;
};

// @name := value
struct Assign {
  std::string name;
  Box<Expr> value;
  bool operator==(const Assign&) const = default;
};

struct Unary {
  UnaryOp op = UnaryOp::minus;
  Box<Expr> operand;
  bool operator==(const Unary&) const = default;
};

struct Binary {
  BinaryOp op = BinaryOp::equal;
  Box<Expr> left;
  Box<Expr> right;
  bool operator==(const Binary&) const = default;
};

// AND or OR of two terms or more, none of which is the same operator.
struct Logical {
  bool is_or = false;
  std::vector<Expr> terms;
  bool operator==(const Logical&) const = default;
};

enum class TruthTest : uint8_t { null_value, is_true, is_false, unknown };

// IS [NOT] NULL, TRUE, FALSE, UNKNOWN
struct IsTest {
  Box<Expr> operand;
  TruthTest test = TruthTest::null_value;
  bool negated = false;
  bool operator==(const IsTest&) const = default;
};

// LIKE, with an escape character or without; REGEXP.
struct Like {
  Box<Expr> value;
  Box<Expr> pattern;
  Box<Expr> escape;
  bool negated = false;
  bool is_regexp = false;
  bool operator==(const Like&) const = default;
};

struct Between {
  Box<Expr> value;
  Box<Expr> low;
  Box<Expr> high;
  bool negated = false;
  bool operator==(const Between&) const = default;
};

// value IN (list), or value IN (query): one of the two is there.
struct In {
  Box<Expr> value;
  std::vector<Expr> list;
  Box<Query> query;
  bool negated = false;
  bool operator==(const In&) const = default;
};

// EXISTS (query), or (query) as a value.
struct Subquery {
  Box<Query> query;
  bool exists = false;
  bool operator==(const Subquery&) const = default;
};

// left op ALL (query), left op ANY (query)
struct Quantified {
  BinaryOp op = BinaryOp::equal;
  Box<Expr> left;
  bool all = false;
  Box<Query> query;
  bool operator==(const Quantified&) const = default;
};

// CASE [operand] WHEN whens[0] THEN whens[1] ... [ELSE otherwise] END
struct Case {
  Box<Expr> operand;
  std::vector<Expr> whens;
  Box<Expr> otherwise;
  bool operator==(const Case&) const = default;
};

enum class CastType : uint8_t {
  signed_integer,
  unsigned_integer,
  decimal,
  double_number,
  float_number,
  character,
  binary,
  date,
  time,
  datetime,
};

// CAST(operand AS type(length, scale) [CHARACTER SET charset]); -1 where a number was left out.
struct Cast {
  Box<Expr> operand;
  CastType type = CastType::signed_integer;
  int32_t length = -1;
  int32_t scale = -1;
  std::string charset;
  bool operator==(const Cast&) const = default;
};

// CONVERT(operand USING charset)
struct ConvertUsing {
  Box<Expr> operand;
  std::string charset;
  bool operator==(const ConvertUsing&) const = default;
};

struct Collate {
  Box<Expr> operand;
  std::string collation;
  bool operator==(const Collate&) const = default;
};

// base + INTERVAL amount unit; DATE_ADD and DATE_SUB are the same. INTERVAL amount unit + base
// differs in the order of the text only, which parameters count by.
struct IntervalAdd {
  Box<Expr> base;
  Box<Expr> amount;
  IntervalUnit unit = IntervalUnit::day;
  bool subtract = false;
  bool amount_first = false;
  bool operator==(const IntervalAdd&) const = default;
};

// A function by name, in upper case. `keyword` is what stands beside the arguments: the unit of
// EXTRACT, TIMESTAMPADD and TIMESTAMPDIFF, the side of TRIM, the character set of CHAR.
struct Call {
  std::string schema;
  std::string name;
  std::vector<Expr> args;
  std::string keyword;
  bool operator==(const Call&) const = default;
};

enum class AggregateKind : uint8_t {
  count,
  sum,
  avg,
  min,
  max,
  bit_and,
  bit_or,
  bit_xor,
  std_pop,
  std_samp,
  var_pop,
  var_samp,
  group_concat,
};

// COUNT(*) has no arguments. `order_by` and `separator` belong to GROUP_CONCAT.
struct Aggregate {
  AggregateKind kind = AggregateKind::count;
  bool distinct = false;
  std::vector<Expr> args;
  std::vector<OrderItem> order_by;
  std::string separator;
  bool operator==(const Aggregate&) const = default;
};

// (a, b) or ROW(a, b)
struct RowValue {
  std::vector<Expr> values;
  bool operator==(const RowValue&) const = default;
};

// DEFAULT(column), or DEFAULT alone where a value is to be stored: then `column` is empty.
struct DefaultValue {
  ColumnName column;
  bool operator==(const DefaultValue&) const = default;
};

// VALUES(column) in ON DUPLICATE KEY UPDATE
struct InsertedValue {
  ColumnName column;
  bool operator==(const InsertedValue&) const = default;
};

struct Expr {
  using Node = std::variant<Literal, ColumnRef, UserVariable, SystemVariable, Parameter, Assign,
                            Unary, Binary, Logical, IsTest, Like, Between, In, Subquery, Quantified,
                            Case, Cast, ConvertUsing, Collate, IntervalAdd, Call, Aggregate,
                            RowValue, DefaultValue, InsertedValue>;
  Node node;
  // 1 + that of the deepest operand; queries inside count for nothing here.
  uint32_t depth = 1;

  Expr() = default;
  // Computes `depth`.
  Expr(Node from);  // NOLINT(google-explicit-constructor): a node is an expression

  bool operator==(const Expr& other) const { return node == other.node; }
};

// ORDER BY and GROUP BY
struct OrderItem {
  Expr expr;
  bool descending = false;
  bool operator==(const OrderItem&) const = default;
};

// `a AND b`, `a OR b`; takes the terms of operands that are the same operator into one node.
[[nodiscard]] Expr make_logical(bool is_or, Expr left, Expr right);

// What stands directly below a node, in the order of the text; not what queries inside it hold.
[[nodiscard]] std::vector<const Expr*> operands_of(const Expr& expr);

}  // namespace aftersync::sql
