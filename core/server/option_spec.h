// The options table, options.def, as code: names, kinds, ranges.
//
// An OptionId is a place in the table; whoever reads an option in C++ names it (Option::port), so a
// misspelt name does not compile. Texts from my.cnf, the command line and SQL are looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aftersync::server {

enum class Option : uint16_t {
#define OPTION_NAME(name, ...) name,
#define FLAG OPTION_NAME
#define NUMBER OPTION_NAME
#define REAL OPTION_NAME
#define TEXT OPTION_NAME
#define CHOICE OPTION_NAME
#define WORDS OPTION_NAME
#define ALIAS(name, of)
#include "core/server/options.def"
#undef ALIAS
#undef WORDS
#undef CHOICE
#undef TEXT
#undef REAL
#undef NUMBER
#undef FLAG
#undef OPTION_NAME
};

enum class OptionKind : uint8_t { flag, number, real, text, choice, words };

// Where it can be set and seen: options.def.
enum class OptionPlace : uint8_t {
  start_only,
  fixed,
  global,
  both,
  session_only,
  report,
  session_report,
};

enum class OptionEffect : uint8_t { works, inert };

struct OptionSpec {
  std::string_view name;  // with underscores
  OptionKind kind = OptionKind::flag;
  OptionPlace place = OptionPlace::fixed;
  std::string_view initial;
  uint64_t least = 0;
  uint64_t most = 0;
  std::string_view words;  // separated by commas
  OptionEffect effect = OptionEffect::works;
  std::string_view help;

  [[nodiscard]] bool at_start() const {
    return place == OptionPlace::start_only || place == OptionPlace::fixed ||
           place == OptionPlace::global || place == OptionPlace::both;
  }
  [[nodiscard]] bool has_global() const {
    return place == OptionPlace::fixed || place == OptionPlace::global ||
           place == OptionPlace::both || place == OptionPlace::report;
  }
  [[nodiscard]] bool has_session() const {
    return place == OptionPlace::both || place == OptionPlace::session_only ||
           place == OptionPlace::session_report;
  }
  [[nodiscard]] bool can_change() const {
    return place == OptionPlace::global || place == OptionPlace::both ||
           place == OptionPlace::session_only;
  }
};

// All of them, in the order of Option.
[[nodiscard]] std::span<const OptionSpec> option_specs();
[[nodiscard]] const OptionSpec& spec_of(Option option);
// By name or alias, dashes as underscores, without regard to case.
[[nodiscard]] std::optional<Option> find_option(std::string_view name);
// The same name as the table writes names.
[[nodiscard]] std::string canonical_option_name(std::string_view name);

inline constexpr size_t kOptions = static_cast<size_t>(Option::warning_count) + 1;

// The n-th of words separated by commas; how many there are; the place of one, without regard to
// case.
[[nodiscard]] std::string_view word_at(std::string_view words, size_t n);
[[nodiscard]] size_t count_words(std::string_view words);
[[nodiscard]] std::optional<size_t> find_word(std::string_view words, std::string_view word);

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace aftersync::server
