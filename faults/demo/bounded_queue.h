// BoundedQueue: the toy of a Mutex and two CondVars, with two classic mistakes to plant.
//
// Any number of producers and consumers. Items come out in the order in which they went in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/platform/sync.h"

namespace aftersync::demo {

// Thread safety: all tasks at once.
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : slots_(capacity) {}

  // Waits while full. False once closed: the item was not taken.
  [[nodiscard]] bool push(uint64_t item);
  // Waits while empty. Nothing once closed and empty.
  [[nodiscard]] std::optional<uint64_t> pop();
  void close();

 private:
  Mutex mutex_;
  CondVar not_full_;
  CondVar not_empty_;
  // Guarded by mutex_. The items are slots_[head_], ... count_ of them, around the end.
  std::vector<uint64_t> slots_;
  size_t head_ = 0;
  size_t count_ = 0;
  bool closed_ = false;
};

}  // namespace aftersync::demo
