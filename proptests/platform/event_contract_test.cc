// Event: a flag that stays set, and lets everybody through.
#include <gtest/gtest.h>

#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(EventContract, StaysSetUntilReset) {
  run_on_node([](Node& node) {
    Event event;
    EXPECT_FALSE(event.is_set());
    event.set();
    event.set();
    EXPECT_TRUE(event.is_set());
    event.wait();
    event.wait();
    EXPECT_EQ(event.wait_until(kNever), WaitResult::woken);
    EXPECT_TRUE(event.is_set());
    event.reset();
    EXPECT_FALSE(event.is_set());
    EXPECT_EQ(event.wait_until(node.clock().now()), WaitResult::timed_out);
    event.set();
    EXPECT_TRUE(event.is_set());
  });
}

TEST(EventContract, SetLetsAllWaitersGoAndShowsThemWhatCameBefore) {
  run_on_node([](Node& node) {
    Event event;
    int value = 0;
    std::vector<Task> waiters;
    for (int i = 0; i < 5; ++i) {
      waiters.push_back(node.tasks().spawn("waiter", [&, i] {
        if (i % 2 == 0) {
          event.wait();
        } else {
          EXPECT_EQ(event.wait_until(in_a_long_time(node)), WaitResult::woken);
        }
        EXPECT_EQ(value, 7);
      }));
    }
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    value = 7;
    event.set();
    for (Task& waiter : waiters) waiter.join();
  });
}

TEST(EventContract, IsSetShowsWhatCameBefore) {
  run_on_node([](Node& node) {
    Event event;
    int value = 0;
    in_tasks(node, 2, [&](size_t self) {
      if (self == 0) {
        value = 7;
        event.set();
      } else {
        while (!event.is_set()) node.tasks().yield();
        EXPECT_EQ(value, 7);
      }
    });
  });
}

TEST(EventContract, AWaitEndsAtItsDeadline) {
  run_on_node([](Node& node) {
    Event event;
    const MonoTime deadline = node.clock().now() + kShort;
    EXPECT_EQ(event.wait_until(deadline), WaitResult::timed_out);
    EXPECT_GE(node.clock().now(), deadline);
    EXPECT_EQ(event.wait_until(MonoTime()), WaitResult::timed_out);
  });
}

TEST(EventContract, ASetEventIsSeenEvenAfterTheDeadline) {
  run_on_node([](Node&) {
    Event event;
    event.set();
    EXPECT_EQ(event.wait_until(MonoTime()), WaitResult::woken);
  });
}

// The common use: an Event on the waiter's stack that is gone as soon as the waiter goes on.
TEST(EventContract, TheWaiterMayDestroyIt) {
  run_on_node([](Node& node) {
    for (int round = 0; round < 100; ++round) {
      auto* event = new Event;
      Task setter = node.tasks().spawn("setter", [event] { event->set(); });
      event->wait();
      delete event;
      setter.join();
    }
  });
}

TEST(EventContract, SetRacesWithTheDeadline) {
  run_on_node([](Node& node) {
    for (int round = 0; round < 50; ++round) {
      Event event;
      bool set_before = false;
      Task setter = node.tasks().spawn("setter", [&] {
        (void)node.tasks().sleep_for(20us);
        event.set();
      });
      const WaitResult result = event.wait_until(node.clock().now() + 20us);
      set_before = event.is_set();
      EXPECT_TRUE(set_before || result == WaitResult::timed_out);
      setter.join();
      EXPECT_TRUE(event.is_set());
    }
  });
}

}  // namespace
}  // namespace aftersync
