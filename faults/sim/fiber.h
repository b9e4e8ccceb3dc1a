// Fiber: one simulated thread, and the queue it waits in.
//
// Switching uses Boost.Context's fcontext primitives rather than boost::context::fiber, because a
// fiber of a killed process must be dropped without unwinding its stack: nothing of a killed
// process runs again (see heap.h). Fibers belong to the host; what they run belongs to their
// process.
//
// The exception state that the C++ runtime keeps for each OS thread is saved and restored at each
// switch, so that a fiber may be switched away from inside a catch block.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstdint>
#include <string>

#include "faults/sim/stack_pool.h"
#include "faults/sim/timer_queue.h"

namespace aftersync {
class NodeState;
class TaskState;
}  // namespace aftersync

namespace aftersync::sim {

class Fiber;
class ProcessHeap;
class Scheduler;

enum class Wake : uint8_t { notified, timed_out, shutdown };

// Fibers blocked on one thing, oldest first. Eight bytes and all zero when empty, since it lives in
// the LockState of every Mutex: it holds the last of a circular list.
class WaitQueue {
 public:
  [[nodiscard]] bool empty() const { return last_ == nullptr; }
  void push(Fiber& fiber);
  void remove(Fiber& fiber);
  // The `n`-th oldest; n < size().
  [[nodiscard]] Fiber& at(size_t n) const;
  [[nodiscard]] size_t size() const;

 private:
  Fiber* last_ = nullptr;
};

class Fiber {
 public:
  Fiber(Scheduler& scheduler, NodeState& process, TaskState& task, uint64_t id, std::string name);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // "n1/purge": where it runs and what it is.
  [[nodiscard]] std::string label() const;

  Scheduler& scheduler;
  NodeState& process;
  TaskState& task;
  const uint64_t id;  // in order of spawning, unique within a World
  const std::string name;
  uint64_t priority = 0;

  // Where it stands. Exactly one of: running, in the ready list (or held while its process is
  // paused), or blocked.
  enum class State : uint8_t { ready, held, running, blocked, finished };
  State state = State::blocked;
  size_t ready_slot = 0;
  WaitQueue* waits_in = nullptr;
  Fiber* next_in_queue = nullptr;
  const char* blocked_on = nullptr;  // "mutex", "condition", ...: for reports of deadlocks
  bool interruptible = false;
  Wake wake = Wake::notified;

  class Timeout final : public Timer {
   public:
    explicit Timeout(Fiber& fiber) : fiber_(fiber) {}
    void fire() override;

   private:
    Fiber& fiber_;
  };
  Timeout timeout{*this};

  // Saved while switched away.
  ProcessHeap* heap;  // null: the host's
  boost::context::detail::fcontext_t context = nullptr;
  FiberStack stack;
  void* exception_state[2] = {};
  void* sanitizer_stack = nullptr;
};

}  // namespace aftersync::sim
