// The rule for paths that are handed to Disk.
#pragma once

#include <string_view>

#include "core/base/status.h"

namespace aftersync::posix {

// Code::invalid_argument or too_large for a path that could lead out of the data directory or that
// is longer than limits::kMaxPathBytes. Symbolic links are the administrator's business: followed.
[[nodiscard]] Status check_path(std::string_view operation, std::string_view path);

}  // namespace aftersync::posix
