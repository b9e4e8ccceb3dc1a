// The character sets and collations that columns can have, by their names and MySQL's numbers.
//
// The first collation of each character set is its default. (MySQL's own defaults are
// utf8mb4_0900_ai_ci and latin1_swedish_ci; neither is there.)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/storage/collation.h"

namespace aftersync::sql {

struct CollationInfo {
  std::string_view name;
  std::string_view charset;
  storage::Collation id = storage::Collation::binary;
  uint16_t number = 63;     // in the protocol, and in binlogs
  uint8_t char_bytes = 1;   // of the longest character
  bool is_default = false;  // of its character set
};

[[nodiscard]] std::span<const CollationInfo> all_collations();
// By name, in any case; nullptr when there is none.
[[nodiscard]] const CollationInfo* find_collation(std::string_view name);
[[nodiscard]] const CollationInfo* default_collation(std::string_view charset);
[[nodiscard]] const CollationInfo& info_of(storage::Collation id);

}  // namespace aftersync::sql
