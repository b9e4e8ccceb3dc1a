// Digests of bytes: MD5, SHA-1 and the SHA-2 family, computed by OpenSSL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aftersync::sql {

enum class Digest : uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };

// As bytes: 16, 20, 28, 32, 48 or 64 of them.
[[nodiscard]] std::string digest_of(Digest digest, std::string_view bytes);

}  // namespace aftersync::sql
