// CondVar: no wake-up is lost, no wait outlasts its deadline, the mutex is held on return.
#include <gtest/gtest.h>

#include <deque>

#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(CondVarContract, NotifyOneWakesTheWaiter) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    bool ready = false;
    Task waiter = node.tasks().spawn("waiter", [&] {
      MutexLock lock(mutex);
      while (!ready) changed.wait(mutex);
      mutex.assert_held();
    });
    {
      MutexLock lock(mutex);
      ready = true;
    }
    changed.notify_one();
    waiter.join();
  });
}

TEST(CondVarContract, NotifyOneWakesSomebodyForEachCall) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    int waiting = 0;
    int permits = 0;
    std::vector<Task> waiters;
    for (int i = 0; i < 4; ++i) {
      waiters.push_back(node.tasks().spawn("waiter", [&] {
        MutexLock lock(mutex);
        ++waiting;
        while (permits == 0) changed.wait(mutex);
        --permits;
      }));
    }
    EXPECT_TRUE(eventually(node, [&] {
      MutexLock lock(mutex);
      return waiting == 4;
    }));
    for (int i = 0; i < 4; ++i) {
      MutexLock lock(mutex);
      ++permits;
      changed.notify_one();
    }
    for (Task& waiter : waiters) waiter.join();
    EXPECT_EQ(permits, 0);
  });
}

TEST(CondVarContract, NotifyAllWakesEverybody) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    int waiting = 0;
    bool go = false;
    std::vector<Task> waiters;
    for (int i = 0; i < 5; ++i) {
      waiters.push_back(node.tasks().spawn("waiter", [&] {
        MutexLock lock(mutex);
        ++waiting;
        while (!go) changed.wait(mutex);
      }));
    }
    EXPECT_TRUE(eventually(node, [&] {
      MutexLock lock(mutex);
      return waiting == 5;
    }));
    {
      MutexLock lock(mutex);
      go = true;
    }
    changed.notify_all();
    for (Task& waiter : waiters) waiter.join();
  });
}

// A bounded queue: if one wake-up in a thousand were lost, somebody would wait for ever.
TEST(CondVarContract, NoWakeUpIsLost) {
  run_on_node([](Node& node) {
    constexpr int kItems = 300;
    constexpr size_t kRoom = 2;
    Mutex mutex;
    CondVar not_empty;
    CondVar not_full;
    std::deque<int> queue;
    int64_t sum = 0;
    in_tasks(node, 4, [&](size_t self) {
      for (int i = 1; i <= kItems; ++i) {
        mutex.lock();
        if (self % 2 == 0) {
          while (queue.size() == kRoom) not_full.wait(mutex);
          queue.push_back(i);
          mutex.unlock();
          not_empty.notify_one();
        } else {
          while (queue.empty()) not_empty.wait(mutex);
          sum += queue.front();
          queue.pop_front();
          mutex.unlock();
          not_full.notify_one();
        }
      }
    });
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(sum, int64_t{kItems} * (kItems + 1));
  });
}

TEST(CondVarContract, TwoTasksTakeTurns) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed[2];
    int turn = 0;
    in_tasks(node, 2, [&](size_t self) {
      const int mine = static_cast<int>(self);
      for (int i = 0; i < 200; ++i) {
        MutexLock lock(mutex);
        while (turn % 2 != mine) changed[self].wait(mutex);
        ++turn;
        changed[1 - self].notify_one();
      }
    });
    EXPECT_EQ(turn, 400);
  });
}

TEST(CondVarContract, WaitingReleasesTheMutex) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    bool waiting = false;
    bool done = false;
    Task waiter = node.tasks().spawn("waiter", [&] {
      MutexLock lock(mutex);
      waiting = true;
      while (!done) changed.wait(mutex);
    });
    EXPECT_TRUE(eventually(node, [&] {
      MutexLock lock(mutex);
      return waiting;
    }));
    {
      MutexLock lock(mutex);
      done = true;
      changed.notify_all();
    }
    waiter.join();
  });
}

TEST(CondVarContract, AWaitEndsAtItsDeadlineAndHoldsTheMutex) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar never;
    MutexLock lock(mutex);
    const MonoTime deadline = node.clock().now() + kShort;
    while (never.wait_until(mutex, deadline) == WaitResult::woken) {  // spurious
    }
    EXPECT_GE(node.clock().now(), deadline);
    mutex.assert_held();
    in_tasks(node, 1, [&](size_t) { EXPECT_FALSE(mutex.try_lock()); });
  });
}

TEST(CondVarContract, ADeadlineInThePastDoesNotWait) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar never;
    MutexLock lock(mutex);
    for (const MonoTime past : {MonoTime(), node.clock().now() - 1ns}) {
      while (never.wait_until(mutex, past) == WaitResult::woken) {
      }
      mutex.assert_held();
    }
  });
}

TEST(CondVarContract, ANotificationComesBeforeAFarDeadline) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    bool ready = false;
    const MonoTime far = in_a_long_time(node);
    for (const MonoTime deadline : {far, kNever}) {
      ready = false;
      Task waiter = node.tasks().spawn("waiter", [&] {
        MutexLock lock(mutex);
        while (!ready) EXPECT_EQ(changed.wait_until(mutex, deadline), WaitResult::woken);
      });
      EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
      {
        MutexLock lock(mutex);
        ready = true;
        changed.notify_one();
      }
      waiter.join();
    }
  });
}

// The wake of a waiter that timed out must not be taken from one that is still there.
TEST(CondVarContract, TimedAndUntimedWaitersMix) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    int permits = 0;
    int taken = 0;
    int impatient_left = 3;
    std::vector<Task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(node.tasks().spawn("impatient", [&] {
        MutexLock lock(mutex);
        const MonoTime deadline = node.clock().now() + 200us;
        while (permits == 0 && changed.wait_until(mutex, deadline) == WaitResult::woken) {
        }
        if (permits > 0) {
          --permits;
          ++taken;
          changed.notify_one();
        }
        --impatient_left;
      }));
      tasks.push_back(node.tasks().spawn("patient", [&] {
        MutexLock lock(mutex);
        while (permits == 0) changed.wait(mutex);
        --permits;
        ++taken;
      }));
    }
    for (int i = 0; i < 6; ++i) {
      MutexLock lock(mutex);
      ++permits;
      changed.notify_one();
    }
    EXPECT_TRUE(eventually(node, [&] {
      MutexLock lock(mutex);
      if (permits > 0) changed.notify_one();  // an impatient one may have left with a wake
      return impatient_left == 0 && taken + permits == 6;
    }));
    {
      MutexLock lock(mutex);
      changed.notify_all();
    }
    for (Task& task : tasks) task.join();
    EXPECT_GE(taken, 3);
  });
}

TEST(CondVarContract, ANotificationWithoutWaitersIsForgotten) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    changed.notify_one();
    changed.notify_all();
    MutexLock lock(mutex);
    const MonoTime deadline = node.clock().now() + kShort / 10;
    while (changed.wait_until(mutex, deadline) == WaitResult::woken) {
    }
  });
}

}  // namespace
}  // namespace aftersync
