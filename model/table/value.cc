// Values of the table model: comparison and text.
#include "model/table/value.h"

#include <algorithm>
#include <cstdio>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

std::weak_ordering compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.digits.size() != b.digits.size()) return a.digits.size() <=> b.digits.size();
  return a.digits <=> b.digits;
}

std::weak_ordering compare_decimals(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative) {
    return a.negative ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return a.negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

std::weak_ordering compare_doubles(double a, double b) {
  if (a < b) return std::weak_ordering::less;
  return a > b ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

// What remains of a string when case does not count.
std::string fold(const std::string& s) {
  std::string folded = s;
  for (char& c : folded) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return folded;
}

std::weak_ordering compare_bytes(const std::string& a, const std::string& b) {
  const auto unsigned_less = [](char x, char y) {
    return static_cast<unsigned char>(x) <=> static_cast<unsigned char>(y);
  };
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                unsigned_less);
}

// PAD SPACE: the shorter string is compared as if padded with spaces, so "a\t" < "a".
std::weak_ordering compare_padded(std::string x, std::string y) {
  const size_t width = std::max(x.size(), y.size());
  x.resize(width, ' ');
  y.resize(width, ' ');
  return compare_bytes(x, y);
}

std::string to_string(const Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  if (const auto* u = std::get_if<uint64_t>(&value)) return std::to_string(*u) + "u";
  if (const auto* d = std::get_if<double>(&value)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", *d);
    return text;
  }
  if (const auto* d = std::get_if<Decimal>(&value)) {
    return (d->negative ? "-" : "") + (d->digits.empty() ? "0" : d->digits) + "d";
  }
  if (const auto* s = std::get_if<std::string>(&value)) {
    constexpr size_t kShown = 40;
    if (s->size() <= kShown) return '"' + *s + '"';
    return '"' + s->substr(0, kShown) + "...\"[" + std::to_string(s->size()) + " bytes]";
  }
  return "NULL";
}

}  // namespace

std::weak_ordering compare(Order order, const Value& a, const Value& b) {
  const bool a_is_null = std::holds_alternative<Null>(a);
  const bool b_is_null = std::holds_alternative<Null>(b);
  if (a_is_null || b_is_null) return b_is_null <=> a_is_null;
  switch (order) {
    case Order::integer: return std::get<int64_t>(a) <=> std::get<int64_t>(b);
    case Order::unsigned_integer: return std::get<uint64_t>(a) <=> std::get<uint64_t>(b);
    case Order::floating: return compare_doubles(std::get<double>(a), std::get<double>(b));
    case Order::decimal: return compare_decimals(std::get<Decimal>(a), std::get<Decimal>(b));
    case Order::bytes: return compare_bytes(std::get<std::string>(a), std::get<std::string>(b));
    case Order::padded: return compare_padded(std::get<std::string>(a), std::get<std::string>(b));
    case Order::ascii_ci:
      return compare_padded(fold(std::get<std::string>(a)), fold(std::get<std::string>(b)));
  }
  CHECK(false);
  return std::weak_ordering::equivalent;
}

std::string to_string(const Row& row) {
  std::string text = "(";
  for (const Value& value : row) {
    if (text.size() > 1) text += ", ";
    text += to_string(value);
  }
  return text + ")";
}

}  // namespace aftersync::model
