// Authenticator: from an open stream to a proven account.
//
//   server                                client
//   greeting                       ->
//                                  <-     [SSLRequest; both turn to TLS]
//                                  <-     login: user, answer, database, plugin
//   [AuthSwitchRequest]            ->     where the account has another plugin than the client took
//                                  <-     [answer to the new scramble]
//   [01 03]                        ->     caching_sha2: known already, proved
//   [01 04]                        ->     caching_sha2: send the password
//                                  <-     [password NUL, where nobody can listen]
//                                  <-     [02] key please
//   [01 key in PEM]                ->
//                                  <-     [RSA of (password NUL) XOR scramble]
//
// The OK or error that ends it is the caller's: whether the database exists is not known here.
//
// An unknown user goes through the same motions as one with a wrong password, and gets the same
// error. Sources: MySQL Source Code Documentation, "Connection Phase", "Authentication Method
// Switch", "Caching_sha2_password information".
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/platform/rng.h"
#include "core/wire/accounts.h"
#include "core/wire/login_packets.h"
#include "core/wire/packet_stream.h"
#include "core/wire/password.h"
#include "core/wire/server_error.h"
#include "core/wire/tls.h"

namespace aftersync::wire {

// What all connections of a server share. All that is pointed to outlives them.
struct AuthenticationOptions {
  AccountStore* accounts = nullptr;
  FastAuthentication* fast = nullptr;
  TlsContext* tls = nullptr;  // nullptr: not offered
  RsaKey* rsa = nullptr;      // nullptr: without TLS no full caching_sha2 login
  std::string default_plugin{kCachingSha2Plugin};
  std::string server_version = "8.0.34-aftersync";
  uint8_t collation = 255;  // utf8mb4_0900_ai_ci; what the greeting says
  bool require_secure_transport = false;
};

// A client that has proved to be who it says.
struct Login {
  Account account{};
  std::string user{};
  std::string client_host{};
  std::string database{};     // asked for, not looked at; empty: none
  uint32_t capabilities = 0;  // agreed on
  uint32_t max_packet_size = 0;
  uint16_t collation = 0;
  bool tls = false;
  bool used_password = false;
  std::vector<std::pair<std::string, std::string>> attributes{};
};

class Authenticator {
 public:
  // All arguments outlive it. `client_host` is a name or an address without port.
  Authenticator(const AuthenticationOptions& options, Rng& rng, PacketStream& packets,
                std::string client_host);

  // Either a login, or what the client is to be told before it is cut off. A Status that is not OK:
  // there is nobody left to tell.
  using Answer = std::variant<Login, ServerError>;
  [[nodiscard]] Result<Answer> log_in(uint32_t connection_id);
  // After COM_CHANGE_USER, whose answer is to the scramble of log_in.
  [[nodiscard]] Result<Answer> change_user(std::string_view payload, const Login& before);

 private:
  enum class Proof : uint8_t { right, wrong };

  Result<std::string> next();
  Result<std::string> turn_to_tls();
  Result<Answer> prove(LoginRequest request, bool tls);
  Result<std::optional<ServerError>> switch_plugin(LoginRequest& request, const Account& account);
  Result<Proof> check(const LoginRequest& request, const Account& account);
  Result<Proof> check_sha2(const LoginRequest& request, const Account& account);
  Result<std::optional<std::string>> receive_password();
  [[nodiscard]] std::optional<std::string> decrypt_password(std::string_view secret) const;
  [[nodiscard]] std::string new_scramble();

  const AuthenticationOptions& options_;
  Rng& rng_;
  PacketStream& packets_;
  const std::string client_host_;
  std::string scramble_;
};

}  // namespace aftersync::wire
