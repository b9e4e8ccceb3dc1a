// TimerQueue: what will happen at which virtual time.
//
// A binary heap of intrusive Timers, each knowing its own place, so that a wait that ends early
// takes its timer out again in O(log n) and nothing stale stays behind. Equal times fire in the
// order in which they were set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/platform/time.h"

namespace aftersync::sim {

class TimerQueue;

// Something that fires once. Must not be destroyed while set.
class Timer {
 public:
  Timer() = default;
  virtual ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs on the driver's stack, after the timer has left its queue.
  virtual void fire() = 0;
  [[nodiscard]] bool is_set() const { return slot_ != kNotSet; }
  [[nodiscard]] MonoTime at() const { return at_; }

 private:
  friend class TimerQueue;
  static constexpr size_t kNotSet = SIZE_MAX;
  MonoTime at_{};
  uint64_t order_ = 0;
  size_t slot_ = kNotSet;
};

class TimerQueue {
 public:
  void set(Timer& timer, MonoTime at);  // timer must not be set
  void cancel(Timer& timer);            // nothing happens when it is not set
  // kNever when empty.
  [[nodiscard]] MonoTime next_at() const { return heap_.empty() ? kNever : heap_.front()->at_; }
  // Takes out the first; the queue must not be empty.
  Timer& pop();
  [[nodiscard]] size_t size() const { return heap_.size(); }

 private:
  static bool before(const Timer& a, const Timer& b) {
    return a.at_ != b.at_ ? a.at_ < b.at_ : a.order_ < b.order_;
  }
  void place(size_t slot, Timer* timer);
  void sift_up(size_t slot);
  void sift_down(size_t slot);
  void remove_at(size_t slot);

  std::vector<Timer*> heap_;
  uint64_t next_order_ = 0;
};

}  // namespace aftersync::sim
