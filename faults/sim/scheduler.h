// Scheduler: runs the fibers of one World on one OS thread, under virtual time.
//
// Two kinds of stack. Fibers run the simulated processes. The *driver* (the stack that called
// drive()) fires timers, delivers what the network holds, starts and kills processes, and regains
// control whenever one of those is due. Fibers switch directly to one another in between.
//
// Every platform call passes point(). It advances virtual time by a small cost, so that a loop that
// polls the clock ends, and asks the SchedulePolicy who goes on. When no fiber is ready, time jumps
// to the next timer: an idle cluster costs nothing.
//
// Invariant: with the same seed and options the sequence of (step, fiber) is the same to the last
// step; digest() proves it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/platform/time.h"
#include "faults/sim/fiber.h"
#include "faults/sim/schedule_policy.h"
#include "faults/sim/timer_queue.h"

namespace aftersync::sim {

class Scheduler {
 public:
  // Virtual time that passing a scheduling point takes.
  static constexpr Duration kStepCost = 1us;

  Scheduler(uint64_t seed, const ScheduleOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  [[nodiscard]] MonoTime now() const { return now_; }
  [[nodiscard]] uint64_t steps() const { return steps_; }
  [[nodiscard]] uint64_t switches() const { return switches_; }
  // The running fiber; null on the driver.
  [[nodiscard]] Fiber* current() const { return current_; }
  [[nodiscard]] TimerQueue& timers() { return timers_; }
  // Timers whose "times" are step numbers: step_time(n).
  [[nodiscard]] TimerQueue& step_alarms() { return step_alarms_; }
  [[nodiscard]] static MonoTime step_time(uint64_t step) {
    return MonoTime(Duration(static_cast<int64_t>(step)));
  }
  [[nodiscard]] Digest& digest() { return digest_; }

  // --- called on a fiber ---

  // A scheduling point: others may run before it returns. No-op on the driver.
  void point();
  // Blocks the running fiber until wake() or until `deadline` of world time. It leaves `queue` (may
  // be null) by itself when woken otherwise. Interruptible waits also end by interrupt().
  Wake block(WaitQueue* queue, MonoTime deadline, bool interruptible, const char* what);
  // Leaves the running fiber for good: the driver destroys it.
  [[noreturn]] void finish_current();
  // Leaves the running fiber for good, as it stands; `on_driver` runs next (it will kill the
  // process).
  [[noreturn]] void abandon_current(void (*on_driver)(void*), void* argument);

  // --- called anywhere ---

  Fiber& spawn(NodeState& process, TaskState& task, std::string name);
  void wake(Fiber& fiber, Wake reason = Wake::notified);
  // Destroys a fiber that is not running; its stack is dropped, not unwound.
  void discard(Fiber& fiber);
  // Takes a process's ready fibers off the ready list, and puts them back.
  void hold(Fiber& fiber);
  void release(Fiber& fiber);
  // Makes drive() return at the next step.
  void stop() { stop_ = true; }

  // --- called on the driver ---

  enum class End : uint8_t { stopped, deadlock, out_of_time, out_of_steps };
  // Runs until stop(), or nothing can run any more, or a limit is reached.
  End drive(MonoTime until, uint64_t max_steps);

  // The fibers that are blocked, for a deadlock report: "n1/purge on mutex".
  [[nodiscard]] std::string describe_blocked() const;

 private:
  static void enter(boost::context::detail::transfer_t transfer);
  void add_ready(Fiber& fiber);
  void remove_ready(Fiber& fiber);
  void count_step();
  [[nodiscard]] bool driver_is_due() const;
  void leave_current();
  // Saves the running side, runs `next` (null: the driver), returns when somebody switches back.
  void switch_to(Fiber* next, bool for_good = false);
  void arrive(boost::context::detail::transfer_t transfer);
  void run_what_was_left();
  void destroy(Fiber& fiber);

  SchedulePolicy policy_;
  TimerQueue timers_;
  TimerQueue step_alarms_;  // "times" are step numbers
  Digest digest_;
  MonoTime now_{};
  MonoTime until_ = kNever;
  uint64_t steps_ = 0;
  uint64_t max_steps_ = UINT64_MAX;
  uint64_t switches_ = 0;
  uint64_t next_fiber_id_ = 1;
  bool stop_ = false;

  Fiber* current_ = nullptr;
  std::vector<Fiber*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;  // in order of spawning

  // The driver's side while a fiber runs.
  struct DriverState {
    boost::context::detail::fcontext_t context = nullptr;
    void* exception_state[2] = {};
    ProcessHeap* heap = nullptr;
    void* sanitizer_stack = nullptr;
    const void* stack_low = nullptr;
    size_t stack_bytes = 0;
  };
  DriverState driver_;

  // What a fiber that left for good asks of the driver.
  Fiber* finished_ = nullptr;
  void (*on_driver_)(void*) = nullptr;
  void* on_driver_argument_ = nullptr;
};

}  // namespace aftersync::sim
