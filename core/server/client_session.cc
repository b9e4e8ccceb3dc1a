// One client's commands.
#include "core/server/client_session.h"

#include "core/server/result_sink.h"
#include "core/server/server_errors.h"
#include "core/server/tableless.h"
#include "core/wire/capability.h"

namespace aftersync::server {

namespace {

constexpr uint16_t kUtf8mb4 = 45;

Duration seconds(uint64_t number) { return std::chrono::seconds(static_cast<int64_t>(number)); }

bool is_end(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v;") == std::string_view::npos;
}

}  // namespace

ClientSession::ClientSession(ServerContext& server, std::shared_ptr<SessionEntry> entry)
    : server_(server),
      entry_(std::move(entry)),
      variables_(server.variables),
      service_(variables_, hooks()) {}

VariableHooks ClientSession::hooks() {
  VariableHooks hooks;
  hooks.on_session = [this](Option option) -> Error {
    const std::string tracked = variables_.text(Option::session_track_system_variables);
    const OptionSpec& spec = spec_of(option);
    if (tracked == "*" || find_word(tracked, spec.name)) {
      changes_.variables.emplace_back(spec.name, variables_.text(option));
    }
    return std::nullopt;
  };
  hooks.on_global = [](Option) -> Error { return std::nullopt; };
  hooks.may_set_global = [this]() -> Error {
    if (may(Privilege::super)) return std::nullopt;
    return errors::need_privilege("SUPER or SYSTEM_VARIABLES_ADMIN");
  };
  hooks.computed = [](Option) -> std::optional<OptionValue> { return std::nullopt; };
  hooks.persist = [](Option, const std::optional<std::string>&) -> Error {
    return errors::not_supported("SET PERSIST");
  };
  return hooks;
}

PrivilegeSet ClientSession::privileges() {
  if (server_.accounts->lets_everybody_in()) return ~PrivilegeSet{0};
  return server_.accounts->list()->privileges_on(account_, "", "");
}

std::optional<wire::ServerError> ClientSession::open(const wire::Login& login) {
  variables_.reset();
  changes_ = {};
  account_ = {login.account.user, login.account.host};
  interactive_ = (login.capabilities & wire::capability::kInteractive) != 0;
  multi_statements_ = (login.capabilities & wire::capability::kMultiStatements) != 0;
  entry_->logged_in(login.user, account_.user, account_.host, login.database);
  entry_->end(server_.node.clock().now());
  if (!login.database.empty()) return use(login.database);
  return std::nullopt;
}

wire::Outcome ClientSession::status() {
  wire::Outcome outcome;
  if (variables_.flag(Option::autocommit)) outcome.status |= wire::server_status::kAutocommit;
  outcome.changes = std::move(changes_);
  changes_ = {};
  return outcome;
}

wire::SessionLimits ClientSession::limits() {
  wire::SessionLimits limits;
  limits.max_allowed_packet = variables_.number(Option::max_allowed_packet);
  limits.idle_timeout =
      seconds(variables_.number(interactive_ ? Option::interactive_timeout : Option::wait_timeout));
  limits.net_read_timeout = seconds(variables_.number(Option::net_read_timeout));
  limits.net_write_timeout = seconds(variables_.number(Option::net_write_timeout));
  return limits;
}

sql::ParseOptions ClientSession::parse_options() {
  const uint64_t modes = variables_.number(Option::sql_mode);
  const std::string_view words = spec_of(Option::sql_mode).words;
  const auto has = [&](std::string_view word) {
    return (modes >> *find_word(words, word) & 1) != 0;
  };
  sql::ParseOptions options;
  options.ansi_quotes = has("ANSI_QUOTES");
  options.no_backslash_escapes = has("NO_BACKSLASH_ESCAPES");
  options.pipes_as_concat = has("PIPES_AS_CONCAT");
  options.ignore_space = has("IGNORE_SPACE");
  options.multi_statements = multi_statements_;
  return options;
}

Status ClientSession::query(std::string_view sql, wire::ResultWriter& answer) {
  entry_->begin("Query", sql, server_.node.clock().now());
  server_.counters.add(Counter::questions);
  Status status;
  do {
    server_.counters.add(Counter::queries);
    const auto parsed = sql::parse(sql, parse_options());
    if (const auto* error = std::get_if<sql::SqlError>(&parsed)) {
      status = answer.error(errors::to_wire(*error));
      break;
    }
    const auto& one = std::get<sql::Parsed>(parsed);
    sql.remove_prefix(one.length);
    status = run(one.statement, answer, is_end(sql) ? wire::Then::done : wire::Then::more_results);
  } while (status.ok() && !answer.finished());
  entry_->end(server_.node.clock().now());
  return status;
}

Status ClientSession::run(const sql::Statement& statement, wire::ResultWriter& answer,
                          wire::Then then) {
  return send(carry_out(statement), answer, then);
}

Status ClientSession::send(const Reply& reply, wire::ResultWriter& answer, wire::Then then) {
  if (const auto* error = std::get_if<sql::SqlError>(&reply)) {
    return answer.error(errors::to_wire(*error));
  }
  if (const auto* done = std::get_if<Done>(&reply)) {
    wire::Outcome outcome = status();
    outcome.affected_rows = done->affected_rows;
    outcome.warnings = done->warnings;
    return answer.ok(outcome, then);
  }
  const auto& listing = std::get<Listing>(reply);
  ResultSink sink(answer, status().status, kUtf8mb4);
  RETURN_IF_ERROR(sink.begin(listing.columns));
  for (const auto& row : listing.rows) RETURN_IF_ERROR(sink.row(row));
  return answer.end(status(), then);
}

Reply ClientSession::carry_out(const sql::Statement& statement) {
  if (const auto* query = std::get_if<sql::Query>(&statement)) {
    server_.counters.add(Counter::com_select);
    auto rows = select_without_table(*query, service_);
    if (auto* error = std::get_if<sql::SqlError>(&rows)) return std::move(*error);
    return std::get<Listing>(std::move(rows));
  }
  if (const auto* set = std::get_if<sql::SetStatement>(&statement)) {
    server_.counters.add(Counter::com_set_option);
    if (auto error = set_variables(*set, service_)) return *std::move(error);
    return Done();
  }
  if (const auto* show = std::get_if<sql::ShowStatement>(&statement)) return this->show(*show);
  return errors::not_supported("statements on tables");
}

Reply ClientSession::show(const sql::ShowStatement& show) {
  server_.counters.add(Counter::com_show);
  if (show.kind == sql::ShowKind::variables) return show_variables(show);
  return errors::not_supported("this SHOW");
}

Reply ClientSession::show_variables(const sql::ShowStatement& show) {
  const bool global = show.scope == sql::VariableScope::global;
  Listing listing;
  listing.text("Variable_name").text("Value", 1024);
  for (size_t i = 0; i < kOptions; ++i) {
    auto text = service_.text(static_cast<Option>(i), global);
    if (!text) continue;
    listing.rows.push_back({std::string(option_specs()[i].name), *std::move(text)});
  }
  if (auto error = filter(listing, show)) return *std::move(error);
  return listing;
}

std::optional<wire::ServerError> ClientSession::use(std::string_view schema) {
  return wire::errors::unknown_database(schema);
}

void ClientSession::reset() {
  variables_.reset();
  changes_ = {};
}

Status ClientSession::list_fields(const wire::FieldListCommand& command,
                                  wire::ResultWriter& answer) {
  return answer.error(wire::errors::not_supported(command.table));
}

std::string ClientSession::statistics() {
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(server_.node.clock().now() -
                                                                       server_.started);
  return "Uptime: " + std::to_string(uptime.count()) +
         "  Threads: " + std::to_string(server_.sessions.size()) +
         "  Questions: " + std::to_string(server_.counters.get(Counter::questions));
}

ClientSession::Error ClientSession::kill_session(uint64_t id, bool query_only) {
  const std::shared_ptr<SessionEntry> target =
      id > UINT32_MAX ? nullptr : server_.sessions.find(static_cast<uint32_t>(id));
  if (!target) return errors::unknown_thread(id);
  const ProcessInfo info = target->info();
  const bool own = info.account_user == account_.user && info.account_host == account_.host;
  if (!own && !may(Privilege::super)) return errors::not_owner_of_thread(id);
  if (query_only) {
    target->kill_query();
  } else {
    target->kill_connection();
  }
  return std::nullopt;
}

std::optional<wire::ServerError> ClientSession::kill(uint32_t connection_id) {
  if (auto error = kill_session(connection_id, false)) return errors::to_wire(*error);
  return std::nullopt;
}

std::variant<wire::Prepared, wire::ServerError> ClientSession::prepare(uint32_t, std::string_view) {
  return errors::to_wire(errors::not_in_prepared_protocol());
}

Status ClientSession::execute(uint32_t id, std::span<const wire::Parameter>,
                              wire::ResultWriter& answer) {
  return answer.error(wire::errors::unknown_statement(id, "mysqld_stmt_execute"));
}

void ClientSession::close_statement(uint32_t) {}

std::optional<wire::ServerError> ClientSession::register_replica(
    const wire::RegisterReplicaCommand&) {
  return errors::to_wire(errors::no_binary_log());
}

Status ClientSession::dump_binlog(const wire::BinlogDumpCommand&, wire::PacketStream& packets) {
  wire::append_error(packets.begin_packet(), {1236, "HY000", "Binary log is not open"},
                     wire::capability::kServer);
  return packets.end_packet();
}

Status ClientSession::dump_binlog_gtid(const wire::BinlogDumpGtidCommand& command,
                                       wire::PacketStream& packets) {
  return dump_binlog(command.from, packets);
}

}  // namespace aftersync::server
