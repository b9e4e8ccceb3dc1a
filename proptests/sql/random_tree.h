// Random syntax trees: any that the parser can make, of a bounded size.
//
// What they do not hold: parameters, which are numbered by their place in the text.
#pragma once

#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/sql/ast/statement.h"

namespace aftersync {

class RandomTree {
 public:
  explicit RandomTree(Prng& random) : random_(random) {}

  [[nodiscard]] sql::Expr expr(int depth);
  [[nodiscard]] sql::Query query(int depth);
  // One of a query, a change of rows, a definition, SET.
  [[nodiscard]] sql::Statement statement();

 private:
  [[nodiscard]] bool flip() { return random_.chance(0.5); }
  [[nodiscard]] bool seldom() { return random_.chance(0.2); }
  template <typename Enum>
  [[nodiscard]] Enum one_of(size_t count) {
    return static_cast<Enum>(random_.below(count));
  }
  template <typename Each>
  [[nodiscard]] auto several(size_t least, size_t most, Each&& each) {
    std::vector<decltype(each())> made;
    for (uint64_t n = random_.between(least, most); n > 0; --n) made.push_back(each());
    return made;
  }
  [[nodiscard]] std::string name();
  [[nodiscard]] std::string text();
  [[nodiscard]] std::string digits();
  [[nodiscard]] sql::TableName table_name();
  [[nodiscard]] sql::ColumnName column_name();
  [[nodiscard]] sql::Box<sql::Expr> boxed(int depth) { return sql::Box<sql::Expr>(expr(depth)); }
  [[nodiscard]] sql::Box<sql::Expr> maybe_boxed(int depth);
  [[nodiscard]] sql::Box<sql::Query> boxed_query(int depth);
  [[nodiscard]] sql::Expr leaf();
  [[nodiscard]] sql::Expr operation(int depth);
  [[nodiscard]] sql::Expr predicate(int depth);
  [[nodiscard]] sql::Expr call(int depth);
  [[nodiscard]] sql::Expr aggregate(int depth);
  [[nodiscard]] sql::Expr logical(int depth);
  [[nodiscard]] sql::Expr cast(int depth);
  [[nodiscard]] sql::Literal literal();
  [[nodiscard]] sql::OrderItem order_item(int depth);
  [[nodiscard]] sql::Limit limit();
  [[nodiscard]] sql::TableRef table_ref(int depth);
  [[nodiscard]] sql::Select select(int depth);
  [[nodiscard]] sql::Assignment assignment(int depth);
  [[nodiscard]] sql::InsertStatement insert();
  [[nodiscard]] sql::UpdateStatement update();
  [[nodiscard]] sql::DeleteStatement remove();
  [[nodiscard]] sql::ColumnTypeSpec column_type();
  [[nodiscard]] sql::ColumnSpec column();
  [[nodiscard]] sql::IndexSpec index();
  [[nodiscard]] sql::CreateTable create_table();
  [[nodiscard]] sql::AlterAction alter_action();
  [[nodiscard]] sql::SetStatement set();

  Prng& random_;
};

}  // namespace aftersync
