// TlsContext and TlsChannel: OpenSSL between two memory buffers.
//
// Tickets and the session cache are off. Resumption would save a client one exchange of keys; it
// would cost a secret shared between connections, and a clock reading inside the ticket.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/wire/openssl_ptr.h"
#include "core/wire/tls.h"

namespace aftersync::wire {

namespace {

constexpr size_t kTransferBytes = 16 << 10;

class TlsChannel : public ByteChannel {
 public:
  // `ssl` has memory buffers on both sides, which it owns.
  TlsChannel(SslPtr ssl, std::unique_ptr<ByteChannel> below)
      : ssl_(std::move(ssl)), below_(std::move(below)) {}

  Status shake_hands(std::string_view received, MonoTime deadline) {
    feed(received);
    while (true) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      RETURN_IF_ERROR(send_pending(deadline));  // an alert, where it has failed
      if (done == 1) return {};
      ASSIGN_OR_RETURN(const bool more, read_on(done, deadline, "TLS handshake"));
      if (!more) return {Code::connection_lost, "TLS handshake: the client has gone"};
    }
  }

  Result<size_t> receive(std::span<char> into, MonoTime deadline) override {
    CHECK(!into.empty());
    while (true) {
      ERR_clear_error();
      size_t got = 0;
      const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
      RETURN_IF_ERROR(send_pending(deadline));  // what TLS itself has to answer
      if (done == 1) return got;
      if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN) return size_t{0};
      ASSIGN_OR_RETURN(const bool more, read_on(done, deadline, "TLS"));
      if (!more) return {Code::connection_lost, "TLS: cut off without its closing message"};
    }
  }

  Status send(std::string_view bytes, MonoTime deadline) override {
    while (!bytes.empty()) {
      ERR_clear_error();
      size_t taken = 0;
      const size_t step = std::min(bytes.size(), kTransferBytes);
      if (SSL_write_ex(ssl_.get(), bytes.data(), step, &taken) != 1) {
        return openssl_failure(Code::connection_lost, "TLS: sending");
      }
      bytes.remove_prefix(taken);
      RETURN_IF_ERROR(send_pending(deadline));
    }
    return {};
  }

  bool is_private() const override { return true; }

 private:
  void feed(std::string_view bytes) {
    size_t taken = 0;
    if (bytes.empty()) return;
    CHECK(BIO_write_ex(SSL_get_rbio(ssl_.get()), bytes.data(), bytes.size(), &taken) == 1);
    CHECK_EQ(taken, bytes.size());
  }

  Status send_pending(MonoTime deadline) {
    char buffer[kTransferBytes];
    size_t size = 0;
    while (BIO_read_ex(SSL_get_wbio(ssl_.get()), buffer, sizeof buffer, &size) == 1 && size > 0) {
      RETURN_IF_ERROR(below_->send({buffer, size}, deadline));
    }
    return {};
  }

  // After a call that returned `done`: gets more bytes where that is what it wants. False at the
  // end of the stream.
  Result<bool> read_on(int done, MonoTime deadline, std::string_view what) {
    if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) {
      PROBE("wire/tls-refused");
      return openssl_failure(Code::connection_lost, what);
    }
    char buffer[kTransferBytes];
    ASSIGN_OR_RETURN(const size_t got, below_->receive(buffer, deadline));
    feed({buffer, got});
    return got > 0;
  }

  SslPtr ssl_;
  std::unique_ptr<ByteChannel> below_;
};

BioPtr reading(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

CertificatePtr read_certificate(OpenSslLibrary& library, std::string_view pem) {
  X509* certificate = X509_new_ex(library.context(), nullptr);
  const BioPtr bio = reading(pem);
  if (PEM_read_bio_X509(bio.get(), &certificate, nullptr, nullptr) == nullptr) {
    X509_free(certificate);
    return nullptr;
  }
  return CertificatePtr(certificate);
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // An idle connection gives its record buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::server(OpenSslLibrary& library,
                                                       std::string_view certificate_pem,
                                                       std::string_view key_pem) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new_ex(library.context(), nullptr, TLS_server_method());
  if (context == nullptr) return openssl_failure(Code::internal, "TLS context");
  std::unique_ptr<TlsContext> made(new TlsContext(context, true));
  harden(context);
  const CertificatePtr certificate = read_certificate(library, certificate_pem);
  if (certificate == nullptr || SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return openssl_failure(Code::invalid_argument, "server certificate");
  }
  const BioPtr bio = reading(key_pem);
  const KeyPtr key(
      PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, nullptr, nullptr, library.context(), nullptr));
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return openssl_failure(Code::invalid_argument, "key of the server certificate");
  }
  return made;
}

Result<std::unique_ptr<TlsContext>> TlsContext::client(OpenSslLibrary& library,
                                                       std::string_view ca_pem) {
  ERR_clear_error();
  SSL_CTX* const context = SSL_CTX_new_ex(library.context(), nullptr, TLS_client_method());
  if (context == nullptr) return openssl_failure(Code::internal, "TLS context");
  std::unique_ptr<TlsContext> made(new TlsContext(context, false));
  harden(context);
  if (ca_pem.empty()) return made;
  const CertificatePtr ca = read_certificate(library, ca_pem);
  if (ca == nullptr || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1) {
    return openssl_failure(Code::invalid_argument, "certificate of the authority");
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::unique_ptr<ByteChannel>> TlsContext::shake_hands(std::unique_ptr<ByteChannel> below,
                                                             std::string_view received,
                                                             MonoTime deadline) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context_));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  CHECK(ssl != nullptr && in != nullptr && out != nullptr);
  // An empty buffer means "not yet", not the end of the stream.
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl.get(), in, out);
  is_server_ ? SSL_set_accept_state(ssl.get()) : SSL_set_connect_state(ssl.get());
  auto channel = std::make_unique<TlsChannel>(std::move(ssl), std::move(below));
  RETURN_IF_ERROR(channel->shake_hands(received, deadline));
  return std::unique_ptr<ByteChannel>(std::move(channel));
}

}  // namespace aftersync::wire
