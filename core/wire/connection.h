// Connection: one client from its first byte to its last.
//
//   connected -> greeted -> [TLS] -> proving -> ready <-> in a command -> closed
//
// run() is the whole of it, in one task; nothing here is shared but what the options point to. A
// malformed command is answered with an error that names packet and offset, and the connection goes
// on, as its packets are still told apart. A packet too large or out of order is answered and ends
// it. What a handler prepares is numbered here, from 1, and closed here when the connection ends.
#pragma once

#include <map>
#include <string>

#include "core/platform/node.h"
#include "core/wire/command_handler.h"

namespace aftersync::wire {

struct ConnectionOptions {
  AuthenticationOptions authentication{};
  Duration connect_timeout = 10s;       // for the whole login
  size_t max_login_packet = 256 << 10;  // bytes, until the client has proved who it is
};

class Connection {
 public:
  // All arguments outlive it.
  Connection(Node& node, Stream& stream, const ConnectionOptions& options, uint32_t connection_id,
             CommandHandler& handler);
  // Over any channel, which the caller ends; `client_host` as accounts name hosts.
  Connection(Node& node, std::unique_ptr<ByteChannel> channel, std::string client_host,
             const ConnectionOptions& options, uint32_t connection_id, CommandHandler& handler);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves until the client quits (OK) or the connection breaks or is broken off; says why. The
  // caller then shuts the stream down; another task does that to end the connection.
  Status run();

  // Sends `error` in place of a greeting and ends the stream: 1040 and the like.
  static void refuse(Node& node, Stream& stream, const ServerError& error);

 private:
  enum class Next : uint8_t { command, close };
  using Error = std::optional<ServerError>;

  Status log_in();
  Status serve();
  void apply_limits();
  Result<std::string_view> await_command(bool* ended);
  Status explain(const Status& status);
  Result<Next> carry_out(std::string_view payload);
  Status simple_command(Command command, std::string_view payload);
  Status statement_command(Command command, std::string_view payload);
  Result<Next> stream_command(Command command, std::string_view payload);
  Result<Next> change_user(std::string_view payload);

  Status query(std::string_view sql);
  Status list_fields(std::string_view payload);
  Status set_option(std::string_view payload);
  Status prepare(std::string_view sql);
  Status execute(std::string_view payload);
  void send_long_data(std::string_view payload);
  void close_statement(std::string_view payload);
  Status reset_statement(std::string_view payload);
  Status fetch(std::string_view payload);
  void close_statements();

  Status answer_error(const ServerError& error);
  Status answer_ok();
  Status answer(const Error& error) { return error ? answer_error(*error) : answer_ok(); }
  [[nodiscard]] ResultWriter writer(RowForm form);

  // Constant after construction.
  Node& node_;
  const ConnectionOptions& options_;
  const uint32_t connection_id_;
  CommandHandler& handler_;

  PacketStream packets_;
  Authenticator authenticator_;
  Login login_;
  Duration idle_timeout_{};
  uint32_t last_statement_id_ = 0;
  std::map<uint32_t, StatementParameters> statements_;
};

}  // namespace aftersync::wire
