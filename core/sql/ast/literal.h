// A literal as it was written: bytes without quotes and escapes, numbers as digits.
#pragma once

#include <cstdint>
#include <string>

namespace aftersync::sql {

enum class LiteralKind : uint8_t {
  null_value,
  boolean,   // text: TRUE or FALSE
  integer,   // text: digits, which may be more than 64 bits hold
  decimal,   // text: digits with a point
  floating,  // text: with an exponent
  string,    // text: the bytes
  hex,       // text: the bytes that x'4D' and 0x4D stand for
  bit,       // text: the bytes that b'101' and 0b101 stand for
  date,      // text: what stands between the quotes of DATE '...'
  time,      // TIME '...'
  timestamp  // TIMESTAMP '...'
};

struct Literal {
  LiteralKind kind = LiteralKind::null_value;
  std::string text;
  std::string charset;  // of an introducer (_utf8mb4'...'), in lower case; empty without one
  bool operator==(const Literal&) const = default;
};

}  // namespace aftersync::sql
