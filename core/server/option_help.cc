// Help, made from the options table.
#include "core/server/option_help.h"

#include <algorithm>

namespace aftersync::server {

namespace {

constexpr std::string_view kUsage =
    "aftersyncd: the database server, speaking MySQL\n"
    "\n"
    "Usage: aftersyncd [--defaults-file=FILE | --no-defaults] --datadir=DIRECTORY [OPTIONS]\n"
    "\n"
    "A data directory that is empty is made ready at the first start. The password of\n"
    "root@localhost is written to the error log then; --initialize-insecure makes a root without\n"
    "one, and exits. SIGTERM ends the server in good order.\n"
    "\n"
    "Options are those of mysqld, on the command line and in the groups [mysqld], [mysqld-8.0],\n"
    "[server] and [aftersyncd] of option files. These come first:\n"
    "  --defaults-file=FILE          read this file only\n"
    "  --defaults-extra-file=FILE    read this file, too\n"
    "  --no-defaults                 read no file\n"
    "  --print-defaults              say what is set, and exit\n"
    "  --defaults-group-suffix=TEXT  read the groups with this suffix, too\n"
    "Short forms: -P port, -h datadir, -u user, -b basedir, -v verbose, -? help, -V version.\n";

std::string_view values_text(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::flag: return "ON or OFF";
    case OptionKind::number: return "number";
    case OptionKind::real: return "number";
    case OptionKind::text: return "text";
    default: return spec.words;
  }
}

std::string_view place_text(const OptionSpec& spec) {
  switch (spec.place) {
    case OptionPlace::start_only: return "at start only";
    case OptionPlace::fixed: return "global, read only";
    case OptionPlace::global: return "global";
    case OptionPlace::both: return "global and session";
    case OptionPlace::session_only: return "session";
    case OptionPlace::report: return "global, tells only";
    case OptionPlace::session_report: return "session, tells only";
  }
  return "";
}

std::string option_lines(const OptionSpec& spec) {
  std::string name(spec.name);
  std::ranges::replace(name, '_', '-');
  std::string text = (spec.at_start() ? "  --" + name : "  " + std::string(spec.name)) + "\n";
  text.append("      ").append(spec.help);
  if (spec.effect == OptionEffect::inert) text += " (accepted, without influence)";
  text.append("\n      ").append(place_text(spec)).append("; ").append(values_text(spec));
  if (spec.kind == OptionKind::number) {
    text += " from " + std::to_string(spec.least) + " to " + std::to_string(spec.most);
  }
  if (!spec.initial.empty()) text.append("; ").append(spec.initial);
  return text + "\n";
}

}  // namespace

std::string usage_text(bool verbose) {
  std::string text(kUsage);
  if (!verbose) return text + "\nAll options: aftersyncd --verbose --help\n";
  text += "\nOptions and variables: what they do; where they can be set; values; default\n";
  for (const OptionSpec& spec : option_specs()) text += option_lines(spec);
  return text;
}

std::string settings_text(std::span<const Setting> settings) {
  std::string text = "aftersyncd would have been started with the following arguments:\n";
  for (const Setting& setting : settings) {
    text += "--" + setting.name;
    if (setting.value) text += "=" + *setting.value;
    text += ' ';
  }
  return text + "\n";
}

}  // namespace aftersync::server
