// DATE, DATETIME, TIMESTAMP and TIME in the rows of a binlog.
//
// Big-endian, so that the bytes compare as the values do; behind the whole seconds stands a
// fraction of (digits + 1) / 2 bytes, counting units of 10^-2, 10^-4 or 10^-6 seconds.
//
//   datetime2   5 bytes: bit 39: 1 (0 if negative, which there is none); bits 22..38: year * 13 +
//               month; 17..21: day; 12..16: hour; 6..11: minute; 0..5: second
//   timestamp2  4 bytes: seconds since 1970, UTC
//   time2       3 bytes: bit 23: 1; bits 12..21: hours (up to 838); 6..11: minutes; 0..5: seconds.
//               With its fraction it is one number around 2^23 (shifted by the fraction's bits):
//               a negative time is that less the time
//   date        3 bytes, little-endian: bits 0..4: day; 5..8: month; 9..23: year
//
// Source: MySQL internals, "Date and Time Data Type Representation".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::binlog {

inline constexpr size_t kTimestampBytes = 4;
inline constexpr size_t kDatetimeBytes = 5;
inline constexpr size_t kTimeBytes = 3;
inline constexpr size_t kDateBytes = 3;

// Of a fraction of `digits` (0 to 6).
[[nodiscard]] constexpr size_t fraction_bytes(size_t digits) { return (digits + 1) / 2; }

// The parts of a DATETIME; of a TIME, where hours go beyond 23, and the sign counts.
struct CivilTime {
  uint32_t year = 0;
  uint32_t month = 0;
  uint32_t day = 0;
  uint32_t hour = 0;
  uint32_t minute = 0;
  uint32_t second = 0;
  uint32_t microsecond = 0;
  bool is_negative = false;
  friend bool operator==(const CivilTime&, const CivilTime&) = default;
};

// Microseconds beyond `digits` are cut off. Parts are in MySQL's ranges: CHECKed.
void append_datetime(std::string& to, const CivilTime& value, size_t digits);
void append_time(std::string& to, const CivilTime& value, size_t digits);
void append_date(std::string& to, const CivilTime& value);
void append_timestamp(std::string& to, uint32_t seconds, uint32_t microsecond, size_t digits);

struct Timestamp {
  uint32_t seconds = 0;
  uint32_t microsecond = 0;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

// `bytes` is as long as the value. Code::corruption when parts are out of range.
[[nodiscard]] Result<CivilTime> read_datetime(std::string_view bytes, size_t digits);
[[nodiscard]] Result<CivilTime> read_time(std::string_view bytes, size_t digits);
[[nodiscard]] Result<CivilTime> read_date(std::string_view bytes);
[[nodiscard]] Result<Timestamp> read_timestamp(std::string_view bytes, size_t digits);

}  // namespace aftersync::binlog
