// Functions of numbers (MySQL manual 14.6.2).
#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

Value finite(double value, CallFrame& f) {
  if (std::isfinite(value)) return value;
  f.context.diagnostics.fail(ErrorName::out_of_range, {"DOUBLE", "expression"});
  return {};
}

Decimal decimal(CallFrame& f, size_t i) { return to_decimal(f.args[i], f.context.diagnostics); }

Value absolute(CallFrame& f) {
  if (f.self.type.type == TypeClass::decimal) {
    const Decimal value = decimal(f, 0);
    return value.negative() ? value.negated() : value;
  }
  if (f.self.type.type == TypeClass::real) return std::abs(f.real(0));
  const Integer value = f.integer(0);
  if (!value.negative()) return f.self.type.is_unsigned ? Value(value.bits) : value.as_signed();
  if (value.as_signed() == INT64_MIN) {
    f.context.diagnostics.fail(ErrorName::out_of_range, {"BIGINT", "expression"});
    return {};
  }
  return -value.as_signed();
}

Value sign(CallFrame& f) {
  const double value = f.real(0);
  return int64_t{value < 0 ? -1 : value > 0 ? 1 : 0};
}

// Of an exact number an exact one; a whole number that fits is a BIGINT.
template <bool up>
Value whole(CallFrame& f) {
  if (f.self.type.type == TypeClass::real) return up ? std::ceil(f.real(0)) : std::floor(f.real(0));
  const TypeClass type = f.self.args[0].type.type;
  if (type == TypeClass::integer) return f.args[0];
  const Decimal value = up ? decimal(f, 0).ceiling() : decimal(f, 0).floor();
  if (f.self.type.type == TypeClass::decimal) return value;
  if (const auto fits = value.to_signed()) return *fits;
  return value;
}

double scaled(double value, int64_t places, bool truncate) {
  if (places > 300 || !std::isfinite(value)) return value;
  if (places < -300) return 0;
  const double power = std::pow(10.0, static_cast<double>(std::abs(places)));
  const double shifted = places < 0 ? value / power : value * power;
  if (!std::isfinite(shifted)) return value;
  const double result = truncate ? std::trunc(shifted) : std::rint(shifted);
  return places < 0 ? result * power : result / power;
}

// Places before the point: a whole number whose last digits are zeroes.
Decimal rounded_whole(const Decimal& value, unsigned places, bool truncate) {
  Decimal power = Decimal::of(int64_t{1});
  const Decimal ten = Decimal::of(int64_t{10});
  for (unsigned i = 0; i < places; ++i) {
    const auto next = Decimal::multiply(power, ten);
    if (!next || i > kDecimalDigits - 2) return Decimal();
    power = *next;
  }
  const auto quotient = Decimal::divide(value, power, kDecimalScale);
  if (!quotient) return Decimal();
  const Decimal digits = truncate ? quotient->truncated(0) : quotient->rounded(0);
  return Decimal::multiply(digits, power).value_or(Decimal());
}

template <bool truncate>
Value round(CallFrame& f) {
  int64_t places = f.size() > 1 ? f.position(1) : 0;
  if (f.self.type.type == TypeClass::real) return scaled(f.real(0), places, truncate);
  places = std::clamp<int64_t>(places, -100, 100);
  if (f.self.args[0].type.type == TypeClass::integer && places >= 0) return f.args[0];
  const Decimal value = decimal(f, 0);
  if (places < 0) {
    const Decimal made = rounded_whole(value, static_cast<unsigned>(-places), truncate);
    if (f.self.type.type == TypeClass::decimal) return made;
    if (f.self.type.is_unsigned) {
      if (const auto fits = made.to_unsigned()) return *fits;
    } else if (const auto fits = made.to_signed()) {
      return *fits;
    }
    f.context.diagnostics.fail(ErrorName::out_of_range, {"BIGINT", "expression"});
    return {};
  }
  const unsigned scale = std::min<unsigned>(static_cast<unsigned>(places), f.self.type.decimals);
  const Decimal made = truncate ? value.truncated(scale) : value.rounded(scale);
  if (f.self.type.type == TypeClass::decimal) return made;
  if (const auto fits = made.to_signed()) return *fits;
  return made;
}

Value power(CallFrame& f) { return finite(std::pow(f.real(0), f.real(1)), f); }
Value exponential(CallFrame& f) { return finite(std::exp(f.real(0)), f); }

Value square_root(CallFrame& f) {
  const double value = f.real(0);
  if (value < 0) return {};
  return std::sqrt(value);
}

Value logarithm_of(double value, CallFrame& f) {
  if (value > 0) return std::log(value);
  f.context.diagnostics.warn(ErrorName::division_by_zero, {});
  return {};
}

Value ln(CallFrame& f) { return logarithm_of(f.real(0), f); }

Value log(CallFrame& f) {
  if (f.size() == 1) return ln(f);
  const Value base = logarithm_of(f.real(0), f);
  const Value value = logarithm_of(f.real(1), f);
  if (is_null(base) || is_null(value)) return {};
  const double divisor = std::get<double>(base);
  if (divisor == 0) {
    f.context.diagnostics.warn(ErrorName::division_by_zero, {});
    return {};
  }
  return std::get<double>(value) / divisor;
}

template <double (*function)(double)>
Value log_base(CallFrame& f) {
  const double value = f.real(0);
  if (value > 0) return function(value);
  f.context.diagnostics.warn(ErrorName::division_by_zero, {});
  return {};
}

template <double (*function)(double)>
Value of_angle(CallFrame& f) {
  return finite(function(f.real(0)), f);
}

// Of -1 to 1 only.
template <double (*function)(double)>
Value arc(CallFrame& f) {
  const double value = f.real(0);
  if (value < -1 || value > 1) return {};
  return function(value);
}

Value arc_tangent(CallFrame& f) {
  return f.size() == 1 ? std::atan(f.real(0)) : std::atan2(f.real(0), f.real(1));
}

constexpr double kDegrees = 180 / 3.141592653589793;
double cotangent(double value) { return 1 / std::tan(value); }
double to_degrees(double value) { return value * kDegrees; }
double to_radians(double value) { return value / kDegrees; }

Value pi(CallFrame& /*f*/) { return 3.141592653589793; }

Value bit_count(CallFrame& f) { return int64_t{__builtin_popcountll(f.integer(0).bits)}; }

TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo real_of(const std::vector<BoundExpr>& /*args*/) { return real_type(); }
TypeInfo numeric_of(const std::vector<BoundExpr>& args) { return numeric_type(args[0].type); }

TypeInfo whole_of(const std::vector<BoundExpr>& args) {
  const TypeInfo type = numeric_type(args[0].type);
  if (type.type == TypeClass::real) return real_type(0);
  return type.type == TypeClass::decimal ? integer_type(type.is_unsigned) : type;
}

// With a constant number of places that is the scale.
TypeInfo round_of(const std::vector<BoundExpr>& args) {
  TypeInfo type = numeric_type(args[0].type);
  if (type.type == TypeClass::integer) return type;
  if (args.size() == 1) {
    type.decimals = 0;
    return type;
  }
  const auto* places = std::get_if<int64_t>(&args[1].constant);
  if (places != nullptr) {
    const int64_t most = type.type == TypeClass::real ? TypeInfo::kNotFixed : kDecimalScale;
    const int64_t scale = std::clamp<int64_t>(*places, 0, most);
    type.decimals = static_cast<uint8_t>(scale);
  }
  return type;
}

constexpr FunctionSpec kFunctions[] = {
    {"ABS", 1, 1, numeric_of, strict<absolute>},
    {"ACOS", 1, 1, real_of, strict<arc<std::acos>>},
    {"ASIN", 1, 1, real_of, strict<arc<std::asin>>},
    {"ATAN", 1, 2, real_of, strict<arc_tangent>},
    {"ATAN2", 2, 2, real_of, strict<arc_tangent>},
    {"BIT_COUNT", 1, 1, integer_of, strict<bit_count>},
    {"CEIL", 1, 1, whole_of, strict<whole<true>>},
    {"CEILING", 1, 1, whole_of, strict<whole<true>>},
    {"COS", 1, 1, real_of, strict<of_angle<std::cos>>},
    {"COT", 1, 1, real_of, strict<of_angle<cotangent>>},
    {"DEGREES", 1, 1, real_of, strict<of_angle<to_degrees>>},
    {"EXP", 1, 1, real_of, strict<exponential>},
    {"FLOOR", 1, 1, whole_of, strict<whole<false>>},
    {"LN", 1, 1, real_of, strict<ln>},
    {"LOG", 1, 2, real_of, strict<log>},
    {"LOG10", 1, 1, real_of, strict<log_base<std::log10>>},
    {"LOG2", 1, 1, real_of, strict<log_base<std::log2>>},
    {"PI", 0, 0, real_of, strict<pi>},
    {"POW", 2, 2, real_of, strict<power>},
    {"POWER", 2, 2, real_of, strict<power>},
    {"RADIANS", 1, 1, real_of, strict<of_angle<to_radians>>},
    {"ROUND", 1, 2, round_of, strict<round<false>>},
    {"SIGN", 1, 1, integer_of, strict<sign>},
    {"SIN", 1, 1, real_of, strict<of_angle<std::sin>>},
    {"SQRT", 1, 1, real_of, strict<square_root>},
    {"TAN", 1, 1, real_of, strict<of_angle<std::tan>>},
    {"TRUNCATE", 2, 2, round_of, strict<round<true>>},
};

}  // namespace

std::span<const FunctionSpec> numeric_functions() { return kFunctions; }

}  // namespace aftersync::sql
