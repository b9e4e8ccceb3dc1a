// Replaces two functions of the C library for the whole program; see sync_count.h.
#include "bench/embedded/sync_count.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

namespace aftersync::bench {
namespace {

constinit std::atomic<uint64_t> sync_calls{0};
constinit std::atomic<uint64_t> sync_nanoseconds{0};

// syscall() sets errno as the replaced functions do.
int counted(long number, int fd) {
  const auto start = std::chrono::steady_clock::now();
  const long result = syscall(number, fd);
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
  if (result == 0) {
    sync_calls.fetch_add(1, std::memory_order_relaxed);
    sync_nanoseconds.fetch_add(static_cast<uint64_t>(took.count()), std::memory_order_relaxed);
  }
  return static_cast<int>(result);
}

}  // namespace

Syncs syncs_so_far() {
  return {sync_calls.load(std::memory_order_relaxed),
          sync_nanoseconds.load(std::memory_order_relaxed)};
}

}  // namespace aftersync::bench

extern "C" int fdatasync(int fd) { return aftersync::bench::counted(SYS_fdatasync, fd); }
extern "C" int fsync(int fd) { return aftersync::bench::counted(SYS_fsync, fd); }
