// Contract tests on the simulator: each node is a process on a machine of its own, and each seed is
// another schedule, with other latencies and other short receives. Hardware faults stay off: what
// they do is no promise of the contracts, but the simulator's own business.
#include <gtest/gtest.h>

#include "core/base/check.h"
#include "faults/sim/world.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {

namespace {

constexpr uint64_t kSeeds = 20;

sim::RunResult run(uint64_t seed, const std::vector<NodeBody>& bodies) {
  sim::WorldOptions options;
  options.seed = seed;
  options.schedule = sim::ScheduleOptions::drawn_from(seed);
  sim::World world(options);
  for (size_t i = 0; i < bodies.size(); ++i) {
    world.start_harness(world.add_machine(host_of_node(i)), bodies[i]);
  }
  return world.run();
}

}  // namespace

void run_on_node(const NodeBody& body) { run_on_nodes({body}); }

void run_on_nodes(const std::vector<NodeBody>& bodies) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const sim::RunResult result = run(seed, bodies);
    EXPECT_EQ(result.end, sim::RunEnd::completed) << "seed " << seed << ": " << result.violation;
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << "with seed " << seed;
      return;
    }
  }
}

std::string host_of_node(size_t index) { return "node" + std::to_string(index); }

}  // namespace aftersync
