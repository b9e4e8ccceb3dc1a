// Subqueries that do not look at the query around them: each is executed once, before that query is
// planned, and its result stands in its place as a literal or a list of literals.
//
// So indexes are used for `id IN (SELECT ...)` as for any list. A subquery that names columns of
// the query around it is refused (1235), as are ALL and ANY.
#pragma once

#include <optional>

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

// The statement with its subqueries replaced; nothing when it has none. run.ok() tells whether that
// has failed. Only expressions of the statement itself are looked at: derived tables, and
// subqueries in subqueries, are statements of their own. Errors: 1235, 1241, 1242; those of the
// subqueries.
[[nodiscard]] std::optional<Query> without_subqueries(StatementRun& run, const Query& query);
[[nodiscard]] bool has_subqueries(const Select& select);
[[nodiscard]] std::optional<UpdateStatement> without_subqueries(StatementRun& run,
                                                                const UpdateStatement& statement);
[[nodiscard]] std::optional<DeleteStatement> without_subqueries(StatementRun& run,
                                                                const DeleteStatement& statement);
[[nodiscard]] std::optional<InsertStatement> without_subqueries(StatementRun& run,
                                                                const InsertStatement& statement);

}  // namespace aftersync::sql
