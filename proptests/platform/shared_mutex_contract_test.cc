// SharedMutex: readers together, writers alone, and a writer that waits is not overtaken.
#include <gtest/gtest.h>

#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

// Whether another task could have it; gives it back at once.
bool try_shared_elsewhere(Node& node, SharedMutex& latch) {
  bool taken = false;
  in_tasks(node, 1, [&](size_t) {
    taken = latch.try_lock_shared();
    if (taken) latch.unlock_shared();
  });
  return taken;
}

bool try_exclusive_elsewhere(Node& node, SharedMutex& latch) {
  bool taken = false;
  in_tasks(node, 1, [&](size_t) {
    taken = latch.try_lock();
    if (taken) latch.unlock();
  });
  return taken;
}

TEST(SharedMutexContract, ReadersAreInsideTogether) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    Event inside[3];
    in_tasks(node, 3, [&](size_t self) {
      SharedLock lock(latch);
      inside[self].set();
      for (Event& other : inside) {
        EXPECT_EQ(other.wait_until(in_a_long_time(node)), WaitResult::woken);
      }
    });
  });
}

TEST(SharedMutexContract, AWriterKeepsEverybodyOut) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    EXPECT_TRUE(try_exclusive_elsewhere(node, latch));
    latch.lock();
    latch.assert_held();
    latch.assert_held_exclusive();
    EXPECT_FALSE(try_exclusive_elsewhere(node, latch));
    EXPECT_FALSE(try_shared_elsewhere(node, latch));
    latch.unlock();
    EXPECT_TRUE(try_exclusive_elsewhere(node, latch));
    EXPECT_TRUE(try_shared_elsewhere(node, latch));
  });
}

TEST(SharedMutexContract, AReaderKeepsWritersOutAndReadersNot) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    latch.lock_shared();
    latch.assert_held();
    EXPECT_FALSE(try_exclusive_elsewhere(node, latch));
    EXPECT_TRUE(try_shared_elsewhere(node, latch));
    latch.unlock_shared();
    EXPECT_TRUE(try_exclusive_elsewhere(node, latch));
  });
}

TEST(SharedMutexContract, WritersWorkAloneAndReadersSeeTheirWorkWhole) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    int first = 0;
    int second = 0;
    in_tasks(node, 4, [&](size_t self) {
      for (int i = 0; i < 200; ++i) {
        if (i % 4 == static_cast<int>(self)) {
          ExclusiveLock lock(latch);
          ++first;
          if (i % 16 == 0) node.tasks().yield();
          ++second;
        } else {
          SharedLock lock(latch);
          const int seen = first;
          if (i % 16 == 0) node.tasks().yield();
          EXPECT_EQ(seen, second);
        }
      }
    });
    EXPECT_EQ(first, 200);
    EXPECT_EQ(second, 200);
  });
}

TEST(SharedMutexContract, AWaitingWriterKeepsNewReadersOut) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    bool written = false;
    Event reader_may_leave;
    Event reader_is_inside;
    Task reader = node.tasks().spawn("reader", [&] {
      SharedLock lock(latch);
      reader_is_inside.set();
      EXPECT_EQ(reader_may_leave.wait_until(in_a_long_time(node)), WaitResult::woken);
      EXPECT_FALSE(written);
    });
    reader_is_inside.wait();
    Task writer = node.tasks().spawn("writer", [&] {
      ExclusiveLock lock(latch);
      written = true;
    });
    // Nothing tells when the writer has begun to wait, but then it shows.
    EXPECT_TRUE(eventually(node, [&] { return !try_shared_elsewhere(node, latch); }));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(try_shared_elsewhere(node, latch));
    Task late = node.tasks().spawn("late", [&] {
      SharedLock lock(latch);
      EXPECT_TRUE(written);
    });
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    reader_may_leave.set();
    reader.join();
    writer.join();
    late.join();
  });
}

TEST(SharedMutexContract, LeavingWriterLetsAllReadersIn) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    Event inside[3];
    latch.lock();
    std::vector<Task> readers;
    for (Event& mine : inside) {
      readers.push_back(node.tasks().spawn("reader", [&] {
        SharedLock lock(latch);
        mine.set();
        for (Event& other : inside) {
          EXPECT_EQ(other.wait_until(in_a_long_time(node)), WaitResult::woken);
        }
      }));
    }
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    for (const Event& one : inside) EXPECT_FALSE(one.is_set());
    latch.unlock();
    for (Task& reader : readers) reader.join();
  });
}

TEST(SharedMutexContract, DowngradeLetsReadersIn) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    Event inside;
    latch.lock();
    Task reader = node.tasks().spawn("reader", [&] {
      SharedLock lock(latch);
      inside.set();
    });
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    EXPECT_FALSE(inside.is_set());
    latch.downgrade();
    EXPECT_EQ(inside.wait_until(in_a_long_time(node)), WaitResult::woken);
    latch.assert_held();
    EXPECT_FALSE(try_exclusive_elsewhere(node, latch));
    latch.unlock_shared();
    reader.join();
  });
}

TEST(SharedMutexContract, DowngradeLetsNoWriterInBetween) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    int value = 0;
    latch.lock();
    std::vector<Task> writers;
    for (int i = 0; i < 2; ++i) {
      writers.push_back(node.tasks().spawn("writer", [&] {
        ExclusiveLock lock(latch);
        value += 10;
      }));
    }
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    value = 1;
    latch.downgrade();
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(value, 1);
      node.tasks().yield();
    }
    latch.unlock_shared();
    for (Task& writer : writers) writer.join();
    EXPECT_EQ(value, 21);
  });
}

// A page is latched by whoever starts its read, and unlatched by whoever completes it.
TEST(SharedMutexContract, AnotherTaskMayUnlockAnExclusiveHold) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    int value = 0;
    latch.lock();
    value = 1;
    in_tasks(node, 1, [&](size_t) {
      EXPECT_EQ(value, 1);
      latch.unlock();
    });
    EXPECT_TRUE(try_exclusive_elsewhere(node, latch));
  });
}

// Writers in a row must not leave readers behind, nor readers writers: everybody gets his turns.
TEST(SharedMutexContract, EverybodyFinishes) {
  run_on_node([](Node& node) {
    SharedMutex latch;
    int value = 0;
    in_tasks(node, 6, [&](size_t self) {
      for (int i = 0; i < 100; ++i) {
        if (self < 3) {
          ExclusiveLock lock(latch);
          ++value;
          if (i % 10 == 0) latch.assert_held_exclusive();
        } else {
          latch.lock_shared();
          EXPECT_GE(value, 0);
          latch.unlock_shared();
        }
      }
    });
    EXPECT_EQ(value, 300);
  });
}

TEST(SharedMutexContract, MayBeFreedByWhoeverHoldsItLast) {
  run_on_node([](Node& node) {
    for (int round = 0; round < 100; ++round) {
      auto* latch = new SharedMutex;
      Event reader_is_inside;
      in_tasks(node, 2, [&](size_t self) {
        if (self == 0) {
          latch->lock_shared();
          reader_is_inside.set();
          latch->unlock_shared();
        } else {
          reader_is_inside.wait();
          latch->lock();
          latch->unlock();
          delete latch;
        }
      });
    }
  });
}

}  // namespace
}  // namespace aftersync
