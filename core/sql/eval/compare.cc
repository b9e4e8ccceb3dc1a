// Comparing values, and LIKE.
#include "core/sql/eval/compare.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

namespace {

template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int compare_integers(const Integer& a, const Integer& b) {
  if (a.negative() != b.negative()) return a.negative() ? -1 : 1;
  return a.negative() ? order(a.as_signed(), b.as_signed()) : order(a.bits, b.bits);
}

// One character off the front, whatever the bytes are.
std::string_view take_character(storage::Collation collation, std::string_view& text) {
  size_t bytes = collation == storage::Collation::binary ? 1 : utf8_char_bytes(text);
  bytes = std::max<size_t>(bytes, 1);
  const std::string_view character = text.substr(0, bytes);
  text.remove_prefix(bytes);
  return character;
}

bool same_character(storage::Collation collation, std::string_view a, std::string_view b) {
  if (a == b) return true;
  return collation != storage::Collation::binary && a != " " && b != " " &&
         compare_text(collation, a, b) == 0;
}

// A number that is no date is compared with one as a number.
bool compares_as_number(const Value& value) {
  if (std::holds_alternative<std::string>(value) || std::holds_alternative<Temporal>(value)) {
    return false;
  }
  Diagnostics ignored;
  return !to_datetime(value, ignored);
}

}  // namespace

CompareMode compare_mode(const TypeInfo& a, const TypeInfo& b) {
  const auto both = [&](TypeClass type) { return a.type == type && b.type == type; };
  if (both(TypeClass::string)) {
    return a.is_binary() || b.is_binary() ? CompareMode::binary : CompareMode::text;
  }
  if (both(TypeClass::time)) return CompareMode::time;
  if (is_temporal(a.type) || is_temporal(b.type)) {
    const TypeClass temporal = is_temporal(a.type) ? a.type : b.type;
    const TypeClass other = is_temporal(a.type) ? b.type : a.type;
    if (temporal == TypeClass::time && !is_temporal(other)) return CompareMode::time;
    return CompareMode::datetime;
  }
  if (both(TypeClass::integer)) return CompareMode::integer;
  const auto exact = [](const TypeInfo& t) {
    return t.type == TypeClass::integer || t.type == TypeClass::decimal;
  };
  return exact(a) && exact(b) ? CompareMode::decimal : CompareMode::real;
}

storage::Collation joint_collation(const TypeInfo& a, const TypeInfo& b) {
  if (a.is_binary() || b.type != TypeClass::string) return a.collation;
  return a.type == TypeClass::string && !b.is_binary() ? a.collation : b.collation;
}

int compare_text(storage::Collation collation, std::string_view a, std::string_view b) {
  if (collation == storage::Collation::binary) return order(a.compare(b), 0);
  std::string left;
  std::string right;
  // Of texts with runs of spaces too long for a key, the bytes decide.
  if (!storage::append_sort_key(collation, a, true, left).ok() ||
      !storage::append_sort_key(collation, b, true, right).ok()) {
    return order(a.compare(b), 0);
  }
  return order(left.compare(right), 0);
}

std::optional<int> compare_values(CompareMode mode, storage::Collation collation, const Value& a,
                                  const Value& b, EvalContext& context) {
  Diagnostics& d = context.diagnostics;
  switch (mode) {
    case CompareMode::integer: return compare_integers(to_integer(a, d), to_integer(b, d));
    case CompareMode::decimal: return Decimal::compare(to_decimal(a, d), to_decimal(b, d));
    case CompareMode::real: return order(to_double(a, d), to_double(b, d));
    case CompareMode::text: return compare_text(collation, to_text(a), to_text(b));
    case CompareMode::binary: return order(to_text(a).compare(to_text(b)), 0);
    case CompareMode::datetime: {
      if (compares_as_number(a) || compares_as_number(b)) {
        return order(to_double(a, d), to_double(b, d));
      }
      const auto left = to_datetime(a, d);
      const auto right = to_datetime(b, d);
      if (!left || !right) return compare_text(collation, to_text(a), to_text(b));
      return order(as_datetime(*left, context.now).packed(),
                   as_datetime(*right, context.now).packed());
    }
    case CompareMode::time: {
      if (compares_as_number(a) || compares_as_number(b)) {
        return order(to_double(a, d), to_double(b, d));
      }
      const auto left = to_time(a, d);
      const auto right = to_time(b, d);
      if (!left || !right) return std::nullopt;
      return order(left->packed(), right->packed());
    }
  }
  CHECK(false);
  return std::nullopt;
}

// Linear in text times pattern at worst: after a mismatch only the last % is
// tried again.
bool matches_like(storage::Collation collation, std::string_view text, std::string_view pattern,
                  std::string_view escape) {
  std::optional<std::string_view> retry_pattern;
  std::string_view retry_text;
  while (true) {
    std::string_view rest = pattern;
    bool matched = false;
    if (rest.empty()) {
      if (text.empty()) return true;
    } else {
      std::string_view wanted = take_character(collation, rest);
      if (wanted == "%" && wanted != escape) {
        retry_pattern = rest;
        retry_text = text;
        pattern = rest;
        continue;
      }
      const bool any = wanted == "_" && wanted != escape;
      if (!escape.empty() && wanted == escape && !rest.empty())
        wanted = take_character(collation, rest);
      if (!text.empty()) {
        std::string_view after = text;
        const std::string_view character = take_character(collation, after);
        if (any || same_character(collation, character, wanted)) {
          matched = true;
          text = after;
          pattern = rest;
        }
      }
    }
    if (matched) continue;
    if (!retry_pattern || retry_text.empty()) return false;
    (void)take_character(collation, retry_text);
    text = retry_text;
    pattern = *retry_pattern;
  }
}

}  // namespace aftersync::sql
