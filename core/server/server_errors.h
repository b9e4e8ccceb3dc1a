// Errors of the server itself, in MySQL's numbers and words; those of statements are in
// sql/errors.def, those of the protocol in wire/server_error.h.
// Source: MySQL 8.0 Error Message Reference.
#pragma once

#include <string_view>

#include "core/sql/sql_error.h"
#include "core/wire/server_error.h"

namespace aftersync::server::errors {

using sql::SqlError;

[[nodiscard]] wire::ServerError to_wire(const SqlError& error);
[[nodiscard]] SqlError from_wire(const wire::ServerError& error);
[[nodiscard]] SqlError from_status(const Status& status);

[[nodiscard]] SqlError database_access_denied(std::string_view account,
                                              std::string_view database);            // 1044
[[nodiscard]] SqlError access_denied(std::string_view account);                      // 1045
[[nodiscard]] SqlError no_database_selected();                                       // 1046
[[nodiscard]] SqlError unknown_thread(uint64_t id);                                  // 1094
[[nodiscard]] SqlError not_owner_of_thread(uint64_t id);                             // 1095
[[nodiscard]] SqlError no_such_grant(std::string_view user, std::string_view host);  // 1141
[[nodiscard]] SqlError table_access_denied(std::string_view command, std::string_view account,
                                           std::string_view table);                  // 1142
[[nodiscard]] SqlError wrong_grant_level();                                          // 1144
[[nodiscard]] SqlError unknown_variable(std::string_view name);                      // 1193
[[nodiscard]] SqlError need_privilege(std::string_view privileges);                  // 1227
[[nodiscard]] SqlError session_variable(std::string_view name);                      // 1228
[[nodiscard]] SqlError global_variable(std::string_view name);                       // 1229
[[nodiscard]] SqlError no_default(std::string_view name);                            // 1230
[[nodiscard]] SqlError wrong_value(std::string_view name, std::string_view value);   // 1231
[[nodiscard]] SqlError wrong_type(std::string_view name);                            // 1232
[[nodiscard]] SqlError variable_kind(std::string_view name, std::string_view kind);  // 1238
[[nodiscard]] SqlError unknown_statement(std::string_view name,
                                         std::string_view command);  // 1243
[[nodiscard]] SqlError not_supported(std::string_view what);         // 1235
[[nodiscard]] SqlError wrong_collation(std::string_view collation,
                                       std::string_view charset);     // 1253
[[nodiscard]] SqlError unknown_time_zone(std::string_view name);      // 1298
[[nodiscard]] SqlError forbidden_by_option(std::string_view option);  // 1290
[[nodiscard]] SqlError account_failed(std::string_view command,
                                      std::string_view accounts);          // 1396
[[nodiscard]] SqlError no_binary_log();                                    // 1381
[[nodiscard]] SqlError no_permission_to_grant();                           // 1410
[[nodiscard]] SqlError too_many_statements(uint64_t most);                 // 1461
[[nodiscard]] SqlError unknown_engine(std::string_view name);              // 1286
[[nodiscard]] SqlError read_only_session_variable(std::string_view name);  // 1621
[[nodiscard]] SqlError not_in_prepared_protocol();                         // 1295
[[nodiscard]] SqlError wrong_arguments(std::string_view command);          // 1210

}  // namespace aftersync::server::errors
