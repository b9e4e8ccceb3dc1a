// The target of fuzz.h. The connection's clock is that of a real node, and its network a string.
#include "proptests/wire/fuzz.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/platform/posix/posix_node.h"
#include "core/wire/packet_format.h"
#include "proptests/wire/memory_channel.h"
#include "proptests/wire/scripted_handler.h"

namespace aftersync::wire {

namespace {

constexpr size_t kPieceBytes = 7;  // small, and no divisor of anything
constexpr size_t kMaxPacketBytes = 1 << 16;

enum Kind : uint8_t { conversation, payload, kinds };

std::string packet(uint8_t sequence, std::string_view bytes) {
  std::string to;
  append_le(to, static_cast<uint32_t>(bytes.size()) | uint32_t{sequence} << 24);
  return to.append(bytes);
}

// bob's login. Its answer is right for no scramble, so eve, who has no password, logs in as well.
std::string login(std::string_view user) {
  std::string to("\x8d\xa2\x3a\x01\0\0\0\x01\x2d", 9);
  to.append(23, '\0');
  append_nul_string(to, user);
  append_lenenc_string(to, "");
  append_nul_string(to, "shop");
  append_nul_string(to, kCachingSha2Plugin);
  append_lenenc_string(to, std::string("\x01k\x01v", 4));
  return to;
}

std::string conversation_of(std::initializer_list<std::string_view> commands) {
  std::string to(1, char{Kind::conversation});
  to += packet(1, login("eve"));
  for (const std::string_view one : commands) to += packet(0, one);
  return to;
}

Node& the_node() {
  static const auto real =
      *posix::RealNode::open({.data_directory = ".", .error_log_path = "/dev/null"});
  return real->node();
}

}  // namespace

std::string fuzz_answer(std::string_view conversation) {
  static ScriptedAccounts accounts;  // digesting their passwords takes longer than a conversation
  FastAuthentication fast;
  ScriptedHandler handler;
  handler.session_limits.max_allowed_packet = kMaxPacketBytes;
  ConnectionOptions options;
  options.authentication.accounts = &accounts;
  options.authentication.fast = &fast;
  Transcript transcript{.to_receive = std::string(conversation),
                        .piece = [] { return kPieceBytes; }};
  Connection connection(the_node(), std::make_unique<MemoryChannel>(transcript), "10.0.0.9",
                        options, 1, handler);
  (void)connection.run();
  return transcript.sent;
}

namespace {

void parse(std::string_view bytes) {
  (void)parse_login(bytes);
  (void)parse_change_user(bytes, UINT32_MAX);
  (void)parse_field_list(bytes);
  (void)parse_long_data(bytes);
  (void)parse_register_replica(bytes);
  (void)parse_binlog_dump(bytes);
  (void)parse_binlog_dump_gtid(bytes);
  for (const size_t count : {0u, 1u, 3u, 999u}) {
    StatementParameters statement(count);
    (void)statement.bind(bytes);
    (void)statement.bind(bytes);
  }
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  using namespace std::string_literals;
  const std::string run = "\x17\x01\0\0\0\0\x01\0\0\0\0\x01\x08\0\xfd\0\x05\0\0\0\0\0\0\0\x02hi"s;
  std::vector<std::string> seeds{
      conversation_of({"\x03TYPES", "\x03ROWS 3", "\x03MULTI",
                       "\x03"
                       "CHANGE 2",
                       "\x0e", "\x01"}),
      conversation_of({"\x16PARAMS ? ?", run, run, "\x18\x01\0\0\0\0\0long"s, run,
                       "\x1a\x01\0\0\0"s, "\x19\x01\0\0\0"s, "\x1f"}),
      conversation_of({"\x02other", "\x04t\0"s, "\x09", "\x0c\x01\0\0\0"s, "\x1b\0\0"s,
                       "\x11"
                       "eve\0\0shop\0\x2d\0caching_sha2_password\0"s,
                       "\x03WHO"}),
      conversation_of({"\x15\x09\0\0\0\x01h\x01u\0\x90\x1f\0\0\0\0\0\0\0\0"s,
                       "\x12\x04\0\0\0\0\0\x09\0\0\0bin.000007"s}),
      std::string(1, char{Kind::conversation}) + packet(1, login("bob")) + packet(3, "x"),
      std::string(1, char{Kind::payload}) + login("bob"),
      std::string(1, char{Kind::payload}) + run.substr(5),
      std::string(1, char{Kind::payload}) +
          "\x04\0\x09\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\x30\0\0\0\x01\0\0\0\0\0\0\0"s +
          "0123456789abcdef\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0"s};
  return seeds;
}

}  // namespace aftersync::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aftersync::wire;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % Kind::kinds == Kind::conversation) {
    (void)fuzz_answer(rest);
  } else {
    parse(rest);
  }
  return 0;
}
