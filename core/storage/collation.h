// Collations as bytes: a sort key whose memcmp order is the collation's order.
//
// The problem. Under PAD SPACE (MySQL manual 10.8.5; all collations here but `binary`) two strings
// are compared as if the shorter were padded with spaces for ever. So 'a' = 'a  ', but also
// 'a\t' < 'a', because a tab is less than the space that 'a' is padded with. A plain terminator
// cannot say that: it would have to sort before what is greater than a space and after what is
// less.
//
// The key. Each character has a weight, written in UTF-8, which keeps the order of weights and
// leaves a byte 20 for the space alone. Trailing spaces go. Then every run of k spaces, and the
// end, which is a run without end, is written as 20 and a byte that says what comes after the run:
//
//   20 k              (k < 3f)   k spaces, then something less than a space: less than the end;
//   20 3f kkkk                   the longer the run, the later the difference, so the greater
//   20 80                        the end
//   20 c0 ~kkkk                  k spaces, then something greater than a space: greater than the
//   20 ff-k           (k < 3f)   end, and the less the longer the run
//
// The end mark occurs nowhere else, so the key ends itself: no escaping, one byte a run, two bytes
// for the end.
//
// General_ci. As in MySQL each character has one weight: letters without case and accent (Latin,
// Greek, Cyrillic), everything above U+FFFF equal to U+FFFD; no expansions (the sharp s is S). It
// covers U+0000-U+04FF and is the identity elsewhere: general_ci-like, not a copy of MySQL's table.
// A byte that is no valid text has a weight of its own (U+DC00 + byte), so that any bytes can be a
// key and equal keys still mean equal text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::storage {

// Numbers are on disk.
enum class Collation : uint8_t {
  binary = 0,  // bytes, NO PAD
  utf8mb4_bin = 1,
  utf8mb4_general_ci = 2,
  latin1_general_ci = 3,
  latin1_bin = 4,
  ascii_general_ci = 5,
  ascii_bin = 6,
};

[[nodiscard]] constexpr bool is_known(Collation collation) {
  return collation <= Collation::ascii_bin;
}

// Appends the sort key of `text`: equal under the collation if and only if the bytes are equal.
// With `whole` false without its end, trailing spaces left out: the beginning of the key of every
// string that begins with `text`, for prefix ranges (which may then hold a little more than asked
// for). Code::too_large for a run of more than 65,535 spaces. Not for Collation::binary.
Status append_sort_key(Collation collation, std::string_view text, bool whole, std::string& to);

// Length of the sort key at the front of `bytes`, all of which have been xored with `mask`; 0 when
// there is none.
[[nodiscard]] size_t sort_key_bytes(std::string_view bytes, char mask);

// The first `chars` characters of `text`.
[[nodiscard]] std::string_view first_chars(Collation collation, std::string_view text,
                                           size_t chars);

}  // namespace aftersync::storage
