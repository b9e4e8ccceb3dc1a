// From one kind of value to another, as expressions do it (MySQL manual 14.3).
//
// NULL stays NULL; that is for the caller to look at first. Text that is no
// number or no date is taken as far as it is one, with warning 1292.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/sql/value/diagnostics.h"
#include "core/sql/value/value.h"

namespace aftersync::sql {

// The shortest text that reads back as the same double, as MySQL writes it:
// 0.1, 1e15, -1.5e-16.
[[nodiscard]] std::string double_text(double value);

// The number that `text` begins with, and how many bytes of it that is (leading
// blanks included).
[[nodiscard]] double double_prefix(std::string_view text, size_t& used);

// Bytes of the number that `text` begins with, an exponent as well and blanks before it; 0 when
// there is none.
[[nodiscard]] size_t number_prefix(std::string_view text);

// The same number exactly. What has more than 65 digits in front of its point is `overflow`, and
// the greatest there is.
struct ParsedDecimal {
  Decimal value;
  size_t used = 0;
  bool overflow = false;
};
[[nodiscard]] ParsedDecimal decimal_prefix(std::string_view text);

[[nodiscard]] std::string to_text(const Value& value);
// The same of a value of that type: decimals and doubles with as many digits behind the point as
// the type says. (Quotients carry more than they show.)
[[nodiscard]] std::string to_text(const Value& value, const TypeInfo& type);
[[nodiscard]] double to_double(const Value& value, Diagnostics& diagnostics);
[[nodiscard]] Decimal to_decimal(const Value& value, Diagnostics& diagnostics);
[[nodiscard]] bool to_truth(const Value& value, Diagnostics& diagnostics);

// A whole number as 64 bits and whether they are unsigned: how CAST, bit
// operators and arguments such as LEFT's see a value. What does not fit is
// clipped, with warning 1292 for text.
struct Integer {
  uint64_t bits = 0;
  bool is_unsigned = false;
  [[nodiscard]] int64_t as_signed() const { return static_cast<int64_t>(bits); }
  [[nodiscard]] bool negative() const { return !is_unsigned && as_signed() < 0; }
};
[[nodiscard]] Integer to_integer(const Value& value, Diagnostics& diagnostics);

// Nothing, with warning 1292, for what is no date or no time.
[[nodiscard]] std::optional<Temporal> to_datetime(const Value& value, Diagnostics& diagnostics);
[[nodiscard]] std::optional<Temporal> to_time(const Value& value, Diagnostics& diagnostics);

}  // namespace aftersync::sql
