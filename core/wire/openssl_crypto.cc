// Digests and careful memory, by OpenSSL's EVP.
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/check.h"
#include "core/wire/crypto.h"
#include "core/wire/openssl_ptr.h"

namespace aftersync::wire {

namespace {

std::string digest(const EVP_MD* type, std::initializer_list<std::string_view> parts) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestInit_ex(context.get(), type, nullptr) == 1);
  for (const std::string_view part : parts) {
    CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context.get(), bytes, &size) == 1);
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string sha1(std::initializer_list<std::string_view> parts) {
  return digest(EVP_sha1(), parts);
}

std::string sha256(std::initializer_list<std::string_view> parts) {
  return digest(EVP_sha256(), parts);
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

std::string exclusive_or(std::string_view a, std::string_view b) {
  CHECK_EQ(a.size(), b.size());
  std::string to(a);
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<char>(to[i] ^ b[i]);
  return to;
}

}  // namespace aftersync::wire
