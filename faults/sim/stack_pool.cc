// StackPool: mmap, a guard page, and a free list.
#include "faults/sim/stack_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/check.h"
#include "faults/sim/heap.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace aftersync::sim {

namespace {
constexpr size_t kStackBytes = 512 * 1024;
const size_t kGuardBytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
}  // namespace

StackPool::~StackPool() {
  for (const FiberStack& stack : free_) munmap(stack.low - kGuardBytes, kGuardBytes + kStackBytes);
}

FiberStack StackPool::take() {
  if (!free_.empty()) {
    const FiberStack stack = free_.back();
    free_.pop_back();
    return stack;
  }
  void* mapping = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(mapping != MAP_FAILED);
  CHECK_EQ(mprotect(mapping, kGuardBytes, PROT_NONE), 0);
  return {static_cast<char*>(mapping) + kGuardBytes, kStackBytes};
}

void StackPool::give_back(FiberStack stack) {
#if defined(__SANITIZE_ADDRESS__)
  // A dropped stack keeps the poison of frames that never returned.
  __asan_unpoison_memory_region(stack.low, stack.size_bytes);
#endif
  const HostScope host;
  free_.push_back(stack);
}

StackPool& StackPool::of_this_thread() {
  static thread_local StackPool pool;
  return pool;
}

}  // namespace aftersync::sim
