// The JSON cursor's parts that are worth a call.
#include "model/history/json_cursor.h"

#include <cstring>

#include "model/history/history_format.h"

namespace aftersync::model {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else {  // half of a surrogate pair becomes three bytes of its own; names need no better
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace

bool JsonCursor::take_word(std::string_view word) {
  peek();
  if (static_cast<size_t>(end_ - at_) < word.size()) return false;
  if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

bool JsonCursor::integer(int64_t& out) {
  const bool negative = peek() == '-';
  if (negative) ++at_;
  if (!is_digit(*at_)) return fail("expected an integer");
  if (*at_ == '0' && is_digit(at_[1])) return fail("a number starts with a superfluous 0");
  int64_t value = 0;
  while (is_digit(*at_)) {
    const int64_t digit = *at_ - '0';
    if (value > (kMaxInteger - digit) / 10) return fail("an integer is too large");
    value = value * 10 + digit;
    ++at_;
  }
  if (*at_ == '.' || *at_ == 'e' || *at_ == 'E') return fail("expected an integer");
  out = negative ? -value : value;
  return true;
}

bool JsonCursor::text(std::string_view& out) {
  if (!expect('"', "expected a text")) return false;
  const char* start = at_;
  while (*at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
  if (*at_ == '\\') return text_with_escapes(start, out);
  if (*at_ != '"') return fail("a text has no end");
  out = std::string_view(start, static_cast<size_t>(at_ - start));
  ++at_;
  return true;
}

bool JsonCursor::text_with_escapes(const char* start, std::string_view& out) {
  unescaped_.assign(start, at_);
  while (*at_ != '"') {
    if (static_cast<unsigned char>(*at_) < 0x20) return fail("a text has no end");
    if (*at_ == '\\') {
      ++at_;
      if (!escape()) return false;
    } else {
      unescaped_ += *at_++;
    }
  }
  ++at_;
  out = unescaped_;
  return true;
}

bool JsonCursor::escape() {
  switch (*at_++) {
    case '"': unescaped_ += '"'; return true;
    case '\\': unescaped_ += '\\'; return true;
    case '/': unescaped_ += '/'; return true;
    case 'b': unescaped_ += '\b'; return true;
    case 'f': unescaped_ += '\f'; return true;
    case 'n': unescaped_ += '\n'; return true;
    case 'r': unescaped_ += '\r'; return true;
    case 't': unescaped_ += '\t'; return true;
    case 'u': return unicode_escape();
    default: --at_; return fail("no such escape");
  }
}

bool JsonCursor::unicode_escape() {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = hex_digit(*at_);
    if (digit < 0) return fail("\\u takes four hexadecimal digits");
    code = code * 16 + static_cast<unsigned>(digit);
  }
  append_utf8(unescaped_, code);
  return true;
}

bool JsonCursor::skip_value(int depth) {
  if (depth > kMaxNesting) return fail("values nest too deeply");
  std::string_view ignored;
  switch (peek()) {
    case '"': return text(ignored);
    case '[': return skip_elements(depth);
    case '{': return skip_members(depth);
    case 't': return take_word("true") || fail("expected true");
    case 'f': return take_word("false") || fail("expected false");
    case 'n': return take_word("null") || fail("expected null");
    default: return skip_number();
  }
}

bool JsonCursor::skip_elements(int depth) {
  ++at_;
  if (take(']')) return true;
  do {
    if (!skip_value(depth + 1)) return false;
  } while (take(','));
  return expect(']', "expected , or ] in a list");
}

bool JsonCursor::skip_members(int depth) {
  ++at_;
  if (take('}')) return true;
  std::string_view name;
  do {
    if (!text(name) || !expect(':', "expected : after a member's name")) return false;
    if (!skip_value(depth + 1)) return false;
  } while (take(','));
  return expect('}', "expected , or } in an object");
}

bool JsonCursor::skip_number() {
  if (*at_ == '-') ++at_;
  if (!is_digit(*at_)) return fail("expected a value");
  if (*at_ == '0' && is_digit(at_[1])) return fail("a number starts with a superfluous 0");
  while (is_digit(*at_)) ++at_;
  if (*at_ == '.') {
    ++at_;
    if (!is_digit(*at_)) return fail("expected a digit after the point");
    while (is_digit(*at_)) ++at_;
  }
  if (*at_ == 'e' || *at_ == 'E') {
    ++at_;
    if (*at_ == '+' || *at_ == '-') ++at_;
    if (!is_digit(*at_)) return fail("expected a digit in the exponent");
    while (is_digit(*at_)) ++at_;
  }
  return true;
}

}  // namespace aftersync::model
