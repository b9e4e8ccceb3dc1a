// Option files and the command line.
#include "core/server/option_sources.h"

#include <array>

#include "core/base/nearest.h"
#include "core/server/option_value.h"

namespace aftersync::server {

namespace {

constexpr size_t kMostIncludes = 10;  // inside each other
constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Without the comment that may follow a value: a # outside of quotes.
std::string_view without_comment(std::string_view line) {
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    if (quote != '\0') {
      if (line[i] == quote && line[i - 1] != '\\') quote = '\0';
    } else if (line[i] == '\'' || line[i] == '"') {
      quote = line[i];
    } else if (line[i] == '#') {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string unescaped(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
      text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    constexpr std::string_view kLetters = "ntrbs\\\"'";
    constexpr std::string_view kMeanings = "\n\t\r\b \\\"'";
    const size_t at = text[i] == '\\' && i + 1 < text.size() ? kLetters.find(text[i + 1])
                                                             : std::string_view::npos;
    plain += at == std::string_view::npos ? text[i] : kMeanings[at];
    if (at != std::string_view::npos) ++i;
  }
  return plain;
}

class FileReader {
 public:
  FileReader(ConfigFiles& files, std::string suffix, std::vector<Setting>& settings)
      : files_(files), suffix_(std::move(suffix)), settings_(settings) {}

  Status read(const std::string& path) {
    ASSIGN_OR_RETURN(const std::string text, files_.read(path));
    if (++depth_ > kMostIncludes) {
      return {Code::invalid_argument, path + ": files that include each other"};
    }
    bool ours = false;
    size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
      const size_t end = rest.find('\n');
      const std::string_view line = trimmed(rest.substr(0, end));
      rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
      const std::string origin = path + ":" + std::to_string(++number);
      RETURN_IF_ERROR(read_line(line, origin, ours));
    }
    --depth_;
    return {};
  }

 private:
  Status read_line(std::string_view line, const std::string& origin, bool& ours) {
    if (line.empty() || line[0] == '#' || line[0] == ';') return {};
    if (line.starts_with("!includedir")) return include_all(trimmed(line.substr(11)));
    if (line.starts_with("!include")) {
      return read(std::string(trimmed(line.substr(8)))).in(origin);
    }
    if (line[0] == '[') {
      const size_t end = line.find(']');
      if (end == std::string_view::npos) {
        return {Code::invalid_argument, origin + ": a group without ]"};
      }
      ours = is_ours(trimmed(line.substr(1, end - 1)));
      return {};
    }
    if (!ours) return {};
    line = trimmed(without_comment(line));
    const size_t equals = line.find('=');
    Setting setting;
    setting.name = trimmed(line.substr(0, equals));
    if (equals != std::string_view::npos)
      setting.value = unescaped(trimmed(line.substr(equals + 1)));
    setting.origin = origin;
    settings_.push_back(std::move(setting));
    return {};
  }

  Status include_all(std::string_view directory) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.list(std::string(directory)));
    for (const std::string& name : names) {
      if (name.ends_with(".cnf")) RETURN_IF_ERROR(read(std::string(directory) + "/" + name));
    }
    return {};
  }

  [[nodiscard]] bool is_ours(std::string_view group) const {
    for (const std::string_view name : {"mysqld", "mysqld-8.0", "server", "aftersyncd"}) {
      if (group == name) return true;
      if (!suffix_.empty() && group == std::string(name) + suffix_) return true;
    }
    return false;
  }

  ConfigFiles& files_;
  const std::string suffix_;
  std::vector<Setting>& settings_;
  size_t depth_ = 0;
};

// What the options that come first say about files.
struct FileChoice {
  std::optional<std::string> only;
  std::optional<std::string> extra;
  std::string suffix;
  bool none = false;
  bool print = false;
};

size_t take_file_choice(std::span<const std::string> arguments, FileChoice& choice) {
  size_t taken = 0;
  for (; taken < arguments.size(); ++taken) {
    const std::string_view argument = arguments[taken];
    const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
      if (!argument.starts_with(name)) return std::nullopt;
      return std::string(argument.substr(name.size()));
    };
    if (argument == "--no-defaults") {
      choice.none = true;
    } else if (argument == "--print-defaults") {
      choice.print = true;
    } else if (auto only = value_of("--defaults-file=")) {
      choice.only = std::move(only);
    } else if (auto extra = value_of("--defaults-extra-file=")) {
      choice.extra = std::move(extra);
    } else if (auto suffix = value_of("--defaults-group-suffix=")) {
      choice.suffix = *std::move(suffix);
    } else {
      break;
    }
  }
  return taken;
}

Status read_files(ConfigFiles& files, const FileChoice& choice, std::vector<Setting>& settings) {
  FileReader reader(files, choice.suffix, settings);
  if (choice.only) return reader.read(*choice.only);
  if (!choice.none) {
    for (const char* path : {"/etc/my.cnf", "/etc/mysql/my.cnf"}) {
      const Status status = reader.read(path);
      if (!status.ok() && status.code() != Code::not_found) return status;
    }
  }
  if (choice.extra) RETURN_IF_ERROR(reader.read(*choice.extra));
  if (!choice.none && !files.home().empty()) {
    const Status status = reader.read(files.home() + "/.my.cnf");
    if (!status.ok() && status.code() != Code::not_found) return status;
  }
  return {};
}

struct ShortOption {
  char letter;
  std::string_view name;
};

constexpr ShortOption kShortOptions[] = {{'P', "port"},    {'h', "datadir"}, {'u', "user"},
                                         {'b', "basedir"}, {'v', "verbose"}, {'?', "help"}};

// "-P3306" as "port=3306", "-v" as "verbose"; nothing for a letter that is none.
std::optional<std::string> long_form(std::string_view argument) {
  for (const ShortOption& option : kShortOptions) {
    if (argument[1] != option.letter) continue;
    std::string text(option.name);
    if (argument.size() > 2) text.append("=").append(argument.substr(2));
    return text;
  }
  return std::nullopt;
}

bool needs_value(std::string_view name) {
  const std::optional<Option> option = find_option(name);
  return option && spec_of(*option).kind != OptionKind::flag;
}

Status read_arguments(std::span<const std::string> arguments, std::vector<Setting>& settings) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    std::optional<std::string> text;
    if (argument.starts_with("--")) {
      text = argument.substr(2);
    } else if (argument.size() >= 2 && argument[0] == '-') {
      text = long_form(argument);
    }
    if (!text) return {Code::invalid_argument, "command line: what is '" + argument + "'?"};
    const size_t equals = text->find('=');
    Setting setting{text->substr(0, equals), std::nullopt, "command line"};
    if (equals != std::string::npos) {
      setting.value = text->substr(equals + 1);
    } else if (needs_value(setting.name) && i + 1 < arguments.size()) {
      setting.value = arguments[++i];
    }
    settings.push_back(std::move(setting));
  }
  return {};
}

// The option that a name means, and what its prefix says.
struct Meaning {
  std::optional<Option> option;
  std::optional<bool> flag;  // of skip-, disable-, enable-
  bool loose = false;
};

Meaning meaning_of(std::string_view written) {
  Meaning meaning;
  std::string name = canonical_option_name(written);
  if (name.starts_with("loose_")) {
    meaning.loose = true;
    name = name.substr(6);
  }
  meaning.option = find_option(name);
  struct Prefix {
    std::string_view text;
    bool flag;
  };
  for (const Prefix prefix : {Prefix{"skip_", false}, {"disable_", false}, {"enable_", true}}) {
    if (meaning.option || !name.starts_with(prefix.text)) continue;
    const auto option = find_option(name.substr(prefix.text.size()));
    if (!option || spec_of(*option).kind != OptionKind::flag) continue;
    meaning.option = option;
    meaning.flag = prefix.flag;
  }
  if (meaning.option && !spec_of(*meaning.option).at_start()) meaning.option.reset();
  return meaning;
}

Status unknown(const Setting& setting) {
  std::vector<std::string_view> known;
  for (const OptionSpec& spec : option_specs()) {
    if (spec.at_start()) known.push_back(spec.name);
  }
  return {Code::invalid_argument, setting.origin + ": unknown option '" + setting.name + "'" +
                                      did_you_mean(canonical_option_name(setting.name), known)};
}

Result<ParsedOption> value_of(const Setting& setting, const Meaning& meaning) {
  const OptionSpec& spec = spec_of(*meaning.option);
  if (spec.kind == OptionKind::flag && (meaning.flag || !setting.value)) {
    const bool on = !setting.value || setting.value == "1";
    return ParsedOption{uint64_t{on == meaning.flag.value_or(true)}};
  }
  if (!setting.value) return {Code::invalid_argument, "needs a value"};
  return parse_option(spec, *setting.value);
}

}  // namespace

Result<StartOptions> read_start_options(ConfigFiles& files,
                                        std::span<const std::string> arguments) {
  StartOptions options;
  FileChoice choice;
  const size_t taken = take_file_choice(arguments, choice);
  options.print_defaults = choice.print;
  RETURN_IF_ERROR(read_files(files, choice, options.settings));
  RETURN_IF_ERROR(read_arguments(arguments.subspan(taken), options.settings));
  return options;
}

Result<std::vector<std::string>> apply_settings(std::span<const Setting> settings,
                                                GlobalVariables& variables) {
  std::vector<std::string> warnings;
  for (const Setting& setting : settings) {
    const Meaning meaning = meaning_of(setting.name);
    if (!meaning.option) {
      if (!meaning.loose) return unknown(setting);
      warnings.push_back(setting.origin + ": unknown option '" + setting.name + "' is left out");
      continue;
    }
    const OptionSpec& spec = spec_of(*meaning.option);
    auto parsed = value_of(setting, meaning);
    if (!parsed.ok()) {
      return Status(Code::invalid_argument, setting.origin + ": option '" + setting.name + "' " +
                                                std::string(parsed.status().message()));
    }
    if (parsed->clipped) {
      warnings.push_back(setting.origin + ": option '" + setting.name +
                         "': " + setting.value.value_or("") + " adjusted to " +
                         option_text(spec, parsed->value));
    }
    variables.set(*meaning.option, parsed->value);
  }
  return warnings;
}

}  // namespace aftersync::server
