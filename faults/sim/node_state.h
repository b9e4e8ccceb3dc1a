// NodeState: a simulated process, the other end of every handle that core holds.
//
// Lives from start to end of the process, owned by its Machine (host memory). Its heap is
// everything that code run by it has allocated.
#pragma once

#include <functional>
#include <vector>

#include "core/base/prng.h"
#include "core/platform/node.h"
#include "faults/sim/fiber.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"

namespace aftersync {

// What a Task handle points to; belongs to its process.
class TaskState {
 public:
  std::function<void()> body;
  bool done = false;
  sim::WaitQueue joiners;
};

class NodeState {
 public:
  NodeState(sim::World& world, sim::Machine& machine, bool is_server);
  ~NodeState();
  NodeState(const NodeState&) = delete;
  NodeState& operator=(const NodeState&) = delete;

  // This process's clocks, and back to world time.
  [[nodiscard]] MonoTime local_now() const;
  [[nodiscard]] WallTime local_wall() const;
  [[nodiscard]] MonoTime to_world(MonoTime local_deadline) const;

  // Wakes every interruptible wait with Wake::shutdown.
  void interrupt_all();

  sim::World& world;
  sim::Machine& machine;
  const bool is_server;
  const MonoTime started_at;  // world time
  const int32_t drift_ppm;
  Prng prng;
  sim::ProcessHeap heap;
  bool paused = false;
  bool shutdown_requested = false;
  TaskState main_task;
  std::vector<sim::Fiber*> fibers;  // alive, in order of spawning
  Node node;
};

namespace sim {

// The World, process and scheduler of the running fiber. CHECK: called on a fiber.
[[nodiscard]] Fiber& current_fiber();
[[nodiscard]] NodeState& current_process();

// What a new fiber runs: the body, then the waking of whoever joins it.
void run_task(TaskState& task);

}  // namespace sim
}  // namespace aftersync
