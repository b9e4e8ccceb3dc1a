// StackPool: fiber stacks, reused from run to run.
//
// A stack is mapped memory with an inaccessible page below it, so that an overflow faults instead
// of eating a neighbour. Only touched pages cost memory. The pool outlives Worlds: ten thousand
// runs in a process reuse the same few dozen mappings.
#pragma once

#include <cstddef>
#include <vector>

namespace aftersync::sim {

struct FiberStack {
  char* low = nullptr;  // lowest usable byte
  size_t size_bytes = 0;
  [[nodiscard]] char* top() const { return low + size_bytes; }
};

class StackPool {
 public:
  StackPool() = default;
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  [[nodiscard]] FiberStack take();
  void give_back(FiberStack stack);

  // The pool shared by all Worlds of this OS thread.
  static StackPool& of_this_thread();

 private:
  std::vector<FiberStack> free_;
};

}  // namespace aftersync::sim
