// Mutex: one at a time, nothing seen half done, nobody left out.
#include <gtest/gtest.h>

#include "core/base/check.h"
#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(MutexContract, OneTaskAtATime) {
  run_on_node([](Node& node) {
    Mutex mutex;
    int inside = 0;
    int total = 0;
    in_tasks(node, 4, [&](size_t) {
      for (int i = 0; i < 300; ++i) {
        MutexLock lock(mutex);
        EXPECT_EQ(++inside, 1);
        if (i % 16 == 0) node.tasks().yield();
        ++total;
        --inside;
      }
    });
    EXPECT_EQ(total, 1200);
  });
}

TEST(MutexContract, TryLockTakesAFreeLockOnly) {
  run_on_node([](Node& node) {
    Mutex mutex;
    const auto try_elsewhere = [&] {
      bool taken = false;
      in_tasks(node, 1, [&](size_t) {
        taken = mutex.try_lock();
        if (taken) mutex.unlock();
      });
      return taken;
    };
    EXPECT_TRUE(try_elsewhere());
    mutex.lock();
    EXPECT_FALSE(try_elsewhere());
    mutex.unlock();
    EXPECT_TRUE(try_elsewhere());
    ASSERT_TRUE(mutex.try_lock());
    EXPECT_FALSE(try_elsewhere());
    mutex.unlock();
  });
}

TEST(MutexContract, LockWaitsForTheHolder) {
  run_on_node([](Node& node) {
    Mutex mutex;
    bool entered = false;  // guarded by mutex
    mutex.lock();
    Task other = node.tasks().spawn("other", [&] {
      MutexLock lock(mutex);
      entered = true;
    });
    for (int i = 0; i < 20; ++i) {
      node.tasks().yield();
      EXPECT_FALSE(entered);
    }
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    EXPECT_FALSE(entered);
    mutex.unlock();
    other.join();
    EXPECT_TRUE(entered);
  });
}

TEST(MutexContract, AssertHeldAcceptsTheHolder) {
  run_on_node([](Node&) {
    Mutex mutex;
    MutexLock lock(mutex);
    mutex.assert_held();
  });
}

// Whoever unlocks and locks again at once is running; the waiter has yet to wake up. A lock that
// knows no more than "free" and "taken" lets the first one win for as long as it likes.
TEST(MutexContract, AWaiterIsNotOvertakenForGood) {
  run_on_node([](Node& node) {
    Mutex mutex;
    bool waiter_done = false;  // guarded by mutex
    Task hog = node.tasks().spawn("hog", [&] {
      for (bool over = false; !over;) {
        MutexLock lock(mutex);
        for (int i = 0; i < 20; ++i) node.tasks().spin_hint();
        over = waiter_done;
      }
    });
    for (int turn = 0; turn < 20; ++turn) {
      MutexLock lock(mutex);
      waiter_done = turn == 19;
    }
    hog.join();
  });
}

// The last user may free the lock's memory as soon as it holds the lock.
TEST(MutexContract, MayBeFreedByWhoeverHoldsItLast) {
  run_on_node([](Node& node) {
    for (int round = 0; round < 100; ++round) {
      struct Shared {
        Mutex mutex;
        int users = 2;
      };
      auto* shared = new Shared;
      in_tasks(node, 2, [shared](size_t) {
        shared->mutex.lock();
        const bool last = --shared->users == 0;
        shared->mutex.unlock();
        if (last) delete shared;
      });
    }
  });
}

}  // namespace
}  // namespace aftersync
