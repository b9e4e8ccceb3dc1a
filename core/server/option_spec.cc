// The rows of options.def, and names looked up in them.
#include "core/server/option_spec.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/base/check.h"

namespace aftersync::server {

namespace {

#define AFTERSYNC_COLLATIONS                                                                    \
  "utf8mb4_general_ci,utf8mb4_bin,utf8mb3_general_ci,utf8mb3_bin,latin1_general_ci,latin1_bin," \
  "ascii_general_ci,ascii_bin,binary"
#define AFTERSYNC_SQL_MODES                                                            \
  "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,"         \
  "NO_UNSIGNED_SUBTRACTION,ANSI,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,"           \
  "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"                \
  "ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,HIGH_NOT_PRECEDENCE,NO_ENGINE_SUBSTITUTION," \
  "PAD_CHAR_TO_FULL_LENGTH,TIME_TRUNCATE_FRACTIONAL"

constexpr auto works = OptionEffect::works;
constexpr auto inert = OptionEffect::inert;
constexpr auto start_only = OptionPlace::start_only;
constexpr auto fixed = OptionPlace::fixed;
constexpr auto global = OptionPlace::global;
constexpr auto both = OptionPlace::both;
constexpr auto session_only = OptionPlace::session_only;
constexpr auto report = OptionPlace::report;
constexpr auto session_report = OptionPlace::session_report;

constexpr OptionSpec kSpecs[] = {
#define FLAG(name, place, initial, effect, help) \
  {#name, OptionKind::flag, place, initial, 0, 1, "", effect, help},
#define NUMBER(name, place, initial, least, most, effect, help) \
  {#name, OptionKind::number, place, initial, least, most, "", effect, help},
#define REAL(name, place, initial, least, most, effect, help) \
  {#name, OptionKind::real, place, initial, least, most, "", effect, help},
#define TEXT(name, place, initial, effect, help) \
  {#name, OptionKind::text, place, initial, 0, 0, "", effect, help},
#define CHOICE(name, place, initial, list, effect, help) \
  {#name, OptionKind::choice, place, initial, 0, 0, list, effect, help},
#define WORDS(name, place, initial, list, effect, help) \
  {#name, OptionKind::words, place, initial, 0, 0, list, effect, help},
#define ALIAS(name, of)
#include "core/server/options.def"
#undef ALIAS
#undef WORDS
#undef CHOICE
#undef TEXT
#undef REAL
#undef NUMBER
#undef FLAG
};

static_assert(std::size(kSpecs) == kOptions);
static_assert(std::ranges::is_sorted(kSpecs, {}, &OptionSpec::name));

struct Alias {
  std::string_view name;
  Option of;
};

constexpr Alias kAliases[] = {
#define OPTION_NOTHING(...)
#define FLAG OPTION_NOTHING
#define NUMBER OPTION_NOTHING
#define REAL OPTION_NOTHING
#define TEXT OPTION_NOTHING
#define CHOICE OPTION_NOTHING
#define WORDS OPTION_NOTHING
#define ALIAS(name, of) {#name, Option::of},
#include "core/server/options.def"
#undef ALIAS
#undef WORDS
#undef CHOICE
#undef TEXT
#undef REAL
#undef NUMBER
#undef FLAG
#undef OPTION_NOTHING
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::span<const OptionSpec> option_specs() { return kSpecs; }

const OptionSpec& spec_of(Option option) {
  const auto at = static_cast<size_t>(option);
  CHECK(at < kOptions);
  return kSpecs[at];
}

std::string canonical_option_name(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = c == '-' ? '_' : lower(c);
  return text;
}

std::optional<Option> find_option(std::string_view name) {
  const std::string wanted = canonical_option_name(name);
  const auto* found = std::ranges::lower_bound(kSpecs, wanted, {}, &OptionSpec::name);
  if (found != std::end(kSpecs) && found->name == wanted) {
    return static_cast<Option>(found - kSpecs);
  }
  for (const Alias& alias : kAliases) {
    if (alias.name == wanted) return alias.of;
  }
  return std::nullopt;
}

std::string_view word_at(std::string_view words, size_t n) {
  for (; n > 0; --n) words.remove_prefix(words.find(',') + 1);
  return words.substr(0, words.find(','));
}

size_t count_words(std::string_view words) {
  return words.empty() ? 0 : 1 + static_cast<size_t>(std::ranges::count(words, ','));
}

std::optional<size_t> find_word(std::string_view words, std::string_view word) {
  const size_t count = count_words(words);
  for (size_t i = 0; i < count; ++i) {
    if (equals_ignoring_case(word_at(words, i), word)) return i;
  }
  return std::nullopt;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace aftersync::server
