// Locks of the simulator: small state machines over WaitQueues.
//
// Unlocking wakes one waiter at random and leaves the lock free, so that a third task may slip in
// between (barging): real locks allow it, so the engine must survive it. CondVar wakes are spurious
// now and then, because the contract allows that too.
//
// Being fibers of one OS thread they need no atomics: a scheduling point is the only place where
// another task can run.
#include "core/platform/sync.h"

#include "core/base/check.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync {

namespace {

using sim::Fiber;
using sim::Scheduler;
using sim::WaitQueue;

constexpr double kSpuriousWake = 0.01;

struct MutexState {
  Fiber* owner;
  WaitQueue waiters;
};

struct SharedState {
  Fiber* writer;
  uint32_t readers;
  uint32_t waiting_writers;
  WaitQueue waiters;
};

struct CondState {
  WaitQueue waiters;
};

struct EventState {
  uint64_t is_set;
  WaitQueue waiters;
};

Scheduler& scheduler() { return sim::World::current()->scheduler(); }

void wake_one(WaitQueue& queue) {
  if (queue.empty()) return;
  const size_t n = queue.size();
  const size_t pick = n == 1 ? 0 : sim::World::current()->hardware_prng().below(n);
  scheduler().wake(queue.at(pick));
}

void wake_all(WaitQueue& queue) {
  while (!queue.empty()) scheduler().wake(queue.at(0));
}

}  // namespace

// --- Mutex ---

Mutex::~Mutex() {
  const auto& state = state_.as<MutexState>();
  CHECK(state.owner == nullptr);
  CHECK(state.waiters.empty());
}

void Mutex::lock() {
  auto& state = state_.as<MutexState>();
  scheduler().point();
  CHECK(state.owner == nullptr || state.owner != scheduler().current());  // not recursive
  while (state.owner != nullptr) scheduler().block(&state.waiters, kNever, false, "mutex");
  state.owner = &sim::current_fiber();
}

bool Mutex::try_lock() {
  auto& state = state_.as<MutexState>();
  scheduler().point();
  if (state.owner != nullptr) return false;
  state.owner = &sim::current_fiber();
  return true;
}

void Mutex::unlock() {
  auto& state = state_.as<MutexState>();
  CHECK(state.owner == &sim::current_fiber());
  state.owner = nullptr;
  wake_one(state.waiters);
  scheduler().point();
}

void Mutex::assert_held() const { CHECK(state_.as<MutexState>().owner == &sim::current_fiber()); }

// --- SharedMutex ---

SharedMutex::~SharedMutex() {
  const auto& state = state_.as<SharedState>();
  CHECK(state.writer == nullptr);
  CHECK_EQ(state.readers, 0u);
  CHECK(state.waiters.empty());
}

void SharedMutex::lock() {
  auto& state = state_.as<SharedState>();
  scheduler().point();
  CHECK(state.writer != &sim::current_fiber());
  ++state.waiting_writers;
  while (state.writer != nullptr || state.readers > 0) {
    scheduler().block(&state.waiters, kNever, false, "latch (exclusive)");
  }
  --state.waiting_writers;
  state.writer = &sim::current_fiber();
}

bool SharedMutex::try_lock() {
  auto& state = state_.as<SharedState>();
  scheduler().point();
  if (state.writer != nullptr || state.readers > 0) return false;
  state.writer = &sim::current_fiber();
  return true;
}

void SharedMutex::unlock() {
  auto& state = state_.as<SharedState>();
  CHECK(state.writer != nullptr);
  state.writer = nullptr;
  wake_all(state.waiters);
  scheduler().point();
}

void SharedMutex::lock_shared() {
  auto& state = state_.as<SharedState>();
  scheduler().point();
  CHECK(state.writer != &sim::current_fiber());
  while (state.writer != nullptr || state.waiting_writers > 0) {
    scheduler().block(&state.waiters, kNever, false, "latch (shared)");
  }
  ++state.readers;
}

bool SharedMutex::try_lock_shared() {
  auto& state = state_.as<SharedState>();
  scheduler().point();
  if (state.writer != nullptr || state.waiting_writers > 0) return false;
  ++state.readers;
  return true;
}

void SharedMutex::unlock_shared() {
  auto& state = state_.as<SharedState>();
  CHECK_GT(state.readers, 0u);
  if (--state.readers == 0) wake_all(state.waiters);
  scheduler().point();
}

void SharedMutex::downgrade() {
  auto& state = state_.as<SharedState>();
  CHECK(state.writer != nullptr);
  state.writer = nullptr;
  ++state.readers;
  wake_all(state.waiters);
  scheduler().point();
}

void SharedMutex::assert_held_exclusive() const {
  CHECK(state_.as<SharedState>().writer != nullptr);
}

void SharedMutex::assert_held() const {
  const auto& state = state_.as<SharedState>();
  CHECK(state.writer != nullptr || state.readers > 0);
}

// --- CondVar ---

CondVar::~CondVar() { CHECK(state_.as<CondState>().waiters.empty()); }

void CondVar::wait(Mutex& mutex) { wait_until(mutex, kNever); }

WaitResult CondVar::wait_until(Mutex& mutex, MonoTime deadline) {
  auto& state = state_.as<CondState>();
  auto& mutex_state = mutex.state_.as<MutexState>();
  CHECK(mutex_state.owner == &sim::current_fiber());
  // Joining the queue and releasing the mutex are one step: nothing can be missed in between.
  mutex_state.owner = nullptr;
  wake_one(mutex_state.waiters);
  sim::Wake wake = sim::Wake::notified;
  if (sim::World::current()->hardware_prng().chance(kSpuriousWake)) {
    scheduler().point();
  } else {
    const MonoTime until = sim::current_process().to_world(deadline);
    wake = scheduler().block(&state.waiters, until, false, "condition");
  }
  mutex.lock();
  return wake == sim::Wake::timed_out ? WaitResult::timed_out : WaitResult::woken;
}

void CondVar::notify_one() {
  wake_one(state_.as<CondState>().waiters);
  scheduler().point();
}

void CondVar::notify_all() {
  wake_all(state_.as<CondState>().waiters);
  scheduler().point();
}

// --- Event ---

Event::~Event() { CHECK(state_.as<EventState>().waiters.empty()); }

void Event::set() {
  auto& state = state_.as<EventState>();
  state.is_set = 1;
  wake_all(state.waiters);
  scheduler().point();
}

void Event::reset() {
  auto& state = state_.as<EventState>();
  CHECK(state.waiters.empty());
  state.is_set = 0;
}

bool Event::is_set() const {
  scheduler().point();
  return state_.as<EventState>().is_set != 0;
}

void Event::wait() { wait_until(kNever); }

WaitResult Event::wait_until(MonoTime deadline) {
  auto& state = state_.as<EventState>();
  scheduler().point();
  const MonoTime until = sim::current_process().to_world(deadline);
  while (state.is_set == 0) {
    if (scheduler().block(&state.waiters, until, false, "event") == sim::Wake::timed_out) {
      return WaitResult::timed_out;
    }
  }
  return WaitResult::woken;
}

}  // namespace aftersync
