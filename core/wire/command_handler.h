// CommandHandler: the session behind a connection, as the protocol sees it.
//
// The server implements it, one for each connection. Calls come one after another from the
// connection's own task. Where a call is given a ResultWriter it must write one whole answer and
// return the writer's Status; where it returns an error or an outcome, the protocol writes it.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/wire/authenticator.h"
#include "core/wire/commands.h"
#include "core/wire/result_writer.h"
#include "core/wire/statement_parameters.h"

namespace aftersync::wire {

// Session variables that bound the connection; asked for before each command.
struct SessionLimits {
  size_t max_allowed_packet = 64 << 20;  // bytes
  Duration idle_timeout = 28800s;        // wait_timeout, or interactive_timeout
  Duration net_read_timeout = 30s;
  Duration net_write_timeout = 60s;
};

// What became of COM_STMT_PREPARE.
struct Prepared {
  uint16_t parameters = 0;
  std::vector<ColumnDefinition> columns{};  // empty: no rows
  uint16_t warnings = 0;
};

class CommandHandler {
 public:
  virtual ~CommandHandler() = default;

  // A client has proved who it is: at login, or by COM_CHANGE_USER, before which the session is as
  // new. Takes login.database as the default schema. An error (1049, 1044, 1130...) ends the
  // connection.
  virtual std::optional<ServerError> open(const Login& login) = 0;
  // Status flags, and what else the next OK shall say that is not the outcome of a statement.
  virtual Outcome status() = 0;
  virtual SessionLimits limits() = 0;

  virtual Status query(std::string_view sql, ResultWriter& answer) = 0;
  virtual std::optional<ServerError> use(std::string_view schema) = 0;
  // COM_RESET_CONNECTION: everything but the user, the schema included, as after login. Prepared
  // statements are closed by calls of their own before.
  virtual void reset() = 0;
  // Code of SET_OPTION: several statements in one query.
  virtual void allow_multi_statements(bool allowed) = 0;
  virtual Status list_fields(const FieldListCommand& command, ResultWriter& answer) = 0;
  virtual std::string statistics() = 0;
  virtual std::optional<ServerError> kill(uint32_t connection_id) = 0;

  // `id` is the protocol's; it names the statement until it is closed.
  virtual std::variant<Prepared, ServerError> prepare(uint32_t id, std::string_view sql) = 0;
  virtual Status execute(uint32_t id, std::span<const Parameter> parameters,
                         ResultWriter& answer) = 0;
  virtual void close_statement(uint32_t id) = 0;

  virtual std::optional<ServerError> register_replica(const RegisterReplicaCommand& command) = 0;
  // Streams events until the replica goes away or there is nothing more to send; writes and reads
  // packets itself. The connection ends with it.
  virtual Status dump_binlog(const BinlogDumpCommand& command, PacketStream& packets) = 0;
  virtual Status dump_binlog_gtid(const BinlogDumpGtidCommand& command, PacketStream& packets) = 0;
};

}  // namespace aftersync::wire
