// Values of the table model, and the order that SQL gives them.
//
// The engine keeps keys as memory-comparable bytes. The model must not share that trick, or a
// mistake in the encoding would agree with itself: here values stay typed and are compared by the
// rules of the MySQL manual (NULL first: 11.4.2; numbers by value; strings by collation, 10.8).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace aftersync::model {

// A DECIMAL of a column's fixed scale: digits without leading zeroes ("" is zero), so that 65
// digits fit. Zero is never negative.
struct Decimal {
  bool negative = false;
  std::string digits;
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

struct Null {
  friend bool operator==(Null, Null) = default;
};

using Value = std::variant<Null, int64_t, uint64_t, double, Decimal, std::string>;

// How values of a column compare. Temporal columns are integers here (microseconds), as only their
// order matters.
enum class Order : uint8_t {
  integer,           // int64_t
  unsigned_integer,  // uint64_t
  floating,          // double; -0.0 equals 0.0; NaN cannot be stored
  decimal,           // Decimal
  bytes,             // std::string by byte value, NO PAD (BINARY, collation binary)
  padded,            // std::string by byte value, trailing spaces ignored (*_bin: PAD SPACE)
  ascii_ci,          // the same, and ASCII letters without case (*_general_ci)
};

// Less, equal or greater under `order`; NULL equals NULL and sorts before everything.
[[nodiscard]] std::weak_ordering compare(Order order, const Value& a, const Value& b);

using Row = std::vector<Value>;

// For failure messages: (1, NULL, "abc", 12.5).
[[nodiscard]] std::string to_string(const Row& row);

}  // namespace aftersync::model
