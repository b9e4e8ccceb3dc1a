// Spelling of operators and units.
#include "core/sql/ast/operators.h"

#include "core/base/check.h"

namespace aftersync::sql {

std::string_view to_string(UnaryOp op) {
  switch (op) {
    case UnaryOp::minus: return "-";
    case UnaryOp::bit_not: return "~";
    case UnaryOp::logical_not: return "NOT";
  }
  CHECK(false);
  return {};
}

std::string_view to_string(BinaryOp op) {
  switch (op) {
    case BinaryOp::logical_xor: return "XOR";
    case BinaryOp::equal: return "=";
    case BinaryOp::null_safe_equal: return "<=>";
    case BinaryOp::not_equal: return "<>";
    case BinaryOp::less: return "<";
    case BinaryOp::less_equal: return "<=";
    case BinaryOp::greater: return ">";
    case BinaryOp::greater_equal: return ">=";
    case BinaryOp::bit_or: return "|";
    case BinaryOp::bit_and: return "&";
    case BinaryOp::shift_left: return "<<";
    case BinaryOp::shift_right: return ">>";
    case BinaryOp::add: return "+";
    case BinaryOp::subtract: return "-";
    case BinaryOp::multiply: return "*";
    case BinaryOp::divide: return "/";
    case BinaryOp::int_divide: return "DIV";
    case BinaryOp::modulo: return "%";
    case BinaryOp::bit_xor: return "^";
  }
  CHECK(false);
  return {};
}

std::string_view to_string(IntervalUnit unit) {
  static constexpr std::string_view kNames[kIntervalUnits] = {"MICROSECOND",
                                                              "SECOND",
                                                              "MINUTE",
                                                              "HOUR",
                                                              "DAY",
                                                              "WEEK",
                                                              "MONTH",
                                                              "QUARTER",
                                                              "YEAR",
                                                              "SECOND_MICROSECOND",
                                                              "MINUTE_MICROSECOND",
                                                              "MINUTE_SECOND",
                                                              "HOUR_MICROSECOND",
                                                              "HOUR_SECOND",
                                                              "HOUR_MINUTE",
                                                              "DAY_MICROSECOND",
                                                              "DAY_SECOND",
                                                              "DAY_MINUTE",
                                                              "DAY_HOUR",
                                                              "YEAR_MONTH"};
  return kNames[static_cast<size_t>(unit)];
}

}  // namespace aftersync::sql
