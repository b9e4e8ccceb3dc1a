// Functions that write values another way: numbers in other bases and with separators, bytes as
// Base64, digests and addresses (MySQL manual 14.6, 14.8, 14.13, 14.24).
#include <algorithm>
#include <charconv>
#include <cmath>

#include <zlib.h>

#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/openssl_digests.h"
#include "core/sql/eval/types.h"
#include "core/sql/text/utf8.h"
#include "core/sql/value/collations.h"

namespace aftersync::sql {

namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64Line = 76;

std::string hex_of(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string made;
  for (const char c : bytes) {
    made += kDigits[static_cast<uint8_t>(c) >> 4];
    made += kDigits[static_cast<uint8_t>(c) & 0xf];
  }
  return made;
}

Value md5(CallFrame& f) { return hex_of(digest_of(Digest::md5, f.text(0))); }
Value sha1(CallFrame& f) { return hex_of(digest_of(Digest::sha1, f.text(0))); }

Value sha2(CallFrame& f) {
  switch (f.position(1)) {
    case 0:
    case 256: return hex_of(digest_of(Digest::sha256, f.text(0)));
    case 224: return hex_of(digest_of(Digest::sha224, f.text(0)));
    case 384: return hex_of(digest_of(Digest::sha384, f.text(0)));
    case 512: return hex_of(digest_of(Digest::sha512, f.text(0)));
    default: return {};
  }
}

Value crc32_of(CallFrame& f) {
  const std::string text = f.text(0);
  return uint64_t{crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size())};
}

Value to_base64(CallFrame& f) {
  const std::string text = f.text(0);
  std::string made;
  size_t line = 0;
  for (size_t i = 0; i < text.size(); i += 3) {
    if (line == kBase64Line) {
      made += '\n';
      line = 0;
    }
    uint32_t bits = 0;
    const size_t bytes = std::min<size_t>(3, text.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (j < bytes ? static_cast<uint8_t>(text[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      made += j <= bytes ? kBase64[bits >> (18 - 6 * j) & 63] : '=';
    }
    line += 4;
  }
  return made;
}

Value from_base64(CallFrame& f) {
  std::string made;
  uint32_t bits = 0;
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : f.text(0)) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) continue;
    const size_t digit = kBase64.find(c);
    if (c != '=' && (digit == std::string_view::npos || padding > 0)) return {};
    if (c == '=' && (digits % 4 < 2 || ++padding > 2)) return {};
    bits = bits << 6 | static_cast<uint32_t>(c == '=' ? 0 : digit);
    if (++digits % 4 != 0) continue;
    for (size_t i = 0; i < 3 - padding; ++i) made += static_cast<char>(bits >> (16 - 8 * i));
    bits = 0;
  }
  return digits % 4 == 0 ? Value(std::move(made)) : Value();
}

// CONV(number, from, to): a negative base means numbers with a sign.
Value conv(CallFrame& f) {
  const int64_t from = f.position(1);
  const int64_t to = f.position(2);
  for (const int64_t base : {from, to}) {
    if (base > 36 || base < -36 || (base > -2 && base < 2)) return {};
  }
  const std::string text = f.text(0);
  if (text.empty()) return {};
  size_t at = std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size());
  const bool minus = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const auto base = static_cast<uint64_t>(std::abs(from));
  uint64_t bits = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const char up = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    uint64_t digit = base;
    if (up >= '0' && up <= '9') digit = static_cast<uint64_t>(up - '0');
    if (up >= 'A' && up <= 'Z') digit = static_cast<uint64_t>(up - 'A') + 10;
    if (digit >= base) break;
    const bool overflow = bits > (UINT64_MAX - digit) / base;
    bits = overflow ? UINT64_MAX : bits * base + digit;
    if (overflow) break;
  }
  if (minus) bits = 0 - bits;
  const bool negative = to < 0 && static_cast<int64_t>(bits) < 0;
  if (negative) bits = 0 - bits;
  char buffer[72];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, bits, static_cast<int>(std::abs(to))).ptr;
  std::string made(buffer, static_cast<size_t>(end - buffer));
  for (char& c : made) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return negative ? "-" + made : made;
}

// FORMAT(number, digits): rounded, and separated by thousands.
Value format(CallFrame& f) {
  const auto digits = static_cast<unsigned>(std::clamp<int64_t>(f.position(1), 0, kDecimalScale));
  std::string text;
  if (numeric_type(f.self.args[0].type).type == TypeClass::real) {
    char buffer[512];
    const double value = f.real(0);
    const double power = std::pow(10.0, digits);
    const double scaled = std::rint(value * power);
    const double rounded = std::isfinite(scaled) ? scaled / power : value;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, rounded,
                                   std::chars_format::fixed, static_cast<int>(digits))
                         .ptr;
    text.assign(buffer, end);
  } else {
    text = to_decimal(f.args[0], f.context.diagnostics).rounded(digits).to_string();
  }
  const size_t first = text.starts_with('-') ? 1 : 0;
  for (size_t at = std::min(text.find('.'), text.size()); at > first + 3; at -= 3) {
    text.insert(at - 3, 1, ',');
  }
  return text;
}

Value inet_aton(CallFrame& f) {
  const std::string text = f.text(0);
  uint64_t address = 0;
  uint64_t part = 0;
  int dots = 0;
  if (text.empty() || text.back() == '.') return {};
  for (const char c : text) {
    if (c == '.') {
      if (++dots > 3) return {};
      address = address << 8 | part;
      part = 0;
    } else if (c < '0' || c > '9') {
      return {};
    } else {
      part = part * 10 + static_cast<uint64_t>(c - '0');
      if (part > 255) return {};
    }
  }
  // Parts that are left out are zeroes before the last: 127.1 is 127.0.0.1.
  for (int missing = 3 - dots; missing > 0 && dots > 0; --missing) address <<= 8;
  return address << 8 | part;
}

Value inet_ntoa(CallFrame& f) {
  const Integer address = f.integer(0);
  if (address.negative() || address.bits > UINT32_MAX) return {};
  std::string made;
  for (int shift = 24; shift >= 0; shift -= 8) {
    made += std::to_string(address.bits >> shift & 0xff);
    if (shift > 0) made += '.';
  }
  return made;
}

// CHAR(n, ...): the bytes of the numbers, without their leading zeroes; NULLs are left out.
Value characters(const BoundExpr& self, EvalContext& context) {
  std::string made;
  for (const BoundExpr& arg : self.args) {
    const Value value = arg.evaluate(context);
    if (is_null(value)) continue;
    const auto bits = static_cast<uint32_t>(to_integer(value, context.diagnostics).bits);
    for (int shift = 24; shift >= 0; shift -= 8) {
      if (shift == 0 || bits >> shift != 0) made += static_cast<char>(bits >> shift);
    }
  }
  return made;
}

Value ord(CallFrame& f) {
  const std::string text = f.text(0);
  if (text.empty()) return int64_t{0};
  const bool binary = f.self.args[0].type.is_binary();
  const size_t bytes = binary ? 1 : std::max<size_t>(utf8_char_bytes(text), 1);
  int64_t code = 0;
  for (size_t i = 0; i < bytes; ++i) code = code << 8 | static_cast<uint8_t>(text[i]);
  return code;
}

Value quote(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return std::string("NULL");
  std::string made = "'";
  for (const char c : to_text(value, self.args[0].type)) {
    if (c == '\'' || c == '\\') made += '\\';
    if (c == '\0' || c == '\x1a') {
      made += c == '\0' ? "\\0" : "\\Z";
    } else {
      made += c;
    }
  }
  return made + "'";
}

const CollationInfo& collation_of(const BoundExpr& self) {
  const TypeInfo& type = self.args[0].type;
  return info_of(type.type == TypeClass::string ? type.collation : storage::Collation::binary);
}
Value charset(const BoundExpr& self, EvalContext& /*context*/) {
  return std::string(collation_of(self).charset);
}
Value collation(const BoundExpr& self, EvalContext& /*context*/) {
  return std::string(collation_of(self).name);
}

TypeInfo unsigned_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(true); }
TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo plain_text(const std::vector<BoundExpr>& /*args*/) { return text_type(); }
TypeInfo bytes_type(const std::vector<BoundExpr>& /*args*/) { return text_type(true); }

constexpr FunctionSpec kFunctions[] = {
    {"CHAR", 1, 255, bytes_type, characters},
    {"CHARSET", 1, 1, plain_text, charset},
    {"COLLATION", 1, 1, plain_text, collation},
    {"CONV", 3, 3, plain_text, strict<conv>},
    {"CRC32", 1, 1, unsigned_of, strict<crc32_of>},
    {"FORMAT", 2, 2, plain_text, strict<format>},
    {"FROM_BASE64", 1, 1, bytes_type, strict<from_base64>},
    {"INET_ATON", 1, 1, unsigned_of, strict<inet_aton>},
    {"INET_NTOA", 1, 1, plain_text, strict<inet_ntoa>},
    {"MD5", 1, 1, plain_text, strict<md5>},
    {"ORD", 1, 1, integer_of, strict<ord>},
    {"QUOTE", 1, 1, plain_text, quote},
    {"SHA", 1, 1, plain_text, strict<sha1>},
    {"SHA1", 1, 1, plain_text, strict<sha1>},
    {"SHA2", 2, 2, plain_text, strict<sha2>},
    {"TO_BASE64", 1, 1, plain_text, strict<to_base64>},
};

}  // namespace

std::span<const FunctionSpec> encoding_functions() { return kFunctions; }

}  // namespace aftersync::sql
