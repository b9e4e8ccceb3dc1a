// The demonstration scenarios, and that of a tree, find every bug planted in them within 500 seeds,
// find nothing without it, and what they found comes again to the last event.
#include <gtest/gtest.h>

#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

struct Planted {
  const char* scenario;
  const char* bug;
};

class PlantedBug : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, IsFoundAndComesAgain) {
  const auto& [scenario, bug] = GetParam();
  const Found found = first_violation(scenario, bug, 500);
  EXPECT_GT(found.outcome.bug_visits, 0u);
  const auto again = run(found.spec);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->violation, found.outcome.violation);
  EXPECT_EQ(again->result.digest, found.outcome.result.digest);
  EXPECT_EQ(again->result.steps, found.outcome.result.steps);

  RunSpec without = found.spec;
  without.bugs.clear();
  const auto held = run(without);
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held->violation, "");
}

INSTANTIATE_TEST_SUITE_P(Demonstration, PlantedBug,
                         testing::Values(Planted{"wal-kv", "bug/wal-kv-no-fsync"},
                                         Planted{"wal-kv", "bug/wal-kv-no-checksum"},
                                         Planted{"wal-kv", "bug/wal-kv-dir-not-synced"},
                                         Planted{"wal-kv", "bug/wal-kv-fsync-retry"},
                                         Planted{"lock-queue", "bug/lock-queue-missed-wakeup"},
                                         Planted{"lock-queue", "bug/lock-queue-early-unlock"},
                                         Planted{"req-ack", "bug/req-ack-before-durable"},
                                         Planted{"btree-race", "bug/root-split-race"},
                                         Planted{"btree-race", "bug/cursor-skips"}),
                         [](const testing::TestParamInfo<Planted>& param) {
                           std::string name = std::string(param.param.bug).substr(4);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

struct Campaign {
  const char* scenario;
  uint64_t seeds;
};

class Honest : public testing::TestWithParam<Campaign> {};

TEST_P(Honest, HoldsWithoutBugs) {
  for (uint64_t seed = 1; seed <= GetParam().seeds; ++seed) {
    const auto outcome = run(expanded(GetParam().scenario, seed));
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(outcome->violation, "") << "seed " << seed;
    ASSERT_GT(outcome->operations, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Demonstration, Honest,
                         testing::Values(Campaign{"wal-kv", 300}, Campaign{"lock-queue", 300},
                                         Campaign{"req-ack", 300}, Campaign{"btree-race", 100}),
                         [](const testing::TestParamInfo<Campaign>& param) {
                           std::string name = param.param.scenario;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace aftersync::faults
