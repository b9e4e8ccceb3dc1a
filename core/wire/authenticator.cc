// The conversation of authenticator.h, step by step.
#include "core/wire/authenticator.h"

#include "core/base/probe.h"
#include "core/wire/capability.h"
#include "core/wire/crypto.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

namespace {

constexpr std::string_view kFastSuccess("\x01\x03", 2);
constexpr std::string_view kFullNeeded("\x01\x04", 2);
constexpr std::string_view kKeyRequest("\x02", 1);

// What a login that cannot succeed is checked against: no password has this digest.
Account decoy(std::string_view user, const std::string& plugin) {
  Account account;
  account.user = user;
  account.plugin = plugin;
  account.authentication_string = "*";
  return account;
}

bool knows_plugin(std::string_view plugin) {
  return plugin == kNativePlugin || plugin == kCachingSha2Plugin;
}

// Clients of caching_sha2_password without a password send one zero byte or nothing.
bool is_empty_answer(std::string_view answer) {
  return answer.empty() || answer == std::string_view("\0", 1);
}

}  // namespace

Authenticator::Authenticator(const AuthenticationOptions& options, Rng& rng, PacketStream& packets,
                             std::string client_host)
    : options_(options), rng_(rng), packets_(packets), client_host_(std::move(client_host)) {}

// Printable, so that no client takes a part of it for a terminator, and without '$', which parts
// the fields of an authentication string: as MySQL makes salts.
std::string Authenticator::new_scramble() {
  constexpr std::string_view kChars =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
  static_assert(kChars.size() == 64);
  std::string scramble(kScrambleBytes, '\0');
  rng_.fill(scramble);
  for (char& c : scramble) c = kChars[static_cast<unsigned char>(c) % kChars.size()];
  return scramble;
}

Result<std::string> Authenticator::next() {
  bool ended = false;
  ASSIGN_OR_RETURN(const std::string_view payload, packets_.receive(kNever, &ended));
  if (ended) return {Code::connection_lost, "the client has gone while it logged in"};
  return std::string(payload);
}

Result<std::string> Authenticator::turn_to_tls() {
  PROBE("wire/tls");
  const std::string received = packets_.take_unread();
  ASSIGN_OR_RETURN(auto channel, options_.tls->shake_hands(packets_.release_channel(), received,
                                                           packets_.limits().until));
  packets_.replace_channel(std::move(channel));
  return next();
}

Result<Authenticator::Answer> Authenticator::log_in(uint32_t connection_id) {
  Greeting greeting;
  greeting.server_version = options_.server_version;
  greeting.connection_id = connection_id;
  scramble_ = greeting.scramble = new_scramble();
  greeting.capabilities = capability::kServer;
  if (options_.tls != nullptr) greeting.capabilities |= capability::kSsl;
  greeting.collation = options_.collation;
  greeting.status = server_status::kAutocommit;
  greeting.plugin = options_.default_plugin;
  RETURN_IF_ERROR(packets_.send(encode_greeting(greeting)));
  ASSIGN_OR_RETURN(std::string payload, next());
  bool tls = false;
  if (options_.tls != nullptr && is_ssl_request(payload)) {
    ASSIGN_OR_RETURN(payload, turn_to_tls());
    tls = true;
  }
  Result<LoginRequest> request = parse_login(payload);
  wipe(payload);
  if (!request.ok()) return Answer(errors::bad_handshake());
  request->capabilities &= greeting.capabilities;
  if (options_.require_secure_transport && !packets_.channel().is_private()) {
    return Answer(errors::insecure_transport());
  }
  return prove(*std::move(request), tls);
}

Result<Authenticator::Answer> Authenticator::change_user(std::string_view payload,
                                                         const Login& before) {
  Result<LoginRequest> request = parse_change_user(payload, before.capabilities);
  if (!request.ok()) return Answer(errors::malformed_packet(request.status()));
  request->max_packet_size = before.max_packet_size;
  if (request->collation == 0) request->collation = before.collation;
  if (request->attributes.empty()) request->attributes = before.attributes;
  return prove(*std::move(request), before.tls);
}

Result<Authenticator::Answer> Authenticator::prove(LoginRequest request, bool tls) {
  const std::optional<Account> found = options_.accounts->find(request.user, client_host_);
  const Account account = found ? *found : decoy(request.user, options_.default_plugin);
  ASSIGN_OR_RETURN(const std::optional<ServerError> refusal, switch_plugin(request, account));
  if (refusal) return Answer(*refusal);
  const bool used_password = !is_empty_answer(request.answer);
  ASSIGN_OR_RETURN(const Proof proof, check(request, account));
  const bool allowed = !account.require_secure_transport || packets_.channel().is_private();
  if (!found || proof == Proof::wrong || !allowed) {
    return Answer(errors::access_denied(request.user, client_host_, used_password));
  }
  Login login;
  login.account = account;
  login.user = std::move(request.user);
  login.client_host = client_host_;
  login.database = std::move(request.database);
  login.capabilities = request.capabilities;
  login.max_packet_size = request.max_packet_size;
  login.collation = request.collation;
  login.tls = tls;
  login.used_password = used_password;
  login.attributes = std::move(request.attributes);
  return Answer(std::move(login));
}

// Afterwards request.answer is that of the account's plugin.
Result<std::optional<ServerError>> Authenticator::switch_plugin(LoginRequest& request,
                                                                const Account& account) {
  using Refusal = std::optional<ServerError>;
  if (!knows_plugin(account.plugin)) return Refusal(errors::plugin_not_loaded(account.plugin));
  const bool can_switch = (request.capabilities & capability::kPluginAuth) != 0;
  const std::string_view taken = can_switch ? std::string_view(request.plugin) : kNativePlugin;
  if (taken == account.plugin) return Refusal();
  if (!can_switch) return Refusal(errors::client_too_old());
  PROBE("wire/auth-switch");
  scramble_ = new_scramble();
  RETURN_IF_ERROR(packets_.send(encode_auth_switch(account.plugin, scramble_)));
  ASSIGN_OR_RETURN(request.answer, next());
  return Refusal();
}

Result<Authenticator::Proof> Authenticator::check(const LoginRequest& request,
                                                  const Account& account) {
  if (account.plugin == kCachingSha2Plugin) return check_sha2(request, account);
  return native_answer_is_right(request.answer, scramble_, account.authentication_string)
             ? Proof::right
             : Proof::wrong;
}

Result<Authenticator::Proof> Authenticator::check_sha2(const LoginRequest& request,
                                                       const Account& account) {
  if (is_empty_answer(request.answer) || account.authentication_string.empty()) {
    const bool both = is_empty_answer(request.answer) && account.authentication_string.empty();
    return both ? Proof::right : Proof::wrong;
  }
  if (request.answer.size() != kSha256Bytes) return Proof::wrong;
  const std::optional<std::string> known = options_.fast->find(account);
  if (known && sha2_answer_is_right(request.answer, scramble_, *known)) {
    PROBE("wire/sha2-fast");
    RETURN_IF_ERROR(packets_.send(kFastSuccess));
    return Proof::right;
  }
  RETURN_IF_ERROR(packets_.send(kFullNeeded));
  ASSIGN_OR_RETURN(std::optional<std::string> password, receive_password());
  if (!password || !sha2_password_is_right(*password, account.authentication_string)) {
    return Proof::wrong;
  }
  options_.fast->remember(account, sha256({sha256({*password})}));
  wipe(*password);
  return Proof::right;
}

// Nothing: what came is no password, or may not be sent on this channel.
Result<std::optional<std::string>> Authenticator::receive_password() {
  using Password = std::optional<std::string>;
  ASSIGN_OR_RETURN(std::string payload, next());
  if (packets_.channel().is_private()) {
    if (payload.empty() || payload.back() != '\0') return Password();
    payload.pop_back();
    return Password(std::move(payload));
  }
  if (options_.rsa == nullptr) return Password();
  if (payload == kKeyRequest) {
    RETURN_IF_ERROR(packets_.send(static_cast<char>(kMoreDataHeader) + options_.rsa->public_pem()));
    ASSIGN_OR_RETURN(payload, next());
  }
  return decrypt_password(payload);
}

std::optional<std::string> Authenticator::decrypt_password(std::string_view secret) const {
  Result<std::string> veiled = options_.rsa->decrypt(secret);
  if (!veiled.ok()) return std::nullopt;
  for (size_t i = 0; i < veiled->size(); ++i) {
    (*veiled)[i] = static_cast<char>((*veiled)[i] ^ scramble_[i % kScrambleBytes]);
  }
  if (veiled->empty() || veiled->back() != '\0') return std::nullopt;
  veiled->pop_back();
  return *std::move(veiled);
}

}  // namespace aftersync::wire
