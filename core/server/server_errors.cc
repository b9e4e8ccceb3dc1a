// Errors of the server itself.
#include "core/server/server_errors.h"

#include <string>

namespace aftersync::server::errors {

namespace {

std::string text(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  return joined;
}

SqlError made(uint16_t number, std::string_view state, std::string message) {
  SqlError error;
  error.number = number;
  error.sqlstate = state;
  error.message = std::move(message);
  return error;
}

}  // namespace

wire::ServerError to_wire(const SqlError& error) {
  return {error.number, error.sqlstate, error.message};
}

SqlError from_wire(const wire::ServerError& error) {
  return made(error.number, error.sqlstate, error.message);
}

// What has no number of its own: 1105, or what asks to try again.
SqlError from_status(const Status& status) {
  switch (status.code()) {
    case Code::deadlock:
      return made(1213, "40001",
                  "Deadlock found when trying to get lock; try restarting transaction");
    case Code::lock_wait_timeout:
      return made(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
    case Code::no_space: return made(1021, "HY000", "Disk full; " + std::string(status.message()));
    default: return made(1105, "HY000", status.to_string());
  }
}

SqlError database_access_denied(std::string_view account, std::string_view database) {
  return made(1044, "42000",
              text({"Access denied for user ", account, " to database '", database, "'"}));
}

SqlError access_denied(std::string_view account) {
  return made(1045, "28000", text({"Access denied for user ", account, " (using password: YES)"}));
}

SqlError no_database_selected() { return made(1046, "3D000", "No database selected"); }

SqlError unknown_thread(uint64_t id) {
  return made(1094, "HY000", "Unknown thread id: " + std::to_string(id));
}

SqlError not_owner_of_thread(uint64_t id) {
  return made(1095, "HY000", "You are not owner of thread " + std::to_string(id));
}

SqlError no_such_grant(std::string_view user, std::string_view host) {
  return made(1141, "42000",
              text({"There is no such grant defined for user '", user, "' on host '", host, "'"}));
}

SqlError table_access_denied(std::string_view command, std::string_view account,
                             std::string_view table) {
  return made(1142, "42000",
              text({command, " command denied to user ", account, " for table '", table, "'"}));
}

SqlError wrong_grant_level() {
  return made(1144, "42000",
              "Illegal GRANT/REVOKE command; please consult the manual to see which privileges can "
              "be used");
}

SqlError unknown_variable(std::string_view name) {
  return made(1193, "HY000", text({"Unknown system variable '", name, "'"}));
}

SqlError need_privilege(std::string_view privileges) {
  return made(1227, "42000",
              text({"Access denied; you need (at least one of) the ", privileges,
                    " privilege(s) for this operation"}));
}

SqlError session_variable(std::string_view name) {
  return made(
      1228, "HY000",
      text({"Variable '", name, "' is a SESSION variable and can't be used with SET GLOBAL"}));
}

SqlError global_variable(std::string_view name) {
  return made(
      1229, "HY000",
      text({"Variable '", name, "' is a GLOBAL variable and should be set with SET GLOBAL"}));
}

SqlError no_default(std::string_view name) {
  return made(1230, "42000", text({"Variable '", name, "' doesn't have a default value"}));
}

SqlError wrong_value(std::string_view name, std::string_view value) {
  return made(1231, "42000",
              text({"Variable '", name, "' can't be set to the value of '", value, "'"}));
}

SqlError wrong_type(std::string_view name) {
  return made(1232, "42000", text({"Incorrect argument type to variable '", name, "'"}));
}

SqlError variable_kind(std::string_view name, std::string_view kind) {
  return made(1238, "HY000", text({"Variable '", name, "' is a ", kind, " variable"}));
}

SqlError unknown_statement(std::string_view name, std::string_view command) {
  return made(1243, "HY000",
              text({"Unknown prepared statement handler (", name, ") given to ", command}));
}

SqlError not_supported(std::string_view what) {
  return made(1235, "42000", text({"This version of MySQL doesn't yet support '", what, "'"}));
}

SqlError wrong_collation(std::string_view collation, std::string_view charset) {
  return made(1253, "42000",
              text({"COLLATION '", collation, "' is not valid for CHARACTER SET '", charset, "'"}));
}

SqlError unknown_time_zone(std::string_view name) {
  return made(1298, "HY000", text({"Unknown or incorrect time zone: '", name, "'"}));
}

SqlError forbidden_by_option(std::string_view option) {
  return made(1290, "HY000",
              text({"The MySQL server is running with the ", option,
                    " option so it cannot execute this statement"}));
}

SqlError account_failed(std::string_view command, std::string_view accounts) {
  return made(1396, "HY000", text({"Operation ", command, " failed for ", accounts}));
}

SqlError no_binary_log() { return made(1381, "HY000", "You are not using binary logging"); }

SqlError no_permission_to_grant() {
  return made(1410, "42000", "You are not allowed to create a user with GRANT");
}

SqlError too_many_statements(uint64_t most) {
  return made(1461, "42000",
              "Can't create more than max_prepared_stmt_count statements (current value: " +
                  std::to_string(most) + ")");
}

SqlError unknown_engine(std::string_view name) {
  return made(1286, "42000", text({"Unknown storage engine '", name, "'"}));
}

SqlError read_only_session_variable(std::string_view name) {
  return made(
      1621, "HY000",
      text({"SESSION variable `", name, "` is read-only. Use SET GLOBAL to assign the value"}));
}

SqlError not_in_prepared_protocol() {
  return made(1295, "HY000",
              "This command is not supported in the prepared statement protocol yet");
}

SqlError wrong_arguments(std::string_view command) {
  return made(1210, "HY000", text({"Incorrect arguments to ", command}));
}

}  // namespace aftersync::server::errors
