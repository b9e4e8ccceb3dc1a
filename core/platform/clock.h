// Clock: the only way to learn the time.
//
// What a simulated fault may do: the wall clock jumps either way and drifts; the monotonic clock
// drifts (rates differ between machines by up to the scenario's limit) and stands still while the
// process is paused by less than one scheduling point, but never goes back.
#pragma once

#include "core/platform/time.h"

namespace aftersync {

class NodeState;

class Clock {
 public:
  explicit Clock(NodeState& node) : node_(node) {}
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  // Nanoseconds; never less than an earlier answer in this process. Any task; does not block.
  [[nodiscard]] MonoTime now();
  // Nanoseconds since 1970; may be less than an earlier answer.
  [[nodiscard]] WallTime wall_now();

 private:
  NodeState& node_;
};

}  // namespace aftersync
