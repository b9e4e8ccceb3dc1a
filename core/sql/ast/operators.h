// The operators of expressions, and the units of intervals, with their spelling.
#pragma once

#include <cstdint>
#include <string_view>

namespace aftersync::sql {

enum class UnaryOp : uint8_t { minus, bit_not, logical_not };

enum class BinaryOp : uint8_t {
  logical_xor,
  equal,
  null_safe_equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  bit_or,
  bit_and,
  shift_left,
  shift_right,
  add,
  subtract,
  multiply,
  divide,
  int_divide,
  modulo,
  bit_xor,
};

// As canonical SQL spells them: "XOR", "<=>", "DIV".
[[nodiscard]] std::string_view to_string(UnaryOp op);
[[nodiscard]] std::string_view to_string(BinaryOp op);
[[nodiscard]] constexpr bool is_comparison(BinaryOp op) {
  return op >= BinaryOp::equal && op <= BinaryOp::greater_equal;
}

// MySQL manual 9.5, Temporal Intervals.
enum class IntervalUnit : uint8_t {
  microsecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
  second_microsecond,
  minute_microsecond,
  minute_second,
  hour_microsecond,
  hour_second,
  hour_minute,
  day_microsecond,
  day_second,
  day_minute,
  day_hour,
  year_month,
};
inline constexpr int kIntervalUnits = 20;

[[nodiscard]] std::string_view to_string(IntervalUnit unit);

}  // namespace aftersync::sql
