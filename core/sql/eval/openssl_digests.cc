// One call of OpenSSL, which computes in memory.
#include "core/sql/eval/openssl_digests.h"

#include <openssl/evp.h>

#include "core/base/check.h"

namespace aftersync::sql {

std::string digest_of(Digest digest, std::string_view bytes) {
  const EVP_MD* method = nullptr;
  switch (digest) {
    case Digest::md5: method = EVP_md5(); break;
    case Digest::sha1: method = EVP_sha1(); break;
    case Digest::sha224: method = EVP_sha224(); break;
    case Digest::sha256: method = EVP_sha256(); break;
    case Digest::sha384: method = EVP_sha384(); break;
    case Digest::sha512: method = EVP_sha512(); break;
  }
  unsigned char made[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK_EQ(EVP_Digest(bytes.data(), bytes.size(), made, &size, method, nullptr), 1);
  return {reinterpret_cast<const char*>(made), size};
}

}  // namespace aftersync::sql
