// SeedReport: what came of one seed, as a line of JSON.
//
// The same line goes from a worker process to its parent and, with --json, to the user.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "faults/runner.h"

namespace aftersync::faults::cli {

struct SeedReport {
  std::string scenario;
  std::vector<std::string> bugs;
  uint64_t seed = 0;
  std::string violation;  // empty: all held
  uint64_t digest = 0;
  uint64_t events = 0;  // scheduling points
  uint64_t switches = 0;
  uint64_t operations = 0;
  uint64_t crashes = 0;
  uint64_t bug_visits = 0;
  int64_t virtual_ns = 0;

  [[nodiscard]] bool held() const { return violation.empty(); }
};

[[nodiscard]] SeedReport report_of(const RunSpec& spec, const RunOutcome& outcome);
// Without a line end.
[[nodiscard]] std::string to_line(const SeedReport& report);
[[nodiscard]] Result<SeedReport> parse_line(std::string_view line);

// "hash 0x..., 1234 events, 60 operations, 3.210 s of virtual time"
[[nodiscard]] std::string in_words(const SeedReport& report);

}  // namespace aftersync::faults::cli
