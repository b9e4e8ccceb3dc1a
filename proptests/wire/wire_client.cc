// The client half of the protocol, from the manual's tables.
#include "proptests/wire/wire_client.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/wire/password.h"

namespace aftersync::wire {

namespace {

// Flag values from the manual's list, on purpose not those of core.
constexpr uint32_t kDb = 8, kProtocol = 512, kTls = 2048, kSecure = 32768, kPlugin = 1 << 19,
                   kAttributes = 1 << 20, kLenencAnswer = 1 << 21;

std::string little(uint64_t value, size_t bytes) {
  std::string to;
  for (size_t i = 0; i < bytes; ++i) to.push_back(static_cast<char>(value >> 8 * i));
  return to;
}

std::string short_text(std::string_view text) {
  CHECK_LT(text.size(), size_t{251});
  return static_cast<char>(text.size()) + std::string(text);
}

std::string answer_for(std::string_view plugin, std::string_view password,
                       std::string_view scramble) {
  return plugin == kCachingSha2Plugin ? sha2_answer(password, scramble)
                                      : native_answer(password, scramble);
}

}  // namespace

std::string_view Fields::take(size_t bytes) {
  if (bad || bytes > left.size()) {
    bad = true;
    return {};
  }
  const std::string_view found = left.substr(0, bytes);
  left.remove_prefix(bytes);
  return found;
}

uint64_t Fields::little(size_t bytes) {
  uint64_t value = 0;
  const std::string_view found = take(bytes);
  for (size_t i = found.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(found[i - 1]);
  }
  return value;
}

uint64_t Fields::lenenc() {
  const uint64_t first = little(1);
  if (first == 0xfc) return little(2);
  if (first == 0xfd) return little(3);
  if (first == 0xfe) return little(8);
  bad = bad || first > 0xfa;
  return first;
}

std::string Fields::nul() {
  const size_t end = left.find('\0');
  if (end == std::string_view::npos) {
    bad = true;
    return {};
  }
  std::string found(take(end));
  (void)take(1);
  return found;
}

WireClient::WireClient(Node& node, Stream stream)
    : node_(node), stream_(std::move(stream)), channel_(std::make_unique<PlainChannel>(stream_)) {}

std::optional<std::string> WireClient::receive() {
  const MonoTime deadline = node_.clock().now() + kPatience;
  const auto exactly = [&](size_t size) -> std::optional<std::string> {
    std::string bytes(size, '\0');
    for (size_t done = 0; done < size;) {
      const auto got = channel_->receive(std::span(bytes).subspan(done), deadline);
      if (!got.ok() || *got == 0) return std::nullopt;
      done += *got;
    }
    return bytes;
  };
  std::string payload;
  while (true) {
    const auto header = exactly(4);
    if (!header) return std::nullopt;
    Fields fields(*header);
    const size_t size = fields.little(3);
    sequence_ = static_cast<uint8_t>(fields.little(1) + 1);
    const auto piece = exactly(size);
    if (!piece) return std::nullopt;
    payload += *piece;
    if (size < 0xffffff) return payload;
  }
}

bool WireClient::send_raw(std::string_view bytes) {
  const MonoTime deadline = node_.clock().now() + kPatience;
  const size_t step = split_ ? 1 : bytes.size();
  for (size_t i = 0; i < bytes.size(); i += step) {
    if (!channel_->send(bytes.substr(i, step), deadline).ok()) return false;
  }
  return true;
}

bool WireClient::send(std::string_view payload) {
  while (true) {
    const std::string_view piece = payload.substr(0, 0xffffff);
    if (!send_raw(little(piece.size(), 3) + little(sequence_++, 1) + std::string(piece))) {
      return false;
    }
    payload.remove_prefix(piece.size());
    if (piece.size() < 0xffffff) return true;
  }
}

bool WireClient::command(char code, std::string_view rest) {
  sequence_ = 0;
  return send(code + std::string(rest));
}

GreetingSeen WireClient::read_greeting() {
  GreetingSeen seen;
  const std::string payload = receive().value_or("");
  Fields fields(payload);
  const uint64_t version = fields.little(1);
  seen.version = fields.nul();
  seen.connection_id = static_cast<uint32_t>(fields.little(4));
  seen.scramble = fields.take(8);
  (void)fields.take(1);
  seen.capabilities = static_cast<uint32_t>(fields.little(2));
  seen.collation = static_cast<uint8_t>(fields.little(1));
  (void)fields.take(2);
  seen.capabilities |= static_cast<uint32_t>(fields.little(2)) << 16;
  const uint64_t size = fields.little(1);
  (void)fields.take(10);
  seen.scramble += fields.take(12);
  (void)fields.take(1);
  seen.plugin = fields.nul();
  if (fields.bad || version != 10 || size != 21 || !fields.left.empty()) seen.version.clear();
  scramble = seen.scramble;
  return seen;
}

std::string WireClient::login_payload(const LoginWish& wish, uint32_t flags) const {
  std::string to = little(flags, 4) + little(1 << 24, 4) + little(45, 1) + std::string(23, '\0');
  to += wish.user + '\0';
  const std::string plugin = wish.plugin.empty() ? std::string(kNativePlugin) : wish.plugin;
  to += short_text(answer_for(plugin, wish.password, scramble));
  if (!wish.database.empty()) to += wish.database + '\0';
  if (!wish.plugin.empty()) to += wish.plugin + '\0';
  if (!wish.attributes.empty()) {
    std::string block;
    for (const auto& [name, value] : wish.attributes) block += short_text(name) + short_text(value);
    to += short_text(block);
  }
  return to;
}

bool WireClient::turn_to_tls(TlsContext& tls) {
  auto channel = tls.shake_hands(std::move(channel_), "", node_.clock().now() + kPatience);
  if (!channel.ok()) {
    channel_ = std::make_unique<PlainChannel>(stream_);
    return false;
  }
  channel_ = *std::move(channel);
  return true;
}

std::optional<std::string> WireClient::log_in(const LoginWish& wish) {
  if (read_greeting().version.empty()) return std::nullopt;
  split_ = wish.split_answers;
  capabilities = 1 | kProtocol | kSecure | kLenencAnswer | wish.extra_capabilities;
  if (!wish.database.empty()) capabilities |= kDb;
  if (!wish.plugin.empty()) capabilities |= kPlugin;
  if (!wish.attributes.empty()) capabilities |= kAttributes;
  if (wish.tls != nullptr) {
    capabilities |= kTls;
    if (!send(login_payload(wish, capabilities).substr(0, 32))) return std::nullopt;
    if (!turn_to_tls(*wish.tls)) return std::nullopt;
  }
  if (!send(login_payload(wish, capabilities))) return std::nullopt;
  return finish_login(wish);
}

std::optional<std::string> WireClient::finish_login(const LoginWish& wish) {
  while (true) {
    std::optional<std::string> payload = receive();
    if (!payload || payload->empty()) return payload;
    if ((*payload)[0] == '\xfe') {
      steps_.emplace_back("switch");
      Fields fields(std::string_view(*payload).substr(1));
      const std::string plugin = fields.nul();
      scramble = fields.nul();
      if (!send(answer_for(plugin, wish.password, scramble))) return std::nullopt;
    } else if (*payload == "\x01\x03") {
      steps_.emplace_back("fast");
    } else if (*payload == "\x01\x04") {
      steps_.emplace_back("full");
      if (!send_password(wish)) return std::nullopt;
    } else {
      return payload;
    }
  }
}

bool WireClient::send_password(const LoginWish& wish) {
  if (channel_->is_private()) return send(wish.password + '\0');
  if (!send("\x02")) return false;
  const std::optional<std::string> pem = receive();
  if (!pem || !pem->starts_with('\x01')) return false;
  steps_.emplace_back("key");
  auto library = OpenSslLibrary::open(node_.rng());
  CHECK_OK(library);
  const auto key = RsaKey::from_public_pem(**library, pem->substr(1));
  CHECK_OK(key);
  std::string secret = wish.password + '\0';
  for (size_t i = 0; i < secret.size(); ++i) {
    secret[i] = static_cast<char>(secret[i] ^ scramble[i % scramble.size()]);
  }
  const auto encrypted = (*key)->encrypt(secret);
  return encrypted.ok() && send(*encrypted);
}

ErrorSeen error_in(std::string_view payload) {
  Fields fields(payload);
  ErrorSeen seen;
  if (fields.little(1) != 0xff) return seen;
  seen.number = static_cast<unsigned>(fields.little(2));
  if (fields.left.starts_with('#')) {
    (void)fields.take(1);
    seen.sqlstate = fields.take(5);
  }
  seen.message = fields.left;
  return seen;
}

}  // namespace aftersync::wire
