// The storage engine's crash safety, a fresh share of it each time: other seeds than yesterday's.
//
// All of it is `aftersync-sim points --seeds 1..15` and `aftersync-sim run --scenario storage-crash
// --seeds 1..20000`. What fails here says which of these commands shows it again.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

void expect_fresh_seeds_hold(const std::string& scenario, uint64_t seeds) {
  const uint64_t first = std::random_device()();
  std::printf("seeds %llu..%llu\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + seeds - 1));
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const auto outcome = run(expanded(scenario, seed));
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(outcome->violation, "") << "replay: build/release/bin/aftersync-sim run --scenario "
                                      << scenario << " --seed " << seed;
  }
}

TEST(CrashPoints, AFreshShareOfTheOperationsHolds) {
  expect_fresh_seeds_hold("storage-points", 60);
}

TEST(CrashPoints, FreshSeedsOfTheScenarioHold) { expect_fresh_seeds_hold("storage-crash", 25); }

// The operations of a world are the same with and without a fault, up to the fault.
TEST(CrashPoints, AStrikeFallsOnTheOperationThatWasCounted) {
  RunSpec spec = expanded("storage-points", 1);
  spec.parameters.set("fault", std::string("none"));
  spec.parameters.set("second_fault", std::string("none"));
  const auto counted = run(spec);
  ASSERT_TRUE(counted.ok());
  ASSERT_EQ(counted->violation, "");
  ASSERT_GT(counted->disk_operations.changes, 200u);
  ASSERT_GT(counted->disk_operations.growths, 10u);
  // At the last one there is, the server is killed once more than otherwise; behind it, never.
  spec.parameters.set("fault", std::string("kill"));
  for (const bool is_there : {true, false}) {
    const uint64_t at = counted->disk_operations.changes + (is_there ? 0 : 1);
    spec.parameters.set("at", static_cast<int64_t>(at));
    const auto struck = run(spec);
    ASSERT_TRUE(struck.ok());
    EXPECT_EQ(struck->violation, "");
    EXPECT_EQ(struck->result.digest == counted->result.digest, !is_there);
  }
}

}  // namespace
}  // namespace aftersync::faults
