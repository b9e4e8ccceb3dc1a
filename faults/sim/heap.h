// ProcessHeap: what a simulated process has allocated, so that killing it frees everything at once.
//
// A killed process runs not one more instruction: no destructor, no unwinding. Its fibers' stacks
// are dropped, and with them every pointer to its heap. So the simulator replaces operator new and
// delete, and threads each allocation made while a process runs onto that process's list; killing
// it walks the list. Allocations stay individual mallocs, so AddressSanitizer still sees every
// overrun and every use after free, and memory freed on another stack than it was made on is fine.
//
// Invariants. (1) What the simulator itself keeps (files, packets, the trace) must be allocated
// under a HostScope, or it would vanish with the process whose call made it. (2) Memory allocated
// by a process and still alive when it ends in good order is a leak of that process.
//
// Single OS thread per World; other threads allocate from the host.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aftersync::sim {

class ProcessHeap {
 public:
  ProcessHeap() = default;
  ~ProcessHeap();  // frees what is left
  ProcessHeap(const ProcessHeap&) = delete;
  ProcessHeap& operator=(const ProcessHeap&) = delete;

  // Frees every live allocation. No object's destructor runs.
  void drop_all();
  [[nodiscard]] size_t live_bytes() const;

  // In front of every block: its links in the process's ring, and where malloc's block begins.
  struct alignas(16) Header {
    Header* previous;
    Header* next;
    void* raw;
    size_t size_bytes;
  };

 private:
  friend ProcessHeap* set_current_heap(ProcessHeap* heap);
  Header ring_{&ring_, &ring_, nullptr, 0};
};

// Makes `heap` (nullptr: the host) the one that operator new uses; returns the one in force before.
ProcessHeap* set_current_heap(ProcessHeap* heap);

// Allocates from the host while it lives.
class [[nodiscard]] HostScope {
 public:
  HostScope() : previous_(set_current_heap(nullptr)) {}
  ~HostScope() { set_current_heap(previous_); }
  HostScope(const HostScope&) = delete;
  HostScope& operator=(const HostScope&) = delete;

 private:
  ProcessHeap* previous_;
};

}  // namespace aftersync::sim
