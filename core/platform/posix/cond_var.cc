// CondVar: a futex on a sequence number that every notification moves on.
//
// A waiter reads the number while it holds the mutex, and sleeps only as long as it stands. A
// notification that comes between its unlock and its sleep changes the number, so the sleep does
// not begin: no wake-up is lost. (It would be if exactly 2^32 notifications fell into that gap.)
//
// notify_one wakes at least one of those that waited: futexes of tasks of equal priority wake first
// come first served, so a task that begins to wait later does not take the wake of one before it.
//
// Invariant: `waiters` is raised under the mutex before it is released, and lowered before the
// mutex is taken again. Whoever changed the condition under the mutex therefore sees every waiter
// that checked it before; and whoever holds the mutex after the last waiter came back may destroy
// this.
#include <atomic>

#include "core/base/check.h"
#include "core/platform/posix/futex.h"
#include "core/platform/sync.h"

namespace aftersync {

namespace {

using posix::FutexWait;
using posix::FutexWord;

struct CondVarWords {
  FutexWord sequence;
  FutexWord waiters;
};

}  // namespace

CondVar::~CondVar() {
  CHECK_EQ(state_.as<CondVarWords>().waiters.load(std::memory_order_relaxed), 0u);
}

void CondVar::wait(Mutex& mutex) { wait_until(mutex, kNever); }

WaitResult CondVar::wait_until(Mutex& mutex, MonoTime deadline) {
  auto& words = state_.as<CondVarWords>();
  words.waiters.fetch_add(1, std::memory_order_relaxed);
  const uint32_t sequence = words.sequence.load(std::memory_order_relaxed);
  mutex.unlock();
  const FutexWait how = posix::futex_wait(words.sequence, sequence, deadline);
  words.waiters.fetch_sub(1, std::memory_order_relaxed);
  mutex.lock();
  return how == FutexWait::timed_out ? WaitResult::timed_out : WaitResult::woken;
}

void CondVar::notify_one() {
  auto& words = state_.as<CondVarWords>();
  if (words.waiters.load(std::memory_order_relaxed) == 0) return;
  words.sequence.fetch_add(1, std::memory_order_relaxed);
  posix::futex_wake(words.sequence, 1);
}

void CondVar::notify_all() {
  auto& words = state_.as<CondVarWords>();
  if (words.waiters.load(std::memory_order_relaxed) == 0) return;
  words.sequence.fetch_add(1, std::memory_order_relaxed);
  posix::futex_wake_all(words.sequence);
}

}  // namespace aftersync
