// Packed decimals: the binary form in which MySQL keeps a DECIMAL; its bytes compare as values do.
#include "core/storage/decimal.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::storage {

namespace {

constexpr unsigned kGroup = 9;
constexpr size_t kBytesForDigits[kGroup + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

size_t part_bytes(unsigned digits) {
  return digits / kGroup * 4 + kBytesForDigits[digits % kGroup];
}

void append_group(std::string_view digits, std::string& to) {
  uint32_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<uint32_t>(c - '0');
  for (size_t byte = kBytesForDigits[digits.size()]; byte-- > 0;) {
    to += static_cast<char>(number >> (8 * byte));
  }
}

// Cuts `digits` into groups, the odd one first (before the point) or last (behind it).
template <typename Each>
void for_each_group(unsigned digits, bool odd_first, Each&& each) {
  const unsigned odd = digits % kGroup;
  if (odd_first && odd > 0) each(odd);
  for (unsigned i = 0; i < digits / kGroup; ++i) each(kGroup);
  if (!odd_first && odd > 0) each(odd);
}

bool all_digits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void invert(std::string& bytes) {
  for (char& c : bytes) c = static_cast<char>(~c);
}

}  // namespace

size_t packed_decimal_bytes(unsigned precision, unsigned scale) {
  CHECK(precision >= 1 && precision <= kMaxDecimalDigits && scale <= kMaxDecimalScale &&
        scale <= precision);
  return part_bytes(precision - scale) + part_bytes(scale);
}

Result<std::string> pack_decimal(std::string_view text, unsigned precision, unsigned scale) {
  const size_t bytes = packed_decimal_bytes(precision, scale);
  const Status no_decimal(Code::invalid_argument,
                          "'" + std::string(text.substr(0, 80)) + "' is no DECIMAL(" +
                              std::to_string(precision) + "," + std::to_string(scale) + ")");
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view before = text.substr(0, point);
  std::string_view behind = text.substr(std::min(point + 1, text.size()));
  if (before.size() + behind.size() == 0 || !all_digits(before) || !all_digits(behind)) {
    return no_decimal;
  }
  before.remove_prefix(std::min(before.find_first_not_of('0'), before.size()));
  behind = behind.substr(0, behind.find_last_not_of('0') + 1);
  const unsigned whole = precision - scale;
  if (before.size() > whole || behind.size() > scale) return no_decimal;
  if (before.empty() && behind.empty()) negative = false;
  std::string digits(whole - before.size(), '0');
  digits.append(before).append(behind).resize(precision, '0');
  std::string packed;
  std::string_view rest(digits);
  const auto take = [&](unsigned n) {
    append_group(rest.substr(0, n), packed);
    rest.remove_prefix(n);
  };
  for_each_group(whole, true, take);
  for_each_group(scale, false, take);
  CHECK_EQ(packed.size(), bytes);
  packed[0] = static_cast<char>(packed[0] ^ 0x80);
  if (negative) invert(packed);
  return packed;
}

Result<std::string> unpack_decimal(std::string_view packed, unsigned precision, unsigned scale) {
  const Status damaged(Code::corruption, "a packed DECIMAL(" + std::to_string(precision) + "," +
                                             std::to_string(scale) + ") of " +
                                             std::to_string(packed.size()) + " bytes");
  if (packed.size() != packed_decimal_bytes(precision, scale)) return damaged;
  std::string bytes(packed);
  const bool negative = (bytes[0] & 0x80) == 0;
  if (negative) invert(bytes);
  bytes[0] = static_cast<char>(bytes[0] ^ 0x80);
  std::string digits;
  std::string_view rest(bytes);
  bool fits = true;
  const auto take = [&](unsigned n) {
    uint32_t number = 0;
    for (const char c : rest.substr(0, kBytesForDigits[n])) {
      number = (number << 8) | static_cast<uint8_t>(c);
    }
    rest.remove_prefix(kBytesForDigits[n]);
    const std::string text = std::to_string(number);
    fits = fits && text.size() <= n;
    if (fits) digits.append(n - text.size(), '0').append(text);
  };
  for_each_group(precision - scale, true, take);
  const size_t point = digits.size();
  for_each_group(scale, false, take);
  if (!fits) return damaged;
  std::string before = digits.substr(0, point);
  before.erase(0, std::min(before.find_first_not_of('0'), before.size()));
  std::string text = (negative ? "-" : "") + (before.empty() ? "0" : before);
  if (scale > 0) text.append(".").append(digits, point);
  return text;
}

}  // namespace aftersync::storage
