// TLS on the server's side, over whatever carries bytes; and the keys it needs.
//
// OpenSSL never sees a socket: it turns bytes in memory into bytes in memory, and TlsChannel moves
// them over the platform's stream. So the same object files speak TLS on posix and in the
// simulator, with its stalls and short reads, and no call of OpenSSL ever waits.
//
// Sources: OpenSSL 3.0 manual, BIO_s_mem(3), SSL_do_handshake(3), SSL_read_ex(3).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/platform/time.h"
#include "core/wire/byte_channel.h"
#include "core/wire/openssl_library.h"

struct evp_pkey_st;
struct ssl_ctx_st;

namespace aftersync::wire {

// What MySQL puts into its data directory at the first start: ca.pem, server-cert.pem,
// server-key.pem. Text in PEM.
struct TlsMaterial {
  std::string ca_certificate{};
  std::string ca_key{};
  std::string certificate{};
  std::string key{};
};

// A self-made authority and a certificate signed by it, RSA of 2,048 bits, both valid for ten years
// from a day before `now`. `name` goes into the common names. Takes some tenths of a second.
[[nodiscard]] Result<TlsMaterial> make_certificates(OpenSslLibrary& library, WallTime now,
                                                    std::string_view name);

// The RSA key under which clients without TLS may send a password (caching_sha2_password).
class RsaKey {
 public:
  // Code::invalid_argument for text that holds no RSA key in PEM.
  [[nodiscard]] static Result<std::unique_ptr<RsaKey>> from_pem(OpenSslLibrary& library,
                                                                std::string_view pem);
  // A key that can only encrypt: the client's view.
  [[nodiscard]] static Result<std::unique_ptr<RsaKey>> from_public_pem(OpenSslLibrary& library,
                                                                       std::string_view pem);
  [[nodiscard]] static Result<std::unique_ptr<RsaKey>> generate(OpenSslLibrary& library);
  ~RsaKey();
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] Result<std::string> private_pem() const;
  // RSA with OAEP padding (SHA-1, as the protocol has it). Any task.
  [[nodiscard]] Result<std::string> decrypt(std::string_view bytes) const;
  [[nodiscard]] Result<std::string> encrypt(std::string_view bytes) const;

 private:
  RsaKey(OpenSslLibrary& library, evp_pkey_st* key) : library_(library), key_(key) {}

  OpenSslLibrary& library_;
  evp_pkey_st* const key_;
};

// Certificate, key and settings; shared by all connections. TLS 1.2 and 1.3.
class TlsContext {
 public:
  // Both outlive every channel made from the context. Code::invalid_argument for unusable PEM.
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> server(OpenSslLibrary& library,
                                                                  std::string_view certificate_pem,
                                                                  std::string_view key_pem);
  // For tests and replicas: trusts whatever `ca_pem` has signed, anything where that is empty.
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> client(OpenSslLibrary& library,
                                                                  std::string_view ca_pem);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Shakes hands over `below`, of which `received` has been read already. Takes `below` over, also
  // when it fails: Code::connection_lost with OpenSSL's words, or the error of `below`.
  [[nodiscard]] Result<std::unique_ptr<ByteChannel>> shake_hands(std::unique_ptr<ByteChannel> below,
                                                                 std::string_view received,
                                                                 MonoTime deadline);

 private:
  TlsContext(ssl_ctx_st* context, bool is_server) : context_(context), is_server_(is_server) {}

  ssl_ctx_st* const context_;
  const bool is_server_;
};

}  // namespace aftersync::wire
