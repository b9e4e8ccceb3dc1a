// futex(2): sleep while a word has a value, and wake who sleeps on it.
//
// All locks of this folder are a std::atomic word plus this. The atomic carries the ordering, so
// the sanitizer for data races sees it; the futex only saves the waiting.
//
// A futex wakes by address and does not look at the memory. That is why every unlock here gives the
// lock away with its last access to the lock's memory and may call wake() after: by then another
// task may have taken the lock, released it and freed it.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/platform/time.h"

namespace aftersync::posix {

using FutexWord = std::atomic<uint32_t>;
static_assert(sizeof(FutexWord) == 4 && FutexWord::is_always_lock_free);

// A waiter sleeps on a word and with a set of bits; a wake reaches those that share a bit with its.
inline constexpr uint32_t kAnyWaiter = UINT32_MAX;

enum class FutexWait : uint8_t { woken, value_differed, timed_out };

// Sleeps as long as `word` is `expected`, until woken or `deadline`. `woken` may be spurious.
FutexWait futex_wait(const FutexWord& word, uint32_t expected, MonoTime deadline = kNever,
                     uint32_t bits = kAnyWaiter);

void futex_wake(const FutexWord& word, int count, uint32_t bits = kAnyWaiter);
void futex_wake_all(const FutexWord& word);

// Tells the processor that this is a spin loop.
inline void cpu_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace aftersync::posix
