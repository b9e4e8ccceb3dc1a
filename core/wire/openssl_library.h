// OpenSslLibrary: OpenSSL with the platform's chance in place of its own.
//
// TLS draws keys and nonces at random, so an OpenSSL that asked the operating system would make
// every simulated run with TLS differ. OpenSSL 3 keeps all its state in a library context, and
// takes its random generator from a provider by name: each OpenSslLibrary is a context of its own
// with a provider that asks the Node's Rng and nothing else. On posix that is the operating
// system's generator, fit for secrets; in the simulator it is the seed.
//
// What OpenSSL still does by itself: it reads the wall clock when it makes a session, whose time
// reaches the wire only in session tickets, which are off (openssl_tls.cc).
//
// Sources: OpenSSL 3.0 manual, provider(7), provider-rand(7), OSSL_PROVIDER_add_builtin(3),
// RAND_set_DRBG_type(3).
#pragma once

#include <memory>

#include "core/base/status.h"
#include "core/platform/rng.h"

struct ossl_lib_ctx_st;

namespace aftersync::wire {

// Thread safety: any task, as the Rng is.
class OpenSslLibrary {
 public:
  // `rng` outlives the library. Code::internal with OpenSSL's words when it cannot be set up.
  [[nodiscard]] static Result<std::unique_ptr<OpenSslLibrary>> open(Rng& rng);
  ~OpenSslLibrary();
  OpenSslLibrary(const OpenSslLibrary&) = delete;
  OpenSslLibrary& operator=(const OpenSslLibrary&) = delete;

  [[nodiscard]] ossl_lib_ctx_st* context() const { return context_; }

 private:
  explicit OpenSslLibrary(ossl_lib_ctx_st* context) : context_(context) {}

  ossl_lib_ctx_st* const context_;
  void* default_provider_ = nullptr;
  void* random_provider_ = nullptr;
};

// `what` and the oldest entry of OpenSSL's error queue, which is emptied.
[[nodiscard]] Status openssl_failure(Code code, std::string_view what);

}  // namespace aftersync::wire
