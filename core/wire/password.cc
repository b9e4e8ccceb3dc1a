// Both password schemes; password.h explains them.
#include "core/wire/password.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"
#include "core/wire/crypto.h"
#include "core/wire/login_packets.h"

namespace aftersync::wire {

namespace {

constexpr std::string_view kSha2Prefix = "$A$";
constexpr size_t kSha2HeadBytes = 7;  // "$A$005$"
constexpr size_t kCryptChars = 43;
constexpr unsigned kRoundsUnit = 1000;

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string to;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    to.push_back(kDigits[byte >> 4]);
    to.push_back(kDigits[byte & 15]);
  }
  return to;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<std::string> unhex(std::string_view digits) {
  std::string to;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const auto high = hex_digit(digits[i]);
    const auto low = hex_digit(digits[i + 1]);
    if (!high || !low) return std::nullopt;
    to.push_back(static_cast<char>(*high << 4 | *low));
  }
  return to;
}

// `count` bytes of `block` repeated.
std::string repeated(std::string_view block, size_t count) {
  std::string to;
  while (to.size() < count) to.append(block.substr(0, count - to.size()));
  return to;
}

// Crypt's own base 64: of `count` characters, the lowest six bits first.
void append_crypt64(std::string& to, uint32_t bits, size_t count) {
  constexpr std::string_view kDigits =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (size_t i = 0; i < count; ++i, bits >>= 6) to.push_back(kDigits[bits & 63]);
}

std::string crypt64(std::string_view digest) {
  const auto byte = [digest](size_t i) { return uint32_t{static_cast<unsigned char>(digest[i])}; };
  std::string to;
  // Ten groups of three bytes, each ten apart, the group rotated by one place from row to row.
  for (size_t row = 0; row < 10; ++row) {
    std::array<size_t, 3> at{row, row + 10, row + 20};
    std::rotate(at.begin(), at.begin() + static_cast<ptrdiff_t>(2 * row % 3), at.end());
    append_crypt64(to, byte(at[0]) << 16 | byte(at[1]) << 8 | byte(at[2]), 4);
  }
  append_crypt64(to, byte(31) << 8 | byte(30), 3);
  return to;
}

}  // namespace

std::string native_authentication_string(std::string_view password) {
  return password.empty() ? "" : "*" + hex(sha1({sha1({password})}));
}

std::string native_answer(std::string_view password, std::string_view scramble) {
  if (password.empty()) return {};
  const std::string once = sha1({password});
  return exclusive_or(once, sha1({scramble, sha1({once})}));
}

bool native_answer_is_right(std::string_view answer, std::string_view scramble,
                            std::string_view kept) {
  if (kept.empty() || answer.empty()) return kept.empty() && answer.empty();
  if (kept.size() != 1 + 2 * kSha1Bytes || kept[0] != '*' || answer.size() != kSha1Bytes) {
    return false;
  }
  const std::optional<std::string> twice = unhex(kept.substr(1));
  if (!twice) return false;
  const std::string once = exclusive_or(answer, sha1({scramble, *twice}));
  return equal_secrets(sha1({once}), *twice);
}

std::string sha2_answer(std::string_view password, std::string_view scramble) {
  if (password.empty()) return {};
  const std::string once = sha256({password});
  return exclusive_or(once, sha256({sha256({once}), scramble}));
}

bool sha2_answer_is_right(std::string_view answer, std::string_view scramble,
                          std::string_view password_digest) {
  if (answer.size() != kSha256Bytes || password_digest.size() != kSha256Bytes) return false;
  const std::string once = exclusive_or(answer, sha256({password_digest, scramble}));
  return equal_secrets(sha256({once}), password_digest);
}

std::string sha2_authentication_string(std::string_view password, std::string_view salt) {
  if (password.empty()) return {};
  CHECK_EQ(salt.size(), kSha2SaltBytes);
  return "$A$005$" + std::string(salt) + sha256_crypt(password, salt, kSha2DefaultRounds);
}

bool sha2_password_is_right(std::string_view password, std::string_view kept) {
  if (kept.empty() || password.empty()) return kept.empty() && password.empty();
  if (kept.size() != kSha2HeadBytes + kSha2SaltBytes + kCryptChars ||
      !kept.starts_with(kSha2Prefix) || kept[kSha2HeadBytes - 1] != '$') {
    return false;
  }
  unsigned thousands = 0;
  for (const char c : kept.substr(kSha2Prefix.size(), 3)) {
    const auto digit = hex_digit(c);
    if (!digit) return false;
    thousands = thousands * 16 + *digit;
  }
  if (thousands == 0) return false;
  const std::string_view salt = kept.substr(kSha2HeadBytes, kSha2SaltBytes);
  const std::string found = sha256_crypt(password, salt, thousands * kRoundsUnit);
  return equal_secrets(found, kept.substr(kSha2HeadBytes + kSha2SaltBytes));
}

// Steps are numbered as in Drepper's description.
std::string sha256_crypt(std::string_view password, std::string_view salt, unsigned rounds) {
  const std::string b = sha256({password, salt, password});          // 4-8
  std::string a_input = std::string(password) + std::string(salt);   // 1-3
  a_input += repeated(b, password.size());                           // 9, 10
  for (size_t length = password.size(); length > 0; length >>= 1) {  // 11
    a_input.append((length & 1) != 0 ? std::string_view(b) : password);
  }
  std::string a = sha256({a_input});  // 12
  std::string passwords;
  for (size_t i = 0; i < password.size(); ++i) passwords.append(password);
  std::string p = repeated(sha256({passwords}), password.size());  // 13-16
  std::string salts;
  const size_t salt_times = 16u + static_cast<unsigned char>(a[0]);
  for (size_t i = 0; i < salt_times; ++i) salts.append(salt);
  const std::string s = repeated(sha256({salts}), salt.size());  // 17-20
  for (unsigned round = 0; round < rounds; ++round) {            // 21
    const bool odd = round % 2 != 0;
    a = sha256({odd ? p : a, round % 3 != 0 ? std::string_view(s) : std::string_view(),
                round % 7 != 0 ? std::string_view(p) : std::string_view(), odd ? a : p});
  }
  wipe(a_input);
  wipe(passwords);
  wipe(p);
  return crypt64(a);  // 22
}

}  // namespace aftersync::wire
