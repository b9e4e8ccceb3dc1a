// ServerError: what a client is told, in MySQL's numbers, SQLSTATEs and words.
//
// A Status is for the program; this is for the client. The protocol layer raises only those below;
// the layers above make their own. Source: MySQL 8.0 Error Message Reference, server errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::wire {

struct ServerError {
  uint16_t number = 0;
  std::string sqlstate{};  // five characters
  std::string message{};   // without a line end; clients are sent at most 512 bytes of it
};

namespace errors {

ServerError too_many_connections();  // 1040
ServerError bad_handshake();         // 1043
// `used_password`: the client sent one, right or wrong.
ServerError access_denied(std::string_view user, std::string_view host, bool used_password);
ServerError unknown_command();                                         // 1047
ServerError unknown_database(std::string_view name);                   // 1049
ServerError server_shutdown();                                         // 1053
ServerError packet_too_large();                                        // 1153
ServerError packets_out_of_order();                                    // 1156
ServerError read_timeout();                                            // 1159
ServerError not_supported(std::string_view what);                      // 1235
ServerError unknown_statement(uint32_t id, std::string_view command);  // 1243
ServerError client_too_old();                                          // 1251
ServerError no_open_cursor(uint32_t id);                               // 1421
ServerError plugin_not_loaded(std::string_view plugin);                // 1524
// 1835, with what `status` says of packet and offset behind MySQL's words.
ServerError malformed_packet(const Status& status);
ServerError insecure_transport();  // 3159
ServerError inactivity_timeout();  // 4031

}  // namespace errors

}  // namespace aftersync::wire
