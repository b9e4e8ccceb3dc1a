// ClientSession: one client's commands, carried out.
//
// The protocol calls it (wire::CommandHandler) from the connection's task. It reads the text,
// answers what concerns the server itself, and hands the rest on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/server/listing.h"
#include "core/server/server_context.h"
#include "core/server/variable_service.h"
#include "core/sql/ast/statement.h"
#include "core/sql/parser/parse.h"
#include "core/wire/command_handler.h"

namespace aftersync::server {

// What a statement that streams nothing came to: an OK, or rows.
struct Done {
  uint64_t affected_rows = 0;
  uint16_t warnings = 0;
};
using Reply = std::variant<Done, Listing, sql::SqlError>;

class ClientSession : public wire::CommandHandler {
 public:
  // Both outlive it.
  ClientSession(ServerContext& server, std::shared_ptr<SessionEntry> entry);

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

  [[nodiscard]] VariableHooks hooks();
  [[nodiscard]] sql::ParseOptions parse_options();
  Status run(const sql::Statement& statement, wire::ResultWriter& answer, wire::Then then);
  Reply carry_out(const sql::Statement& statement);
  Status send(const Reply& reply, wire::ResultWriter& answer, wire::Then then);
  Reply show(const sql::ShowStatement& show);
  Reply show_variables(const sql::ShowStatement& show);
  Error kill_session(uint64_t id, bool query_only);
  [[nodiscard]] PrivilegeSet privileges();
  [[nodiscard]] bool may(Privilege privilege) { return (privileges() & bit(privilege)) != 0; }

  ServerContext& server_;
  const std::shared_ptr<SessionEntry> entry_;
  SessionVariables variables_;
  VariableService service_;
  AccountId account_;
  bool interactive_ = false;
  bool multi_statements_ = false;
  wire::SessionChanges changes_;  // to be told with the next OK
};

}  // namespace aftersync::server
