// Keys: values to bytes that compare like them, and back.
#include "core/storage/key_encoding.h"

#include <bit>
#include <cmath>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/limits.h"

namespace aftersync::storage {

namespace {

constexpr char kNullMark = 0;
constexpr char kNotNullMark = 1;

Status unfit(std::string_view what) {
  return {Code::invalid_argument, "key part: " + std::string(what)};
}
Status damaged(std::string_view what) {
  return {Code::corruption, "encoded key: " + std::string(what)};
}

size_t integer_bytes(const KeyPart& part) {
  switch (part.type) {
    case ColumnType::signed_integer:
    case ColumnType::unsigned_integer: return part.width;
    case ColumnType::date: return 3;
    default: return 8;
  }
}

bool is_signed(ColumnType type) { return type != ColumnType::unsigned_integer; }
bool is_text(ColumnType type) { return type == ColumnType::string || type == ColumnType::bytes; }
bool is_binary(const KeyPart& part) {
  return part.type == ColumnType::bytes || part.collation == Collation::binary;
}

void append_low_bytes(uint64_t bits, size_t bytes, std::string& to) {
  char all[8];
  store_be(all, bits);
  to.append(all + 8 - bytes, bytes);
}

Status append_integer(const KeyPart& part, const ValueView& value, std::string& to) {
  const size_t bytes = integer_bytes(part);
  if (bytes == 0 || bytes > 8) return unfit("an integer of " + std::to_string(bytes) + " bytes");
  if (is_signed(part.type)) {
    const auto* number = std::get_if<int64_t>(&value);
    if (number == nullptr) return unfit("expected a signed integer");
    const int64_t limit = bytes < 8 ? int64_t{1} << (8 * bytes - 1) : 0;
    if (bytes < 8 && (*number < -limit || *number >= limit)) return unfit("integer out of range");
    const uint64_t sign = uint64_t{1} << (8 * bytes - 1);
    append_low_bytes(static_cast<uint64_t>(*number) ^ sign, bytes, to);
    return {};
  }
  const auto* number = std::get_if<uint64_t>(&value);
  if (number == nullptr) return unfit("expected an unsigned integer");
  if (bytes < 8 && *number >> (8 * bytes) != 0) return unfit("integer out of range");
  append_low_bytes(*number, bytes, to);
  return {};
}

template <std::unsigned_integral Bits>
Bits ordered_bits(Bits bits) {
  constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
}
template <std::unsigned_integral Bits>
Bits plain_bits(Bits bits) {
  constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  return (bits & kSign) != 0 ? static_cast<Bits>(bits ^ kSign) : static_cast<Bits>(~bits);
}

Status append_floating(const KeyPart& part, const ValueView& value, std::string& to) {
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || std::isnan(*number)) return unfit("expected a number");
  const double normal = *number == 0 ? 0.0 : *number;
  if (part.type == ColumnType::double_number) {
    append_be(to, ordered_bits(std::bit_cast<uint64_t>(normal)));
    return {};
  }
  // Beyond the range of float the conversion itself is undefined.
  if (std::isfinite(normal) && std::abs(normal) > 3.4028234663852886e38) {
    return unfit("more than a FLOAT can hold");
  }
  const auto narrow = static_cast<float>(normal);
  if (static_cast<double>(narrow) != normal) return unfit("not a FLOAT");
  append_be(to, ordered_bits(std::bit_cast<uint32_t>(narrow)));
  return {};
}

void append_escaped(std::string_view text, bool whole, std::string& to) {
  for (const char c : text) {
    to += c;
    if (c == 0) to += static_cast<char>(0xff);
  }
  if (whole) to.append(2, '\0');
}

Status append_text(const KeyPart& part, std::string_view text, bool whole, std::string& to) {
  if (is_binary(part)) {
    if (part.prefix_chars > 0) text = text.substr(0, part.prefix_chars);
    append_escaped(text, whole, to);
    return {};
  }
  if (!is_known(part.collation)) return {Code::unsupported, "an unknown collation"};
  if (part.prefix_chars > 0) text = first_chars(part.collation, text, part.prefix_chars);
  return append_sort_key(part.collation, text, whole, to);
}

Status append_value(const KeyPart& part, const ValueView& value, std::string& to) {
  switch (part.type) {
    case ColumnType::float_number:
    case ColumnType::double_number: return append_floating(part, value, to);
    case ColumnType::decimal: {
      const auto* packed = std::get_if<std::string_view>(&value);
      if (packed == nullptr || packed->size() != part.width) {
        return unfit("expected a packed decimal of " + std::to_string(part.width) + " bytes");
      }
      to += *packed;
      return {};
    }
    case ColumnType::string:
    case ColumnType::bytes: {
      const auto* text = std::get_if<std::string_view>(&value);
      return text == nullptr ? unfit("expected a string") : append_text(part, *text, true, to);
    }
    default: return append_integer(part, value, to);
  }
}

// Inverts what a descending part has appended, and takes back what is too long.
Status finish_part(const KeyPart& part, size_t begin, Status status, std::string& key) {
  if (status.ok() && key.size() > limits::kMaxKeyBytes) {
    status = {Code::too_large, "a key of " + std::to_string(key.size()) + " bytes; at most " +
                                   std::to_string(limits::kMaxKeyBytes)};
  }
  if (!status.ok()) {
    key.resize(begin);
    return status;
  }
  if (part.descending) {
    for (size_t i = begin; i < key.size(); ++i) key[i] = static_cast<char>(~key[i]);
  }
  return {};
}

// Where the terminator 00 00 of an escaped part ends; 0 when there is none.
size_t escaped_bytes(std::string_view bytes, char mask) {
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    if ((bytes[i] ^ mask) != 0) continue;
    if ((bytes[i + 1] ^ mask) == 0) return i + 2;
    ++i;
  }
  return 0;
}

// Bytes that the encoding of a value that is not NULL takes at the front of `key`; 0: malformed.
size_t value_bytes(const KeyPart& part, std::string_view key, char mask) {
  if (is_text(part.type)) {
    return is_binary(part) ? escaped_bytes(key, mask) : sort_key_bytes(key, mask);
  }
  size_t bytes = integer_bytes(part);
  if (part.type == ColumnType::decimal) bytes = part.width;
  if (part.type == ColumnType::float_number) bytes = 4;
  return bytes <= key.size() ? bytes : 0;
}

// Takes one part off `key`: its bytes without inversion and without the NULL mark.
Status split_part(const KeyPart& part, std::string_view& key, bool& is_null, std::string& plain) {
  const char mask = part.descending ? static_cast<char>(0xff) : '\0';
  is_null = false;
  if (part.nullable) {
    if (key.empty()) return damaged("ends before a part");
    const auto mark = static_cast<char>(key[0] ^ mask);
    if (mark != kNullMark && mark != kNotNullMark) return damaged("no mark of a nullable part");
    is_null = mark == kNullMark;
    key.remove_prefix(1);
  }
  if (is_null) return {};
  const size_t bytes = value_bytes(part, key, mask);
  if (bytes == 0) return damaged("ends within a part");
  plain = key.substr(0, bytes);
  for (char& c : plain) c = static_cast<char>(c ^ mask);
  key.remove_prefix(bytes);
  return {};
}

Value decode_integer(const KeyPart& part, std::string_view plain) {
  uint64_t bits = 0;
  for (const char c : plain) bits = (bits << 8) | static_cast<uint8_t>(c);
  if (!is_signed(part.type)) return bits;
  const auto shift = 64 - 8 * plain.size();
  bits = (bits << shift) ^ (uint64_t{1} << 63);
  return static_cast<int64_t>(bits) >> shift;
}

std::string unescape(std::string_view plain) {
  std::string text;
  for (size_t i = 0; i + 2 < plain.size(); ++i) {
    text += plain[i];
    if (plain[i] == 0) ++i;
  }
  return text;
}

}  // namespace

Status append_key_part(const KeyPart& part, const ValueView& value, std::string& key) {
  const size_t begin = key.size();
  if (std::holds_alternative<std::monostate>(value)) {
    if (!part.nullable) return unfit("NULL");
    key += kNullMark;
    return finish_part(part, begin, {}, key);
  }
  if (part.nullable) key += kNotNullMark;
  return finish_part(part, begin, append_value(part, value, key), key);
}

Status append_key_prefix(const KeyPart& part, std::string_view beginning, std::string& key) {
  if (!is_text(part.type)) return unfit("expected a string");
  const size_t begin = key.size();
  if (part.nullable) key += kNotNullMark;
  return finish_part(part, begin, append_text(part, beginning, false, key), key);
}

Status skip_key_part(const KeyPart& part, std::string_view& key) {
  bool is_null = false;
  std::string plain;
  return split_part(part, key, is_null, plain);
}

Result<Value> take_key_part(const KeyPart& part, std::string_view& key) {
  bool is_null = false;
  std::string plain;
  RETURN_IF_ERROR(split_part(part, key, is_null, plain));
  if (is_null) return Value();
  switch (part.type) {
    case ColumnType::double_number:
      return Value(std::bit_cast<double>(plain_bits(load_be<uint64_t>(plain.data()))));
    case ColumnType::float_number:
      return Value(double{std::bit_cast<float>(plain_bits(load_be<uint32_t>(plain.data())))});
    case ColumnType::decimal: return Value(std::move(plain));
    case ColumnType::string:
    case ColumnType::bytes:
      if (!is_binary(part) || part.prefix_chars > 0) {
        return {Code::unsupported, "a key that does not hold the whole value"};
      }
      return Value(unescape(plain));
    default: return decode_integer(part, plain);
  }
}

std::string key_successor(std::string_view key) {
  std::string next(key);
  while (!next.empty() && next.back() == static_cast<char>(0xff)) next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace aftersync::storage
