// DECIMAL: groups of digits.
#include "core/binlog/decimal_field.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/base/check.h"

namespace aftersync::binlog {

namespace {

constexpr size_t kGroup = 9;
constexpr std::array<size_t, kGroup + 1> kBytesOf = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

struct Shape {
  size_t before;  // digits before the point
  size_t behind;
};

constexpr size_t bytes_of(size_t digits) {
  return digits / kGroup * kBytesOf[kGroup] + kBytesOf[digits % kGroup];
}

Result<Shape> shape_of(const Field& field) {
  const size_t precision = field.metadata & 0xff;
  const size_t scale = field.metadata >> 8;
  if (precision == 0 || precision > kMaxDecimalDigits || scale > kMaxDecimalScale ||
      scale > precision) {
    return {Code::corruption,
            "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")"};
  }
  return Shape{precision - scale, scale};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One group, big-endian.
void append_group(std::string& to, std::string_view digits) {
  uint32_t value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<uint32_t>(digit - '0');
  for (size_t bytes = kBytesOf[digits.size()]; bytes-- > 0;) {
    to.push_back(static_cast<char>(value >> (8 * bytes)));
  }
}

// Takes the bytes of a group of `digits` off `bytes`; false when it holds more than that.
bool take_group(std::string_view& bytes, size_t digits, std::string& text) {
  uint32_t value = 0;
  const size_t count = kBytesOf[digits];
  for (const char byte : bytes.substr(0, count)) value = value << 8 | static_cast<uint8_t>(byte);
  bytes.remove_prefix(count);
  const std::string written = std::to_string(value);
  if (digits == 0) return true;
  if (written.size() > digits) return false;
  text.append(digits - written.size(), '0');
  text += written;
  return true;
}

}  // namespace

Field decimal_field(size_t precision, size_t scale) {
  const Field field{FieldType::newdecimal, static_cast<uint16_t>(precision | scale << 8)};
  CHECK(shape_of(field).ok());
  return field;
}

Result<size_t> decimal_bytes(const Field& field) {
  ASSIGN_OR_RETURN(const Shape shape, shape_of(field));
  return bytes_of(shape.before) + bytes_of(shape.behind);
}

Status append_decimal(std::string& to, const Field& field, std::string_view text) {
  ASSIGN_OR_RETURN(const Shape shape, shape_of(field));
  const Status no_decimal(Code::invalid_argument, "'" + std::string(text) + "' is no DECIMAL(" +
                                                      std::to_string(shape.before + shape.behind) +
                                                      "," + std::to_string(shape.behind) + ")");
  const bool has_sign = text.starts_with('-') || text.starts_with('+');
  const bool is_negative = text.starts_with('-');
  if (has_sign) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view before = text.substr(0, point);
  const std::string_view behind = text.substr(std::min(point + 1, text.size()));
  if ((before.empty() && behind.empty()) || !std::all_of(before.begin(), before.end(), is_digit) ||
      !std::all_of(behind.begin(), behind.end(), is_digit)) {
    return no_decimal;
  }
  before.remove_prefix(std::min(before.find_first_not_of('0'), before.size()));
  if (before.size() > shape.before || behind.size() > shape.behind) return no_decimal;

  const std::string high = std::string(shape.before - before.size(), '0') + std::string(before);
  const std::string low = std::string(behind) + std::string(shape.behind - behind.size(), '0');
  const bool is_zero = (high + low).find_first_not_of('0') == std::string::npos;
  std::string bytes;
  const size_t odd = shape.before % kGroup;
  append_group(bytes, std::string_view(high).substr(0, odd));
  for (size_t at = odd; at < high.size(); at += kGroup) {
    append_group(bytes, std::string_view(high).substr(at, kGroup));
  }
  for (size_t at = 0; at < low.size(); at += kGroup) {
    append_group(bytes, std::string_view(low).substr(at, kGroup));
  }
  if (is_negative && !is_zero) {
    for (char& byte : bytes) byte = static_cast<char>(~byte);
  }
  bytes[0] = static_cast<char>(bytes[0] ^ '\x80');
  to += bytes;
  return {};
}

Result<std::string> decimal_text(const Field& field, std::string_view bytes) {
  ASSIGN_OR_RETURN(const Shape shape, shape_of(field));
  if (bytes.size() != bytes_of(shape.before) + bytes_of(shape.behind)) {
    return {Code::corruption, "DECIMAL of " + std::to_string(bytes.size()) + " bytes"};
  }
  std::string plain(bytes);
  plain[0] = static_cast<char>(plain[0] ^ '\x80');
  const bool is_negative = (bytes[0] & 0x80) == 0;
  if (is_negative) {
    for (char& byte : plain) byte = static_cast<char>(~byte);
  }
  std::string_view rest = plain;
  std::string digits;
  bool is_sound = take_group(rest, shape.before % kGroup, digits);
  for (size_t i = 0; i < shape.before / kGroup; ++i) is_sound &= take_group(rest, kGroup, digits);
  for (size_t i = 0; i < shape.behind / kGroup; ++i) is_sound &= take_group(rest, kGroup, digits);
  is_sound &= take_group(rest, shape.behind % kGroup, digits);
  if (!is_sound) return {Code::corruption, "DECIMAL with a group above its digits"};
  const size_t leading =
      std::min(digits.find_first_not_of('0'), shape.before == 0 ? 0 : shape.before - 1);
  std::string text = is_negative ? "-" : "";
  text += shape.before == 0 ? "0" : digits.substr(leading, shape.before - leading);
  if (shape.behind > 0) text += "." + digits.substr(shape.before);
  return text;
}

}  // namespace aftersync::binlog
