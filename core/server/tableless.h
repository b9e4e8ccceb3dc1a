// Statements that need no table: SELECT of expressions, SET.
#pragma once

#include <optional>
#include <variant>

#include "core/server/listing.h"
#include "core/sql/ast/query.h"
#include "core/sql/ast/set.h"
#include "core/sql/exec/services.h"

namespace aftersync::server {

// The one row of a SELECT without FROM. Variables of the system are there, all else that needs a
// session is refused by name.
[[nodiscard]] std::variant<Listing, sql::SqlError> select_without_table(
    const sql::Query& query, sql::SystemVariables& variables);
[[nodiscard]] std::optional<sql::SqlError> set_variables(const sql::SetStatement& set,
                                                         sql::SystemVariables& variables);

}  // namespace aftersync::server
