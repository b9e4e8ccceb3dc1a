// One client's commands.
#include "core/server/client_session.h"

#include "core/server/parameter_value.h"
#include "core/server/result_sink.h"
#include "core/server/server_errors.h"
#include "core/server/session_settings.h"
#include "core/sql/print/print.h"
#include "core/sql/value/charset_text.h"
#include "core/sql/value/convert.h"
#include "core/wire/capability.h"

namespace aftersync::server {

namespace {

Duration seconds(uint64_t number) { return std::chrono::seconds(static_cast<int64_t>(number)); }

bool is_end(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v;") == std::string_view::npos;
}

// The counter of a kind of statement, if it has one.
std::optional<Counter> counter_of(const sql::Statement& statement) {
  if (std::holds_alternative<sql::Query>(statement)) return Counter::com_select;
  if (const auto* insert = std::get_if<sql::InsertStatement>(&statement)) {
    return insert->replace ? Counter::com_replace : Counter::com_insert;
  }
  if (std::holds_alternative<sql::UpdateStatement>(statement)) return Counter::com_update;
  if (std::holds_alternative<sql::DeleteStatement>(statement)) return Counter::com_delete;
  if (std::holds_alternative<sql::BeginStatement>(statement)) return Counter::com_begin;
  if (const auto* end = std::get_if<sql::EndStatement>(&statement)) {
    return end->commit ? Counter::com_commit : Counter::com_rollback;
  }
  if (std::holds_alternative<sql::SetStatement>(statement)) return Counter::com_set_option;
  if (std::holds_alternative<sql::ShowStatement>(statement)) return Counter::com_show;
  if (std::holds_alternative<sql::CreateTable>(statement)) return Counter::com_create_table;
  if (std::holds_alternative<sql::CreateDatabase>(statement)) return Counter::com_create_db;
  if (std::holds_alternative<sql::CreateIndex>(statement)) return Counter::com_create_index;
  if (std::holds_alternative<sql::AlterTable>(statement)) return Counter::com_alter_table;
  if (std::holds_alternative<sql::DropTable>(statement)) return Counter::com_drop_table;
  if (std::holds_alternative<sql::TruncateTable>(statement)) return Counter::com_truncate;
  if (std::holds_alternative<sql::KillStatement>(statement)) return Counter::com_kill;
  return std::nullopt;
}

// Shows what a session does for as long as it lives.
class Busy {
 public:
  Busy(ServerContext& server, SessionEntry& entry, std::string_view command, std::string_view sql)
      : server_(server), entry_(entry) {
    entry_.begin(command, sql, server_.node.clock().now());
    server_.counters.add(Counter::questions);
    server_.counters.add(Counter::threads_running);
  }
  ~Busy() {
    server_.counters.add(Counter::threads_running, -1);
    entry_.end(server_.node.clock().now());
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  ServerContext& server_;
  SessionEntry& entry_;
};

}  // namespace

ClientSession::ClientSession(ServerContext& server, std::shared_ptr<SessionEntry> entry)
    : server_(server),
      entry_(std::move(entry)),
      variables_(server.variables),
      service_(variables_, hooks()),
      privileges_(*server.accounts, server.variables),
      catalog_({server, privileges_, service_}),
      session_(*server.dictionary, {.variables = &service_,
                                    .privileges = &privileges_,
                                    .virtual_tables = &catalog_,
                                    .changes = server.changes}),
      statements_(server, privileges_, service_, session_) {}

ClientSession::~ClientSession() { forget_prepared(); }

// --- variables ---

VariableHooks ClientSession::hooks() {
  VariableHooks hooks;
  hooks.on_session = [this](Option option) { return variable_changed(option); };
  hooks.on_global = [this](Option option) { return global_changed(option); };
  hooks.may_set_global = [this]() {
    return privileges_.require(bit(Privilege::super), "SUPER or SYSTEM_VARIABLES_ADMIN");
  };
  hooks.computed = [this](Option option) { return computed(option); };
  hooks.persist = [this](Option option, const std::string& value) -> Error {
    const Status status = server_.persisted->set(spec_of(option).name, value);
    if (!status.ok()) return errors::from_status(status);
    return std::nullopt;
  };
  return hooks;
}

ClientSession::Error ClientSession::variable_changed(Option option) {
  if (option == Option::autocommit) {
    if (auto error = session_.set_autocommit(variables_.flag(option))) return error;
  } else if (option == Option::insert_id) {
    session_.settings().insert_id = variables_.number(option);
  } else {
    apply_variables(variables_, session_.settings());
  }
  const OptionSpec& spec = spec_of(option);
  const std::string tracked = variables_.text(Option::session_track_system_variables);
  if (tracked == "*" || find_word(tracked, spec.name)) {
    changes_.variables.emplace_back(spec.name, variables_.text(option));
  }
  return std::nullopt;
}

// super_read_only is the stronger of the two: it brings the other along, and goes with it.
ClientSession::Error ClientSession::global_changed(Option option) {
  GlobalVariables& globals = server_.variables;
  if (option == Option::super_read_only && globals.flag(option)) {
    globals.set(Option::read_only, uint64_t{1});
  }
  if (option == Option::read_only && !globals.flag(option)) {
    globals.set(Option::super_read_only, uint64_t{0});
  }
  return std::nullopt;
}

std::optional<OptionValue> ClientSession::computed(Option option) {
  switch (option) {
    case Option::pseudo_thread_id: return uint64_t{entry_->id()};
    case Option::last_insert_id:
    case Option::identity: return last_insert_id_;
    case Option::warning_count: return session_.diagnostics().warning_count();
    case Option::error_count: return uint64_t{session_.diagnostics().failed() ? 1u : 0u};
    case Option::timestamp: {
      const auto& set = std::get<double>(variables_.get(option));
      if (set != 0) return set;
      const auto now = server_.node.clock().wall_now().time_since_epoch();
      return std::chrono::duration<double>(now).count();
    }
    default: return std::nullopt;
  }
}

// --- the session's life ---

void ClientSession::begin_session(const wire::Login& login) {
  interactive_ = (login.capabilities & wire::capability::kInteractive) != 0;
  multi_statements_ = (login.capabilities & wire::capability::kMultiStatements) != 0;
  privileges_.log_in({login.account.user, login.account.host});
  sql::SessionIdentity& identity = session_.identity();
  identity.connection_id = entry_->id();
  identity.user = login.user + "@" + login.client_host;
  identity.account = login.account.user + "@" + login.account.host;
  session_.settings().found_rows = (login.capabilities & wire::capability::kFoundRows) != 0;
  entry_->logged_in(login.user, login.account.user, login.account.host, "");
}

std::optional<wire::ServerError> ClientSession::open(const wire::Login& login) {
  reset();
  begin_session(login);
  const CharsetChoice charset = charset_of_number(login.collation, server_.variables);
  if (auto error = service_.use_charset(charset.charset, charset.collation)) {
    return errors::to_wire(*error);
  }
  changes_ = {};
  entry_->end(server_.node.clock().now());
  return login.database.empty() ? std::nullopt : use(login.database);
}

void ClientSession::reset() {
  const bool found_rows = session_.settings().found_rows;
  forget_prepared();
  session_.reset();
  variables_.reset();
  // The session begins as its variables say; nothing runs that could fail to be committed.
  (void)session_.set_autocommit(variables_.flag(Option::autocommit));
  apply_variables(variables_, session_.settings());
  session_.settings().found_rows = found_rows;
  last_insert_id_ = 0;
  changes_ = {};
}

wire::Outcome ClientSession::status() {
  wire::Outcome outcome;
  if (session_.autocommit()) outcome.status |= wire::server_status::kAutocommit;
  if (session_.in_transaction()) outcome.status |= wire::server_status::kInTransaction;
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

void ClientSession::note_database() {
  if (session_.database() == database_) return;
  database_ = session_.database();
  entry_->set_database(database_);
  if (variables_.flag(Option::session_track_schema)) changes_.schema = database_;
}

std::optional<wire::ServerError> ClientSession::use(std::string_view schema) {
  if (auto error = privileges_.check_use(schema)) return errors::to_wire(*error);
  if (auto error = session_.use(schema)) return errors::to_wire(*error);
  note_database();
  return std::nullopt;
}

// --- statements ---

std::string_view ClientSession::as_utf8(std::string_view sql, std::string& converted) const {
  const std::optional<storage::Collation> charset = client_charset(variables_);
  if (!charset) return sql;
  converted = sql::decode_text(*charset, sql);
  return converted;
}

Status ClientSession::query(std::string_view sql, wire::ResultWriter& answer) {
  const Busy busy(server_, *entry_, "Query", sql);
  std::string converted;
  sql = as_utf8(sql, converted);
  Status status;
  do {
    sql::ParseOptions options = parse_options(variables_);
    options.multi_statements = multi_statements_;
    const auto parsed = sql::parse(sql, options);
    if (const auto* error = std::get_if<sql::SqlError>(&parsed)) {
      return answer.error(errors::to_wire(*error));
    }
    const auto& one = std::get<sql::Parsed>(parsed);
    sql.remove_prefix(one.length);
    status =
        run(one.statement, {}, answer, is_end(sql) ? wire::Then::done : wire::Then::more_results);
  } while (status.ok() && !answer.finished());
  return status;
}

Status ClientSession::run(const sql::Statement& statement,
                          std::span<const sql::TypedValue> parameters, wire::ResultWriter& answer,
                          wire::Then then) {
  server_.counters.add(Counter::queries);
  if (const auto counter = counter_of(statement)) server_.counters.add(*counter);
  if (const auto* execute = std::get_if<sql::ExecuteStatement>(&statement)) {
    return execute_by_name(*execute, answer, then);
  }
  if (const auto* prepare = std::get_if<sql::PrepareStatement>(&statement)) {
    return send(reply_of(prepare_by_name(*prepare)), answer, then);
  }
  if (const auto* deallocate = std::get_if<sql::DeallocateStatement>(&statement)) {
    return send(reply_of(this->deallocate(*deallocate)), answer, then);
  }
  if (const auto* use = std::get_if<sql::UseStatement>(&statement)) {
    if (auto error = privileges_.check_use(use->database)) {
      return answer.error(errors::to_wire(*error));
    }
  }
  if (auto reply = statements_.answer(statement)) return send(*reply, answer, then);
  ResultSink sink(answer, status().status, result_charset(variables_));
  return finish(session_.execute(statement, sink, parameters), sink, answer, then);
}

Status ClientSession::finish(const std::variant<sql::Completed, sql::SqlError>& result,
                             ResultSink& sink, wire::ResultWriter& answer, wire::Then then) {
  if (!sink.broken().ok()) return sink.broken();
  note_database();
  if (const auto* error = std::get_if<sql::SqlError>(&result)) {
    return answer.error(errors::to_wire(*error));
  }
  const auto& completed = std::get<sql::Completed>(result);
  if (completed.last_insert_id != 0) last_insert_id_ = completed.last_insert_id;
  wire::Outcome outcome = status();
  outcome.affected_rows = completed.affected_rows;
  outcome.last_insert_id = completed.last_insert_id;
  outcome.warnings = static_cast<uint16_t>(std::min<uint64_t>(completed.warnings, UINT16_MAX));
  outcome.info = completed.info;
  return sink.begun() ? answer.end(outcome, then) : answer.ok(outcome, then);
}

Status ClientSession::send(const StatementReply& reply, wire::ResultWriter& answer,
                           wire::Then then) {
  if (const auto* error = std::get_if<sql::SqlError>(&reply)) {
    return answer.error(errors::to_wire(*error));
  }
  if (const auto* done = std::get_if<Done>(&reply)) {
    wire::Outcome outcome = status();
    outcome.affected_rows = done->affected_rows;
    return answer.ok(outcome, then);
  }
  const auto& listing = std::get<Listing>(reply);
  ResultSink sink(answer, status().status, result_charset(variables_));
  RETURN_IF_ERROR(sink.begin(listing.columns));
  for (const auto& row : listing.rows) RETURN_IF_ERROR(sink.row(row));
  return answer.end(status(), then);
}

// --- prepared statements ---

std::variant<ClientSession::PreparedStatement, sql::SqlError> ClientSession::parse_to_prepare(
    std::string_view sql) {
  std::string converted;
  sql = as_utf8(sql, converted);
  auto parsed = sql::parse(sql, parse_options(variables_));
  if (auto* error = std::get_if<sql::SqlError>(&parsed)) return std::move(*error);
  auto& one = std::get<sql::Parsed>(parsed);
  if (std::holds_alternative<sql::PrepareStatement>(one.statement) ||
      std::holds_alternative<sql::ExecuteStatement>(one.statement) ||
      std::holds_alternative<sql::DeallocateStatement>(one.statement)) {
    return errors::not_in_prepared_protocol();
  }
  const uint64_t most = server_.variables.number(Option::max_prepared_stmt_count);
  if (server_.counters.get(Counter::prepared_stmt_count) >= most) {
    return errors::too_many_statements(most);
  }
  server_.counters.add(Counter::prepared_stmt_count);
  server_.counters.add(Counter::com_stmt_prepare);
  return PreparedStatement{std::string(sql), std::move(one.statement), one.parameters};
}

std::variant<wire::Prepared, wire::ServerError> ClientSession::prepare(uint32_t id,
                                                                       std::string_view sql) {
  const Busy busy(server_, *entry_, "Prepare", sql);
  auto parsed = parse_to_prepare(sql);
  if (const auto* error = std::get_if<sql::SqlError>(&parsed)) return errors::to_wire(*error);
  const PreparedStatement& kept =
      prepared_.insert_or_assign(id, std::get<PreparedStatement>(std::move(parsed))).first->second;
  const auto described = session_.describe(kept.statement);
  if (const auto* error = std::get_if<sql::SqlError>(&described)) {
    close_statement(id);
    return errors::to_wire(*error);
  }
  wire::Prepared prepared;
  prepared.parameters = static_cast<uint16_t>(kept.parameters);
  const ResultCharset charset = result_charset(variables_);
  for (const auto& column : std::get<std::vector<sql::ResultColumn>>(described)) {
    prepared.columns.push_back(column_definition(column, charset.number));
  }
  return prepared;
}

Status ClientSession::execute(uint32_t id, std::span<const wire::Parameter> parameters,
                              wire::ResultWriter& answer) {
  const PreparedStatement& prepared = prepared_.at(id);
  const Busy busy(server_, *entry_, "Execute", prepared.text);
  server_.counters.add(Counter::com_stmt_execute);
  const std::optional<storage::Collation> charset = client_charset(variables_);
  std::vector<sql::TypedValue> values;
  values.reserve(parameters.size());
  for (const wire::Parameter& one : parameters) values.push_back(parameter_value(one, charset));
  return run(prepared.statement, values, answer, wire::Then::done);
}

void ClientSession::close_statement(uint32_t id) {
  if (prepared_.erase(id) == 0) return;
  server_.counters.add(Counter::prepared_stmt_count, -1);
  server_.counters.add(Counter::com_stmt_close);
}

void ClientSession::forget_prepared() {
  const auto count = static_cast<int64_t>(prepared_.size() + named_.size());
  server_.counters.add(Counter::prepared_stmt_count, -count);
  prepared_.clear();
  named_.clear();
}

ClientSession::Error ClientSession::prepare_by_name(const sql::PrepareStatement& statement) {
  auto text = evaluate(session_, statement.text);
  if (auto* error = std::get_if<sql::SqlError>(&text)) return std::move(*error);
  const auto& typed = std::get<sql::TypedValue>(text);
  const std::string name = canonical_option_name(statement.name);
  if (named_.erase(name) > 0) server_.counters.add(Counter::prepared_stmt_count, -1);
  auto parsed =
      parse_to_prepare(sql::is_null(typed.value) ? "NULL" : sql::to_text(typed.value, typed.type));
  if (auto* error = std::get_if<sql::SqlError>(&parsed)) return std::move(*error);
  named_.emplace(name, std::get<PreparedStatement>(std::move(parsed)));
  return std::nullopt;
}

ClientSession::Error ClientSession::deallocate(const sql::DeallocateStatement& statement) {
  if (named_.erase(canonical_option_name(statement.name)) == 0) {
    return errors::unknown_statement(statement.name, "DEALLOCATE PREPARE");
  }
  server_.counters.add(Counter::prepared_stmt_count, -1);
  return std::nullopt;
}

Status ClientSession::execute_by_name(const sql::ExecuteStatement& statement,
                                      wire::ResultWriter& answer, wire::Then then) {
  const auto found = named_.find(canonical_option_name(statement.name));
  if (found == named_.end()) {
    return answer.error(errors::to_wire(errors::unknown_statement(statement.name, "EXECUTE")));
  }
  if (found->second.parameters != statement.variables.size()) {
    return answer.error(errors::to_wire(errors::wrong_arguments("EXECUTE")));
  }
  std::vector<sql::TypedValue> values;
  for (const std::string& name : statement.variables) {
    auto value = evaluate(session_, sql::Expr(sql::UserVariable{name}));
    if (const auto* error = std::get_if<sql::SqlError>(&value)) {
      return answer.error(errors::to_wire(*error));
    }
    values.push_back(std::get<sql::TypedValue>(std::move(value)));
  }
  return run(found->second.statement, values, answer, then);
}

// --- other commands ---

// The columns of a table, as SELECT * would have them.
Status ClientSession::list_fields(const wire::FieldListCommand& command,
                                  wire::ResultWriter& answer) {
  const auto parsed = sql::parse("SELECT * FROM " + sql::quoted_name(command.table) + " LIMIT 0");
  if (const auto* error = std::get_if<sql::SqlError>(&parsed)) {
    return answer.error(errors::to_wire(*error));
  }
  const auto described = session_.describe(std::get<sql::Parsed>(parsed).statement);
  if (const auto* error = std::get_if<sql::SqlError>(&described)) {
    return answer.error(errors::to_wire(*error));
  }
  const ResultCharset charset = result_charset(variables_);
  std::vector<wire::ColumnDefinition> columns;
  for (const auto& column : std::get<std::vector<sql::ResultColumn>>(described)) {
    columns.push_back(column_definition(column, charset.number));
  }
  return answer.field_list(columns, status().status);
}

std::string ClientSession::statistics() {
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(server_.node.clock().now() -
                                                                       server_.started);
  return "Uptime: " + std::to_string(uptime.count()) +
         "  Threads: " + std::to_string(server_.sessions.size()) +
         "  Questions: " + std::to_string(server_.counters.get(Counter::questions));
}

std::optional<wire::ServerError> ClientSession::kill(uint32_t connection_id) {
  if (auto error = statements_.kill(connection_id, false)) return errors::to_wire(*error);
  return std::nullopt;
}

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
