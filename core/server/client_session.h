// ClientSession: one client's commands, carried out.
//
// The protocol calls it (wire::CommandHandler) from the connection's task. It reads the text,
// answers what concerns the server itself (ServerStatements), and has the rest executed
// (sql::Session). Statements prepared by the protocol and those by PREPARE are both kept as syntax
// trees; parameters are values of the expressions that they stand in.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/server/server_context.h"
#include "core/server/server_statements.h"
#include "core/server/session_privileges.h"
#include "core/server/variable_service.h"
#include "core/server/virtual_catalog.h"
#include "core/sql/ast/statement.h"
#include "core/sql/exec/session.h"
#include "core/wire/command_handler.h"

namespace aftersync::server {

class ResultSink;

class ClientSession : public wire::CommandHandler {
 public:
  // Both outlive it.
  ClientSession(ServerContext& server, std::shared_ptr<SessionEntry> entry);
  ~ClientSession() override;

  // Any task: what runs ends as soon as it looks.
  void kill_query() { session_.kill_query(); }

  std::optional<wire::ServerError> open(const wire::Login& login) override;
  wire::Outcome status() override;
  wire::SessionLimits limits() override;
  Status query(std::string_view sql, wire::ResultWriter& answer) override;
  std::optional<wire::ServerError> use(std::string_view schema) override;
  void reset() override;
  void allow_multi_statements(bool allowed) override { multi_statements_ = allowed; }
  Status list_fields(const wire::FieldListCommand& command, wire::ResultWriter& answer) override;
  std::string statistics() override;
  std::optional<wire::ServerError> kill(uint32_t connection_id) override;
  std::variant<wire::Prepared, wire::ServerError> prepare(uint32_t id,
                                                          std::string_view sql) override;
  Status execute(uint32_t id, std::span<const wire::Parameter> parameters,
                 wire::ResultWriter& answer) override;
  void close_statement(uint32_t id) override;
  std::optional<wire::ServerError> register_replica(
      const wire::RegisterReplicaCommand& command) override;
  Status dump_binlog(const wire::BinlogDumpCommand& command, wire::PacketStream& packets) override;
  Status dump_binlog_gtid(const wire::BinlogDumpGtidCommand& command,
                          wire::PacketStream& packets) override;

 private:
  using Error = std::optional<sql::SqlError>;

  struct PreparedStatement {
    std::string text;
    sql::Statement statement;
    uint32_t parameters = 0;
  };

  [[nodiscard]] VariableHooks hooks();
  Error variable_changed(Option option);
  Error global_changed(Option option);
  [[nodiscard]] std::optional<OptionValue> computed(Option option);
  void begin_session(const wire::Login& login);

  // The text as UTF-8, for as long as it is looked at.
  [[nodiscard]] std::string_view as_utf8(std::string_view sql, std::string& converted) const;
  Status run(const sql::Statement& statement, std::span<const sql::TypedValue> parameters,
             wire::ResultWriter& answer, wire::Then then);
  Status send(const StatementReply& reply, wire::ResultWriter& answer, wire::Then then);
  Status finish(const std::variant<sql::Completed, sql::SqlError>& result, ResultSink& sink,
                wire::ResultWriter& answer, wire::Then then);
  void note_database();

  // PREPARE, EXECUTE, DEALLOCATE.
  [[nodiscard]] std::variant<PreparedStatement, sql::SqlError> parse_to_prepare(
      std::string_view sql);
  Error prepare_by_name(const sql::PrepareStatement& statement);
  Error deallocate(const sql::DeallocateStatement& statement);
  Status execute_by_name(const sql::ExecuteStatement& statement, wire::ResultWriter& answer,
                         wire::Then then);
  void forget_prepared();

  ServerContext& server_;
  const std::shared_ptr<SessionEntry> entry_;
  SessionVariables variables_;
  VariableService service_;
  SessionPrivileges privileges_;
  VirtualCatalog catalog_;
  sql::Session session_;
  ServerStatements statements_;
  std::map<uint32_t, PreparedStatement> prepared_;
  std::map<std::string, PreparedStatement, std::less<>> named_;  // by name in lower case
  std::string database_;  // the current one, as clients and SHOW PROCESSLIST have been told
  uint64_t last_insert_id_ = 0;
  bool interactive_ = false;
  bool multi_statements_ = false;
  wire::SessionChanges changes_;  // to be told with the next OK
};

}  // namespace aftersync::server
