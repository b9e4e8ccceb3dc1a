// A compiled-in scenario's run for a seed, for tests.
#pragma once

#include <string>
#include <vector>

#include "faults/runner.h"

namespace aftersync::faults {

inline RunSpec expanded(const std::string& scenario, uint64_t seed,
                        std::vector<std::string> bugs = {}) {
  const auto loaded = load_scenario(scenario);
  CHECK_OK(loaded);
  auto spec = expand(*loaded, seed, std::move(bugs));
  CHECK_OK(spec);
  return std::move(spec).value();
}

// The first of `seeds` seeds that violates, with what it did; CHECK: there is one.
struct Found {
  RunSpec spec;
  RunOutcome outcome;
};
inline Found first_violation(const std::string& scenario, const std::string& bug, uint64_t seeds) {
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    RunSpec spec = expanded(scenario, seed, {bug});
    auto outcome = run(spec);
    CHECK_OK(outcome);
    if (!outcome->held()) return {std::move(spec), std::move(outcome).value()};
  }
  CHECK(false);
  return {};
}

}  // namespace aftersync::faults
