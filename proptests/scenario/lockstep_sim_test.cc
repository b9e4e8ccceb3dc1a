// The engine's transactions beside the model of isolation and locks: a hundred fresh schedules each
// time. All of it is `aftersync-sim run --scenario lockstep --seeds 1..2000`.
#include <gtest/gtest.h>

#include <random>

#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

TEST(Lockstep, FreshSeedsAgree) {
  constexpr uint64_t kSeeds = 10;
  const uint64_t first = std::random_device()();
  for (uint64_t seed = first; seed < first + kSeeds; ++seed) {
    const auto outcome = run(expanded("lockstep", seed));
    ASSERT_TRUE(outcome.ok());
    ASSERT_EQ(outcome->violation, "")
        << "replay: build/release/bin/aftersync-sim run --scenario lockstep --seed " << seed;
  }
}

}  // namespace
}  // namespace aftersync::faults
