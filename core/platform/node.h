// Node: one process as the engine sees it, and everything it may ask of the outside.
//
// The real process has one; a simulation has as many as its cluster. It is made by the platform
// (posix::NodeOptions, sim::World), handed down at construction, and outlives everything built on
// it. Code that was not handed a Node cannot tell the time, open a file or reach a peer: that is
// what makes the same object files run for real and in the simulator.
#pragma once

#include <string_view>

#include "core/platform/clock.h"
#include "core/platform/disk.h"
#include "core/platform/error_log.h"
#include "core/platform/net.h"
#include "core/platform/rng.h"
#include "core/platform/tasks.h"

namespace aftersync {

class NodeState;

// Thread safety: all members may be used from any task of this node at once.
class Node {
 public:
  explicit Node(NodeState& state);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] Tasks& tasks() { return tasks_; }
  [[nodiscard]] Disk& disk() { return disk_; }
  [[nodiscard]] Net& net() { return net_; }
  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] ErrorLog& error_log() { return error_log_; }

  // Stops the process at once, running nothing more, after writing `reason` to the error log. The
  // right answer to a failed sync and to corruption of what cannot be done without: a restart
  // recovers from what is durable, going on would not. The simulator counts it as a crash that the
  // scenario must have permitted.
  [[noreturn]] void crash(std::string_view reason);

 private:
  NodeState& state_;
  Clock clock_;
  Tasks tasks_;
  Disk disk_;
  Net net_;
  Rng rng_;
  ErrorLog error_log_;
};

}  // namespace aftersync
