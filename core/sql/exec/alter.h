// ALTER TABLE: a definition is edited, and the rows are carried over where they have to be.
#pragma once

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

// The caller holds the metadata locks of the table, and of its new name. False: the statement has
// failed, and the table is as it was.
[[nodiscard]] bool alter_table(StatementRun& run, const TableName& name,
                               const AlterTable& statement);

}  // namespace aftersync::sql
