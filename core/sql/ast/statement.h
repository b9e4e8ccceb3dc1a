// Any statement: one struct for each kind, in a variant.
#pragma once

#include <variant>

#include "core/sql/ast/account.h"
#include "core/sql/ast/admin.h"
#include "core/sql/ast/ddl.h"
#include "core/sql/ast/dml.h"
#include "core/sql/ast/query.h"
#include "core/sql/ast/replication.h"
#include "core/sql/ast/set.h"
#include "core/sql/ast/show.h"
#include "core/sql/ast/transaction.h"

namespace aftersync::sql {

using Statement =
    std::variant<Query, InsertStatement, UpdateStatement, DeleteStatement, CreateDatabase,
                 AlterDatabase, DropDatabase, CreateTable, DropTable, TruncateTable, RenameTable,
                 AlterTable, CreateIndex, DropIndex, BeginStatement, EndStatement,
                 SavepointStatement, SetTransaction, LockTables, UnlockTables, SetStatement,
                 ShowStatement, UseStatement, DoStatement, KillStatement, FlushStatement,
                 ExplainStatement, TableMaintenance, PrepareStatement, ExecuteStatement,
                 DeallocateStatement, ChangeSource, ReplicaThreads, ResetStatement, PurgeLogs,
                 DefineAccounts, DropAccounts, RenameAccounts, SetPassword, GrantStatement>;

}  // namespace aftersync::sql
