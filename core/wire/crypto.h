// The little cryptography that the protocol's own pages ask for: digests, and comparisons and
// memory that leak nothing. OpenSSL computes; files named openssl_*.cc are the only ones to call
// it.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace aftersync::wire {

inline constexpr size_t kSha1Bytes = 20;
inline constexpr size_t kSha256Bytes = 32;

// Digest of `parts` one behind another.
[[nodiscard]] std::string sha1(std::initializer_list<std::string_view> parts);
[[nodiscard]] std::string sha256(std::initializer_list<std::string_view> parts);

// In a time that does not depend on the contents.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);
// Overwrites, and is not optimised away.
void wipe(std::string& secret);

// a XOR b, of equal sizes.
[[nodiscard]] std::string exclusive_or(std::string_view a, std::string_view b);

}  // namespace aftersync::wire
