// DATE, DATETIME, TIMESTAMP, TIME: bits.
#include "core/binlog/temporal_field.h"

#include <array>

#include "core/base/check.h"

namespace aftersync::binlog {

namespace {

constexpr uint64_t kDatetimeBias = uint64_t{1} << 39;
constexpr int64_t kTimeBias = int64_t{1} << 23;
constexpr uint32_t kMaxHours = 838;

// Microseconds in the unit of a fraction of so many bytes.
constexpr std::array<uint32_t, 4> kUnits = {1'000'000, 10'000, 100, 1};

void append_big_endian(std::string& to, uint64_t value, size_t bytes) {
  while (bytes-- > 0) to.push_back(static_cast<char>(value >> (8 * bytes)));
}

uint64_t load_big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// A fraction in its unit; odd numbers of digits leave the last one zero.
uint32_t to_fraction(uint32_t microsecond, size_t digits) {
  CHECK_LT(microsecond, kUnits[0]);
  const uint32_t fraction = microsecond / kUnits[fraction_bytes(digits)];
  return digits % 2 == 0 ? fraction : fraction / 10 * 10;
}

Status out_of_range(std::string_view what) {
  return {Code::corruption, std::string(what) + ": part out of range"};
}

Status check_size(std::string_view what, std::string_view bytes, size_t expected) {
  if (bytes.size() == expected) return {};
  return {Code::corruption, std::string(what) + " of " + std::to_string(bytes.size()) +
                                " bytes, expected " + std::to_string(expected)};
}

Result<uint32_t> microsecond_of(std::string_view what, uint64_t fraction, size_t digits) {
  const uint64_t microsecond = fraction * kUnits[fraction_bytes(digits)];
  if (microsecond >= kUnits[0]) return out_of_range(what);
  return static_cast<uint32_t>(microsecond);
}

uint64_t clock_bits(const CivilTime& value) {
  CHECK(value.minute < 60 && value.second < 60);
  return uint64_t{value.hour} << 12 | uint64_t{value.minute} << 6 | value.second;
}

void read_clock(uint64_t bits, CivilTime& value) {
  value.minute = (bits >> 6) & 63;
  value.second = bits & 63;
}

}  // namespace

void append_datetime(std::string& to, const CivilTime& value, size_t digits) {
  CHECK(value.year <= 9999 && value.month <= 12 && value.day <= 31 && value.hour < 24);
  const uint64_t date = (uint64_t{value.year} * 13 + value.month) << 5 | value.day;
  append_big_endian(to, kDatetimeBias | date << 17 | clock_bits(value), kDatetimeBytes);
  append_big_endian(to, to_fraction(value.microsecond, digits), fraction_bytes(digits));
}

Result<CivilTime> read_datetime(std::string_view bytes, size_t digits) {
  RETURN_IF_ERROR(check_size("DATETIME", bytes, kDatetimeBytes + fraction_bytes(digits)));
  const uint64_t bits = load_big_endian(bytes.substr(0, kDatetimeBytes));
  CivilTime value;
  const uint64_t months = (bits & ~kDatetimeBias) >> 22;
  value.year = static_cast<uint32_t>(months / 13);
  value.month = static_cast<uint32_t>(months % 13);
  value.day = (bits >> 17) & 31;
  value.hour = (bits >> 12) & 31;
  read_clock(bits, value);
  ASSIGN_OR_RETURN(
      value.microsecond,
      microsecond_of("DATETIME", load_big_endian(bytes.substr(kDatetimeBytes)), digits));
  const bool fits = (bits & kDatetimeBias) != 0 && value.year <= 9999 && value.hour < 24 &&
                    value.minute < 60 && value.second < 60;
  if (!fits) return out_of_range("DATETIME");
  return value;
}

void append_time(std::string& to, const CivilTime& value, size_t digits) {
  CHECK_LE(value.hour, kMaxHours);
  const size_t shift = 8 * fraction_bytes(digits);
  const int64_t bias = kTimeBias << shift;
  const auto distance =
      static_cast<int64_t>(clock_bits(value) << shift | to_fraction(value.microsecond, digits));
  const int64_t biased = value.is_negative ? bias - distance : bias + distance;
  append_big_endian(to, static_cast<uint64_t>(biased), kTimeBytes + fraction_bytes(digits));
}

Result<CivilTime> read_time(std::string_view bytes, size_t digits) {
  RETURN_IF_ERROR(check_size("TIME", bytes, kTimeBytes + fraction_bytes(digits)));
  const size_t shift = 8 * fraction_bytes(digits);
  const int64_t biased = static_cast<int64_t>(load_big_endian(bytes)) - (kTimeBias << shift);
  CivilTime value;
  value.is_negative = biased < 0;
  const auto distance = static_cast<uint64_t>(value.is_negative ? -biased : biased);
  const uint64_t bits = distance >> shift;
  value.hour = static_cast<uint32_t>(bits >> 12);
  read_clock(bits, value);
  const uint64_t fraction = distance & ((uint64_t{1} << shift) - 1);
  ASSIGN_OR_RETURN(value.microsecond, microsecond_of("TIME", fraction, digits));
  if (value.hour > kMaxHours || value.minute >= 60 || value.second >= 60) {
    return out_of_range("TIME");
  }
  return value;
}

void append_date(std::string& to, const CivilTime& value) {
  CHECK(value.year <= 9999 && value.month <= 12 && value.day <= 31);
  const uint32_t bits = value.year << 9 | value.month << 5 | value.day;
  for (size_t i = 0; i < kDateBytes; ++i) to.push_back(static_cast<char>(bits >> (8 * i)));
}

Result<CivilTime> read_date(std::string_view bytes) {
  RETURN_IF_ERROR(check_size("DATE", bytes, kDateBytes));
  uint32_t bits = 0;
  for (size_t i = kDateBytes; i-- > 0;) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
  CivilTime value;
  value.day = bits & 31;
  value.month = (bits >> 5) & 15;
  value.year = bits >> 9;
  if (value.month > 12 || value.year > 9999) return out_of_range("DATE");
  return value;
}

void append_timestamp(std::string& to, uint32_t seconds, uint32_t microsecond, size_t digits) {
  append_big_endian(to, seconds, kTimestampBytes);
  append_big_endian(to, to_fraction(microsecond, digits), fraction_bytes(digits));
}

Result<Timestamp> read_timestamp(std::string_view bytes, size_t digits) {
  RETURN_IF_ERROR(check_size("TIMESTAMP", bytes, kTimestampBytes + fraction_bytes(digits)));
  Timestamp value;
  value.seconds = static_cast<uint32_t>(load_big_endian(bytes.substr(0, kTimestampBytes)));
  ASSIGN_OR_RETURN(
      value.microsecond,
      microsecond_of("TIMESTAMP", load_big_endian(bytes.substr(kTimestampBytes)), digits));
  return value;
}

}  // namespace aftersync::binlog
