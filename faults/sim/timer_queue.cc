// TimerQueue: the heap's moves.
#include "faults/sim/timer_queue.h"

#include "core/base/check.h"
#include "faults/sim/heap.h"

namespace aftersync::sim {

Timer::~Timer() { CHECK(!is_set()); }

void TimerQueue::set(Timer& timer, MonoTime at) {
  CHECK(!timer.is_set());
  timer.at_ = at;
  timer.order_ = next_order_++;
  const HostScope host;
  heap_.push_back(&timer);
  timer.slot_ = heap_.size() - 1;
  sift_up(timer.slot_);
}

void TimerQueue::cancel(Timer& timer) {
  if (timer.is_set()) remove_at(timer.slot_);
}

Timer& TimerQueue::pop() {
  CHECK(!heap_.empty());
  Timer& first = *heap_.front();
  remove_at(0);
  return first;
}

void TimerQueue::remove_at(size_t slot) {
  heap_[slot]->slot_ = Timer::kNotSet;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (slot == heap_.size()) return;
  place(slot, last);
  sift_down(slot);
  sift_up(last->slot_);
}

void TimerQueue::place(size_t slot, Timer* timer) {
  heap_[slot] = timer;
  timer->slot_ = slot;
}

void TimerQueue::sift_up(size_t slot) {
  Timer* moving = heap_[slot];
  while (slot > 0) {
    const size_t parent = (slot - 1) / 2;
    if (!before(*moving, *heap_[parent])) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, moving);
}

void TimerQueue::sift_down(size_t slot) {
  Timer* moving = heap_[slot];
  for (size_t child = 2 * slot + 1; child < heap_.size(); child = 2 * slot + 1) {
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], *moving)) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, moving);
}

}  // namespace aftersync::sim
