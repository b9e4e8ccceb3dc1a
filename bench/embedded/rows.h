// The rows that every store is measured with, and the checks that what comes back is what went in.
//
// Key: the row number, 8 bytes big-endian, so that byte order is numeric order. Value: 100 bytes
// that hold the row number, a version and filler computed from both. So a value proves by itself
// which row and which version it is, whole or not, without a second copy to compare with; and the
// filler does not compress, though compression is off everywhere.
//
//   0..7 row number   8..15 version   16..99 filler
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/coding.h"
#include "core/base/prng.h"

namespace aftersync::bench {

inline constexpr size_t kKeyBytes = 8;
inline constexpr size_t kValueBytes = 100;
inline constexpr uint64_t kRowBytes = kKeyBytes + kValueBytes;

using Key = std::array<char, kKeyBytes>;
using Value = std::array<char, kValueBytes>;

struct Row {
  Key key;
  Value value;
};

template <size_t kSize>
[[nodiscard]] std::string_view view_of(const std::array<char, kSize>& bytes) {
  return {bytes.data(), bytes.size()};
}

[[nodiscard]] inline Key key_of(uint64_t row) {
  Key key;
  store_be(key.data(), row);
  return key;
}

[[nodiscard]] inline uint64_t row_of(std::string_view key) { return load_be<uint64_t>(key.data()); }

[[nodiscard]] inline Value value_of(uint64_t row, uint64_t version) {
  Value value;
  store_be(value.data(), row);
  store_be(value.data() + 8, version);
  uint64_t state = row * 0x9e3779b97f4a7c15u + version;
  for (size_t at = 16; at < kValueBytes; at += 8) {
    const uint64_t word = splitmix64(state);
    std::memcpy(value.data() + at, &word, std::min(kValueBytes - at, sizeof word));
  }
  return value;
}

[[nodiscard]] inline uint64_t version_of(const Value& value) {
  return load_be<uint64_t>(value.data() + 8);
}

// The whole check, for tests and warm-up.
[[nodiscard]] inline bool is_value_of(uint64_t row, std::string_view value) {
  if (value.size() != kValueBytes || load_be<uint64_t>(value.data()) != row) return false;
  return view_of(value_of(row, load_be<uint64_t>(value.data() + 8))) == value;
}

// What a scan saw. Each driver folds each row's key and value into it, so that all of them must
// look at both ends of every row, and none copies.
struct ScanResult {
  uint64_t rows = 0;
  uint64_t key_sum = 0;
  uint64_t mix = 0;

  void add(std::string_view key, std::string_view value) {
    ++rows;
    key_sum += load_be<uint64_t>(key.data());
    mix ^= load_be<uint64_t>(value.data() + value.size() - 8);
  }
};

}  // namespace aftersync::bench
