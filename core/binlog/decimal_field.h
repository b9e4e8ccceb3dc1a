// DECIMAL in the rows of a binlog: as MySQL's memory format, big-endian and comparable.
//
// The digits before the point and those behind it stand in groups of nine, each a 4-byte integer;
// what is left over at the outer ends takes as many bytes as its digits need:
//
//   digits   0  1  2  3  4  5  6  7  8  9
//   bytes    0  1  1  2  2  3  3  4  4  4
//
// A negative number has all bits inverted; then the top bit of the first byte is inverted.
//
// Source: MySQL 8.0 source documentation, decimal2bin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/field_type.h"

namespace aftersync::binlog {

inline constexpr size_t kMaxDecimalDigits = 65;
inline constexpr size_t kMaxDecimalScale = 30;

// DECIMAL(precision, scale): 1 <= precision <= 65, scale <= min(30, precision).
[[nodiscard]] Field decimal_field(size_t precision, size_t scale);
// Code::corruption when the metadata is no precision and scale.
[[nodiscard]] Result<size_t> decimal_bytes(const Field& field);

// `text`: an optional sign, digits, and optionally a point and digits; it must fit the field, or
// Code::invalid_argument.
Status append_decimal(std::string& to, const Field& field, std::string_view text);
// As many digits behind the point as the scale; no leading zeroes but one before the point.
[[nodiscard]] Result<std::string> decimal_text(const Field& field, std::string_view bytes);

}  // namespace aftersync::binlog
