// Campaign: a scenario over a range of seeds, summed up in the order of the seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/cli/console.h"
#include "faults/cli/workers.h"
#include "faults/runner.h"

namespace aftersync::faults::cli {

struct CampaignOptions {
  SeedRange seeds;
  std::vector<std::string> bugs;
  uint32_t jobs = 1;
  bool twice = false;  // each seed, to compare hashes
  bool keep_going = false;
  double deadline_s = 0;  // on the console's clock; 0: none
};

struct CampaignResult {
  uint64_t tried = 0;
  uint64_t violated = 0;
  uint64_t events = 0;
  uint64_t operations = 0;
  uint64_t digest = 0;  // of all seeds and their hashes
  int64_t virtual_ns = 0;
  std::optional<SeedReport> first_violation;
  ProbeVisits probes;
  bool out_of_time = false;
};

// Hands over each seed's report in order of the seeds.
[[nodiscard]] Result<CampaignResult> run_campaign(
    const Scenario& scenario, const CampaignOptions& options, const Console& console,
    const std::function<void(const SeedReport&)>& each);

// Runs once, or twice and compares: a run that differs from itself is a violation.
[[nodiscard]] Result<RunOutcome> run_checked(const RunSpec& spec, bool twice);

}  // namespace aftersync::faults::cli
