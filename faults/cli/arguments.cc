// Arguments: seeds, bugs, quoting.
#include "faults/cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/fault.h"

namespace aftersync::faults::cli {

namespace {

constexpr std::string_view kBugPrefix = "bug/";

std::optional<uint64_t> parse_whole(std::string_view text) {
  uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_./:=,+@%").find(c) != std::string_view::npos;
}

}  // namespace

Result<SeedRange> parse_seeds(const std::string& text) {
  const size_t dots = text.find("..");
  const auto first = parse_whole(std::string_view(text).substr(0, dots));
  const auto last =
      dots == std::string::npos ? first : parse_whole(std::string_view(text).substr(dots + 2));
  if (first && last && *first <= *last && *last < UINT64_MAX) return SeedRange{*first, *last};
  return Status(Code::invalid_argument,
                "'" + text + "' is no range of seeds: expected A..B with A <= B, as in 1..2000");
}

Result<std::vector<std::string>> resolve_bugs(const std::vector<std::string>& names) {
  std::vector<std::string> bugs;
  for (const std::string& name : names) {
    const std::string full = name.starts_with(kBugPrefix) ? name : std::string(kBugPrefix) + name;
    const Status known = check_fault_name(full);
    if (!known.ok()) {
      return Status(known.code(), known.code() == Code::unsupported
                                      ? std::string(known.message())
                                      : "--bug: " + std::string(known.message()));
    }
    if (std::find(bugs.begin(), bugs.end(), full) == bugs.end()) bugs.push_back(full);
  }
  return bugs;
}

std::string quoted(const std::string& argument) {
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), is_plain)) return argument;
  std::string text = "'";
  for (const char c : argument) {
    if (c == '\'') text += "'\\'";
    text += c;
  }
  return text + "'";
}

}  // namespace aftersync::faults::cli
