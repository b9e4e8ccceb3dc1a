// BoundedQueue: see the header.
#include "faults/demo/bounded_queue.h"

#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::demo {

bool BoundedQueue::push(uint64_t item) {
  mutex_.lock();
  while (count_ == slots_.size() && !closed_) {
    PROBE("lock-queue/full");
    not_full_.wait(mutex_);
  }
  if (closed_) {
    mutex_.unlock();
    return false;
  }
  const size_t slot = (head_ + count_++) % slots_.size();
  if (AFTERSYNC_FAULT("bug/lock-queue-early-unlock")) {
    mutex_.unlock();  // the slot counts as filled from here on
    slots_[slot] = item;
  } else {
    slots_[slot] = item;
    mutex_.unlock();
  }
  not_empty_.notify_one();
  return true;
}

std::optional<uint64_t> BoundedQueue::pop() {
  mutex_.lock();
  while (count_ == 0 && !closed_) {
    PROBE("lock-queue/empty");
    if (AFTERSYNC_FAULT("bug/lock-queue-missed-wakeup")) {
      mutex_.unlock();  // whatever is pushed now notifies nobody
      mutex_.lock();
    }
    not_empty_.wait(mutex_);
  }
  if (count_ == 0) {
    mutex_.unlock();
    return std::nullopt;
  }
  const uint64_t item = slots_[head_];
  head_ = (head_ + 1) % slots_.size();
  --count_;
  mutex_.unlock();
  not_full_.notify_one();
  return item;
}

void BoundedQueue::close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  not_full_.notify_all();
  not_empty_.notify_all();
}

}  // namespace aftersync::demo
