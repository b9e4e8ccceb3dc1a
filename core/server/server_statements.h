// ServerStatements: what the server answers itself, before execution sees it.
//
// SHOW of variables, counters, sessions, engines and grants; KILL; FLUSH; accounts. Replication's
// statements are refused by name until there is a binlog.
#pragma once

#include <memory>
#include <optional>

#include "core/server/account_statements.h"
#include "core/server/server_context.h"
#include "core/server/session_privileges.h"
#include "core/server/statement_reply.h"
#include "core/server/variable_service.h"
#include "core/server/virtual_catalog.h"
#include "core/sql/ast/statement.h"

namespace aftersync::server {

// One session's; one task.
class ServerStatements {
 public:
  // All outlive it.
  ServerStatements(ServerContext& server, SessionPrivileges& privileges, VariableService& variables,
                   sql::Session& session)
      : server_(server),
        privileges_(privileges),
        variables_(variables),
        session_(session),
        accounts_(server, privileges) {}

  // Nothing: the statement is not the server's.
  std::optional<StatementReply> answer(const sql::Statement& statement);
  // KILL of a session, or of what it runs. 1094, 1095.
  std::optional<sql::SqlError> kill(uint64_t id, bool query_only);

 private:
  std::optional<StatementReply> show(const sql::ShowStatement& show);
  std::optional<StatementReply> show_server(const sql::ShowStatement& show);
  std::optional<StatementReply> show_empty(const sql::ShowStatement& show);
  StatementReply show_variables(const sql::ShowStatement& show);
  StatementReply show_status(const sql::ShowStatement& show);
  StatementReply show_virtual(const sql::ShowStatement& show, std::string_view table);
  StatementReply show_processlist(const sql::ShowStatement& show);
  StatementReply show_table_status(const sql::ShowStatement& show);
  StatementReply show_engine_status(const sql::ShowStatement& show);
  StatementReply flush(const sql::FlushStatement& statement);
  StatementReply kill(const sql::KillStatement& statement);

  ServerContext& server_;
  SessionPrivileges& privileges_;
  VariableService& variables_;
  sql::Session& session_;
  AccountStatements accounts_;
};

}  // namespace aftersync::server
