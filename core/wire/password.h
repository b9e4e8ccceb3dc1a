// Passwords: what an account keeps of one, and what a client's answer to a scramble proves.
//
// mysql_native_password. The account keeps "*" and SHA1(SHA1(password)) in 40 hex digits; the
// client answers SHA1(password) XOR SHA1(scramble, SHA1(SHA1(password))). From the answer the
// server gets SHA1(password), and digests it once more to compare. No answer: no password.
//
// caching_sha2_password. The account keeps "$A$", three hex digits (thousands of rounds), "$", a
// salt of 20 bytes and 43 characters of SHA-256-crypt. That is slow on purpose, so a server that
// has seen the password keeps SHA256(SHA256(password)) in memory, against which the client's answer
// SHA256(password) XOR SHA256(SHA256(SHA256(password)), scramble) is proved fast. Without such an
// entry the client must send the password itself, over a channel that nobody can read, or under the
// server's RSA key.
//
// Sources: MySQL Source Code Documentation, "Native Authentication", "Caching_sha2_password
// information"; Drepper, "Unix crypt using SHA-256 and SHA-512", for the slow digest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aftersync::wire {

inline constexpr std::string_view kNativePlugin = "mysql_native_password";
inline constexpr std::string_view kCachingSha2Plugin = "caching_sha2_password";
inline constexpr size_t kSha2SaltBytes = 20;
inline constexpr unsigned kSha2DefaultRounds = 5000;

// What an account keeps; of an empty password both keep the empty string. `salt` is kSha2SaltBytes
// of printable characters without '$'.
[[nodiscard]] std::string native_authentication_string(std::string_view password);
[[nodiscard]] std::string sha2_authentication_string(std::string_view password,
                                                     std::string_view salt);

// What a client answers.
[[nodiscard]] std::string native_answer(std::string_view password, std::string_view scramble);
[[nodiscard]] std::string sha2_answer(std::string_view password, std::string_view scramble);

// Whether `answer` proves the password that `kept` was made from. Both empty: yes.
[[nodiscard]] bool native_answer_is_right(std::string_view answer, std::string_view scramble,
                                          std::string_view kept);
// `password_digest` is SHA256(SHA256(password)).
[[nodiscard]] bool sha2_answer_is_right(std::string_view answer, std::string_view scramble,
                                        std::string_view password_digest);
// Slow: thousands of digests. False for a `kept` that is malformed.
[[nodiscard]] bool sha2_password_is_right(std::string_view password, std::string_view kept);

// The 43 characters of SHA-256-crypt for `salt` of any length; `rounds` of the slow part.
[[nodiscard]] std::string sha256_crypt(std::string_view password, std::string_view salt,
                                       unsigned rounds);

}  // namespace aftersync::wire
