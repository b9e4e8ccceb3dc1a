// Tasks: threads of control that belong to a Node.
//
// A thread on posix, a fiber in the simulator; code is written blocking and reads the same. Every
// task is joined by its owner before the Node ends, so nothing outlives what it uses.
//
// Shutdown is cooperative: request_shutdown() makes every interruptible wait of the node (sleep,
// accept, recv, send, connect) return Code::shutdown, now and from then on. Locks and CondVars are
// not interrupted: whoever waits there is woken by the object's owner.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "core/base/status.h"
#include "core/platform/time.h"

namespace aftersync {

class NodeState;
class TaskState;

// A running task. Must be joined before it is destroyed (CHECKed); an empty one need not.
class Task {
 public:
  Task() = default;
  explicit Task(TaskState* state) : state_(state) {}
  ~Task();
  Task(Task&& other) noexcept : state_(other.state_) { other.state_ = nullptr; }
  Task& operator=(Task&& other) noexcept;

  // Waits until the task's function has returned; then this is empty. Not by the task itself.
  void join();
  [[nodiscard]] bool joinable() const { return state_ != nullptr; }

 private:
  TaskState* state_ = nullptr;
};

class Tasks {
 public:
  explicit Tasks(NodeState& node) : node_(node) {}
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  // Starts `body`. `name` (at most 15 characters are shown) appears in traces and debuggers.
  // CHECK fails when the machine has no thread to give.
  [[nodiscard]] Task spawn(std::string name, std::function<void()> body);

  // Sleeps. Code::shutdown if shutdown was requested before the time came; never anything else.
  Status sleep_for(Duration duration);
  Status sleep_until(MonoTime deadline);

  // Lets others run. A scheduling point in the simulator.
  void yield();
  // To be called in each turn of a loop that waits for another task without blocking.
  void spin_hint();

  void request_shutdown();
  [[nodiscard]] bool shutdown_requested() const;

 private:
  NodeState& node_;
};

}  // namespace aftersync
