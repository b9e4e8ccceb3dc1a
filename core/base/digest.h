// Digest: a 64-bit running hash with which two runs are compared "to the byte".
//
// It is for detecting differences, not adversaries: each word is mixed with a multiplication and a
// rotation (the round of xxHash64). Strings are folded with their length, so that ("ab","c") and
// ("a","bc") differ.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace aftersync {

class Digest {
 public:
  constexpr void add(uint64_t word) {
    state_ ^= rotate_left(word * 0xc2b2ae3d27d4eb4fu, 31) * 0x9e3779b185ebca87u;
    state_ = rotate_left(state_, 27) * 0x9e3779b185ebca87u + 0x85ebca77c2b2ae63u;
  }
  void add(std::string_view bytes) {
    add(uint64_t{bytes.size()});
    const char* p = bytes.data();
    size_t n = bytes.size();
    for (; n >= 8; p += 8, n -= 8) {
      uint64_t word;
      std::memcpy(&word, p, sizeof word);
      add(word);
    }
    uint64_t tail = 0;
    if (n > 0) std::memcpy(&tail, p, n);
    add(tail);
  }
  [[nodiscard]] constexpr uint64_t value() const {
    uint64_t h = state_;
    h = (h ^ (h >> 33)) * 0xc2b2ae3d27d4eb4fu;
    h = (h ^ (h >> 29)) * 0x165667b19e3779f9u;
    return h ^ (h >> 32);
  }

 private:
  static constexpr uint64_t rotate_left(uint64_t v, int by) { return (v << by) | (v >> (64 - by)); }

  uint64_t state_ = 0x27d4eb2f165667c5u;
};

}  // namespace aftersync
