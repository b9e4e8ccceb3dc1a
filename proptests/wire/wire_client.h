// A client for tests, written from the manual and sharing no encoder with what it tests.
//
// It frames, logs in and takes answers apart; what the tests expect stands in the tests. Every wait
// ends after kPatience: a server that hangs fails the test and does not hang it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/platform/node.h"
#include "core/wire/byte_channel.h"
#include "core/wire/tls.h"

namespace aftersync::wire {

inline constexpr Duration kPatience = 60s;

// Reads fields in order; `bad` once one was not there.
struct Fields {
  explicit Fields(std::string_view payload) : left(payload) {}
  uint64_t little(size_t bytes);
  uint64_t lenenc();
  std::string_view take(size_t bytes);
  std::string text() { return std::string(take(lenenc())); }
  std::string nul();

  std::string_view left;
  bool bad = false;
};

struct GreetingSeen {
  std::string version;
  uint32_t connection_id;
  std::string scramble;
  uint32_t capabilities;
  uint8_t collation;
  std::string plugin;
};

struct ErrorSeen {
  unsigned number = 0;
  std::string sqlstate;
  std::string message;
};

struct LoginWish {
  std::string user = "ann";
  std::string password{};
  std::string database{};
  std::string plugin = "caching_sha2_password";  // of the first answer; empty: no kPluginAuth
  uint32_t extra_capabilities = 0;
  TlsContext* tls = nullptr;  // nullptr: in the clear
  std::vector<std::pair<std::string, std::string>> attributes{};
  bool split_answers = false;  // every byte sent by itself
};

class WireClient {
 public:
  WireClient(Node& node, Stream stream);

  // A whole payload; nothing when the connection has ended or the wait was in vain.
  [[nodiscard]] std::optional<std::string> receive();
  // Whether it could be sent. Packets of more than 0xffffff bytes are cut.
  bool send(std::string_view payload);
  // A command: numbers begin anew.
  bool command(char code, std::string_view rest);
  bool send_raw(std::string_view bytes);

  [[nodiscard]] GreetingSeen read_greeting();
  // The whole connection phase; the last payload (OK or error), or nothing.
  [[nodiscard]] std::optional<std::string> log_in(const LoginWish& wish);
  [[nodiscard]] std::string login_payload(const LoginWish& wish, uint32_t capabilities) const;
  // What happens after the first answer: switches, fast and full authentication.
  [[nodiscard]] std::optional<std::string> finish_login(const LoginWish& wish);

  [[nodiscard]] Stream& stream() { return stream_; }
  [[nodiscard]] const std::vector<std::string>& steps() const { return steps_; }
  [[nodiscard]] uint8_t sequence() const { return sequence_; }

  uint32_t capabilities = 0;  // announced
  std::string scramble{};

 private:
  bool turn_to_tls(TlsContext& tls);
  bool send_password(const LoginWish& wish);

  Node& node_;
  Stream stream_;
  std::unique_ptr<ByteChannel> channel_;
  uint8_t sequence_ = 0;
  bool split_ = false;
  std::vector<std::string> steps_;  // "switch", "fast", "full", "key": what the server asked for
};

[[nodiscard]] ErrorSeen error_in(std::string_view payload);

}  // namespace aftersync::wire
