// Trees as canonical SQL: names in backticks, keywords in upper case, every operand that is not a
// primary expression in parentheses.
//
// What is printed parses to an equal tree: parse(to_sql(tree)) == tree, for every tree that the
// parser can make. (`SelectItem::text`, which no comparison looks at, becomes what is printed.)
#pragma once

#include <string>
#include <string_view>

#include "core/sql/ast/statement.h"

namespace aftersync::sql {

[[nodiscard]] std::string to_sql(const Statement& statement);
[[nodiscard]] std::string to_sql(const Expr& expr);
[[nodiscard]] std::string to_sql(const Query& query);
// The words of a column's type, as SHOW CREATE TABLE has them in upper case.
[[nodiscard]] std::string to_sql(const ColumnTypeSpec& type);

// `name`, and 'text' with its quotes and escapes.
[[nodiscard]] std::string quoted_name(std::string_view name);
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace aftersync::sql
