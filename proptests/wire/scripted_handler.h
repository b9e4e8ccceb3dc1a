// A session without a database: its statements are a little script, so that tests of the protocol,
// ours and real clients, get every shape of answer without any SQL behind it.
//
//   SET ...            OK
//   FAIL               error 1064
//   ROWS n             n rows: a number and "row NUMBER"
//   BLOB n             one row of n times 'x'
//   LENGTH ...         one row: how many bytes the whole statement has
//   TYPES [n]          one row with a column of each type, or of its first n; one more of NULLs
//   CHANGE n           OK with n affected rows, insert id 2n, two warnings, info and session
//   changes MULTI              OK, rows, OK BREAK              a row, then error 1317 in place of
//   further ones WHO                user, host, schema, whether TLS, attributes PARAMS ? ...
//   prepared: one row of the parameters as they came
//
// Schemas are any but "nowhere" (1049).
#pragma once

#include <map>
#include <string>

#include "core/wire/connection.h"
#include "core/wire/password.h"

namespace aftersync::wire {

// Accounts whose password is "secret", but for eve's, which is empty: ann and eve by
// caching_sha2_password, bob by mysql_native_password.
class ScriptedAccounts : public AccountStore {
 public:
  ScriptedAccounts();
  std::optional<Account> find(std::string_view user, std::string_view client_host) override;

 private:
  std::map<std::string, Account, std::less<>> accounts_;
};

// What TYPES says of its columns, for tests that expect it.
[[nodiscard]] std::vector<ColumnDefinition> all_types();
[[nodiscard]] std::vector<Cell> all_values();

class ScriptedHandler : public CommandHandler {
 public:
  std::optional<ServerError> open(const Login& login) override;
  Outcome status() override { return {.status = server_status_}; }
  SessionLimits limits() override { return session_limits; }
  Status query(std::string_view sql, ResultWriter& answer) override;
  std::optional<ServerError> use(std::string_view schema) override;
  void reset() override { ++resets; }
  void allow_multi_statements(bool allowed) override { multi_statements = allowed; }
  Status list_fields(const FieldListCommand& command, ResultWriter& answer) override;
  std::string statistics() override { return "Uptime: 1  Threads: 1"; }
  std::optional<ServerError> kill(uint32_t connection_id) override;
  std::variant<Prepared, ServerError> prepare(uint32_t id, std::string_view sql) override;
  Status execute(uint32_t id, std::span<const Parameter> parameters, ResultWriter& answer) override;
  void close_statement(uint32_t id) override { statements.erase(id); }
  std::optional<ServerError> register_replica(const RegisterReplicaCommand& command) override;
  Status dump_binlog(const BinlogDumpCommand& command, PacketStream& packets) override;
  Status dump_binlog_gtid(const BinlogDumpGtidCommand& command, PacketStream& packets) override;

  // For the tests to set and see, before and after a connection runs.
  SessionLimits session_limits{};
  Login login{};
  std::map<uint32_t, std::string> statements{};
  int resets = 0;
  bool multi_statements = false;
  uint32_t killed = 0;

 private:
  Status rows(uint64_t count, ResultWriter& answer, Then then);
  Status one_row(const std::vector<ColumnDefinition>& columns, std::span<const Cell> cells,
                 ResultWriter& answer);
  Status changed(uint64_t count, ResultWriter& answer);
  Status who(ResultWriter& answer);
  Status types(uint64_t count, ResultWriter& answer);
  Status multi(ResultWriter& answer);
  Status broken(ResultWriter& answer);

  uint16_t server_status_ = 2;  // autocommit
};

}  // namespace aftersync::wire
