// CREATE, ALTER, DROP, RENAME and TRUNCATE of databases, tables and indexes.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

// Each commits what runs, and waits for the transactions that use what it names.
void run_definition(StatementRun& run, const Statement& statement);
// Whether it is one of those.
[[nodiscard]] bool is_definition(const Statement& statement);

}  // namespace aftersync::sql
