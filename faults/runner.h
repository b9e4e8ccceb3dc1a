// Runner: carries out one run and says whether everything held.
//
// A RunSpec is everything that decides a run, with nothing left to be drawn: what a replay file
// holds and what a minimiser edits. The same RunSpec gives the same RunOutcome, to the digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "faults/plan/plan.h"
#include "faults/scenario.h"
#include "faults/sim/disk_strike.h"
#include "faults/sim/world.h"

namespace aftersync::faults {

struct RunSpec {
  std::string scenario;  // whence it came, for messages
  const WorkloadType* workload = nullptr;
  uint64_t seed = 0;
  Parameters parameters;
  std::vector<std::string> bugs;  // full names of fault points
  Duration virtual_time_limit{0};
  uint64_t step_limit = 0;
  Plan plan;
};

struct RunOutcome {
  std::string violation;  // empty: all held
  sim::RunResult result;
  uint64_t operations = 0;
  uint64_t crashes = 0;             // servers that stopped themselves
  uint64_t bug_visits = 0;          // how often a planted bug or fault point acted
  sim::DiskCounts disk_operations;  // of all machines
  std::vector<std::string> trace;

  [[nodiscard]] bool held() const { return violation.empty(); }
};

// What `seed` expands to. `bugs` are full names. Code::invalid_argument when the limits do not fit
// the machines that the drawn parameters ask for.
[[nodiscard]] Result<RunSpec> expand(const Scenario& scenario, uint64_t seed,
                                     std::vector<std::string> bugs = {});

// Runs it. Code::invalid_argument when the plan names machines or fault points that do not exist
// (an edited replay file).
[[nodiscard]] Result<RunOutcome> run(const RunSpec& spec, bool keep_trace = false);

// What two violations must share to count as the same: the constant text before the first ':' of
// "KIND: details", or the place of a failed CHECK.
[[nodiscard]] std::string violation_kind(std::string_view violation);

}  // namespace aftersync::faults
