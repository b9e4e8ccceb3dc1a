// On the simulator: the body runs once for each of a few seeds, each another schedule. Hardware
// faults stay off.
#include <gtest/gtest.h>

#include "core/base/check.h"
#include "faults/sim/world.h"
#include "proptests/support/on_node.h"

namespace aftersync {

namespace {

constexpr uint64_t kSeeds = 20;

}  // namespace

void on_node(const std::function<void(Node&)>& body) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    sim::WorldOptions options;
    options.seed = seed;
    options.schedule = sim::ScheduleOptions::drawn_from(seed);
    sim::World world(options);
    world.start_harness(world.add_machine("node"), body);
    const sim::RunResult result = world.run();
    EXPECT_EQ(result.end, sim::RunEnd::completed) << "seed " << seed << ": " << result.violation;
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "with seed " << seed;
      return;
    }
  }
}

}  // namespace aftersync
