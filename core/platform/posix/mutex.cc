// Mutex: a futex lock of three states, and a fourth that keeps waiters from starving.
//
// The lock is Drepper's ("Futexes are tricky", 2011, mutex2): free, locked, locked with waiters.
// Taking a free lock and giving one back that nobody waits for are one compare-and-swap each.
//
// That lock lets whoever is running overtake whoever is being woken. It is what makes it fast, and
// on its own it lets a task that unlocks and locks in a loop keep a waiter out for good. So a
// waiter that has been overtaken often enough announces itself in `starving`; the next unlock finds
// it there and does not free the lock but *reserves* it: only starving waiters may take it then.
//
// Invariants
//   1. kReserved and kLocked are never set together; kWaiters is never set alone.
//   2. kReserved implies starving > 0: a starving waiter leaves only by taking the lock.
//   3. Whoever sleeps has seen kWaiters set; only the holder clears it, and then wakes one.
//   4. Whoever takes the lock after waiting sets kWaiters: others may sleep, one wake in vain is
//      cheaper than counting them.
//   5. unlock() touches the lock's memory for the last time when it gives it away (futex.h).
#include <algorithm>
#include <atomic>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/platform/posix/futex.h"
#include "core/platform/sync.h"

namespace aftersync {

namespace {

using posix::FutexWait;
using posix::FutexWord;

struct MutexWords {
  FutexWord state;
  FutexWord starving;           // waiters that have been overtaken too often
  std::atomic<int32_t> pauses;  // how long spinning lately took to succeed, on average
};

constexpr uint32_t kFree = 0;
constexpr uint32_t kLocked = 1;
constexpr uint32_t kWaiters = 2;
constexpr uint32_t kReserved = 4;

// Which waiters a wake is for: futex bits.
constexpr uint32_t kPatientWaiter = 1;
constexpr uint32_t kStarvingWaiter = 2;

// A holder seldom keeps a lock longer than a few microseconds; past that, sleeping is cheaper.
constexpr int32_t kMaxPauses = 100;
constexpr int32_t kProbe = 10;  // what is always tried, to notice when spinning begins to pay
// What a waiter puts up with. Being woken and finding the lock taken again costs it far more time
// than finding that the word changed before it slept.
constexpr int kPatience = 64;
constexpr int kCostOfLostRace = 8;

bool try_take(FutexWord& state) {
  uint32_t expected = kFree;
  return state.compare_exchange_strong(expected, kLocked, std::memory_order_acquire,
                                       std::memory_order_relaxed);
}

// Spins for about twice as long as it lately took, and for less and less where it is of no use (the
// holder sleeps, or waits for our processor). True when it got the lock.
bool spin(MutexWords& words) {
  const int32_t usual = words.pauses.load(std::memory_order_relaxed);
  const int32_t limit = std::min(kMaxPauses, usual * 2 + kProbe);
  for (int32_t count = 0; count < limit; ++count) {
    const uint32_t seen = words.state.load(std::memory_order_relaxed);
    if (seen == kFree && try_take(words.state)) {
      words.pauses.store(usual + (count - usual) / 8, std::memory_order_relaxed);
      return true;
    }
    if (seen > kLocked) break;  // others sleep already: no use in spinning beside them
    posix::cpu_pause();
  }
  words.pauses.store(usual - (usual + 7) / 8, std::memory_order_relaxed);
  return false;
}

// One try at the lock for somebody who is going to sleep if it fails.
bool take_or_announce(FutexWord& state, uint32_t& seen, bool starving) {
  seen = state.load(std::memory_order_relaxed);
  while (true) {
    const bool may_take = seen == kFree || (starving && (seen & kReserved) != 0);
    const uint32_t wanted = may_take ? kLocked | kWaiters : seen | kWaiters;
    if (wanted == seen) return false;
    if (state.compare_exchange_weak(seen, wanted, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      seen = wanted;
      return may_take;
    }
  }
}

[[gnu::noinline]] void lock_slow(MutexWords& words) {
  if (spin(words)) return;
  int patience = kPatience;
  bool starving = false;
  uint32_t seen = 0;
  while (!take_or_announce(words.state, seen, starving)) {
    const FutexWait how =
        posix::futex_wait(words.state, seen, kNever, starving ? kStarvingWaiter : kPatientWaiter);
    patience -= how == FutexWait::woken ? kCostOfLostRace : 1;
    if (patience < 0 && !starving) {
      starving = true;
      words.starving.fetch_add(1, std::memory_order_relaxed);
    }
  }
  if (starving) words.starving.fetch_sub(1, std::memory_order_relaxed);
}

[[gnu::noinline]] void unlock_slow(MutexWords& words) {
  CHECK_EQ(words.state.load(std::memory_order_relaxed), kLocked | kWaiters);
  if (words.starving.load(std::memory_order_relaxed) > 0) {
    PROBE("platform/mutex-handed-over");
    words.state.store(kReserved | kWaiters, std::memory_order_release);
    posix::futex_wake(words.state, 1, kStarvingWaiter);
  } else {
    words.state.store(kFree, std::memory_order_release);
    posix::futex_wake(words.state, 1);
  }
}

}  // namespace

Mutex::~Mutex() {
  const auto& words = state_.as<MutexWords>();
  CHECK_EQ(words.state.load(std::memory_order_relaxed), kFree);
  CHECK_EQ(words.starving.load(std::memory_order_relaxed), 0u);
}

void Mutex::lock() {
  auto& words = state_.as<MutexWords>();
  if (!try_take(words.state)) [[unlikely]]
    lock_slow(words);
}

bool Mutex::try_lock() { return try_take(state_.as<MutexWords>().state); }

void Mutex::unlock() {
  auto& words = state_.as<MutexWords>();
  uint32_t expected = kLocked;
  if (!words.state.compare_exchange_strong(expected, kFree, std::memory_order_release,
                                           std::memory_order_relaxed)) [[unlikely]] {
    unlock_slow(words);
  }
}

void Mutex::assert_held() const {
  CHECK((state_.as<MutexWords>().state.load(std::memory_order_relaxed) & kLocked) != 0);
}

}  // namespace aftersync
