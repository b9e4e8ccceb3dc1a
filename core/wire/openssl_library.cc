// The provider behind OpenSslLibrary: a generator whose bytes are the platform's.
#include "core/wire/openssl_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <new>

namespace aftersync::wire {

namespace {

constexpr const char* kProviderName = "aftersync-platform";
constexpr const char* kGeneratorName = "AFTERSYNC-PLATFORM";
constexpr unsigned kStrengthBits = 256;
constexpr size_t kMaxRequestBytes = 1 << 16;

// The provider's context. Generators keep a pointer to it: they have no state beside "ready". Both
// lie in OpenSSL's memory and live as long as its own objects, also where a simulated process is
// killed. The tables are here because casts of functions are no constants to the language, and a
// table that is made at its first use needs a lock that is not the platform's.
struct Platform {
  Rng* rng;
  OSSL_DISPATCH provider_functions[3];
  OSSL_DISPATCH generator_functions[8];
  OSSL_ALGORITHM generators[2];
};

struct Generator {
  Platform* platform;
  int state;
};

Generator* of(void* generator) { return static_cast<Generator*>(generator); }

void* new_generator(void* platform, void*, const OSSL_DISPATCH*) {
  void* const made = OPENSSL_zalloc(sizeof(Generator));
  if (made == nullptr) return nullptr;
  return new (made) Generator{static_cast<Platform*>(platform), EVP_RAND_STATE_UNINITIALISED};
}

void free_generator(void* generator) { OPENSSL_free(generator); }

int instantiate(void* generator, unsigned strength_bits, int, const unsigned char*, size_t,
                const OSSL_PARAM*) {
  if (strength_bits > kStrengthBits) return 0;
  of(generator)->state = EVP_RAND_STATE_READY;
  return 1;
}

int uninstantiate(void* generator) {
  of(generator)->state = EVP_RAND_STATE_UNINITIALISED;
  return 1;
}

int generate(void* generator, unsigned char* out, size_t size, unsigned strength_bits, int,
             const unsigned char*, size_t) {
  Rng* const rng = of(generator)->platform->rng;
  if (rng == nullptr || strength_bits > kStrengthBits) return 0;
  rng->fill({reinterpret_cast<char*>(out), size});
  return 1;
}

// The Rng may be asked by all tasks at once: there is nothing to lock.
int enable_locking(void*) { return 1; }

int get_parameters(void* generator, OSSL_PARAM* parameters) {
  OSSL_PARAM* one = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
  if (one != nullptr && OSSL_PARAM_set_int(one, of(generator)->state) == 0) return 0;
  one = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
  if (one != nullptr && OSSL_PARAM_set_uint(one, kStrengthBits) == 0) return 0;
  one = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
  if (one != nullptr && OSSL_PARAM_set_size_t(one, kMaxRequestBytes) == 0) return 0;
  return 1;
}

using Function = void (*)();

template <typename F>
Function erased(F* function) {
  return reinterpret_cast<Function>(function);
}

const OSSL_ALGORITHM* query(void* platform, int operation, int* no_cache) {
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? static_cast<Platform*>(platform)->generators : nullptr;
}

void free_platform(void* platform) { OPENSSL_free(platform); }

// Every table ends with an entry of zeroes, which is what the memory holds.
void fill_tables(Platform& platform) {
  platform.provider_functions[0] = {OSSL_FUNC_PROVIDER_QUERY_OPERATION, erased(query)};
  platform.provider_functions[1] = {OSSL_FUNC_PROVIDER_TEARDOWN, erased(free_platform)};
  OSSL_DISPATCH* next = platform.generator_functions;
  *next++ = {OSSL_FUNC_RAND_NEWCTX, erased(new_generator)};
  *next++ = {OSSL_FUNC_RAND_FREECTX, erased(free_generator)};
  *next++ = {OSSL_FUNC_RAND_INSTANTIATE, erased(instantiate)};
  *next++ = {OSSL_FUNC_RAND_UNINSTANTIATE, erased(uninstantiate)};
  *next++ = {OSSL_FUNC_RAND_GENERATE, erased(generate)};
  *next++ = {OSSL_FUNC_RAND_ENABLE_LOCKING, erased(enable_locking)};
  *next++ = {OSSL_FUNC_RAND_GET_CTX_PARAMS, erased(get_parameters)};
  platform.generators[0] = {kGeneratorName, "provider=aftersync-platform",
                            platform.generator_functions, "the platform's generator"};
}

int init_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                  void** context) {
  auto* const platform = static_cast<Platform*>(OPENSSL_zalloc(sizeof(Platform)));
  if (platform == nullptr) return 0;
  fill_tables(*platform);
  *out = platform->provider_functions;
  *context = platform;
  return 1;
}

}  // namespace

Status openssl_failure(Code code, std::string_view what) {
  char text[256] = "no reason given";
  if (const unsigned long error = ERR_get_error(); error != 0) {
    ERR_error_string_n(error, text, sizeof text);
  }
  ERR_clear_error();
  return {code, std::string(what) + ": " + text};
}

Result<std::unique_ptr<OpenSslLibrary>> OpenSslLibrary::open(Rng& rng) {
  OSSL_LIB_CTX* const context = OSSL_LIB_CTX_new();
  if (context == nullptr) return openssl_failure(Code::internal, "OpenSSL library context");
  std::unique_ptr<OpenSslLibrary> library(new OpenSslLibrary(context));
  OSSL_PROVIDER* const standard = OSSL_PROVIDER_load(context, "default");
  library->default_provider_ = standard;
  if (standard == nullptr ||
      OSSL_PROVIDER_add_builtin(context, kProviderName, init_provider) == 0) {
    return openssl_failure(Code::internal, "OpenSSL providers");
  }
  OSSL_PROVIDER* const random = OSSL_PROVIDER_load(context, kProviderName);
  library->random_provider_ = random;
  if (random == nullptr) return openssl_failure(Code::internal, "OpenSSL random provider");
  static_cast<Platform*>(OSSL_PROVIDER_get0_provider_ctx(random))->rng = &rng;
  if (RAND_set_DRBG_type(context, kGeneratorName, nullptr, nullptr, nullptr) == 0) {
    return openssl_failure(Code::internal, "OpenSSL random generator");
  }
  return library;
}

OpenSslLibrary::~OpenSslLibrary() {
  if (random_provider_ != nullptr) {
    OSSL_PROVIDER_unload(static_cast<OSSL_PROVIDER*>(random_provider_));
  }
  if (default_provider_ != nullptr) {
    OSSL_PROVIDER_unload(static_cast<OSSL_PROVIDER*>(default_provider_));
  }
  OSSL_LIB_CTX_free(context_);
}

}  // namespace aftersync::wire
