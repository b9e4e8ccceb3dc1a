// Tasks: started once, joined once, and out of every interruptible wait when the node shuts down.
#include <gtest/gtest.h>

#include <memory>

#include "proptests/platform/contract_harness.h"

namespace aftersync {
namespace {

TEST(TasksContract, ATaskRunsAndJoinWaitsForItsEnd) {
  run_on_node([](Node& node) {
    int value = 0;
    Task task = node.tasks().spawn("a name of more than fifteen characters", [&] {
      EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
      value = 7;
    });
    EXPECT_TRUE(task.joinable());
    task.join();
    EXPECT_FALSE(task.joinable());
    EXPECT_EQ(value, 7);
  });
}

TEST(TasksContract, JoinAfterTheEndReturnsAtOnce) {
  run_on_node([](Node& node) {
    Event done;
    Task task = node.tasks().spawn("short", [&] { done.set(); });
    done.wait();
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    task.join();
  });
}

TEST(TasksContract, AnEmptyTaskNeedsNoJoin) {
  run_on_node([](Node& node) {
    const Task empty;
    EXPECT_FALSE(empty.joinable());
    Task first = node.tasks().spawn("moved", [] {});
    Task second(std::move(first));
    EXPECT_FALSE(first.joinable());  // NOLINT: that is the contract
    EXPECT_TRUE(second.joinable());
    Task third;
    third = std::move(second);
    EXPECT_TRUE(third.joinable());
    third.join();
  });
}

TEST(TasksContract, WhatABodyCapturesIsGoneAfterJoin) {
  run_on_node([](Node& node) {
    auto captured = std::make_shared<int>(7);
    Task task = node.tasks().spawn("captures", [captured] { EXPECT_EQ(*captured, 7); });
    task.join();
    EXPECT_EQ(captured.use_count(), 1);
  });
}

TEST(TasksContract, ManyTasksAndTasksOfTasks) {
  run_on_node([](Node& node) {
    Mutex mutex;
    int total = 0;
    in_tasks(node, 16, [&](size_t) {
      in_tasks(node, 4, [&](size_t) {
        MutexLock lock(mutex);
        ++total;
      });
    });
    EXPECT_EQ(total, 64);
  });
}

TEST(TasksContract, AnotherTaskMayJoin) {
  run_on_node([](Node& node) {
    Event go;
    Task first = node.tasks().spawn("first", [&] { go.wait(); });
    Task second = node.tasks().spawn("second", [&] { first.join(); });
    go.set();
    second.join();
    EXPECT_FALSE(first.joinable());
  });
}

TEST(TasksContract, SleepLastsItsTimeAtLeast) {
  run_on_node([](Node& node) {
    const MonoTime start = node.clock().now();
    EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
    EXPECT_GE(node.clock().now(), start + kShort);
    const MonoTime deadline = node.clock().now() + kShort;
    EXPECT_TRUE(node.tasks().sleep_until(deadline).ok());
    EXPECT_GE(node.clock().now(), deadline);
  });
}

TEST(TasksContract, SleepUntilThePastReturnsAtOnce) {
  run_on_node([](Node& node) {
    EXPECT_TRUE(node.tasks().sleep_until(MonoTime()).ok());
    EXPECT_TRUE(node.tasks().sleep_for(0ns).ok());
    EXPECT_TRUE(node.tasks().sleep_for(-1s).ok());
  });
}

TEST(TasksContract, ShutdownEndsSleepsNowAndFromThenOn) {
  run_on_node([](Node& node) {
    EXPECT_FALSE(node.tasks().shutdown_requested());
    std::vector<Task> sleepers;
    for (int i = 0; i < 3; ++i) {
      sleepers.push_back(node.tasks().spawn("sleeper", [&, i] {
        const Status status = i == 0 ? node.tasks().sleep_until(kNever)
                                     : node.tasks().sleep_for(std::chrono::hours(24 * i));
        EXPECT_EQ(status.code(), Code::shutdown) << status.to_string();
        EXPECT_TRUE(node.tasks().shutdown_requested());
      }));
    }
    EXPECT_TRUE(node.tasks().sleep_for(kShort / 10).ok());
    node.tasks().request_shutdown();
    node.tasks().request_shutdown();
    for (Task& sleeper : sleepers) sleeper.join();
    EXPECT_EQ(node.tasks().sleep_for(std::chrono::hours(1)).code(), Code::shutdown);
    EXPECT_EQ(node.tasks().sleep_until(kNever).code(), Code::shutdown);
    EXPECT_TRUE(node.tasks().shutdown_requested());
  });
}

TEST(TasksContract, ATaskMayShutItsNodeDown) {
  run_on_node([](Node& node) {
    Task task = node.tasks().spawn("stopper", [&] { node.tasks().request_shutdown(); });
    EXPECT_EQ(node.tasks().sleep_for(std::chrono::hours(1)).code(), Code::shutdown);
    task.join();
  });
}

TEST(TasksContract, ShutdownLeavesLocksCondVarsAndEventsAlone) {
  run_on_node([](Node& node) {
    Mutex mutex;
    CondVar changed;
    Event event;
    bool ready = false;
    Event through;
    Task on_event = node.tasks().spawn("on-event", [&] {
      event.wait();
      through.set();
    });
    Task on_cond_var = node.tasks().spawn("on-cond-var", [&] {
      MutexLock lock(mutex);
      while (!ready) changed.wait(mutex);
    });
    node.tasks().request_shutdown();
    for (int i = 0; i < 20; ++i) node.tasks().yield();
    EXPECT_FALSE(through.is_set());
    EXPECT_EQ(through.wait_until(node.clock().now() + kShort), WaitResult::timed_out);
    event.set();
    {
      MutexLock lock(mutex);
      ready = true;
      changed.notify_all();
    }
    on_event.join();
    on_cond_var.join();
  });
}

TEST(TasksContract, ShutdownIsOneNodesBusiness) {
  Event stopped;
  run_on_nodes({
      [&](Node& node) {
        node.tasks().request_shutdown();
        EXPECT_EQ(node.tasks().sleep_for(std::chrono::hours(1)).code(), Code::shutdown);
        stopped.set();
      },
      [&](Node& node) {
        EXPECT_TRUE(eventually(node, [&] { return stopped.is_set(); }));
        EXPECT_FALSE(node.tasks().shutdown_requested());
        EXPECT_TRUE(node.tasks().sleep_for(kShort).ok());
      },
  });
}

TEST(TasksContract, YieldAndSpinHintLetOthersRun) {
  run_on_node([](Node& node) {
    Event set;
    Task setter = node.tasks().spawn("setter", [&] { set.set(); });
    while (!set.is_set()) node.tasks().yield();
    setter.join();
    Event again;
    Task other = node.tasks().spawn("setter", [&] { again.set(); });
    while (!again.is_set()) node.tasks().spin_hint();
    other.join();
  });
}

}  // namespace
}  // namespace aftersync
