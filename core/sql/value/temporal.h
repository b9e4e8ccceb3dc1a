// Dates and times: what DATE, TIME and DATETIME(6) hold, their texts and their
// calendar.
//
// The calendar is MySQL's: proleptic Gregorian, days counted so that 0001-01-01
// is day 366 of TO_DAYS(). Zero parts (2024-00-00) can be held; whether they
// are let in is the SQL mode's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/sql/value/decimal.h"

namespace aftersync::sql {

enum class TemporalKind : uint8_t { date, time, datetime };

struct Temporal {
  TemporalKind kind = TemporalKind::date;
  bool negative = false;  // of a time
  uint8_t decimals = 0;   // digits of a second that are shown
  uint32_t year = 0;
  uint32_t month = 0;
  uint32_t day = 0;
  uint32_t hour = 0;  // of a time up to 838
  uint32_t minute = 0;
  uint32_t second = 0;
  uint32_t micros = 0;
  bool operator==(const Temporal&) const = default;

  // "2024-01-31", "-838:59:59", "2024-01-31 23:59:59.123".
  [[nodiscard]] std::string to_string() const;
  // 20240131, -8385959, 20240131235959.123: what it is as a number.
  [[nodiscard]] Decimal to_decimal() const;
  // As one number that sorts as the values of its kind do: microseconds, of a
  // date at midnight.
  [[nodiscard]] int64_t ordinal() const;
  // As one number that sorts as the values of its kind do, zero parts as well, and that storage
  // keeps: MySQL's packed form, of a date in three bytes, else the parts of a second in the last
  // three (MySQL internals, "Date and Time Data Type Representation").
  [[nodiscard]] int64_t packed() const;
};

[[nodiscard]] Temporal unpacked_date(int64_t packed);
[[nodiscard]] Temporal unpacked_time(int64_t packed, unsigned decimals);
[[nodiscard]] Temporal unpacked_datetime(int64_t packed, unsigned decimals);

// A local datetime as microseconds since 1970 UTC, and back; the zero date is 0.
// `zone_offset_s`: seconds that local time is ahead of UTC.
[[nodiscard]] int64_t unix_micros(const Temporal& value, int32_t zone_offset_s);
[[nodiscard]] Temporal datetime_of_unix(int64_t micros, int32_t zone_offset_s);

// With so many digits of a second, the rest rounded (half away from zero): 23:59:59.9 becomes the
// next day. Nothing past the year 9999; a time stops at 838:59:59.
[[nodiscard]] std::optional<Temporal> rounded(const Temporal& value, unsigned decimals);

inline constexpr int64_t kUnixEpochDay = 719'528;  // TO_DAYS('1970-01-01')

[[nodiscard]] bool is_leap_year(uint32_t year);
[[nodiscard]] uint32_t days_in_month(uint32_t year, uint32_t month);
// TO_DAYS() and FROM_DAYS().
[[nodiscard]] int64_t day_number(uint32_t year, uint32_t month, uint32_t day);
[[nodiscard]] Temporal date_of_day_number(int64_t days);
// Whether month and day exist; zero parts pass when `zero_parts` says so.
[[nodiscard]] bool is_valid_date(const Temporal& value, bool zero_parts);

// What text was understood to be; `exact`: all of it was.
struct ParsedTemporal {
  Temporal value;
  bool exact = true;
  bool clipped = false;  // of a time: beyond 838:59:59
};

// Whether any day up to 31 passes, in any month: then is_valid_date() is the caller's business.
enum class AnyDay : bool { no, yes };

// MySQL manual 11.1.3: 'YYYY-MM-DD hh:mm:ss.ffffff' with any punctuation
// between the parts, parts left out at the end, years of two digits, or all
// digits in one run.
[[nodiscard]] std::optional<ParsedTemporal> parse_datetime(std::string_view text,
                                                           AnyDay any_day = AnyDay::no);
// '[-][D ]hh:mm:ss.ffffff', 'hhmmss'; clipped to 838:59:59.
[[nodiscard]] std::optional<ParsedTemporal> parse_time(std::string_view text);
// The same where a text long enough to be a datetime may be one: the kind says which.
[[nodiscard]] std::optional<ParsedTemporal> parse_time_or_datetime(std::string_view text);
// 20240131, 240131, 20240131235959 as a number.
[[nodiscard]] std::optional<Temporal> datetime_of_number(int64_t number);
// 235959, or a datetime of which the time counts.
[[nodiscard]] std::optional<Temporal> time_of_number(int64_t number);

// The same moment or day as another kind. A time becomes a datetime on `today`.
[[nodiscard]] Temporal as_date(const Temporal& value);
[[nodiscard]] Temporal as_datetime(const Temporal& value, const Temporal& today);
[[nodiscard]] Temporal as_time(const Temporal& value);

// From what ordinal() gives.
[[nodiscard]] Temporal datetime_of_ordinal(int64_t micros);
[[nodiscard]] Temporal time_of_ordinal(int64_t micros);

}  // namespace aftersync::sql
