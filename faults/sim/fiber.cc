// Fiber and WaitQueue: lists and names; switching is the scheduler's.
#include "faults/sim/fiber.h"

#include "core/base/check.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync::sim {

void WaitQueue::push(Fiber& fiber) {
  CHECK(fiber.waits_in == nullptr);
  fiber.waits_in = this;
  if (last_ == nullptr) {
    fiber.next_in_queue = &fiber;
  } else {
    fiber.next_in_queue = last_->next_in_queue;
    last_->next_in_queue = &fiber;
  }
  last_ = &fiber;
}

void WaitQueue::remove(Fiber& fiber) {
  CHECK(fiber.waits_in == this);
  Fiber* before = last_;
  while (before->next_in_queue != &fiber) before = before->next_in_queue;
  before->next_in_queue = fiber.next_in_queue;
  if (last_ == &fiber) last_ = before == &fiber ? nullptr : before;
  fiber.next_in_queue = nullptr;
  fiber.waits_in = nullptr;
}

Fiber& WaitQueue::at(size_t n) const {
  CHECK(last_ != nullptr);
  Fiber* fiber = last_->next_in_queue;
  for (; n > 0; --n) fiber = fiber->next_in_queue;
  return *fiber;
}

size_t WaitQueue::size() const {
  if (last_ == nullptr) return 0;
  size_t n = 1;
  for (const Fiber* f = last_->next_in_queue; f != last_; f = f->next_in_queue) ++n;
  return n;
}

Fiber::Fiber(Scheduler& owner, NodeState& its_process, TaskState& its_task, uint64_t its_id,
             std::string its_name)
    : scheduler(owner),
      process(its_process),
      task(its_task),
      id(its_id),
      name(std::move(its_name)),
      heap(its_process.is_server ? &its_process.heap : nullptr),
      stack(StackPool::of_this_thread().take()) {}

Fiber::~Fiber() { StackPool::of_this_thread().give_back(stack); }

std::string Fiber::label() const { return process.machine.name() + "/" + name; }

void Fiber::Timeout::fire() { fiber_.scheduler.wake(fiber_, Wake::timed_out); }

}  // namespace aftersync::sim
