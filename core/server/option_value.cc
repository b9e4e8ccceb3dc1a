// Values of options: reading, checking, printing.
#include "core/server/option_value.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "core/base/check.h"

namespace aftersync::server {

namespace {

Status wrong(std::string_view needed, std::string_view text) {
  return {Code::invalid_argument,
          "needs " + std::string(needed) + ", not '" + std::string(text) + "'"};
}

ParsedOption clipped_to(const OptionSpec& spec, uint64_t number) {
  if (number < spec.least) return {spec.least, true};
  if (number > spec.most) return {spec.most, true};
  return {number, false};
}

std::optional<unsigned> suffix_shift(std::string_view suffix) {
  if (suffix.empty()) return 0;
  if (suffix.size() != 1) return std::nullopt;
  switch (suffix[0]) {
    case 'k':
    case 'K': return 10;
    case 'm':
    case 'M': return 20;
    case 'g':
    case 'G': return 30;
    case 't':
    case 'T': return 40;
    default: return std::nullopt;
  }
}

Result<ParsedOption> parse_flag(std::string_view text) {
  for (const std::string_view word : {"1", "ON", "TRUE", "YES"}) {
    if (equals_ignoring_case(text, word)) return ParsedOption{uint64_t{1}};
  }
  for (const std::string_view word : {"0", "OFF", "FALSE", "NO"}) {
    if (equals_ignoring_case(text, word)) return ParsedOption{uint64_t{0}};
  }
  return wrong("ON or OFF", text);
}

Result<ParsedOption> parse_number(const OptionSpec& spec, std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = negative ? text.substr(1) : text;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::invalid_argument) return wrong("a whole number", text);
  const auto used = static_cast<size_t>(end - digits.data());
  const std::optional<unsigned> shift = suffix_shift(digits.substr(used));
  if (!shift) return wrong("a whole number, perhaps with K, M, G or T", text);
  if (error == std::errc::result_out_of_range || number > (UINT64_MAX >> *shift)) {
    return number_option(spec, negative ? 1 : UINT64_MAX, negative);
  }
  return number_option(spec, number << *shift, negative);
}

Result<ParsedOption> parse_real(const OptionSpec& spec, std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || std::isnan(value)) return wrong("a number", text);
  if (value < static_cast<double>(spec.least)) {
    return ParsedOption{static_cast<double>(spec.least), true};
  }
  if (value > static_cast<double>(spec.most)) {
    return ParsedOption{static_cast<double>(spec.most), true};
  }
  return ParsedOption{value};
}

Result<ParsedOption> parse_choice(const OptionSpec& spec, std::string_view text) {
  std::string_view word = text;
  if (spec.name.starts_with("character_set_")) word = charset_name(text);
  if (spec.name.starts_with("collation_") && text.starts_with("utf8_")) {
    return parse_choice(spec, "utf8mb3_" + std::string(text.substr(5)));
  }
  if (const auto at = find_word(spec.words, word)) return ParsedOption{uint64_t{*at}};
  // Choices have numbers, too: SET GLOBAL completion_type = 1.
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() &&
      number < count_words(spec.words)) {
    return ParsedOption{uint64_t{number}};
  }
  return wrong("one of " + std::string(spec.words), text);
}

Result<ParsedOption> parse_words(const OptionSpec& spec, std::string_view text) {
  uint64_t bits = 0;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    if (word.empty()) continue;
    const auto at = find_word(spec.words, word);
    if (!at) return wrong("words of " + std::string(spec.words), word);
    bits |= uint64_t{1} << *at;
  }
  return ParsedOption{bits};
}

// Modes that stand for several (MySQL manual 5.1.11, "Combination SQL Modes").
uint64_t with_components(const OptionSpec& spec, uint64_t bits) {
  const auto add = [&](std::string_view combined, std::string_view parts) {
    if ((bits >> *find_word(spec.words, combined) & 1) == 0) return;
    for (size_t i = 0; i < count_words(parts); ++i) {
      bits |= uint64_t{1} << *find_word(spec.words, word_at(parts, i));
    }
  };
  add("ANSI", "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY");
  add("TRADITIONAL",
      "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
  return bits;
}

std::string words_text(const OptionSpec& spec, uint64_t bits) {
  std::string text;
  for (size_t i = 0; i < count_words(spec.words); ++i) {
    if ((bits >> i & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += word_at(spec.words, i);
  }
  return text;
}

std::string real_text(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.6f", value);
  return buffer;
}

}  // namespace

Result<ParsedOption> number_option(const OptionSpec& spec, uint64_t number, bool negative) {
  switch (spec.kind) {
    case OptionKind::flag:
      if (negative || number > 1) return wrong("ON or OFF", std::to_string(number));
      return ParsedOption{number};
    case OptionKind::number:
      if (negative && number > 0) return ParsedOption{spec.least, true};
      return clipped_to(spec, number);
    case OptionKind::real: return parse_real(spec, (negative ? "-" : "") + std::to_string(number));
    case OptionKind::choice:
      if (negative || number >= count_words(spec.words)) {
        return wrong("one of " + std::string(spec.words), std::to_string(number));
      }
      return ParsedOption{number};
    case OptionKind::words:
      if (negative || number >> count_words(spec.words) != 0) {
        return wrong("words of " + std::string(spec.words), std::to_string(number));
      }
      return ParsedOption{with_components(spec, number)};
    case OptionKind::text: break;
  }
  return wrong("a text", std::to_string(number));
}

Result<ParsedOption> parse_option(const OptionSpec& spec, std::string_view text) {
  switch (spec.kind) {
    case OptionKind::flag: return parse_flag(text);
    case OptionKind::number: return parse_number(spec, text);
    case OptionKind::real: return parse_real(spec, text);
    case OptionKind::text: return ParsedOption{std::string(text)};
    case OptionKind::choice: return parse_choice(spec, text);
    case OptionKind::words: break;
  }
  ASSIGN_OR_RETURN(ParsedOption parsed, parse_words(spec, text));
  parsed.value = with_components(spec, std::get<uint64_t>(parsed.value));
  return parsed;
}

std::string option_text(const OptionSpec& spec, const OptionValue& value) {
  switch (spec.kind) {
    case OptionKind::flag: return std::get<uint64_t>(value) == 0 ? "OFF" : "ON";
    case OptionKind::number: return std::to_string(std::get<uint64_t>(value));
    case OptionKind::real: return real_text(std::get<double>(value));
    case OptionKind::text: return std::get<std::string>(value);
    case OptionKind::choice: return std::string(word_at(spec.words, std::get<uint64_t>(value)));
    case OptionKind::words: return words_text(spec, std::get<uint64_t>(value));
  }
  CHECK(false);
  return {};
}

std::string_view charset_name(std::string_view name) {
  return equals_ignoring_case(name, "utf8") ? "utf8mb3" : name;
}

std::string_view charset_of(std::string_view collation) {
  return collation.substr(0, collation.find('_'));
}

std::string_view default_collation(std::string_view charset) {
  if (charset == "utf8mb4") return "utf8mb4_general_ci";
  if (charset == "utf8mb3") return "utf8mb3_general_ci";
  if (charset == "latin1") return "latin1_general_ci";
  if (charset == "ascii") return "ascii_general_ci";
  return "binary";
}

}  // namespace aftersync::server
