// The packets of the connection phase: greeting, login, change of user, change of plugin.
//
// Greeting (HandshakeV10), server to client:
//   u8      10
//   string  server version, NUL
//   u32     connection id
//   8       first part of the scramble
//   u8      0
//   u16     capabilities, lower half
//   u8      collation of the server (lower byte of its id)
//   u16     status
//   u16     capabilities, upper half
//   u8      length of the whole scramble with its NUL: 21
//   10      0
//   13      second part of the scramble and a NUL
//   string  name of the default plugin, NUL
//
// Login (HandshakeResponse41), client to server; an SSLRequest is its first 32 bytes alone:
//   u32     capabilities
//   u32     max_packet_size
//   u8      collation
//   23      0 (MariaDB's clients may put their own capabilities into the last 4)
//   string  user, NUL
//   answer  lenenc string with kPluginAuthLenenc, else u8 length and bytes
//   string  database, NUL             with kConnectWithDb
//   string  plugin, NUL               with kPluginAuth
//   lenenc  length, then pairs of lenenc strings: attributes, with kConnectAttributes
//
// COM_CHANGE_USER: u8 command, user NUL, u8 length and answer, database NUL, u16 collation, plugin
// NUL, attributes; whatever follows the database may be absent.
//
// AuthSwitchRequest: u8 0xfe, plugin NUL, scramble of 20 bytes and a NUL.
//
// Sources: MySQL Source Code Documentation, "Protocol::HandshakeV10", "HandshakeResponse",
// "SSLRequest", "AuthSwitchRequest", "COM_CHANGE_USER".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace aftersync::wire {

inline constexpr size_t kScrambleBytes = 20;
inline constexpr size_t kSslRequestBytes = 32;

struct Greeting {
  std::string server_version{};
  uint32_t connection_id = 0;
  std::string scramble{};  // kScrambleBytes, none of them zero
  uint32_t capabilities = 0;
  uint8_t collation = 0;
  uint16_t status = 0;
  std::string plugin{};
};

// What a client says of itself, at login or when it changes its user.
struct LoginRequest {
  uint32_t capabilities = 0;
  uint32_t max_packet_size = 0;
  uint16_t collation = 0;
  std::string user{};
  std::string answer{};  // of the plugin to the scramble; secret
  std::string database{};
  std::string plugin{};  // empty when the client names none
  std::vector<std::pair<std::string, std::string>> attributes{};
};

[[nodiscard]] std::string encode_greeting(const Greeting& greeting);
// Whether `payload` is an SSLRequest: 32 bytes that ask for kSsl.
[[nodiscard]] bool is_ssl_request(std::string_view payload);
// Code::unsupported for clients older than kProtocol41 (4.1); Code::invalid_argument for malformed
// packets, with packet, offset and field.
[[nodiscard]] Result<LoginRequest> parse_login(std::string_view payload);
// `payload` with its command byte; `capabilities` are those of the connection.
[[nodiscard]] Result<LoginRequest> parse_change_user(std::string_view payload,
                                                     uint32_t capabilities);
[[nodiscard]] std::string encode_auth_switch(std::string_view plugin, std::string_view scramble);

}  // namespace aftersync::wire
