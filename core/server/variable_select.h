// SELECT @@name, ...: what clients ask when they connect, answered without executing anything.
#pragma once

#include <optional>

#include "core/server/statement_reply.h"
#include "core/server/variable_service.h"
#include "core/sql/ast/query.h"

namespace aftersync::server {

// Nothing, unless the query is one SELECT of system variables and no more (a LIMIT apart, which has
// one row to cut).
[[nodiscard]] std::optional<StatementReply> select_variables(const sql::Query& query,
                                                             VariableService& variables);

}  // namespace aftersync::server
