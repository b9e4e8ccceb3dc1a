// The script of scripted_handler.h.
#include "proptests/wire/scripted_handler.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/base/coding.h"

namespace aftersync::wire {

namespace {

ColumnDefinition column(std::string name, FieldType type, uint16_t flags = 0,
                        uint8_t decimals = 0) {
  ColumnDefinition made;
  made.schema = "test";
  made.table = made.original_table = "t";
  made.original_name = name;
  made.name = std::move(name);
  made.length = type == FieldType::new_decimal ? 14 : 255;  // of DECIMAL(12,2): libmariadb looks
  made.type = type;
  made.flags = flags;
  made.decimals = decimals;
  return made;
}

ColumnDefinition text_column(std::string name) {
  constexpr uint16_t kUtf8mb4GeneralCi = 45;
  ColumnDefinition made = column(std::move(name), FieldType::var_string);
  made.collation = kUtf8mb4GeneralCi;
  return made;
}

uint64_t number_behind(std::string_view sql) {
  uint64_t value = 0;
  const size_t blank = sql.find(' ');
  if (blank == std::string_view::npos) return 0;
  std::from_chars(sql.data() + blank + 1, sql.data() + sql.size(), value);
  return value;
}

ServerError syntax_error(std::string_view sql) {
  return {1064, "42000",
          "You have an error in your script near '" + std::string(sql.substr(0, 80)) + "'"};
}

}  // namespace

ScriptedAccounts::ScriptedAccounts() {
  const std::string sha2 = sha2_authentication_string("secret", "ABCDEFGHIJ0123456789");
  accounts_["ann"] = {"ann", "%", std::string(kCachingSha2Plugin), sha2};
  accounts_["eve"] = {"eve", "%", std::string(kCachingSha2Plugin), ""};
  accounts_["bob"] = {"bob", "%", std::string(kNativePlugin),
                      native_authentication_string("secret")};
}

std::optional<Account> ScriptedAccounts::find(std::string_view user, std::string_view) {
  const auto found = accounts_.find(user);
  if (found == accounts_.end()) return std::nullopt;
  return found->second;
}

std::vector<ColumnDefinition> all_types() {
  constexpr uint16_t kU = column_flag::kUnsigned;
  return {column("tiny", FieldType::tiny),
          column("utiny", FieldType::tiny, kU),
          column("short", FieldType::short_int),
          column("ushort", FieldType::short_int, kU),
          column("int24", FieldType::int24),
          column("long", FieldType::long_int),
          column("ulong", FieldType::long_int, kU),
          column("longlong", FieldType::longlong),
          column("ulonglong", FieldType::longlong, kU),
          column("year", FieldType::year, kU),
          column("float", FieldType::float_number, 0, kAnyDecimals),
          column("double", FieldType::double_number, 0, kAnyDecimals),
          column("decimal", FieldType::new_decimal, 0, 2),
          column("date", FieldType::date),
          column("datetime", FieldType::datetime, 0, 6),
          column("timestamp", FieldType::timestamp),
          column("time", FieldType::time, 0, 3),
          text_column("text"),
          column("blob", FieldType::blob, column_flag::kBlob | column_flag::kBinary)};
}

std::vector<Cell> all_values() {
  return {int64_t{-128},
          uint64_t{255},
          int64_t{-32768},
          uint64_t{65535},
          int64_t{-8388608},
          int64_t{INT32_MIN},
          uint64_t{UINT32_MAX},
          int64_t{INT64_MIN},
          uint64_t{UINT64_MAX},
          uint64_t{2026},
          0.5,
          -2.25,
          std::string_view("-1234567890.12"),
          DateTimeCell{.year = 2026, .month = 1, .day = 2},
          DateTimeCell{2026, 12, 31, 23, 59, 58, 123456},
          DateTimeCell{2026, 6, 7, 8, 9, 10, 0},
          TimeCell{true, 838, 59, 58, 125000},
          std::string_view("gr\xc3\xbc\xc3\x9f"),
          std::string_view("\0\xff\n", 3)};
}

std::optional<ServerError> ScriptedHandler::open(const Login& of) {
  login = of;
  return login.database.empty() ? std::nullopt : use(login.database);
}

std::optional<ServerError> ScriptedHandler::use(std::string_view schema) {
  if (schema == "nowhere") return errors::unknown_database(schema);
  login.database = schema;
  return std::nullopt;
}

Status ScriptedHandler::query(std::string_view sql, ResultWriter& answer) {
  std::string verb(sql.substr(0, sql.find(' ')));
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (verb == "SET") return answer.ok(status());
  if (verb == "ROWS") return rows(number_behind(sql), answer, Then::done);
  if (verb == "CHANGE") return changed(number_behind(sql), answer);
  if (verb == "LENGTH") {
    return one_row({column("length", FieldType::longlong)},
                   std::vector<Cell>{static_cast<int64_t>(sql.size())}, answer);
  }
  if (verb == "BLOB") {
    const std::string blob(number_behind(sql), 'x');
    return one_row({column("blob", FieldType::long_blob, column_flag::kBlob)},
                   std::vector<Cell>{std::string_view(blob)}, answer);
  }
  if (verb == "TYPES") return types(number_behind(sql), answer);
  if (verb == "WHO") return who(answer);
  if (verb == "MULTI") return multi(answer);
  if (verb == "BREAK") return broken(answer);
  return answer.error(syntax_error(sql));
}

Status ScriptedHandler::rows(uint64_t count, ResultWriter& answer, Then then) {
  const std::vector<ColumnDefinition> columns{column("number", FieldType::longlong),
                                              text_column("name")};
  RETURN_IF_ERROR(answer.begin(columns, server_status_));
  for (uint64_t i = 0; i < count; ++i) {
    const std::string name = "row " + std::to_string(i);
    RETURN_IF_ERROR(answer.row(std::vector<Cell>{static_cast<int64_t>(i), std::string_view(name)}));
  }
  return answer.end(status(), then);
}

Status ScriptedHandler::one_row(const std::vector<ColumnDefinition>& columns,
                                std::span<const Cell> cells, ResultWriter& answer) {
  RETURN_IF_ERROR(answer.begin(columns, server_status_));
  RETURN_IF_ERROR(answer.row(cells));
  return answer.end(status());
}

Status ScriptedHandler::changed(uint64_t count, ResultWriter& answer) {
  Outcome outcome = status();
  outcome.affected_rows = count;
  outcome.last_insert_id = 2 * count;
  outcome.warnings = 2;
  outcome.info = "Rows matched: " + std::to_string(count);
  outcome.changes.variables = {{"autocommit", "ON"}};
  outcome.changes.schema = "other";
  outcome.changes.state_changed = true;
  outcome.changes.gtids = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5";
  return answer.ok(outcome);
}

Status ScriptedHandler::types(uint64_t count, ResultWriter& answer) {
  std::vector<ColumnDefinition> columns = all_types();
  std::vector<Cell> values = all_values();
  if (count > 0 && count < columns.size()) {
    columns.resize(count);
    values.resize(count);
  }
  RETURN_IF_ERROR(answer.begin(columns, server_status_));
  RETURN_IF_ERROR(answer.row(values));
  RETURN_IF_ERROR(answer.row(std::vector<Cell>(columns.size())));
  return answer.end(status());
}

Status ScriptedHandler::who(ResultWriter& answer) {
  std::string attributes;
  for (const auto& [name, value] : login.attributes) attributes += name + "=" + value + ";";
  const std::vector<ColumnDefinition> columns{text_column("user"), text_column("host"),
                                              text_column("schema"), text_column("tls"),
                                              text_column("attributes")};
  return one_row(
      columns,
      std::vector<Cell>{std::string_view(login.user), std::string_view(login.client_host),
                        std::string_view(login.database),
                        std::string_view(login.tls ? "yes" : "no"), std::string_view(attributes)},
      answer);
}

Status ScriptedHandler::multi(ResultWriter& answer) {
  RETURN_IF_ERROR(answer.ok(status(), Then::more_results));
  RETURN_IF_ERROR(rows(2, answer, Then::more_results));
  return answer.ok(status());
}

Status ScriptedHandler::broken(ResultWriter& answer) {
  const std::vector<ColumnDefinition> columns{column("number", FieldType::tiny)};
  RETURN_IF_ERROR(answer.begin(columns, server_status_));
  RETURN_IF_ERROR(answer.row(std::vector<Cell>{int64_t{1}}));
  return answer.error({1317, "70100", "Query execution was interrupted"});
}

Status ScriptedHandler::list_fields(const FieldListCommand& command, ResultWriter& answer) {
  if (command.table != "t") {
    return answer.error({1146, "42S02", "Table 't' doesn't exist"});
  }
  return answer.field_list(all_types(), server_status_);
}

std::optional<ServerError> ScriptedHandler::kill(uint32_t connection_id) {
  killed = connection_id;
  if (connection_id > 1000) return ServerError{1094, "HY000", "Unknown thread id"};
  return std::nullopt;
}

std::variant<Prepared, ServerError> ScriptedHandler::prepare(uint32_t id, std::string_view sql) {
  if (sql.starts_with("FAIL")) return syntax_error(sql);
  statements[id] = sql;
  Prepared prepared;
  prepared.parameters = static_cast<uint16_t>(std::count(sql.begin(), sql.end(), '?'));
  if (sql == "TYPES") prepared.columns = all_types();
  return prepared;
}

Status ScriptedHandler::execute(uint32_t id, std::span<const Parameter> parameters,
                                ResultWriter& answer) {
  const std::string& sql = statements.at(id);
  if (!sql.starts_with("PARAMS") || parameters.empty()) return query(sql, answer);
  std::vector<ColumnDefinition> columns;
  std::vector<Cell> cells;
  for (const Parameter& parameter : parameters) {
    constexpr uint8_t kMicroseconds = 6;
    const uint16_t flags = parameter.type.is_unsigned ? column_flag::kUnsigned : 0;
    const bool as_text = std::holds_alternative<std::string_view>(parameter.cell);
    columns.push_back(
        column("p", as_text ? FieldType::blob : parameter.type.type, flags, kMicroseconds));
    cells.push_back(parameter.cell);
  }
  return one_row(columns, cells, answer);
}

std::optional<ServerError> ScriptedHandler::register_replica(
    const RegisterReplicaCommand& command) {
  if (command.server_id == 0) return ServerError{1236, "HY000", "no server id"};
  return std::nullopt;
}

Status ScriptedHandler::dump_binlog(const BinlogDumpCommand& command, PacketStream& packets) {
  RETURN_IF_ERROR(packets.send(std::string(1, '\0') + std::string(command.file) + "@" +
                               std::to_string(command.position)));
  append_eof(packets.begin_packet(), status());
  return packets.end_packet();
}

Status ScriptedHandler::dump_binlog_gtid(const BinlogDumpGtidCommand& command,
                                         PacketStream& packets) {
  std::string text(1, '\0');
  for (const GtidInterval& one : command.has) {
    text += one.server.to_string() + ":" + std::to_string(one.first) + "-" +
            std::to_string(one.end - 1);
  }
  RETURN_IF_ERROR(packets.send(text));
  append_eof(packets.begin_packet(), status());
  return packets.end_packet();
}

}  // namespace aftersync::wire
