// UTF-8 as text in statements and values comes: counted, checked, and shown where it is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftersync::sql {

// Bytes of the character that `text` begins with: 1 to 4; 0 when it begins with none (overlong
// forms, surrogates, and codes above U+10FFFF are none).
[[nodiscard]] size_t utf8_char_bytes(std::string_view text);

// Characters in `text`; nothing when it is not UTF-8.
[[nodiscard]] std::optional<size_t> utf8_length(std::string_view text);

// The bytes from the first one that is not UTF-8, as MySQL shows them in error 1300: at most six,
// in hexadecimal.
[[nodiscard]] std::string hex_text(std::string_view text);

}  // namespace aftersync::sql
