// Gtid: the name of a transaction in all the binlogs it goes through.
//
// The server that committed it first gives it, once and for good: its own UUID and the next number.
// Text: UUID:NUMBER. Source: MySQL 8.0 manual, "GTID Format and Storage".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/base/uid.h"

namespace aftersync::binlog {

// Numbers are 1 to kMaxGtidNumber.
inline constexpr uint64_t kMaxGtidNumber = (uint64_t{1} << 63) - 2;

struct Gtid {
  Uid source;
  uint64_t number = 0;

  // Code::invalid_argument, naming the position. Spaces around either part are allowed.
  [[nodiscard]] static Result<Gtid> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  friend constexpr auto operator<=>(const Gtid&, const Gtid&) = default;
};

}  // namespace aftersync::binlog
