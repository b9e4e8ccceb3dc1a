// Uid: random bits to RFC 4122 version 4, and its text form.
#include "core/base/uid.h"

#include <cstring>

#include "core/base/coding.h"

namespace aftersync {

namespace {

constexpr bool is_dash_position(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uid Uid::from_random(uint64_t high, uint64_t low) {
  constexpr uint64_t kVersionMask = 0x000000000000f000u;
  constexpr uint64_t kVersion4 = 0x0000000000004000u;
  constexpr uint64_t kVariantMask = 0xc000000000000000u;
  constexpr uint64_t kVariantRfc4122 = 0x8000000000000000u;
  Uid uid;
  auto* bytes = reinterpret_cast<char*>(uid.bytes_.data());
  store_be(bytes, (high & ~kVersionMask) | kVersion4);
  store_be(bytes + 8, (low & ~kVariantMask) | kVariantRfc4122);
  return uid;
}

Result<Uid> Uid::from_bytes(std::string_view bytes) {
  if (bytes.size() != kBytes) {
    return {Code::invalid_argument, "a UUID has 16 bytes, found " + std::to_string(bytes.size())};
  }
  Uid uid;
  std::memcpy(uid.bytes_.data(), bytes.data(), kBytes);
  return uid;
}

Result<Uid> Uid::parse(std::string_view text) {
  if (text.size() != kTextChars) {
    return {Code::invalid_argument,
            "a UUID has 36 characters, found " + std::to_string(text.size())};
  }
  Uid uid;
  size_t nibble = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] == '-') continue;
      return {Code::invalid_argument, "UUID: expected '-' at position " + std::to_string(i)};
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      return {Code::invalid_argument,
              "UUID: expected a hex digit at position " + std::to_string(i)};
    }
    uint8_t& byte = uid.bytes_[nibble / 2];
    byte = static_cast<uint8_t>((byte << 4) | digit);
    ++nibble;
  }
  return uid;
}

std::string Uid::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(kTextChars);
  for (size_t i = 0; i < kBytes; ++i) {
    if (is_dash_position(text.size())) text.push_back('-');
    text.push_back(kDigits[bytes_[i] >> 4]);
    text.push_back(kDigits[bytes_[i] & 15]);
  }
  return text;
}

}  // namespace aftersync
