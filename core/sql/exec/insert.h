// INSERT and REPLACE.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

void run_insert(StatementRun& run, const InsertStatement& statement);

}  // namespace aftersync::sql
