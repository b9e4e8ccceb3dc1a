// Locks, condition variables and events for tasks.
//
// Declared here once; defined by exactly one of core/platform/posix (futexes) and faults/sim
// (fibers), chosen when a program is linked. A lock needs no Node: it belongs to whoever runs. All
// are constant-initialised, have no move and must be idle (unlocked, nobody waiting) when
// destroyed: CHECKed.
//
// In the simulator every call is a scheduling point: the seed decides who goes on. Code is right
// only if it is right for every order.
//
// Ordering guarantees are those of std::mutex and friends: what happened before an unlock is
// visible after the lock that it let through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/platform/time.h"

namespace aftersync {

namespace platform_internal {

// Room for either implementation's state; all zero means idle.
template <size_t kWords>
struct LockState {
  // An array of unsigned char may provide storage for objects of other types ([intro.object]).
  alignas(uint64_t) unsigned char bytes[kWords * sizeof(uint64_t)] = {};

  // The implementation's view of the storage; checks that it fits.
  template <typename T>
  T& as() {
    static_assert(sizeof(T) <= sizeof(bytes) && alignof(T) <= alignof(uint64_t));
    return *std::launder(reinterpret_cast<T*>(bytes));
  }
  template <typename T>
  const T& as() const {
    return const_cast<LockState*>(this)->as<T>();
  }
};

}  // namespace platform_internal

enum class WaitResult : uint8_t { woken, timed_out };

// Mutual exclusion. Not recursive: locking it twice in one task deadlocks (the simulator reports
// it). Waiters are not served in any promised order, but none starves.
class Mutex {
 public:
  constexpr Mutex() = default;
  ~Mutex();
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock();
  [[nodiscard]] bool try_lock();
  // Only by the task that locked it (CHECKed in the simulator).
  void unlock();
  // CHECK that it is locked; in the simulator, that this task holds it.
  void assert_held() const;

 private:
  friend class CondVar;
  platform_internal::LockState<2> state_;
};

// Many readers or one writer: the latch of a page. A waiting writer keeps new readers out, so a
// task must not take it shared twice. The readers that wait when a writer leaves may go before
// writers that wait, so that writers in a row do not keep readers out for good. No upgrade from
// shared to exclusive.
class SharedMutex {
 public:
  constexpr SharedMutex() = default;
  ~SharedMutex();
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock();
  [[nodiscard]] bool try_lock();
  // An exclusively held latch may be unlocked by another task than the one that locked it: a page
  // is latched for I/O by its reader and unlatched by whoever completes it.
  void unlock();
  void lock_shared();
  [[nodiscard]] bool try_lock_shared();
  void unlock_shared();
  // Turns an exclusive hold into a shared one without letting a writer in between.
  void downgrade();
  void assert_held_exclusive() const;
  void assert_held() const;

 private:
  platform_internal::LockState<3> state_;
};

// Waits for a condition guarded by a Mutex. Wakes may be spurious: always wait in a loop.
class CondVar {
 public:
  constexpr CondVar() = default;
  ~CondVar();
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  // `mutex` must be held; it is released while waiting and held again on return. All waiters of one
  // CondVar use the same mutex.
  void wait(Mutex& mutex);
  // As wait, until `deadline` (on this process's monotonic clock; kNever waits for good).
  WaitResult wait_until(Mutex& mutex, MonoTime deadline);
  // Wakes at least one / every task that was waiting. The mutex need not be held.
  void notify_one();
  void notify_all();

 private:
  platform_internal::LockState<2> state_;
};

// A flag that tasks wait for: set once, stays set until reset. Replaces Mutex + CondVar + bool
// where that is all there is.
class Event {
 public:
  constexpr Event() = default;
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void set();
  // Only while nobody waits.
  void reset();
  [[nodiscard]] bool is_set() const;
  void wait();
  WaitResult wait_until(MonoTime deadline);

 private:
  platform_internal::LockState<2> state_;
};

// Scope guards with the lock's own name in the type, and nothing else.
class [[nodiscard]] MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class [[nodiscard]] SharedLock {
 public:
  explicit SharedLock(SharedMutex& latch) : latch_(latch) { latch_.lock_shared(); }
  ~SharedLock() { latch_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  SharedMutex& latch_;
};

class [[nodiscard]] ExclusiveLock {
 public:
  explicit ExclusiveLock(SharedMutex& latch) : latch_(latch) { latch_.lock(); }
  ~ExclusiveLock() { latch_.unlock(); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  SharedMutex& latch_;
};

}  // namespace aftersync
