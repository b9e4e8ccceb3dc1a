// Replay files: a run with nothing left to be drawn, and what came of it.
//
// JSON. It holds the workload's parameters and the whole plan, not the scenario that they were
// drawn from, so that a file stays good when scenarios and drawing change. What it expects
// (violation, hash, events) says whether a replay saw the same thing.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/status.h"
#include "faults/runner.h"

namespace aftersync::faults {

struct Expectation {
  std::string violation;
  uint64_t digest = 0;
  uint64_t steps = 0;
};

struct Replay {
  RunSpec spec;
  Expectation expect;
  std::string commit;  // that it was written by; another one may run another way
};

[[nodiscard]] Expectation expectation_of(const RunOutcome& outcome);
[[nodiscard]] std::string replay_text(const RunSpec& spec, const Expectation& expect);
// Errors name `file` and the field, or the place where it is no JSON.
[[nodiscard]] Result<Replay> parse_replay(const std::string& text, const std::string& file);

[[nodiscard]] Result<Replay> load_replay(const std::string& file);

// "0x0123456789abcdef"
[[nodiscard]] std::string hex(uint64_t value);

}  // namespace aftersync::faults
