// SHOW of what the dictionary and the session know.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

// 1235 for kinds that are the server's.
void run_show(StatementRun& run, const ShowStatement& statement);

}  // namespace aftersync::sql
