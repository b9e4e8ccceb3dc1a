// ProcessHeap: the replaced operator new and delete, with a header in front of each block.
#include "faults/sim/heap.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace aftersync::sim {

namespace {

constinit thread_local ProcessHeap* current_heap = nullptr;
constinit thread_local ProcessHeap::Header* current_ring = nullptr;

void unlink(ProcessHeap::Header* header) {
  header->previous->next = header->next;
  header->next->previous = header->previous;
}

void link_last(ProcessHeap::Header* ring, ProcessHeap::Header* header) {
  header->previous = ring->previous;
  header->next = ring;
  ring->previous->next = header;
  ring->previous = header;
}

void* allocate(size_t size, size_t alignment) {
  // The header sits directly before what the caller gets; over-aligned blocks pad before it.
  const size_t front = std::max(alignment, sizeof(ProcessHeap::Header));
  const size_t total = (front + size + alignment - 1) / alignment * alignment;
  void* raw = alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, total)
                                                    : std::malloc(total);
  if (raw == nullptr) std::abort();
  char* user = static_cast<char*>(raw) + front;
  auto* header = reinterpret_cast<ProcessHeap::Header*>(user) - 1;
  *header = {header, header, raw, size};
  if (current_ring != nullptr) link_last(current_ring, header);
  return user;
}

void release(void* user) {
  if (user == nullptr) return;
  ProcessHeap::Header* header = static_cast<ProcessHeap::Header*>(user) - 1;
  unlink(header);
  std::free(header->raw);
}

}  // namespace

ProcessHeap::~ProcessHeap() { drop_all(); }

void ProcessHeap::drop_all() {
  while (ring_.next != &ring_) {
    Header* header = ring_.next;
    unlink(header);
    std::free(header->raw);
  }
}

size_t ProcessHeap::live_bytes() const {
  size_t bytes = 0;
  for (const Header* h = ring_.next; h != &ring_; h = h->next) bytes += h->size_bytes;
  return bytes;
}

ProcessHeap* set_current_heap(ProcessHeap* heap) {
  ProcessHeap* previous = current_heap;
  current_heap = heap;
  current_ring = heap == nullptr ? nullptr : &heap->ring_;
  return previous;
}

}  // namespace aftersync::sim

// The global replacements (C++20 [new.delete]). By default the array and nothrow forms forward to
// the plain ones; under AddressSanitizer they are its own, so they are replaced as well.
void* operator new(size_t size) {
  return aftersync::sim::allocate(size, alignof(std::max_align_t));
}
void* operator new(size_t size, std::align_val_t alignment) {
  return aftersync::sim::allocate(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete(void* p) noexcept { aftersync::sim::release(p); }
void operator delete(void* p, size_t) noexcept { aftersync::sim::release(p); }
void operator delete(void* p, std::align_val_t) noexcept { aftersync::sim::release(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { aftersync::sim::release(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { aftersync::sim::release(p); }
void operator delete[](void* p) noexcept { aftersync::sim::release(p); }
void operator delete[](void* p, size_t) noexcept { aftersync::sim::release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { aftersync::sim::release(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { aftersync::sim::release(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { aftersync::sim::release(p); }

#if defined(__SANITIZE_ADDRESS__)
// A run that ends in a violation drops its harness fibers where they stand, and what they hold with
// them; leaks of servers are counted by ProcessHeap. So the leak checker has nothing true to say.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif
