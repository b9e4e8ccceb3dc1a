// Walking over UTF-8.
#include "core/sql/text/utf8.h"

#include <algorithm>

namespace aftersync::sql {

size_t utf8_char_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if (lead == 0xe0 && second < 0xa0) return 0;  // overlong
  if (lead == 0xed && second > 0x9f) return 0;  // surrogates
  if (lead == 0xf0 && second < 0x90) return 0;  // overlong
  if (lead == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return bytes;
}

std::optional<size_t> utf8_length(std::string_view text) {
  size_t characters = 0;
  while (!text.empty()) {
    const size_t bytes = utf8_char_bytes(text);
    if (bytes == 0) return std::nullopt;
    text.remove_prefix(bytes);
    ++characters;
  }
  return characters;
}

std::string hex_text(std::string_view text) {
  while (const size_t bytes = utf8_char_bytes(text)) text.remove_prefix(bytes);
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string shown;
  for (const char c : text.substr(0, 6)) {
    const auto byte = static_cast<uint8_t>(c);
    shown += kDigits[byte >> 4];
    shown += kDigits[byte & 0xf];
  }
  return shown;
}

}  // namespace aftersync::sql
