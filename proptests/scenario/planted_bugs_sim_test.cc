// The demonstration scenarios find every bug planted in them within 500 seeds, find nothing without
// it, and what they found comes again to the last event.
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
                                         Planted{"req-ack", "bug/req-ack-before-durable"}),
                         [](const testing::TestParamInfo<Planted>& param) {
                           std::string name = std::string(param.param.bug).substr(4);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class Honest : public testing::TestWithParam<const char*> {};

TEST_P(Honest, HoldsWithoutBugs) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto outcome = run(expanded(GetParam(), seed));
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(outcome->violation, "") << "seed " << seed;
    ASSERT_GT(outcome->operations, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Demonstration, Honest, testing::Values("wal-kv", "lock-queue", "req-ack"),
                         [](const testing::TestParamInfo<const char*>& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace aftersync::faults
