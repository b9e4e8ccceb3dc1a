// Scheduler: the ready list, the switch, and the driver's loop.
#include "faults/sim/scheduler.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "faults/sim/heap.h"
#include "faults/sim/node_state.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace aftersync::sim {

namespace {

namespace context = boost::context::detail;

// Travels with a jump. Lives on the stack that jumps; read at once on arrival.
struct Jump {
  Scheduler* scheduler;
  context::fcontext_t* save_to;  // where the context jumped from is kept; null: left for good
};

// The C++ runtime's exception state of this OS thread: a pointer and a counter.
void swap_exception_state(void* (&save)[2], void* const (&load)[2]) {
  void* globals = abi::__cxa_get_globals();
  std::memcpy(save, globals, sizeof save);
  std::memcpy(globals, load, sizeof load);
}

}  // namespace

Scheduler::Scheduler(uint64_t seed, const ScheduleOptions& options) : policy_(seed, options) {}

Scheduler::~Scheduler() { CHECK(fibers_.empty()); }

void Scheduler::count_step() {
  ++steps_;
  now_ += kStepCost;
}

bool Scheduler::driver_is_due() const {
  return stop_ || now_ >= timers_.next_at() || now_ >= until_ || steps_ >= max_steps_ ||
         step_time(steps_) >= step_alarms_.next_at();
}

void Scheduler::add_ready(Fiber& fiber) {
  const HostScope host;
  fiber.state = Fiber::State::ready;
  fiber.ready_slot = ready_.size();
  ready_.push_back(&fiber);
}

void Scheduler::remove_ready(Fiber& fiber) {
  CHECK(ready_[fiber.ready_slot] == &fiber);
  ready_[fiber.ready_slot] = ready_.back();
  ready_[fiber.ready_slot]->ready_slot = fiber.ready_slot;
  ready_.pop_back();
}

void Scheduler::point() {
  if (current_ == nullptr) return;
  count_step();
  if (driver_is_due()) {
    add_ready(*current_);
    switch_to(nullptr);
    return;
  }
  const size_t pick = policy_.choose(ready_, current_, steps_);
  if (pick == SchedulePolicy::kKeepCurrent) return;
  Fiber* next = ready_[pick];
  ready_[pick] = current_;
  current_->ready_slot = pick;
  current_->state = Fiber::State::ready;
  switch_to(next);
}

Wake Scheduler::block(WaitQueue* queue, MonoTime deadline, bool interruptible, const char* what) {
  CHECK(current_ != nullptr);
  Fiber& me = *current_;
  if (interruptible && me.process.shutdown_requested) {
    point();
    return Wake::shutdown;
  }
  count_step();
  me.state = Fiber::State::blocked;
  me.blocked_on = what;
  me.interruptible = interruptible;
  if (queue != nullptr) queue->push(me);
  if (deadline != kNever) timers_.set(me.timeout, std::max(deadline, now_));
  leave_current();
  return me.wake;
}

// The running fiber cannot go on: picks who does.
void Scheduler::leave_current() {
  if (ready_.empty() || driver_is_due()) {
    switch_to(nullptr);
    return;
  }
  Fiber* next = ready_[policy_.choose(ready_, nullptr, steps_)];
  remove_ready(*next);
  switch_to(next);
}

void Scheduler::finish_current() {
  CHECK(finished_ == nullptr);
  finished_ = current_;
  current_->state = Fiber::State::finished;
  switch_to(nullptr, true);
  std::abort();
}

void Scheduler::abandon_current(void (*on_driver)(void*), void* argument) {
  on_driver_ = on_driver;
  on_driver_argument_ = argument;
  current_->state = Fiber::State::finished;
  switch_to(nullptr, true);
  std::abort();
}

Fiber& Scheduler::spawn(NodeState& process, TaskState& task, std::string name) {
  const HostScope host;
  auto owned = std::make_unique<Fiber>(*this, process, task, next_fiber_id_++, std::move(name));
  Fiber& fiber = *owned;
  fibers_.push_back(std::move(owned));
  process.fibers.push_back(&fiber);
  fiber.priority = policy_.priority_of_new(fiber.id);
  fiber.context = context::make_fcontext(fiber.stack.top(), fiber.stack.size_bytes, enter);
  if (process.paused) {
    fiber.state = Fiber::State::held;
  } else {
    add_ready(fiber);
  }
  return fiber;
}

void Scheduler::wake(Fiber& fiber, Wake reason) {
  CHECK(fiber.state == Fiber::State::blocked);
  if (fiber.waits_in != nullptr) fiber.waits_in->remove(fiber);
  timers_.cancel(fiber.timeout);
  fiber.wake = reason;
  if (fiber.process.paused) {
    fiber.state = Fiber::State::held;
  } else {
    add_ready(fiber);
  }
}

void Scheduler::hold(Fiber& fiber) {
  CHECK(&fiber != current_);
  if (fiber.state != Fiber::State::ready) return;
  remove_ready(fiber);
  fiber.state = Fiber::State::held;
}

void Scheduler::release(Fiber& fiber) {
  if (fiber.state == Fiber::State::held) add_ready(fiber);
}

void Scheduler::discard(Fiber& fiber) {
  CHECK(&fiber != current_);
  if (fiber.state == Fiber::State::ready) remove_ready(fiber);
  if (fiber.waits_in != nullptr) fiber.waits_in->remove(fiber);
  timers_.cancel(fiber.timeout);
  destroy(fiber);
}

void Scheduler::destroy(Fiber& fiber) {
  std::erase(fiber.process.fibers, &fiber);
  std::erase_if(fibers_, [&](const auto& owned) { return owned.get() == &fiber; });
}

// --- the switch ---

void Scheduler::switch_to(Fiber* next, bool for_good) {
  Fiber* from = current_;
  ++switches_;
  digest_.add((steps_ << 20) ^ (next == nullptr ? 0 : next->id));
  auto& save_exceptions = from == nullptr ? driver_.exception_state : from->exception_state;
  swap_exception_state(save_exceptions,
                       next == nullptr ? driver_.exception_state : next->exception_state);
  ProcessHeap*& save_heap = from == nullptr ? driver_.heap : from->heap;
  save_heap = set_current_heap(next == nullptr ? driver_.heap : next->heap);
  current_ = next;
  if (next != nullptr) next->state = Fiber::State::running;

  context::fcontext_t* save_to = from == nullptr ? &driver_.context : &from->context;
  Jump jump{this, for_good ? nullptr : save_to};
#if defined(__SANITIZE_ADDRESS__)
  void** save_stack = from == nullptr ? &driver_.sanitizer_stack : &from->sanitizer_stack;
  __sanitizer_start_switch_fiber(for_good ? nullptr : save_stack,
                                 next == nullptr ? driver_.stack_low : next->stack.low,
                                 next == nullptr ? driver_.stack_bytes : next->stack.size_bytes);
#endif
  arrive(context::jump_fcontext(next == nullptr ? driver_.context : next->context, &jump));
}

// The first thing on the side that was jumped to.
void Scheduler::arrive(context::transfer_t transfer) {
  const Jump& jump = *static_cast<Jump*>(transfer.data);
  if (jump.save_to != nullptr) *jump.save_to = transfer.fctx;
#if defined(__SANITIZE_ADDRESS__)
  const void* from_low = nullptr;
  size_t from_bytes = 0;
  __sanitizer_finish_switch_fiber(
      current_ == nullptr ? driver_.sanitizer_stack : current_->sanitizer_stack, &from_low,
      &from_bytes);
  if (jump.save_to == &driver_.context) {
    driver_.stack_low = from_low;
    driver_.stack_bytes = from_bytes;
  }
#endif
}

void Scheduler::enter(context::transfer_t transfer) {
  Scheduler& self = *static_cast<Jump*>(transfer.data)->scheduler;
  self.arrive(transfer);
  run_task(self.current_->task);
  self.finish_current();
}

// --- the driver ---

void Scheduler::run_what_was_left() {
  if (finished_ != nullptr) {
    destroy(*finished_);
    finished_ = nullptr;
  }
  if (on_driver_ != nullptr) {
    auto* action = on_driver_;
    on_driver_ = nullptr;
    action(on_driver_argument_);
  }
}

Scheduler::End Scheduler::drive(MonoTime until, uint64_t max_steps) {
  until_ = until;
  max_steps_ = max_steps;
  while (!stop_) {
    if (steps_ >= max_steps_) return End::out_of_steps;
    if (step_time(steps_) >= step_alarms_.next_at()) {
      step_alarms_.pop().fire();
    } else if (now_ >= timers_.next_at()) {
      timers_.pop().fire();
    } else if (now_ >= until_) {
      return End::out_of_time;
    } else if (!ready_.empty()) {
      Fiber* next = ready_[policy_.choose(ready_, nullptr, steps_)];
      remove_ready(*next);
      switch_to(next);
      run_what_was_left();
    } else if (timers_.next_at() != kNever) {
      now_ = std::min(timers_.next_at(), until_);
    } else {
      return End::deadlock;
    }
  }
  return End::stopped;
}

std::string Scheduler::describe_blocked() const {
  std::string text;
  for (const auto& fiber : fibers_) {
    if (!text.empty()) text += ", ";
    text +=
        fiber->label() + " on " + (fiber->blocked_on == nullptr ? "nothing" : fiber->blocked_on);
  }
  return text;
}

}  // namespace aftersync::sim
