// Conversions between numbers, texts and times.
#include "core/sql/value/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace aftersync::sql {

namespace {

constexpr int kLeastPlainExponent = -15;
constexpr int kMostPlainExponent = 14;
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Bytes of "[+-]digits[.digits][e[+-]digits]" at the front of `text`; 0 when
// there is no digit.
size_t number_bytes(std::string_view text, bool with_exponent) {
  size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const size_t first = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  size_t digits = at - first;
  if (at < text.size() && text[at] == '.') {
    const size_t point = at++;
    while (at < text.size() && is_digit(text[at])) ++at;
    digits += at - point - 1;
  }
  if (digits == 0) return 0;
  if (with_exponent && at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    size_t ahead = at + 1;
    if (ahead < text.size() && (text[ahead] == '+' || text[ahead] == '-')) ++ahead;
    const size_t exponent = ahead;
    while (ahead < text.size() && is_digit(text[ahead])) ++ahead;
    if (ahead > exponent) at = ahead;
  }
  return at;
}

size_t blanks(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

bool only_blanks(std::string_view text) { return blanks(text) == text.size(); }

Integer clipped(double value) {
  if (std::isnan(value)) return {};
  const double whole = std::rint(value);
  if (whole >= kTwo64) return {UINT64_MAX, true};
  if (whole >= kTwo63) return {static_cast<uint64_t>(whole), true};
  if (whole <= -kTwo63) return {static_cast<uint64_t>(INT64_MIN), false};
  return {static_cast<uint64_t>(static_cast<int64_t>(whole)), false};
}

Integer integer_of_text(const std::string& text, Diagnostics& diagnostics) {
  // Digits only: what follows them, a point as well, is cut off.
  size_t at = blanks(text);
  const bool minus = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const size_t first = at;
  uint64_t value = 0;
  bool overflow = false;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const auto digit = static_cast<uint64_t>(text[at] - '0');
    overflow = overflow || value > (UINT64_MAX - digit) / 10;
    value = value * 10 + digit;
  }
  const bool exact = at > first && only_blanks(std::string_view(text).substr(at));
  constexpr uint64_t kMost = uint64_t{1} << 63;
  Integer made{value, value >= kMost};
  if (minus) made = {0 - value, false};
  if (overflow || (minus && value > kMost)) {
    made = minus ? Integer{kMost, false} : Integer{UINT64_MAX, true};
  }
  if (!exact || overflow || (minus && value > kMost)) {
    diagnostics.warn(ErrorName::truncated_wrong_value, {"INTEGER", text});
  }
  return made;
}

}  // namespace

std::string double_text(double value) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific)
          .ptr;
  const std::string_view shortest(buffer, static_cast<size_t>(end - buffer));
  const size_t e = shortest.find('e');
  // "e+15": from_chars takes no plus.
  const size_t sign = shortest[e + 1] == '+' ? 1 : 0;
  int exponent = 0;
  (void)std::from_chars(shortest.data() + e + 1 + sign, end, exponent);
  std::string digits(shortest.substr(0, 1));
  if (e > 2) digits.append(shortest.substr(2, e - 2));
  std::string text = value < 0 ? "-" : "";
  const int count = static_cast<int>(digits.size());
  const bool whole = count <= exponent + 1;
  if (exponent < kLeastPlainExponent || (exponent > kMostPlainExponent && whole)) {
    text += digits[0];
    if (count > 1) text.append(".").append(digits, 1);
    return text + "e" + std::to_string(exponent);
  }
  if (exponent < 0) {
    return text + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  }
  if (count <= exponent + 1) {
    return text + digits + std::string(static_cast<size_t>(exponent + 1 - count), '0');
  }
  return text + digits.substr(0, static_cast<size_t>(exponent) + 1) + "." +
         digits.substr(static_cast<size_t>(exponent) + 1);
}

double double_prefix(std::string_view text, size_t& used) {
  const size_t skip = blanks(text);
  const size_t bytes = number_bytes(text.substr(skip), true);
  used = bytes == 0 ? 0 : skip + bytes;
  if (bytes == 0) return 0;
  const double value = std::strtod(std::string(text.substr(skip, bytes)).c_str(), nullptr);
  constexpr double kMost = 1.7976931348623157e308;
  return std::clamp(value, -kMost, kMost);
}

size_t number_prefix(std::string_view text) {
  const size_t skip = blanks(text);
  const size_t bytes = number_bytes(text.substr(skip), true);
  return bytes == 0 ? 0 : skip + bytes;
}

ParsedDecimal decimal_prefix(std::string_view text) {
  ParsedDecimal made;
  const size_t skip = blanks(text);
  const std::string_view rest = text.substr(skip);
  const size_t plain = number_bytes(rest, false);
  const size_t bytes = number_bytes(rest, true);
  if (bytes == 0) return made;
  made.used = skip + bytes;
  std::optional<Decimal> parsed;
  if (plain == bytes) {
    parsed = Decimal::parse(rest.substr(0, bytes));
  } else {
    char buffer[512];
    const double number = std::strtod(std::string(rest.substr(0, bytes)).c_str(), nullptr);
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed).ptr;
    parsed = Decimal::parse({buffer, static_cast<size_t>(end - buffer)});
  }
  made.overflow = !parsed;
  const bool minus = rest.starts_with('-');
  made.value =
      parsed ? *parsed : *Decimal::parse((minus ? "-" : "") + std::string(kDecimalDigits, '9'));
  return made;
}

namespace {

// With the digits that have a meaning in four bytes (FLT_DIG).
std::string float_text(double value) {
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 5).ptr;
  size_t used = 0;
  return double_text(double_prefix({buffer, static_cast<size_t>(end - buffer)}, used));
}

std::string zero_filled(std::string digits, size_t width) {
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

}  // namespace

std::string to_text(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate /*null*/) const { return {}; }
    std::string operator()(int64_t v) const { return std::to_string(v); }
    std::string operator()(uint64_t v) const { return std::to_string(v); }
    std::string operator()(const Decimal& v) const { return v.to_string(); }
    std::string operator()(double v) const { return double_text(v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Temporal& v) const { return v.to_string(); }
  };
  return std::visit(Visitor{}, value);
}

std::string to_text(const Value& value, const TypeInfo& type) {
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    if (type.type == TypeClass::decimal) return decimal->rounded(type.decimals).to_string();
    return decimal->to_string();
  }
  const auto* real = std::get_if<double>(&value);
  const bool fixed = real != nullptr && type.type == TypeClass::real &&
                     type.decimals < TypeInfo::kNotFixed && std::abs(*real) < 1e25;
  if (!fixed && real != nullptr && type.is_float) return float_text(*real);
  if (!fixed) return zero_filled(to_text(value), type.zero_fill);
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, *real, std::chars_format::fixed, type.decimals)
          .ptr;
  return {buffer, static_cast<size_t>(end - buffer)};
}

double to_double(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<int64_t>(&value)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<uint64_t>(&value)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<Decimal>(&value)) return v->to_double();
  if (const auto* v = std::get_if<double>(&value)) return *v;
  if (const auto* v = std::get_if<Temporal>(&value)) return v->to_decimal().to_double();
  if (const auto* text = std::get_if<std::string>(&value)) {
    size_t used = 0;
    const double number = double_prefix(*text, used);
    if (used == 0 || !only_blanks(std::string_view(*text).substr(used))) {
      diagnostics.warn(ErrorName::truncated_wrong_value, {"DOUBLE", *text});
    }
    return number;
  }
  return 0;
}

Decimal to_decimal(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<int64_t>(&value)) return Decimal::of(*v);
  if (const auto* v = std::get_if<uint64_t>(&value)) return Decimal::of(*v);
  if (const auto* v = std::get_if<Decimal>(&value)) return *v;
  if (const auto* v = std::get_if<Temporal>(&value)) return v->to_decimal();
  const std::string text = to_text(value);
  const ParsedDecimal parsed = decimal_prefix(text);
  if (parsed.used == 0 || !only_blanks(std::string_view(text).substr(parsed.used))) {
    diagnostics.warn(ErrorName::truncated_wrong_value, {"DECIMAL", text});
  }
  return parsed.value;
}

bool to_truth(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<int64_t>(&value)) return *v != 0;
  if (const auto* v = std::get_if<uint64_t>(&value)) return *v != 0;
  if (const auto* v = std::get_if<Decimal>(&value)) return !v->is_zero();
  return to_double(value, diagnostics) != 0;
}

Integer to_integer(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<int64_t>(&value)) return {static_cast<uint64_t>(*v), false};
  if (const auto* v = std::get_if<uint64_t>(&value)) return {*v, true};
  if (const auto* v = std::get_if<double>(&value)) return clipped(*v);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return integer_of_text(*text, diagnostics);
  }
  const Decimal number = to_decimal(value, diagnostics);
  if (const auto fits = number.to_signed()) return {static_cast<uint64_t>(*fits), false};
  if (const auto fits = number.to_unsigned()) return {*fits, true};
  return number.negative() ? Integer{uint64_t{1} << 63, false} : Integer{UINT64_MAX, true};
}

std::optional<Temporal> to_datetime(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<Temporal>(&value)) return *v;
  std::optional<Temporal> made;
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::optional<ParsedTemporal> parsed = parse_datetime(*text);
    if (parsed && parsed->exact) return parsed->value;
    if (parsed) made = parsed->value;
  } else {
    made = datetime_of_number(to_integer(value, diagnostics).as_signed());
    if (made) return made;
  }
  diagnostics.warn(ErrorName::incorrect_value, {"datetime", to_text(value)});
  return made;
}

std::optional<Temporal> to_time(const Value& value, Diagnostics& diagnostics) {
  if (const auto* v = std::get_if<Temporal>(&value)) return as_time(*v);
  std::optional<Temporal> made;
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::optional<ParsedTemporal> parsed = parse_time_or_datetime(*text);
    if (parsed) made = as_time(parsed->value);
    if (parsed && parsed->exact) return made;
  } else {
    made = time_of_number(to_integer(value, diagnostics).as_signed());
    if (made) return made;
  }
  diagnostics.warn(ErrorName::incorrect_value, {"time", to_text(value)});
  return made;
}

}  // namespace aftersync::sql
