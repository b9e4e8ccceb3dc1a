// Arguments of aftersync-sim that need more than CLI11's own checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace aftersync::faults::cli {

// Both included.
struct SeedRange {
  uint64_t first = 0;
  uint64_t last = 0;
};

// "7" or "1..2000". Code::invalid_argument.
[[nodiscard]] Result<SeedRange> parse_seeds(const std::string& text);

// Full names of planted bugs: "wal-kv-no-fsync" and "bug/wal-kv-no-fsync" are the same. An unknown
// name suggests the nearest.
[[nodiscard]] Result<std::vector<std::string>> resolve_bugs(const std::vector<std::string>& names);

// For the shell: in single quotes where needed.
[[nodiscard]] std::string quoted(const std::string& argument);

}  // namespace aftersync::faults::cli
