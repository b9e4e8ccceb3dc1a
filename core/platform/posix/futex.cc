// futex(2): the calls.
#include "core/platform/posix/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "core/base/check.h"
#include "core/platform/posix/timespec.h"

namespace aftersync::posix {

namespace {

// The kernel wants a plain word; std::atomic<uint32_t> is one (see the static_assert).
const uint32_t* address_of(const FutexWord& word) {
  return reinterpret_cast<const uint32_t*>(&word);
}

}  // namespace

// FUTEX_WAIT_BITSET and not FUTEX_WAIT: its time is absolute, on CLOCK_MONOTONIC, so that an early
// return does not stretch the wait.
FutexWait futex_wait(const FutexWord& word, uint32_t expected, MonoTime deadline, uint32_t bits) {
  const timespec until = to_timespec(deadline);
  const long result = ::syscall(SYS_futex, address_of(word), FUTEX_WAIT_BITSET_PRIVATE, expected,
                                deadline == kNever ? nullptr : &until, nullptr, bits);
  if (result == 0) return FutexWait::woken;
  if (errno == EAGAIN) return FutexWait::value_differed;
  if (errno == ETIMEDOUT) return FutexWait::timed_out;
  CHECK_EQ(errno, EINTR);
  return FutexWait::woken;
}

void futex_wake(const FutexWord& word, int count, uint32_t bits) {
  ::syscall(SYS_futex, address_of(word), FUTEX_WAKE_BITSET_PRIVATE, count, nullptr, nullptr, bits);
}

void futex_wake_all(const FutexWord& word) { futex_wake(word, INT_MAX); }

}  // namespace aftersync::posix
