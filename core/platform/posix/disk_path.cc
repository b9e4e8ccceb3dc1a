// The rule for paths that are handed to Disk.
#include "core/platform/posix/disk_path.h"

#include <string>

#include "core/base/limits.h"

namespace aftersync::posix {

namespace {

bool is_plain_component(std::string_view component) {
  return !component.empty() && component != "." && component != "..";
}

bool is_plain(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    if (!is_plain_component(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Status check_path(std::string_view operation, std::string_view path) {
  if (path.size() > limits::kMaxPathBytes) {
    return {Code::too_large, std::string(operation) + ": a path of " + std::to_string(path.size()) +
                                 " bytes; the limit is " + std::to_string(limits::kMaxPathBytes)};
  }
  if (!is_plain(path) || path.find('\0') != std::string_view::npos) {
    return {Code::invalid_argument, std::string(operation) + " '" + std::string(path) +
                                        "': not a plain path below the data directory"};
  }
  return {};
}

}  // namespace aftersync::posix
