// Collations: characters, weights, and keys that pad with spaces.
#include "core/storage/collation.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/coding.h"

namespace aftersync::storage {

namespace {

constexpr char kSpace = ' ';
constexpr char kEnd = static_cast<char>(0x80);
constexpr uint8_t kLongLess = 0x3f;
constexpr uint8_t kLongGreater = 0xc0;
constexpr uint32_t kInvalidByte = 0xdc00;

bool is_utf8(Collation c) {
  return c == Collation::utf8mb4_bin || c == Collation::utf8mb4_general_ci;
}
bool is_ci(Collation c) {
  return c == Collation::utf8mb4_general_ci || c == Collation::latin1_general_ci ||
         c == Collation::ascii_general_ci;
}

// One character off the front; an invalid byte is a character of its own.
uint32_t next_utf8(std::string_view& text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const auto invalid = [&] {
    text.remove_prefix(1);
    return kInvalidByte + lead;
  };
  if (length == 1) {
    text.remove_prefix(1);
    return lead;
  }
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return invalid();
  uint32_t code = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return invalid();
    code = (code << 6) | (byte & 0x3fu);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    return invalid();
  }
  text.remove_prefix(length);
  return code;
}

uint32_t next_char(Collation collation, std::string_view& text) {
  if (is_utf8(collation)) return next_utf8(text);
  const auto byte = static_cast<uint8_t>(text[0]);
  text.remove_prefix(1);
  return byte;
}

void append_utf8(uint32_t code, std::string& to) {
  const auto tail = [&](int shift) { to += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    to += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// U+00C0..U+017F. A letter: that is the weight. '.': itself. '^': 32 less (a lower-case letter that
// has no base). '*': the even one of a pair; '+': the odd one.
constexpr std::string_view kLatin =
    "AAAAAA.CEEEEIIII"
    ".NOOOOO..UUUUY.S"  // C0
    "AAAAAA^CEEEEIIII"
    "^NOOOOO.^UUUUY^Y"  // E0
    "AAAAAACCCCCCCCDD"
    "**EEEEEEEEEEGGGG"  // 100
    "GGGGHH**IIIIIIII"
    "II**JJKK.LLLLLL+"  // 120
    "+++NNNNNN.**OOOO"
    "OO**RRRRRRSSSSSS"  // 140
    "SSTTTT**UUUUUUUU"
    "UUUUWWYYYZZZZZZS";  // 160
static_assert(kLatin.size() == 0x180 - 0xc0);

uint32_t fold_greek(uint32_t code) {
  switch (code) {
    case 0x386:
    case 0x3ac: return 0x391;
    case 0x388:
    case 0x3ad: return 0x395;
    case 0x389:
    case 0x3ae: return 0x397;
    case 0x38a:
    case 0x3af:
    case 0x3aa:
    case 0x3ca:
    case 0x390: return 0x399;
    case 0x38c:
    case 0x3cc: return 0x39f;
    case 0x38e:
    case 0x3cd:
    case 0x3ab:
    case 0x3cb:
    case 0x3b0: return 0x3a5;
    case 0x38f:
    case 0x3ce: return 0x3a9;
    case 0x3c2: return 0x3a3;
    default: return code >= 0x3b1 && code <= 0x3c9 ? code - 0x20 : code;
  }
}

uint32_t fold_case(uint32_t code) {
  if (code < 0x80) return code >= 'a' && code <= 'z' ? code - 0x20 : code;
  if (code == 0xb5) return 0x39c;
  if (code >= 0xc0 && code < 0x180) {
    const char rule = kLatin[code - 0xc0];
    switch (rule) {
      case '.': return code;
      case '^': return code - 0x20;
      case '*': return code & ~1u;
      case '+': return (code - 1) | 1u;
      default: return static_cast<uint8_t>(rule);
    }
  }
  if (code >= 0x386 && code < 0x3d0) return fold_greek(code);
  if (code >= 0x430 && code < 0x450) return code - 0x20;
  if (code >= 0x450 && code < 0x460) return code - 0x50;
  return code > 0xffff ? 0xfffd : code;
}

void append_run(size_t run, bool then_greater, std::string& to) {
  to += kSpace;
  if (run < kLongLess) {
    to += static_cast<char>(then_greater ? 0xff - run : run);
    return;
  }
  to += static_cast<char>(then_greater ? kLongGreater : kLongLess);
  append_be(to, static_cast<uint16_t>(then_greater ? 0xffff - run : run));
}

}  // namespace

Status append_sort_key(Collation collation, std::string_view text, bool whole, std::string& to) {
  CHECK(collation != Collation::binary && is_known(collation));
  const bool fold = is_ci(collation);
  size_t run = 0;
  while (!text.empty()) {
    const uint32_t code = next_char(collation, text);
    const uint32_t weight = fold ? fold_case(code) : code;
    if (weight == kSpace) {
      if (++run > 0xffff) return {Code::too_large, "a key with a run of more than 65535 spaces"};
      continue;
    }
    if (run > 0) append_run(run, weight > kSpace, to);
    run = 0;
    append_utf8(weight, to);
  }
  if (whole) {
    to += kSpace;
    to += kEnd;
  }
  return {};
}

size_t sort_key_bytes(std::string_view bytes, char mask) {
  const auto at = [&](size_t i) {
    return static_cast<uint8_t>(static_cast<uint8_t>(bytes[i]) ^ static_cast<uint8_t>(mask));
  };
  size_t i = 0;
  while (i < bytes.size()) {
    if (at(i++) != kSpace) continue;
    if (i == bytes.size()) return 0;
    const uint8_t what = at(i++);
    if (what == static_cast<uint8_t>(kEnd)) return i;
    if (what == kLongLess || what == kLongGreater) i += 2;
  }
  return 0;
}

std::string_view first_chars(Collation collation, std::string_view text, size_t chars) {
  if (!is_utf8(collation)) return text.substr(0, chars);
  std::string_view rest = text;
  for (size_t i = 0; i < chars && !rest.empty(); ++i) (void)next_utf8(rest);
  return text.substr(0, text.size() - rest.size());
}

}  // namespace aftersync::storage
