// A small seeded generator, for everything that must be repeatable: simulator, plans, tests.
//
// xoshiro256** 1.0 seeded through SplitMix64 (Blackman and Vigna, "Scrambled linear pseudorandom
// number generators", 2021): fast, 256 bits of state, no standard-library distribution whose
// output differs between library versions. Not for secrets; those come from the platform's Rng.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/check.h"

namespace aftersync {

// One step of SplitMix64; also a good way to mix a seed with a stream number.
[[nodiscard]] constexpr uint64_t splitmix64(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

class Prng {
 public:
  // `stream` gives independent sequences from one seed, so that drawing more numbers in one place
  // does not change what another place draws.
  constexpr explicit Prng(uint64_t seed, uint64_t stream = 0) {
    uint64_t state = seed;
    state = splitmix64(state) ^ (stream * 0xd1342543de82ef95u);
    for (uint64_t& word : state_) word = splitmix64(state);
  }

  [[nodiscard]] constexpr uint64_t next() {
    const uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound); bound > 0. Lemire's multiplication; the bias is below bound / 2^64.
  [[nodiscard]] constexpr uint64_t below(uint64_t bound) {
    CHECK(bound > 0);
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  // Uniform in [low, high], both included.
  [[nodiscard]] constexpr uint64_t between(uint64_t low, uint64_t high) {
    CHECK(low <= high);
    const uint64_t span = high - low + 1;
    return span == 0 ? next() : low + below(span);
  }
  // True with the given probability, clamped to [0, 1].
  [[nodiscard]] constexpr bool chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
  }

 private:
  static constexpr uint64_t rotate_left(uint64_t v, int by) { return (v << by) | (v >> (64 - by)); }

  std::array<uint64_t, 4> state_{};
};

}  // namespace aftersync
