// EXPLAIN of a SELECT: which table is read when, by which index.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

// MySQL's traditional form (manual 10.8.2). `rows` is 1 where a whole unique key is known, and NULL
// elsewhere: there are no statistics. 1235 for other statements and forms.
void run_explain(StatementRun& run, const ExplainStatement& statement);

}  // namespace aftersync::sql
