// UPDATE and DELETE of one table.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

void run_update(StatementRun& run, const UpdateStatement& statement);
void run_delete(StatementRun& run, const DeleteStatement& statement);

}  // namespace aftersync::sql
