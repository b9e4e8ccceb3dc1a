// DECIMAL in MySQL's packed form: fixed length, and its bytes compare as the numbers do.
//
// The digits before the point, padded with zeroes to precision - scale, and those behind it, padded
// to scale, are cut into groups of nine counted from the point; a group takes 4 bytes big-endian,
// and the odd digits at either end as few as hold them (MySQL manual 12.24.2). The first bit is
// then inverted, and all bits of a negative number: so the order of bytes is the order of numbers.
// This is also how decimals stand in row events of the binary log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::storage {

inline constexpr unsigned kMaxDecimalDigits = 65;
inline constexpr unsigned kMaxDecimalScale = 30;

// Bytes of a DECIMAL(precision, scale): at most 30.
[[nodiscard]] size_t packed_decimal_bytes(unsigned precision, unsigned scale);

// From text: [+-]digits[.digits]. Code::invalid_argument when it is no such text, has more digits
// before the point than the type, or more behind it than the scale unless they are zeroes (rounding
// is the SQL layer's business). Minus zero becomes zero.
[[nodiscard]] Result<std::string> pack_decimal(std::string_view text, unsigned precision,
                                               unsigned scale);

// To text, with exactly `scale` digits behind the point. Code::corruption for bytes that are no
// packed decimal of that type.
[[nodiscard]] Result<std::string> unpack_decimal(std::string_view packed, unsigned precision,
                                                 unsigned scale);

}  // namespace aftersync::storage
