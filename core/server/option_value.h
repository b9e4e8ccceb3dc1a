// What an option holds, and how text becomes it.
//
// In memory a number, a real or a text. As SHOW VARIABLES prints it: ON and OFF, digits, the words
// of a choice, the words of a set with commas. As SELECT @@name yields it: flags are 0 and 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/status.h"
#include "core/server/option_spec.h"

namespace aftersync::server {

// Flags and numbers themselves, of a choice the place of its word, of words a bit for each;
// double: a real; string: a text.
using OptionValue = std::variant<uint64_t, double, std::string>;

struct ParsedOption {
  OptionValue value;
  bool clipped = false;  // it was outside the range, and is now the nearest end of it
};

// From text, as it stands in my.cnf or between quotes in SET. Code::invalid_argument, saying what
// would have been right, for what cannot be a value.
[[nodiscard]] Result<ParsedOption> parse_option(const OptionSpec& spec, std::string_view text);
// A number given as one: SET x = 5. `negative`: below zero.
[[nodiscard]] Result<ParsedOption> number_option(const OptionSpec& spec, uint64_t number,
                                                 bool negative);
[[nodiscard]] std::string option_text(const OptionSpec& spec, const OptionValue& value);

// Other names of character sets and collations: utf8 is utf8mb3.
[[nodiscard]] std::string_view charset_name(std::string_view name);
// The character set that a collation belongs to, and a character set's default collation.
[[nodiscard]] std::string_view charset_of(std::string_view collation);
[[nodiscard]] std::string_view default_collation(std::string_view charset);

}  // namespace aftersync::server
