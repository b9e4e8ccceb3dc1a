// Encoders and parsers of the connection phase; layouts in login_packets.h.
#include "core/wire/login_packets.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/payload_reader.h"
#include "core/wire/capability.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

namespace {

constexpr size_t kFirstScrambleBytes = 8;
constexpr size_t kReservedGreetingBytes = 10;
constexpr size_t kReservedLoginBytes = 23;
constexpr size_t kMaxAttributesBytes = 64 << 10;  // MySQL: performance_schema_session_connect_attrs
constexpr uint8_t kProtocolVersion = 10;

void read_attributes(PayloadReader& reader, LoginRequest& into) {
  const uint64_t size = reader.lenenc_integer("length of attributes");
  if (size > kMaxAttributesBytes) return reader.reject("attributes", "exceed 64 KiB");
  const std::string_view block = reader.bytes(size, "attributes");
  PayloadReader pairs("block", block);
  while (pairs.ok() && !pairs.at_end()) {
    const std::string_view name = pairs.lenenc_string("name");
    const std::string_view value = pairs.lenenc_string("value");
    if (pairs.ok()) into.attributes.emplace_back(name, value);
  }
  if (!pairs.ok()) reader.reject("attributes", pairs.status().message(), block.size());
}

void read_optional_plugin(PayloadReader& reader, LoginRequest& into, uint32_t capabilities) {
  if ((capabilities & capability::kPluginAuth) != 0 && !reader.at_end()) {
    into.plugin = reader.nul_string("plugin");
  }
  if ((capabilities & capability::kConnectAttributes) != 0 && !reader.at_end()) {
    read_attributes(reader, into);
  }
}

std::string_view read_answer(PayloadReader& reader, uint32_t capabilities) {
  if ((capabilities & capability::kPluginAuthLenenc) != 0) return reader.lenenc_string("answer");
  if ((capabilities & capability::kSecureConnection) == 0) return reader.nul_string("answer");
  const uint8_t size = reader.u8("length of answer");
  return reader.bytes(size, "answer");
}

}  // namespace

std::string encode_greeting(const Greeting& greeting) {
  CHECK_EQ(greeting.scramble.size(), kScrambleBytes);
  std::string to;
  to.push_back(static_cast<char>(kProtocolVersion));
  append_nul_string(to, greeting.server_version);
  append_le(to, greeting.connection_id);
  to.append(greeting.scramble, 0, kFirstScrambleBytes);
  to.push_back('\0');
  append_le(to, static_cast<uint16_t>(greeting.capabilities));
  to.push_back(static_cast<char>(greeting.collation));
  append_le(to, greeting.status);
  append_le(to, static_cast<uint16_t>(greeting.capabilities >> 16));
  to.push_back(static_cast<char>(kScrambleBytes + 1));
  to.append(kReservedGreetingBytes, '\0');
  append_nul_string(to, std::string_view(greeting.scramble).substr(kFirstScrambleBytes));
  append_nul_string(to, greeting.plugin);
  return to;
}

bool is_ssl_request(std::string_view payload) {
  return payload.size() == kSslRequestBytes &&
         (load_le<uint32_t>(payload.data()) & capability::kSsl) != 0;
}

Result<LoginRequest> parse_login(std::string_view payload) {
  PayloadReader reader("HandshakeResponse", payload);
  LoginRequest login;
  // The lower half comes first in every version of this packet.
  if (payload.size() >= 2 && (load_le<uint16_t>(payload.data()) & capability::kProtocol41) == 0) {
    return {Code::unsupported, "HandshakeResponse: a client older than MySQL 4.1"};
  }
  login.capabilities = reader.u32("capabilities");
  login.max_packet_size = reader.u32("max_packet_size");
  login.collation = reader.u8("collation");
  (void)reader.bytes(kReservedLoginBytes, "reserved bytes");
  login.user = reader.nul_string("user");
  login.answer = read_answer(reader, login.capabilities);
  // Some clients set kConnectWithDb and end the packet here.
  if ((login.capabilities & capability::kConnectWithDb) != 0 && !reader.at_end()) {
    login.database = reader.nul_string("database");
  }
  read_optional_plugin(reader, login, login.capabilities);
  RETURN_IF_ERROR(reader.status());
  return login;
}

Result<LoginRequest> parse_change_user(std::string_view payload, uint32_t capabilities) {
  PayloadReader reader("COM_CHANGE_USER", payload);
  LoginRequest login;
  login.capabilities = capabilities;
  (void)reader.u8("command");
  login.user = reader.nul_string("user");
  // Here the length is one byte whatever kPluginAuthLenenc says.
  login.answer = read_answer(reader, capabilities & ~capability::kPluginAuthLenenc);
  login.database = reader.nul_string("database");
  if (!reader.at_end()) login.collation = reader.u16("collation");
  read_optional_plugin(reader, login, capabilities);
  RETURN_IF_ERROR(reader.status());
  return login;
}

std::string encode_auth_switch(std::string_view plugin, std::string_view scramble) {
  CHECK_EQ(scramble.size(), kScrambleBytes);
  std::string to(1, static_cast<char>(kEofHeader));
  append_nul_string(to, plugin);
  append_nul_string(to, scramble);
  return to;
}

}  // namespace aftersync::wire
