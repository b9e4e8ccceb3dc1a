// 128-bit random ids: server UUIDs, datadir and tablespace identities.
//
// The text form is that of RFC 4122 version 4 (8-4-4-4-12 lower-case hex digits), which is also
// what MySQL's server_uuid and the left half of a GTID look like.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync {

class Uid {
 public:
  static constexpr size_t kBytes = 16;
  static constexpr size_t kTextChars = 36;

  constexpr Uid() = default;
  // Takes 128 random bits (from the platform's Rng) and sets the version and variant bits.
  [[nodiscard]] static Uid from_random(uint64_t high, uint64_t low);
  // Exactly kBytes bytes, any value: a UUID that came over the wire keeps its own version bits.
  [[nodiscard]] static Result<Uid> from_bytes(std::string_view bytes);
  // Accepts upper-case digits; the error names the offending position.
  [[nodiscard]] static Result<Uid> parse(std::string_view text);

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] bool is_nil() const { return *this == Uid(); }
  friend constexpr auto operator<=>(const Uid&, const Uid&) = default;

 private:
  std::array<uint8_t, kBytes> bytes_{};
};

}  // namespace aftersync
