// UTF-8, cp1252 and ASCII.
#include "core/sql/value/charset_text.h"

#include <array>
#include <cstdint>
#include <optional>

#include "core/sql/text/utf8.h"
#include "core/sql/value/collations.h"

namespace aftersync::sql {

namespace {

using storage::Collation;

// 80 to 9f; what has no meaning there stands for itself.
constexpr std::array<uint16_t, 32> kCp1252 = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

bool is_utf8(Collation collation) { return info_of(collation).char_bytes == 4; }
bool is_ascii(Collation collation) { return info_of(collation).charset == "ascii"; }

// Of a whole character.
uint32_t code_of(std::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(character[i]); };
  if (character.size() == 1) return byte(0);
  uint32_t code = byte(0) & (0xffu >> (character.size() + 1));
  for (size_t i = 1; i < character.size(); ++i) code = code << 6 | (byte(i) & 0x3fu);
  return code;
}

void append_utf8(uint32_t code, std::string& to) {
  if (code < 0x80) {
    to += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    to += static_cast<char>(0xc0 | code >> 6);
  } else {
    to += static_cast<char>(0xe0 | code >> 12);
    to += static_cast<char>(0x80 | (code >> 6 & 0x3f));
  }
  to += static_cast<char>(0x80 | (code & 0x3f));
}

std::optional<char> encode_code(Collation to, uint32_t code) {
  if (code < 0x80) return static_cast<char>(code);
  if (is_ascii(to)) return std::nullopt;
  for (size_t i = 0; i < kCp1252.size(); ++i) {
    if (kCp1252[i] == code) return static_cast<char>(0x80 + i);
  }
  if (code >= 0xa0 && code <= 0xff) return static_cast<char>(code);
  return std::nullopt;
}

}  // namespace

EncodedText encode_text(Collation to, std::string_view utf8) {
  if (to == Collation::binary || is_utf8(to)) return checked_text(to, utf8);
  EncodedText made;
  for (size_t at = 0; at < utf8.size();) {
    const size_t bytes = utf8_char_bytes(utf8.substr(at));
    const auto encoded =
        bytes == 0 ? std::nullopt : encode_code(to, code_of(utf8.substr(at, bytes)));
    if (!encoded && !made.bad) {
      made.bad = true;
      made.first_bad = at;
    }
    if (bytes == 0) break;
    made.bytes += encoded.value_or('?');
    at += bytes;
  }
  return made;
}

EncodedText checked_text(Collation to, std::string_view bytes) {
  EncodedText made;
  size_t good = bytes.size();
  if (is_utf8(to)) {
    for (good = 0; good < bytes.size();) {
      const size_t next = utf8_char_bytes(bytes.substr(good));
      if (next == 0) break;
      good += next;
    }
  } else if (is_ascii(to)) {
    good = 0;
    while (good < bytes.size() && static_cast<uint8_t>(bytes[good]) < 0x80) ++good;
  }
  made.bytes = bytes.substr(0, good);
  made.first_bad = good;
  made.bad = good < bytes.size();
  return made;
}

std::string decode_text(Collation from, std::string_view bytes) {
  if (from == Collation::binary || is_utf8(from)) return std::string(bytes);
  std::string made;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    append_utf8(byte >= 0x80 && byte < 0xa0 ? kCp1252[byte - 0x80u] : byte, made);
  }
  return made;
}

}  // namespace aftersync::sql
