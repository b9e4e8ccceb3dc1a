// Event: one word that holds the flag and the number of waiters.
//
// With both in one word set() knows whether to wake anybody from the very operation that sets the
// flag, and never looks at the memory again: the waiter it lets go may destroy the Event at once.
#include <atomic>

#include "core/base/check.h"
#include "core/platform/posix/futex.h"
#include "core/platform/sync.h"

namespace aftersync {

namespace {

using posix::FutexWait;
using posix::FutexWord;

constexpr uint32_t kSet = 1;
constexpr uint32_t kOneWaiter = 2;

uint32_t waiters_in(uint32_t word) { return word / kOneWaiter; }

}  // namespace

Event::~Event() {
  CHECK_EQ(waiters_in(state_.as<FutexWord>().load(std::memory_order_relaxed)), 0u);
}

void Event::set() {
  auto& word = state_.as<FutexWord>();
  const uint32_t before = word.fetch_or(kSet, std::memory_order_release);
  if (waiters_in(before) > 0) posix::futex_wake_all(word);
}

void Event::reset() {
  const uint32_t before = state_.as<FutexWord>().fetch_and(~kSet, std::memory_order_relaxed);
  CHECK_EQ(waiters_in(before), 0u);
}

bool Event::is_set() const {
  return (state_.as<FutexWord>().load(std::memory_order_acquire) & kSet) != 0;
}

void Event::wait() { wait_until(kNever); }

WaitResult Event::wait_until(MonoTime deadline) {
  if (is_set()) return WaitResult::woken;
  auto& word = state_.as<FutexWord>();
  uint32_t seen = word.fetch_add(kOneWaiter, std::memory_order_acquire) + kOneWaiter;
  FutexWait how = FutexWait::woken;
  while ((seen & kSet) == 0 && how != FutexWait::timed_out) {
    how = posix::futex_wait(word, seen, deadline);
    seen = word.load(std::memory_order_acquire);
  }
  word.fetch_sub(kOneWaiter, std::memory_order_relaxed);
  return (seen & kSet) != 0 ? WaitResult::woken : WaitResult::timed_out;
}

}  // namespace aftersync
