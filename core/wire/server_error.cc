// The texts of the errors that the protocol layer raises.
#include "core/wire/server_error.h"

namespace aftersync::wire::errors {

namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

ServerError too_many_connections() { return {1040, "08004", "Too many connections"}; }

ServerError bad_handshake() { return {1043, "08S01", "Bad handshake"}; }

ServerError access_denied(std::string_view user, std::string_view host, bool used_password) {
  return {1045, "28000",
          "Access denied for user " + quoted(user) + "@" + quoted(host) +
              " (using password: " + (used_password ? "YES)" : "NO)")};
}

ServerError unknown_command() { return {1047, "08S01", "Unknown command"}; }

ServerError unknown_database(std::string_view name) {
  return {1049, "42000", "Unknown database " + quoted(name)};
}

ServerError server_shutdown() { return {1053, "08S01", "Server shutdown in progress"}; }

ServerError packet_too_large() {
  return {1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"};
}

ServerError packets_out_of_order() { return {1156, "08S01", "Got packets out of order"}; }

ServerError read_timeout() { return {1159, "08S01", "Got timeout reading communication packets"}; }

ServerError not_supported(std::string_view what) {
  return {1235, "42000", "This version of MySQL doesn't yet support " + quoted(what)};
}

ServerError unknown_statement(uint32_t id, std::string_view command) {
  return {1243, "HY000",
          "Unknown prepared statement handler (" + std::to_string(id) + ") given to " +
              std::string(command)};
}

ServerError client_too_old() {
  return {1251, "08004",
          "Client does not support authentication protocol requested by server; consider upgrading "
          "MySQL client"};
}

ServerError no_open_cursor(uint32_t id) {
  return {1421, "HY000", "The statement (" + std::to_string(id) + ") has no open cursor."};
}

ServerError plugin_not_loaded(std::string_view plugin) {
  return {1524, "HY000", "Plugin " + quoted(plugin) + " is not loaded"};
}

ServerError malformed_packet(const Status& status) {
  return {1835, "HY000", "Malformed communication packet: " + std::string(status.message())};
}

ServerError insecure_transport() {
  return {3159, "HY000",
          "Connections using insecure transport are prohibited while "
          "--require_secure_transport=ON."};
}

ServerError inactivity_timeout() {
  return {4031, "HY000",
          "The client was disconnected by the server because of inactivity. See wait_timeout and "
          "interactive_timeout for configuring this behavior."};
}

}  // namespace aftersync::wire::errors
