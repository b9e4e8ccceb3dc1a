// Locks on futexes: what is CHECKed, and races that only true parallelism can run.
#include <gtest/gtest.h>

#include <atomic>

#include "core/base/prng.h"
#include "core/base/probe.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(LocksDeath, ALockMustBeIdleWhenItGoes) {
  EXPECT_DEATH(
      {
        Mutex mutex;
        mutex.lock();
      },
      "CHECK failed");
  EXPECT_DEATH(
      {
        SharedMutex latch;
        latch.lock_shared();
      },
      "CHECK failed");
  EXPECT_DEATH(
      {
        SharedMutex latch;
        latch.lock();
      },
      "CHECK failed");
}

TEST(LocksDeath, WaitersMustBeGoneWhenACondVarOrEventGoes) {
  run_on_node([](Node& node) {
    EXPECT_DEATH(
        {
          auto* event = new Event;
          Task task = node.tasks().spawn("waiter", [&] { event->wait(); });
          CHECK(node.tasks().sleep_for(50ms).ok());
          delete event;
        },
        "waiters");
    EXPECT_DEATH(
        {
          Mutex mutex;
          auto* changed = new CondVar;
          Task task = node.tasks().spawn("waiter", [&] {
            MutexLock lock(mutex);
            changed->wait(mutex);
          });
          CHECK(node.tasks().sleep_for(50ms).ok());
          delete changed;
        },
        "waiters");
  });
}

TEST(LocksDeath, UnlockingWhatIsNotLocked) {
  EXPECT_DEATH(Mutex().unlock(), "CHECK failed");
  EXPECT_DEATH(SharedMutex().unlock(), "CHECK failed");
  EXPECT_DEATH(SharedMutex().unlock_shared(), "CHECK failed");
  EXPECT_DEATH(SharedMutex().downgrade(), "CHECK failed");
  EXPECT_DEATH(Mutex().assert_held(), "CHECK failed");
  EXPECT_DEATH(SharedMutex().assert_held(), "CHECK failed");
  EXPECT_DEATH(SharedMutex().assert_held_exclusive(), "CHECK failed");
}

TEST(LocksDeath, ATaskMustBeJoinedAndNotByItself) {
  run_on_node([](Node& node) {
    EXPECT_DEATH((void)node.tasks().spawn("left", [] {}), "state_ == nullptr");
    EXPECT_DEATH(
        {
          Task task;
          Event ready;
          task = node.tasks().spawn("self", [&] {
            ready.wait();
            task.join();
          });
          ready.set();
          CHECK(node.tasks().sleep_for(10s).ok());
        },
        "pthread_self");
    EXPECT_DEATH(Task().join(), "state_ != nullptr");
  });
}

uint64_t visits_of(std::string_view probe) {
  uint64_t visits = 0;
  for (const ProbeReading& reading : read_probes()) {
    if (reading.name == probe) visits += reading.visits;
  }
  return visits;
}

// A waiter that is woken again and again only to find the lock taken is handed it in the end.
TEST(MutexPosix, AStarvingWaiterIsHandedTheLock) {
  run_on_node([](Node& node) {
    const uint64_t before = visits_of("platform/mutex-handed-over");
    Mutex mutex;
    const auto overtake = [&] {
      std::atomic<bool> waiter_is_through = false;
      mutex.lock();
      Task waiter = node.tasks().spawn("waiter", [&] {
        MutexLock lock(mutex);
        waiter_is_through = true;
      });
      while (!waiter_is_through.load()) {
        (void)node.tasks().sleep_for(500us);  // the waiter goes back to sleep meanwhile
        mutex.unlock();                       // wakes it
        mutex.lock();                         // and is faster, nearly always
      }
      mutex.unlock();
      waiter.join();
    };
    const MonoTime deadline = node.clock().now() + 20s;
    while (visits_of("platform/mutex-handed-over") == before) {
      if (node.clock().now() > deadline) GTEST_SKIP() << "no waiter could be made to starve here";
      overtake();
    }
    EXPECT_TRUE(mutex.try_lock());
    mutex.unlock();
  });
}

// With writers always waiting, a reader would wait for good if these always went first.
TEST(SharedMutexPosix, WritersInARowLeaveRoomForReaders) {
  run_on_node([](Node& node) {
    constexpr std::string_view kProbe = "platform/latch-readers-before-writer";
    const uint64_t before = visits_of(kProbe);
    SharedMutex latch;
    std::atomic<bool> over = false;
    uint64_t value = 0;
    in_tasks(node, 7, [&](size_t self) {
      while (!over.load()) {
        if (self > 0) {
          ExclusiveLock lock(latch);
          ++value;
          for (int spin = 0; spin < 50; ++spin) node.tasks().spin_hint();
        } else {
          SharedLock lock(latch);
          if (visits_of(kProbe) >= before + 20) over = true;
        }
      }
    });
    EXPECT_GT(value, 0u);
  });
}

// Long and mixed, for the thread sanitizer and for lost wake-ups: a lost one hangs.
TEST(SharedMutexPosix, MixedStress) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    uint64_t value = 0;
    uint64_t copy = 0;
    std::atomic<uint64_t> writes = 0;
    in_tasks(node, 6, [&](size_t self) {
      Prng prng(self);
      for (int i = 0; i < 4000; ++i) {
        const uint64_t kind = prng.below(10);
        if (kind < 6) {
          SharedLock lock(latch);
          EXPECT_EQ(value, copy);
        } else if (kind < 8) {
          latch.lock();
          ++value;
          copy = value;
          writes.fetch_add(1);
          latch.unlock();
        } else if (kind < 9) {
          latch.lock();
          ++value;
          copy = value;
          writes.fetch_add(1);
          latch.downgrade();
          EXPECT_EQ(value, copy);
          latch.unlock_shared();
        } else if (latch.try_lock()) {
          ++value;
          copy = value;
          writes.fetch_add(1);
          if (prng.chance(0.1)) node.tasks().yield();
          latch.unlock();
        }
      }
    });
    EXPECT_EQ(value, writes.load());
  });
}

TEST(MutexPosix, MixedStressWithTryLock) {
  run_on_node([](Node& node) {
    Mutex mutex;
    uint64_t value = 0;
    std::atomic<uint64_t> taken = 0;
    in_tasks(node, 6, [&](size_t self) {
      Prng prng(self);
      for (int i = 0; i < 5000; ++i) {
        if (prng.chance(0.3)) {
          if (!mutex.try_lock()) continue;
        } else {
          mutex.lock();
        }
        ++value;
        taken.fetch_add(1);
        if (prng.chance(0.01)) node.tasks().yield();
        mutex.unlock();
      }
    });
    EXPECT_EQ(value, taken.load());
  });
}

}  // namespace
}  // namespace aftersync
