// Arithmetic and bits (MySQL manual 14.6.1, 14.12).
#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/sql/eval/operators.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

Value out_of_range(std::string_view type, EvalContext& context) {
  context.diagnostics.fail(ErrorName::out_of_range, {type, "expression"});
  return {};
}

Value division_by_zero(EvalContext& context) {
  context.diagnostics.warn(ErrorName::division_by_zero, {});
  return {};
}

Value finite(double value, EvalContext& context) {
  if (!std::isfinite(value)) return out_of_range("DOUBLE", context);
  return value;
}

// A whole number of up to 65 bits and a sign, as the type of the result has it.
Value integer_result(__int128 value, bool is_unsigned, EvalContext& context) {
  if (is_unsigned) {
    if (value < 0 || value > static_cast<__int128>(UINT64_MAX)) {
      return out_of_range("BIGINT UNSIGNED", context);
    }
    return static_cast<uint64_t>(value);
  }
  if (value < INT64_MIN || value > INT64_MAX) return out_of_range("BIGINT", context);
  return static_cast<int64_t>(value);
}

__int128 wide(const Integer& integer) {
  return integer.is_unsigned ? static_cast<__int128>(integer.bits)
                             : static_cast<__int128>(integer.as_signed());
}

Value decimal_result(const std::optional<Decimal>& value, EvalContext& context) {
  if (!value) return out_of_range("DECIMAL", context);
  return *value;
}

// What a quotient carries on to the next operation: at least div_precision_increment digits more
// than the dividend, in whole groups of nine digits, as MySQL's decimals are kept.
unsigned quotient_scale(const Decimal& a, const Decimal& b) {
  constexpr int kGroup = 9;
  const auto up = [](int digits) { return (digits + kGroup - 1) / kGroup * kGroup; };
  const int left = static_cast<int>(a.scale());
  const int right = static_cast<int>(b.scale());
  const int more = int{kDivisionScale} - (up(left) - left) - (up(right) - right);
  return static_cast<unsigned>(up(left) + up(right) + up(std::max(more, 0)));
}

enum class Arithmetic : uint8_t { add, subtract, multiply };

Value exact_integers(Arithmetic op, const Value& a, const Value& b, const BoundExpr& self,
                     EvalContext& context) {
  const __int128 left = wide(to_integer(a, context.diagnostics));
  const __int128 right = wide(to_integer(b, context.diagnostics));
  if (op == Arithmetic::multiply) {
    __int128 product = 0;
    if (__builtin_mul_overflow(left, right, &product)) {
      return out_of_range(self.type.is_unsigned ? "BIGINT UNSIGNED" : "BIGINT", context);
    }
    return integer_result(product, self.type.is_unsigned, context);
  }
  const __int128 sum = op == Arithmetic::add ? left + right : left - right;
  return integer_result(sum, self.type.is_unsigned, context);
}

template <Arithmetic op>
Value arithmetic(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  if (is_null(a)) return {};
  const Value b = self.arg(1, context);
  if (is_null(b)) return {};
  Diagnostics& d = context.diagnostics;
  if (self.type.type == TypeClass::integer) return exact_integers(op, a, b, self, context);
  if (self.type.type == TypeClass::decimal) {
    const Decimal left = to_decimal(a, d);
    const Decimal right = to_decimal(b, d);
    return decimal_result(op == Arithmetic::add        ? Decimal::add(left, right)
                          : op == Arithmetic::subtract ? Decimal::subtract(left, right)
                                                       : Decimal::multiply(left, right),
                          context);
  }
  const double left = to_double(a, d);
  const double right = to_double(b, d);
  return finite(op == Arithmetic::add        ? left + right
                : op == Arithmetic::subtract ? left - right
                                             : left * right,
                context);
}

Value divide(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return {};
  Diagnostics& d = context.diagnostics;
  if (self.type.type == TypeClass::real) {
    const double left = to_double(a, d);
    const double right = to_double(b, d);
    return right == 0 ? division_by_zero(context) : finite(left / right, context);
  }
  const Decimal left = to_decimal(a, d);
  const Decimal right = to_decimal(b, d);
  if (right.is_zero()) return division_by_zero(context);
  const unsigned scale = std::min(quotient_scale(left, right), kDecimalScale - 1);
  const auto quotient = Decimal::divide(left, right, scale + 1);
  return decimal_result(quotient ? quotient->truncated(scale) : quotient, context);
}

Value int_divide(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return {};
  Diagnostics& d = context.diagnostics;
  const auto integers = [&](const TypeInfo& t) { return t.type == TypeClass::integer; };
  if (integers(self.args[0].type) && integers(self.args[1].type)) {
    const __int128 right = wide(to_integer(b, d));
    if (right == 0) return division_by_zero(context);
    return integer_result(wide(to_integer(a, d)) / right, self.type.is_unsigned, context);
  }
  const Decimal left = to_decimal(a, d);
  const Decimal right = to_decimal(b, d);
  if (right.is_zero()) return division_by_zero(context);
  const std::optional<Decimal> quotient = Decimal::divide(left, right, kDecimalScale - 1);
  if (!quotient) return out_of_range("BIGINT", context);
  const Decimal whole = quotient->truncated(0);
  if (self.type.is_unsigned) {
    if (const auto fits = whole.to_unsigned()) return *fits;
    return out_of_range("BIGINT UNSIGNED", context);
  }
  if (const auto fits = whole.to_signed()) return *fits;
  return out_of_range("BIGINT", context);
}

Value modulo(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return {};
  Diagnostics& d = context.diagnostics;
  if (self.type.type == TypeClass::integer) {
    const __int128 right = wide(to_integer(b, d));
    if (right == 0) return division_by_zero(context);
    return integer_result(wide(to_integer(a, d)) % right, self.type.is_unsigned, context);
  }
  if (self.type.type == TypeClass::decimal) {
    const Decimal left = to_decimal(a, d);
    const Decimal right = to_decimal(b, d);
    if (right.is_zero()) return division_by_zero(context);
    return decimal_result(Decimal::modulo(left, right), context);
  }
  const double left = to_double(a, d);
  const double right = to_double(b, d);
  return right == 0 ? division_by_zero(context) : Value(std::fmod(left, right));
}

template <BinaryOp op>
Value bits(const BoundExpr& self, EvalContext& context) {
  const Value a = self.arg(0, context);
  const Value b = self.arg(1, context);
  if (is_null(a) || is_null(b)) return {};
  const uint64_t left = to_integer(a, context.diagnostics).bits;
  const uint64_t right = to_integer(b, context.diagnostics).bits;
  switch (op) {
    case BinaryOp::bit_or: return left | right;
    case BinaryOp::bit_and: return left & right;
    case BinaryOp::bit_xor: return left ^ right;
    case BinaryOp::shift_left: return right < 64 ? left << right : uint64_t{0};
    default: return right < 64 ? left >> right : uint64_t{0};
  }
}

Value bit_not(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  return ~to_integer(value, context.diagnostics).bits;
}

Value negate(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  Diagnostics& d = context.diagnostics;
  if (self.type.type == TypeClass::integer) {
    return integer_result(-wide(to_integer(value, d)), false, context);
  }
  if (self.type.type == TypeClass::decimal) return to_decimal(value, d).negated();
  return -to_double(value, d);
}

TypeInfo arithmetic_type(BinaryOp op, const TypeInfo& left, const TypeInfo& right) {
  const TypeInfo a = numeric_type(left);
  const TypeInfo b = numeric_type(right);
  if (a.type == TypeClass::real || b.type == TypeClass::real) {
    const unsigned decimals = std::max(a.decimals, b.decimals);
    return real_type(op == BinaryOp::divide ? decimals + kDivisionScale : decimals);
  }
  const bool exact = a.type != TypeClass::decimal && b.type != TypeClass::decimal;
  const bool is_unsigned = op == BinaryOp::modulo ? a.is_unsigned : a.is_unsigned || b.is_unsigned;
  if (op == BinaryOp::divide) return decimal_type(a.decimals + kDivisionScale, is_unsigned);
  if (exact) return integer_type(is_unsigned);
  if (op == BinaryOp::multiply) return decimal_type(a.decimals + unsigned{b.decimals}, is_unsigned);
  return decimal_type(std::max(a.decimals, b.decimals), is_unsigned);
}

}  // namespace

BoundExpr bound_arithmetic(BinaryOp op, BoundExpr left, BoundExpr right) {
  left = numeric_operand(std::move(left));
  right = numeric_operand(std::move(right));
  BoundExpr made;
  made.type = arithmetic_type(op, left.type, right.type);
  switch (op) {
    case BinaryOp::add: made.function = arithmetic<Arithmetic::add>; break;
    case BinaryOp::subtract: made.function = arithmetic<Arithmetic::subtract>; break;
    case BinaryOp::multiply: made.function = arithmetic<Arithmetic::multiply>; break;
    case BinaryOp::divide: made.function = divide; break;
    case BinaryOp::modulo: made.function = modulo; break;
    case BinaryOp::int_divide:
      made.function = int_divide;
      made.type = integer_type(left.type.is_unsigned || right.type.is_unsigned);
      break;
    case BinaryOp::bit_or: made.function = bits<BinaryOp::bit_or>; break;
    case BinaryOp::bit_and: made.function = bits<BinaryOp::bit_and>; break;
    case BinaryOp::bit_xor: made.function = bits<BinaryOp::bit_xor>; break;
    case BinaryOp::shift_left: made.function = bits<BinaryOp::shift_left>; break;
    case BinaryOp::shift_right: made.function = bits<BinaryOp::shift_right>; break;
    default: CHECK(false);
  }
  const bool bitwise = op == BinaryOp::bit_or || op == BinaryOp::bit_and ||
                       op == BinaryOp::bit_xor || op == BinaryOp::shift_left ||
                       op == BinaryOp::shift_right;
  if (bitwise) made.type = integer_type(true);
  made.args.push_back(std::move(left));
  made.args.push_back(std::move(right));
  return made;
}

BoundExpr bound_sign(UnaryOp op, BoundExpr operand) {
  operand = numeric_operand(std::move(operand));
  BoundExpr made;
  made.type = op == UnaryOp::bit_not ? integer_type(true) : numeric_type(operand.type);
  made.function = op == UnaryOp::bit_not ? bit_not : negate;
  // -9223372036854775808: the one literal that only its sign makes a BIGINT;
  // greater ones become decimals.
  if (op == UnaryOp::minus && made.type.type == TypeClass::integer) {
    const auto* literal = std::get_if<uint64_t>(&operand.constant);
    const auto* small = std::get_if<int64_t>(&operand.constant);
    if (literal != nullptr && *literal == uint64_t{1} << 63) made.constant = INT64_MIN;
    if (small != nullptr && *small != INT64_MIN) made.constant = -*small;
    const bool wide_literal = (literal != nullptr && *literal > uint64_t{1} << 63) ||
                              (small != nullptr && *small == INT64_MIN);
    if (wide_literal) made.type = decimal_type(0);
    made.type.is_unsigned = false;
  }
  made.args.push_back(std::move(operand));
  return made;
}

}  // namespace aftersync::sql
