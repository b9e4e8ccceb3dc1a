// The ground on which the platform's contracts are tested.
//
// core/platform promises; core/platform/posix and faults/sim must keep the very same promises, or
// what is found in the one says nothing about the other. So there is one suite, and this header is
// all it knows of where it runs. contract_harness_posix.cc runs a body once, on a real node in a
// temporary directory; contract_harness_sim.cc runs it for a number of seeds, each another
// schedule. Suites of the engine need less: proptests/support/on_node.h.
//
// Rules for a body
//   - It may use EXPECT_* and ASSERT_* (ASSERT_* leaves the function it stands in, no more).
//   - It joins every task it spawns, and leaves nothing open when it returns.
//   - It waits on conditions, with deadlines that only a hang can reach: no result depends on how
//     fast anything is.
//   - It may run many times in one process: no state outside the body.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "proptests/support/on_node.h"

namespace aftersync {

using NodeBody = std::function<void(Node&)>;

// Runs `body` as the main task of a fresh node with an empty data directory.
void run_on_node(const NodeBody& body);

// The same with one node for each body, side by side and able to reach each other.
void run_on_nodes(const std::vector<NodeBody>& bodies);

// The host name under which node `index` of the run (its position in `bodies`) listens.
[[nodiscard]] std::string host_of_node(size_t index);

// Longer than anything that works can take.
inline constexpr Duration kLong = 100s;
// Long enough for others to do something wrong in, in simulated time at least.
inline constexpr Duration kShort = 5ms;

[[nodiscard]] inline MonoTime in_a_long_time(Node& node) { return node.clock().now() + kLong; }

// Waits until `condition` holds; false when it does not within kLong.
[[nodiscard]] inline bool eventually(Node& node, const std::function<bool()>& condition) {
  const MonoTime deadline = in_a_long_time(node);
  while (!condition()) {
    if (node.clock().now() > deadline) return false;
    (void)node.tasks().sleep_for(100us);
  }
  return true;
}

}  // namespace aftersync
