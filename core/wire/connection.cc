// The connection's life: login, then commands until it ends.
#include "core/wire/connection.h"

#include "core/base/check.h"
#include "core/base/payload_reader.h"
#include "core/base/probe.h"
#include "core/wire/capability.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

namespace {

PacketLimits login_limits(Node& node, const ConnectionOptions& options) {
  PacketLimits limits;
  limits.max_allowed_packet = options.max_login_packet;
  limits.until = node.clock().now() + options.connect_timeout;
  return limits;
}

// "10.0.0.9:4711", "[::1]:4711" and "unix:..." as accounts name hosts.
std::string host_of(std::string_view address) {
  if (address.starts_with("unix:")) return "localhost";
  std::string_view host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace

Connection::Connection(Node& node, Stream& stream, const ConnectionOptions& options,
                       uint32_t connection_id, CommandHandler& handler)
    : Connection(node, std::make_unique<PlainChannel>(stream), host_of(stream.peer_address()),
                 options, connection_id, handler) {}

Connection::Connection(Node& node, std::unique_ptr<ByteChannel> channel, std::string client_host,
                       const ConnectionOptions& options, uint32_t connection_id,
                       CommandHandler& handler)
    : node_(node),
      options_(options),
      connection_id_(connection_id),
      handler_(handler),
      packets_(node.clock(), std::move(channel), login_limits(node, options)),
      authenticator_(options.authentication, node.rng(), packets_, std::move(client_host)) {}

Connection::~Connection() { close_statements(); }

void Connection::refuse(Node& node, Stream& stream, const ServerError& error) {
  PacketStream packets(node.clock(), std::make_unique<PlainChannel>(stream), {});
  append_error(packets.begin_packet(), error, 0);
  // Whether the client hears it is not known either way.
  if (packets.end_packet().ok()) (void)packets.flush();
  stream.shut_down();
}

Status Connection::run() {
  RETURN_IF_ERROR(log_in());
  return serve();
}

Status Connection::log_in() {
  Result<Authenticator::Answer> proof = authenticator_.log_in(connection_id_);
  if (!proof.ok()) return explain(proof.status());
  Error refusal;
  if (auto* login = std::get_if<Login>(&*proof)) {
    login_ = std::move(*login);
    refusal = handler_.open(login_);
  } else {
    refusal = std::get<ServerError>(*proof);
    login_.capabilities = capability::kServer;  // it has got as far as having a SQLSTATE
  }
  if (!refusal) return answer_ok();
  RETURN_IF_ERROR(answer_error(*refusal));
  RETURN_IF_ERROR(packets_.flush());
  return {Code::permission_denied, refusal->message};
}

// What a client is told when no packet could be had from it; then it is cut off.
Status Connection::explain(const Status& status) {
  Error error;
  if (status.code() == Code::too_large) error = errors::packet_too_large();
  if (status.code() == Code::bad_state) error = errors::packets_out_of_order();
  if (error && answer_error(*error).ok()) (void)packets_.flush();
  return status;
}

void Connection::apply_limits() {
  const SessionLimits limits = handler_.limits();
  packets_.limits() = {.max_allowed_packet = limits.max_allowed_packet,
                       .net_read_timeout = limits.net_read_timeout,
                       .net_write_timeout = limits.net_write_timeout};
  idle_timeout_ = limits.idle_timeout;
}

Result<std::string_view> Connection::await_command(bool* ended) {
  RETURN_IF_ERROR(packets_.flush());
  packets_.shrink();
  packets_.restart_sequence();
  apply_limits();
  const MonoTime idle_until = node_.clock().now() + idle_timeout_;
  Result<std::string_view> payload = packets_.receive(idle_until, ended);
  if (payload.ok()) return payload;
  if (payload.code() == Code::timed_out && packets_.sequence() == 0) {
    PROBE("wire/idle-timeout");
    if (answer_error(errors::inactivity_timeout()).ok()) (void)packets_.flush();
    return payload;
  }
  return explain(payload.status());
}

Status Connection::serve() {
  while (true) {
    bool ended = false;
    ASSIGN_OR_RETURN(const std::string_view payload, await_command(&ended));
    if (ended) return {};
    ASSIGN_OR_RETURN(const Next next, carry_out(payload));
    if (next == Next::close) return packets_.flush();
  }
}

Result<Connection::Next> Connection::carry_out(std::string_view payload) {
  // MySQL takes an empty packet for COM_SLEEP, which nobody may send.
  const auto command = static_cast<Command>(payload.empty() ? 0 : payload[0]);
  const std::string_view rest = payload.substr(payload.empty() ? 0 : 1);
  switch (command) {
    case Command::quit: return Next::close;
    case Command::change_user: return change_user(payload);
    case Command::binlog_dump:
    case Command::binlog_dump_gtid: return stream_command(command, rest);
    case Command::stmt_prepare:
    case Command::stmt_execute:
    case Command::stmt_send_long_data:
    case Command::stmt_close:
    case Command::stmt_reset:
    case Command::stmt_fetch: RETURN_IF_ERROR(statement_command(command, rest)); break;
    default: RETURN_IF_ERROR(simple_command(command, rest));
  }
  return Next::command;
}

Status Connection::simple_command(Command command, std::string_view payload) {
  switch (command) {
    case Command::query: return query(payload);
    case Command::init_db: return answer(handler_.use(payload));
    case Command::ping: return answer_ok();
    case Command::field_list: return list_fields(payload);
    case Command::statistics: return writer(RowForm::text).text(handler_.statistics());
    case Command::set_option: return set_option(payload);
    case Command::reset_connection:
      close_statements();
      handler_.reset();
      return answer_ok();
    case Command::process_kill: {
      const auto id = parse_u32("COM_PROCESS_KILL", payload);
      return answer(id.ok() ? handler_.kill(*id) : errors::malformed_packet(id.status()));
    }
    case Command::register_replica: {
      const auto replica = parse_register_replica(payload);
      return answer(replica.ok() ? handler_.register_replica(*replica)
                                 : errors::malformed_packet(replica.status()));
    }
    default: return answer_error(errors::unknown_command());
  }
}

Status Connection::statement_command(Command command, std::string_view payload) {
  switch (command) {
    case Command::stmt_prepare: return prepare(payload);
    case Command::stmt_execute: return execute(payload);
    case Command::stmt_reset: return reset_statement(payload);
    case Command::stmt_fetch: return fetch(payload);
    // These two have no answer.
    case Command::stmt_send_long_data: send_long_data(payload); return {};
    default: close_statement(payload); return {};
  }
}

// A dump never ends in another command: when the events end, so does the connection.
Result<Connection::Next> Connection::stream_command(Command command, std::string_view payload) {
  if (command == Command::binlog_dump) {
    const auto dump = parse_binlog_dump(payload);
    RETURN_IF_ERROR(dump.ok() ? handler_.dump_binlog(*dump, packets_)
                              : answer_error(errors::malformed_packet(dump.status())));
    return dump.ok() ? Next::close : Next::command;
  }
  const auto dump = parse_binlog_dump_gtid(payload);
  RETURN_IF_ERROR(dump.ok() ? handler_.dump_binlog_gtid(*dump, packets_)
                            : answer_error(errors::malformed_packet(dump.status())));
  return dump.ok() ? Next::close : Next::command;
}

Result<Connection::Next> Connection::change_user(std::string_view payload) {
  const std::string copy(payload);  // the conversation that follows uses the buffer
  ASSIGN_OR_RETURN(Authenticator::Answer proof, authenticator_.change_user(copy, login_));
  Error refusal;
  if (auto* login = std::get_if<Login>(&proof)) {
    close_statements();
    login_ = std::move(*login);
    refusal = handler_.open(login_);
  } else {
    refusal = std::get<ServerError>(proof);
  }
  RETURN_IF_ERROR(answer(refusal));
  return refusal ? Next::close : Next::command;
}

Status Connection::query(std::string_view sql) {
  ResultWriter to = writer(RowForm::text);
  RETURN_IF_ERROR(handler_.query(sql, to));
  CHECK(to.finished());
  return {};
}

Status Connection::list_fields(std::string_view payload) {
  const auto command = parse_field_list(payload);
  if (!command.ok()) return answer_error(errors::malformed_packet(command.status()));
  ResultWriter to = writer(RowForm::text);
  RETURN_IF_ERROR(handler_.list_fields(*command, to));
  CHECK(to.finished());
  return {};
}

Status Connection::set_option(std::string_view payload) {
  const auto option = parse_u16("COM_SET_OPTION", payload);
  if (!option.ok()) return answer_error(errors::malformed_packet(option.status()));
  if (*option > 1) return answer_error(errors::unknown_command());
  const bool allowed = *option == 0;
  login_.capabilities &= ~capability::kMultiStatements;
  if (allowed) login_.capabilities |= capability::kMultiStatements;
  handler_.allow_multi_statements(allowed);
  ResultWriter to = writer(RowForm::text);
  return to.field_list({}, handler_.status().status);  // an EOF, not an OK
}

Status Connection::prepare(std::string_view sql) {
  const uint32_t id = ++last_statement_id_;
  std::variant<Prepared, ServerError> made = handler_.prepare(id, sql);
  if (const auto* error = std::get_if<ServerError>(&made)) return answer_error(*error);
  const Prepared& prepared = std::get<Prepared>(made);
  statements_.emplace(id, prepared.parameters);
  Outcome outcome = handler_.status();
  outcome.warnings = prepared.warnings;
  return write_prepared(packets_, login_.capabilities, id, prepared.parameters, prepared.columns,
                        outcome);
}

Status Connection::execute(std::string_view payload) {
  PayloadReader reader("COM_STMT_EXECUTE", payload);
  const uint32_t id = reader.u32("statement");
  if (!reader.ok()) return answer_error(errors::malformed_packet(reader.status()));
  const auto found = statements_.find(id);
  if (found == statements_.end()) {
    return answer_error(errors::unknown_statement(id, "mysqld_stmt_execute"));
  }
  const auto execution = found->second.bind(reader.rest());
  if (!execution.ok()) {
    found->second.drop_long_data();
    return answer_error(execution.code() == Code::too_large
                            ? errors::packet_too_large()
                            : errors::malformed_packet(execution.status()));
  }
  // A client that asked for a read-only cursor and sees none take the rows as they come; the other
  // kinds promise what rows sent at once cannot do.
  if ((execution->flags & (kCursorForUpdate | kCursorScrollable)) != 0) {
    return answer_error(errors::not_supported("updatable and scrollable cursors"));
  }
  ResultWriter to = writer(RowForm::binary);
  RETURN_IF_ERROR(handler_.execute(id, execution->parameters, to));
  CHECK(to.finished());
  found->second.drop_long_data();
  return {};
}

void Connection::send_long_data(std::string_view payload) {
  const auto command = parse_long_data(payload);
  if (!command.ok()) return;
  const auto found = statements_.find(command->statement_id);
  if (found == statements_.end()) return;
  // What goes wrong is told by the next execution.
  (void)found->second.add_long_data(command->parameter, command->bytes,
                                    packets_.limits().max_allowed_packet);
}

void Connection::close_statement(std::string_view payload) {
  const auto id = parse_u32("COM_STMT_CLOSE", payload);
  if (id.ok() && statements_.erase(*id) > 0) handler_.close_statement(*id);
}

Status Connection::reset_statement(std::string_view payload) {
  const auto id = parse_u32("COM_STMT_RESET", payload);
  if (!id.ok()) return answer_error(errors::malformed_packet(id.status()));
  const auto found = statements_.find(*id);
  if (found == statements_.end()) {
    return answer_error(errors::unknown_statement(*id, "mysqld_stmt_reset"));
  }
  found->second.drop_long_data();
  return answer_ok();
}

// No cursor is ever open.
Status Connection::fetch(std::string_view payload) {
  const auto id = parse_u32("COM_STMT_FETCH", payload);
  if (!id.ok()) return answer_error(errors::malformed_packet(id.status()));
  return answer_error(statements_.contains(*id)
                          ? errors::no_open_cursor(*id)
                          : errors::unknown_statement(*id, "mysqld_stmt_fetch"));
}

void Connection::close_statements() {
  for (const auto& [id, parameters] : statements_) handler_.close_statement(id);
  statements_.clear();
}

Status Connection::answer_error(const ServerError& error) {
  append_error(packets_.begin_packet(), error, login_.capabilities);
  return packets_.end_packet();
}

Status Connection::answer_ok() {
  append_ok(packets_.begin_packet(), handler_.status(), login_.capabilities, kOkHeader);
  return packets_.end_packet();
}

ResultWriter Connection::writer(RowForm form) { return {packets_, login_.capabilities, form}; }

}  // namespace aftersync::wire
