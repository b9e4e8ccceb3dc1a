// Functions of text (MySQL manual 14.8).
#include <algorithm>

#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/compare.h"
#include "core/sql/eval/types.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

namespace {

constexpr size_t kMostBytes = 16 * 1024 * 1024;  // max_allowed_packet
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

size_t next_bytes(std::string_view text, bool binary) {
  return binary ? 1 : std::max<size_t>(utf8_char_bytes(text), 1);
}

size_t characters(std::string_view text, bool binary) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(next_bytes(text, binary));
  return count;
}

// Bytes of the first `count` characters.
size_t bytes_of(std::string_view text, size_t count, bool binary) {
  std::string_view rest = text;
  for (size_t i = 0; i < count && !rest.empty(); ++i) rest.remove_prefix(next_bytes(rest, binary));
  return text.size() - rest.size();
}

Value too_long(CallFrame& frame, std::string_view function) {
  frame.context.diagnostics.warn(ErrorName::allowed_packet_overflowed,
                                 {function, std::to_string(kMostBytes)});
  return {};
}

Value concat(CallFrame& f) {
  std::string text;
  for (size_t i = 0; i < f.size(); ++i) text += f.text(i);
  return text.size() > kMostBytes ? too_long(f, "concat") : Value(std::move(text));
}

Value concat_ws(const BoundExpr& self, EvalContext& context) {
  const Value separator = self.arg(0, context);
  if (is_null(separator)) return {};
  std::string text;
  bool first = true;
  for (size_t i = 1; i < self.args.size(); ++i) {
    const Value value = self.arg(i, context);
    if (is_null(value)) continue;
    if (!first) text += to_text(separator);
    first = false;
    text += to_text(value, self.args[i].type);
  }
  return text;
}

Value length(CallFrame& f) { return static_cast<int64_t>(f.text(0).size()); }
Value bit_length(CallFrame& f) { return static_cast<int64_t>(f.text(0).size() * 8); }
Value char_length(CallFrame& f) {
  return static_cast<int64_t>(characters(f.text(0), f.self.args[0].type.is_binary()));
}

// ASCII, and the letters of Latin-1 but the sharp s and the division and
// multiplication signs.
std::string in_case(std::string text, bool upper, bool binary) {
  if (binary) return text;
  const char first = upper ? 'a' : 'A';
  for (size_t i = 0; i < text.size(); ++i) {
    char& c = text[i];
    if (c >= first && c <= first + 25) {
      c = static_cast<char>(c ^ 0x20);
    } else if (c == '\xc3' && i + 1 < text.size()) {
      const auto tail = static_cast<uint8_t>(text[i + 1]);
      const uint8_t base = upper ? 0xa0 : 0x80;
      if (tail >= base && tail <= base + 0x1e && tail != base + 0x17) {
        text[i + 1] = static_cast<char>(tail ^ 0x20);
      }
    }
  }
  return text;
}

Value upper(CallFrame& f) { return in_case(f.text(0), true, f.binary()); }
Value lower(CallFrame& f) { return in_case(f.text(0), false, f.binary()); }

Value left(CallFrame& f) {
  const std::string text = f.text(0);
  const int64_t count = std::max<int64_t>(f.position(1), 0);
  return text.substr(0, bytes_of(text, static_cast<size_t>(count), f.binary()));
}

Value right(CallFrame& f) {
  const std::string text = f.text(0);
  const auto all = static_cast<int64_t>(characters(text, f.binary()));
  const int64_t skip = std::max<int64_t>(all - std::max<int64_t>(f.position(1), 0), 0);
  return text.substr(bytes_of(text, static_cast<size_t>(skip), f.binary()));
}

Value substring(CallFrame& f) {
  const std::string text = f.text(0);
  int64_t from = f.position(1);
  const int64_t count = f.size() > 2 ? f.position(2) : INT64_MAX;
  const auto all = static_cast<int64_t>(characters(text, f.binary()));
  if (from == 0 || count <= 0 || from > all || from < -all) return std::string();
  from = from > 0 ? from - 1 : all + from;
  const size_t begin = bytes_of(text, static_cast<size_t>(from), f.binary());
  const std::string_view rest = std::string_view(text).substr(begin);
  return std::string(rest.substr(0, bytes_of(rest, static_cast<size_t>(count), f.binary())));
}

// Position, from 1, of `wanted` in `text` under the collation of both; 0 when
// it is not there.
int64_t locate_in(const CallFrame& f, size_t wanted_arg, size_t text_arg, int64_t from) {
  const std::string wanted = f.text(wanted_arg);
  const std::string text = f.text(text_arg);
  const storage::Collation collation =
      joint_collation(f.self.args[wanted_arg].type, f.self.args[text_arg].type);
  const bool binary = collation == storage::Collation::binary;
  const auto all = static_cast<int64_t>(characters(text, binary));
  if (from < 1 || from > all + 1) return 0;
  const size_t length = characters(wanted, binary);
  std::string_view rest = text;
  rest.remove_prefix(bytes_of(rest, static_cast<size_t>(from - 1), binary));
  for (int64_t at = from; static_cast<size_t>(all - at + 1) >= length; ++at) {
    const std::string_view here = rest.substr(0, bytes_of(rest, length, binary));
    // No padding here: the texts have the same number of characters.
    if (here == wanted ||
        (!binary && compare_text(collation, std::string(here) + "|", wanted + "|") == 0)) {
      return at;
    }
    if (rest.empty()) break;
    rest.remove_prefix(next_bytes(rest, binary));
  }
  return 0;
}

Value locate(CallFrame& f) { return locate_in(f, 0, 1, f.size() > 2 ? f.position(2) : 1); }
Value instr(CallFrame& f) { return locate_in(f, 1, 0, 1); }

Value replace(CallFrame& f) {
  const std::string text = f.text(0);
  const std::string from = f.text(1);
  const std::string to = f.text(2);
  if (from.empty()) return text;
  std::string made;
  size_t at = 0;
  for (size_t found = 0; (found = text.find(from, at)) != std::string::npos;
       at = found + from.size()) {
    made.append(text, at, found - at).append(to);
    if (made.size() > kMostBytes) return too_long(f, "replace");
  }
  return made.append(text, at);
}

Value repeat(CallFrame& f) {
  const std::string text = f.text(0);
  const int64_t count = f.position(1);
  if (count <= 0 || text.empty()) return std::string();
  if (static_cast<uint64_t>(count) > kMostBytes / text.size()) return too_long(f, "repeat");
  std::string made;
  for (int64_t i = 0; i < count; ++i) made += text;
  return made;
}

Value space(CallFrame& f) {
  const int64_t count = std::max<int64_t>(f.position(0), 0);
  if (static_cast<uint64_t>(count) > kMostBytes) return too_long(f, "space");
  return std::string(static_cast<size_t>(count), ' ');
}

Value reverse(CallFrame& f) {
  const std::string text = f.text(0);
  std::string made;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t bytes = next_bytes(rest, f.binary());
    made.insert(0, rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return made;
}

std::string trimmed(std::string_view text, std::string_view what, bool front, bool back) {
  if (what.empty()) return std::string(text);
  while (front && text.starts_with(what)) text.remove_prefix(what.size());
  while (back && text.ends_with(what)) text.remove_suffix(what.size());
  return std::string(text);
}

// option: 1 leading, 2 trailing, 3 both
Value trim(CallFrame& f) {
  return trimmed(f.text(0), f.size() > 1 ? f.text(1) : " ", (f.self.option & 1) != 0,
                 (f.self.option & 2) != 0);
}
Value ltrim(CallFrame& f) { return trimmed(f.text(0), " ", true, false); }
Value rtrim(CallFrame& f) { return trimmed(f.text(0), " ", false, true); }

template <bool left>
Value pad(CallFrame& f) {
  const std::string text = f.text(0);
  const std::string with = f.text(2);
  const int64_t wanted = f.position(1);
  if (wanted < 0) return {};
  if (static_cast<uint64_t>(wanted) > kMostBytes / 4) return too_long(f, left ? "lpad" : "rpad");
  const auto count = static_cast<size_t>(wanted);
  const size_t have = characters(text, f.binary());
  if (have >= count) return text.substr(0, bytes_of(text, count, f.binary()));
  if (with.empty()) return std::string();
  std::string padding;
  const size_t unit = characters(with, f.binary());
  size_t missing = count - have;
  for (; missing >= unit; missing -= unit) padding += with;
  padding.append(with, 0, bytes_of(with, missing, f.binary()));
  return left ? padding + text : text + padding;
}

Value hex(CallFrame& f) {
  std::string made;
  if (f.self.args[0].type.type == TypeClass::string || is_temporal(f.self.args[0].type.type)) {
    for (const char c : f.text(0)) {
      made += kHexDigits[static_cast<uint8_t>(c) >> 4];
      made += kHexDigits[static_cast<uint8_t>(c) & 0xf];
    }
    return made;
  }
  uint64_t bits = f.integer(0).bits;
  do {
    made.insert(0, 1, kHexDigits[bits & 0xf]);
    bits >>= 4;
  } while (bits > 0);
  return made;
}

Value unhex(CallFrame& f) {
  std::string digits = f.text(0);
  if (digits.size() % 2 != 0) digits.insert(0, 1, '0');
  std::string made;
  for (size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    for (const char c : {digits[i], digits[i + 1]}) {
      const char up = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
      const size_t digit = kHexDigits.find(up);
      if (digit == std::string_view::npos) return {};
      byte = byte << 4 | static_cast<unsigned>(digit);
    }
    made += static_cast<char>(byte);
  }
  return made;
}

template <unsigned base_bits>
Value digits_of(CallFrame& f) {
  uint64_t bits = f.integer(0).bits;
  std::string made;
  do {
    made.insert(0, 1, static_cast<char>('0' + (bits & ((1u << base_bits) - 1))));
    bits >>= base_bits;
  } while (bits > 0);
  return made;
}

Value ascii(CallFrame& f) {
  const std::string text = f.text(0);
  return text.empty() ? int64_t{0} : int64_t{static_cast<uint8_t>(text[0])};
}

Value strcmp_(CallFrame& f) {
  const auto collation = joint_collation(f.self.args[0].type, f.self.args[1].type);
  return int64_t{compare_text(collation, f.text(0), f.text(1))};
}

Value substring_index(CallFrame& f) {
  const std::string text = f.text(0);
  const std::string separator = f.text(1);
  int64_t count = f.position(2);
  if (separator.empty() || count == 0) return std::string();
  if (count > 0) {
    size_t at = 0;
    while (true) {
      const size_t found = text.find(separator, at);
      if (found == std::string::npos) return text;
      if (--count == 0) return text.substr(0, found);
      at = found + separator.size();
    }
  }
  size_t end = text.size();
  while (end >= separator.size()) {
    const size_t found = text.rfind(separator, end - separator.size());
    if (found == std::string::npos) return text;
    if (++count == 0) return text.substr(found + separator.size());
    end = found;
  }
  return text;
}

Value insert(CallFrame& f) {
  const std::string text = f.text(0);
  const int64_t from = f.position(1);
  const int64_t count = f.position(2);
  const auto all = static_cast<int64_t>(characters(text, f.binary()));
  if (from < 1 || from > all) return text;
  const bool to_end = count < 0 || count > all - from + 1;
  const size_t begin = bytes_of(text, static_cast<size_t>(from - 1), f.binary());
  const size_t end =
      to_end ? text.size() : bytes_of(text, static_cast<size_t>(from - 1 + count), f.binary());
  return text.substr(0, begin) + f.text(3) + text.substr(end);
}

// ELT: the value that the first argument names; NULL when there is none.
Value elt(const BoundExpr& self, EvalContext& context) {
  const Value which = self.arg(0, context);
  if (is_null(which)) return {};
  const Integer number = to_integer(which, context.diagnostics);
  if (number.negative() || number.bits == 0 || number.bits >= self.args.size()) return {};
  const Value value = self.arg(static_cast<size_t>(number.bits), context);
  if (is_null(value)) return {};
  return to_text(value, self.args[static_cast<size_t>(number.bits)].type);
}

Value find_in_set(CallFrame& f) {
  const std::string wanted = f.text(0);
  const std::string set = f.text(1);
  const auto collation = joint_collation(f.self.args[0].type, f.self.args[1].type);
  if (set.empty() || wanted.find(',') != std::string::npos) return int64_t{0};
  int64_t number = 1;
  for (size_t at = 0;; ++number) {
    const size_t end = std::min(set.find(',', at), set.size());
    if (compare_text(collation, std::string_view(set).substr(at, end - at), wanted) == 0) {
      return number;
    }
    if (end == set.size()) return int64_t{0};
    at = end + 1;
  }
}

TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo plain_text(const std::vector<BoundExpr>& /*args*/) { return text_type(); }
TypeInfo bytes_type(const std::vector<BoundExpr>& /*args*/) { return text_type(true); }
TypeInfo text_of_first(const std::vector<BoundExpr>& args) {
  return text_type(args[0].type.is_binary());
}

constexpr FunctionSpec kFunctions[] = {
    {"ASCII", 1, 1, integer_of, strict<ascii>},
    {"BIN", 1, 1, plain_text, strict<digits_of<1>>},
    {"BIT_LENGTH", 1, 1, integer_of, strict<bit_length>},
    {"CHARACTER_LENGTH", 1, 1, integer_of, strict<char_length>},
    {"CHAR_LENGTH", 1, 1, integer_of, strict<char_length>},
    {"CONCAT", 1, 255, text_of, strict<concat>},
    {"CONCAT_WS", 2, 255, text_of, concat_ws},
    {"ELT", 2, 255, text_of, elt},
    {"FIND_IN_SET", 2, 2, integer_of, strict<find_in_set>},
    {"HEX", 1, 1, plain_text, strict<hex>},
    {"INSERT", 4, 4, text_of, strict<insert>},
    {"INSTR", 2, 2, integer_of, strict<instr>},
    {"LCASE", 1, 1, text_of, strict<lower>},
    {"LEFT", 2, 2, text_of_first, strict<left>},
    {"LENGTH", 1, 1, integer_of, strict<length>},
    {"LOCATE", 2, 3, integer_of, strict<locate>},
    {"LOWER", 1, 1, text_of, strict<lower>},
    {"LPAD", 3, 3, text_of, strict<pad<true>>},
    {"LTRIM", 1, 1, text_of, strict<ltrim>},
    {"OCT", 1, 1, plain_text, strict<digits_of<3>>},
    {"OCTET_LENGTH", 1, 1, integer_of, strict<length>},
    {"REPEAT", 2, 2, text_of_first, strict<repeat>},
    {"REPLACE", 3, 3, text_of, strict<replace>},
    {"REVERSE", 1, 1, text_of, strict<reverse>},
    {"RIGHT", 2, 2, text_of_first, strict<right>},
    {"RPAD", 3, 3, text_of, strict<pad<false>>},
    {"RTRIM", 1, 1, text_of, strict<rtrim>},
    {"SPACE", 1, 1, plain_text, strict<space>},
    {"STRCMP", 2, 2, integer_of, strict<strcmp_>},
    {"SUBSTRING", 2, 3, text_of_first, strict<substring>},
    {"SUBSTRING_INDEX", 3, 3, text_of, strict<substring_index>},
    {"TRIM", 1, 2, text_of, strict<trim>},
    {"UCASE", 1, 1, text_of, strict<upper>},
    {"UNHEX", 1, 1, bytes_type, strict<unhex>},
    {"UPPER", 1, 1, text_of, strict<upper>},
};

}  // namespace

std::span<const FunctionSpec> string_functions() { return kFunctions; }

}  // namespace aftersync::sql
