// The simulator itself: what would make every finding worthless if it were wrong.
//
// Same seed, same run; a killed process runs nothing more and leaves nothing behind; blocked means
// reported; clocks obey their faults; a masked schedule is the plain one.
#include "faults/sim/world.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/platform/sync.h"
#include "faults/sim/heap.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync::sim {
namespace {

WorldOptions seeded(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.schedule = ScheduleOptions::drawn_from(seed);
  return options;
}

// Three producers and a consumer; returns the order in which items came out.
RunResult run_queue(const WorldOptions& options, std::string* order = nullptr) {
  World world(options);
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    Mutex mutex;
    CondVar filled;
    std::deque<char> queue;
    std::vector<Task> producers;
    for (char name : {'a', 'b', 'c'}) {
      producers.push_back(node.tasks().spawn(std::string(1, name), [&, name] {
        for (int i = 0; i < 5; ++i) {
          {
            const MutexLock lock(mutex);
            queue.push_back(name);
          }
          filled.notify_one();
        }
      }));
    }
    for (int taken = 0; taken < 15; ++taken) {
      const MutexLock lock(mutex);
      while (queue.empty()) filled.wait(mutex);
      if (order != nullptr) order->push_back(queue.front());
      queue.pop_front();
    }
    for (Task& task : producers) task.join();
  });
  return world.run();
}

TEST(World, SameSeedSameRunOtherSeedOtherOrder) {
  std::set<std::string> orders;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    std::string first;
    std::string second;
    const RunResult a = run_queue(seeded(seed), &first);
    const RunResult b = run_queue(seeded(seed), &second);
    ASSERT_EQ(a.end, RunEnd::completed) << a.violation;
    EXPECT_EQ(a.digest, b.digest);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(first, second);
    orders.insert(first);
  }
  EXPECT_GT(orders.size(), 25u);  // the seed does choose the schedule
}

TEST(World, AMaskedScheduleIsThePlainOneWhateverTheSeed) {
  std::set<std::string> orders;
  uint64_t most_switches = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    WorldOptions options = seeded(seed);
    options.schedule.windows.clear();
    std::string order;
    const RunResult result = run_queue(options, &order);
    ASSERT_EQ(result.end, RunEnd::completed) << result.violation;
    orders.insert(order);
    most_switches = std::max(most_switches, result.switches);
  }
  EXPECT_EQ(orders.size(), 1u);
  EXPECT_LT(most_switches, 60u);
}

TEST(World, AWindowLimitsWhereTheScheduleDeviates) {
  WorldOptions plain = seeded(3);
  plain.schedule = {};
  plain.schedule.windows.clear();
  WorldOptions late = plain;
  late.schedule.windows = {StepWindow{1'000'000, UINT64_MAX}};
  WorldOptions early = plain;
  early.schedule.windows = {StepWindow{5, 40}};
  EXPECT_EQ(run_queue(plain).digest, run_queue(late).digest);
  EXPECT_NE(run_queue(plain).digest, run_queue(early).digest);
}

struct SaysGoodbye {
  explicit SaysGoodbye(int& count) : destroyed(count) {}
  ~SaysGoodbye() { ++destroyed; }
  int& destroyed;
  std::vector<int> payload = std::vector<int>(1000);
};

TEST(World, AKilledProcessRunsNotOneMoreInstruction) {
  int destroyed = 0;
  int turns = 0;
  int turns_at_kill = 0;
  World world(seeded(1));
  Machine& server = world.add_machine("s");
  server.start([&](Node& node) {
    auto object = std::make_unique<SaysGoodbye>(destroyed);
    Task other = node.tasks().spawn("other", [&] {
      const SaysGoodbye on_another_stack(destroyed);
      while (true) (void)node.tasks().sleep_for(1ms);
    });
    while (true) {
      ++turns;
      (void)node.tasks().sleep_for(1ms);
    }
  });
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    (void)node.tasks().sleep_for(100ms);
    server.kill();
    turns_at_kill = turns;
    EXPECT_FALSE(server.running());
    EXPECT_EQ(server.last_end(), ProcessEnd::killed);
    (void)node.tasks().sleep_for(100ms);
    EXPECT_EQ(turns, turns_at_kill);
    server.restart();
    (void)node.tasks().sleep_for(100ms);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
  EXPECT_GT(turns_at_kill, 50);
  EXPECT_GT(turns, turns_at_kill + 50);
  EXPECT_EQ(server.incarnation(), 2u);
  EXPECT_EQ(destroyed, 0);
}

TEST(World, KillsAtEveryStepAreSurvivedByTheHost) {
  for (uint64_t step = 1; step < 200; ++step) {
    World world(seeded(7));
    Machine& server = world.add_machine("s");
    const auto serve = [](Node& node) {
      Mutex mutex;
      CondVar changed;
      int value = 0;
      Task other = node.tasks().spawn("other", [&] {
        while (true) {
          {
            const MutexLock lock(mutex);
            ++value;
          }
          changed.notify_all();
          node.tasks().yield();
        }
      });
      const MutexLock lock(mutex);
      while (value < 1'000'000) changed.wait(mutex);
    };
    server.start(serve);
    world.at_step(step, [&] {
      server.kill();
      server.restart();
    });
    world.start_harness(world.add_machine("h"),
                        [&](Node& node) { (void)node.tasks().sleep_for(1ms); });
    const RunResult result = world.run();
    ASSERT_EQ(result.end, RunEnd::completed) << step << ": " << result.violation;
    ASSERT_EQ(server.incarnation(), 2u);
  }
}

TEST(World, MemoryOfAProcessIsFreedAndMemoryOfTheHostIsNot) {
  std::string kept;
  ProcessHeap heap;
  ProcessHeap* outer = set_current_heap(&heap);
  auto* lost = new std::string(1000, 'x');
  {
    const HostScope host;
    kept = std::string(1000, 'y');
  }
  set_current_heap(outer);
  EXPECT_GE(heap.live_bytes(), 1000u + sizeof(std::string));
  EXPECT_LT(heap.live_bytes(), 2000u);
  EXPECT_EQ(lost->size(), 1000u);
  heap.drop_all();
  EXPECT_EQ(heap.live_bytes(), 0u);
  EXPECT_EQ(kept, std::string(1000, 'y'));
}

TEST(World, ADeadlockIsReportedWithWhoWaitsForWhat) {
  Mutex a;
  Mutex b;
  RunResult result;
  {
    World world(seeded(0));
    bool a_taken = false;
    bool b_taken = false;
    world.start_harness(world.add_machine("h"), [&](Node& node) {
      Task other = node.tasks().spawn("other", [&] {
        b.lock();
        b_taken = true;
        while (!a_taken) node.tasks().yield();
        a.lock();
      });
      a.lock();
      a_taken = true;
      while (!b_taken) node.tasks().yield();
      b.lock();
    });
    result = world.run();
  }
  EXPECT_EQ(result.end, RunEnd::deadlocked);
  EXPECT_NE(result.violation.find("h/main on mutex"), std::string::npos) << result.violation;
  EXPECT_NE(result.violation.find("h/other on mutex"), std::string::npos) << result.violation;
  // Their holders are gone without having unlocked: make them idle again before they are destroyed.
  new (&a) Mutex;
  new (&b) Mutex;
}

TEST(World, AFailedCheckIsAViolationNotTheEndOfTheSimulator) {
  World world(seeded(0));
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    (void)node.tasks().sleep_for(1ms);
    const int two = 2;
    CHECK_EQ(two, 3);
  });
  const RunResult result = world.run();
  EXPECT_EQ(result.end, RunEnd::violated);
  EXPECT_NE(result.violation.find("two == 3 (2 against 3)"), std::string::npos) << result.violation;
}

TEST(World, NodeCrashEndsTheProcessAndKeepsTheReason) {
  World world(seeded(0));
  Machine& server = world.add_machine("s");
  int destroyed = 0;
  server.start([&](Node& node) {
    const SaysGoodbye never(destroyed);
    (void)node.tasks().sleep_for(1ms);
    node.crash("the log could not be synced");
  });
  world.start_harness(world.add_machine("h"),
                      [&](Node& node) { (void)node.tasks().sleep_for(1s); });
  EXPECT_EQ(world.run().end, RunEnd::completed);
  EXPECT_EQ(server.last_end(), ProcessEnd::crashed);
  EXPECT_EQ(server.crash_reason(), "the log could not be synced");
  EXPECT_EQ(destroyed, 0);
}

TEST(World, APausedProcessStandsStillAndGoesOn) {
  World world(seeded(4));
  Machine& server = world.add_machine("s");
  int ticks = 0;
  server.start([&](Node& node) {
    while (true) {
      (void)node.tasks().sleep_for(10ms);
      ++ticks;
    }
  });
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    (void)node.tasks().sleep_for(1s);
    server.pause();
    const int at_pause = ticks;
    EXPECT_GT(at_pause, 50);
    (void)node.tasks().sleep_for(1s);
    EXPECT_EQ(ticks, at_pause);
    server.resume();
    (void)node.tasks().sleep_for(1s);
    EXPECT_GT(ticks, at_pause + 50);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
}

TEST(World, ClocksDriftAndJumpAsTold) {
  World world(seeded(5));
  Machine& fast = world.add_machine("fast");
  Machine& exact = world.add_machine("exact");
  fast.clock_faults().drift_ppm = 50'000;
  Duration fast_elapsed{0};
  Duration exact_elapsed{0};
  const auto measure = [&world](Duration& elapsed) {
    return [&elapsed, &world](Node& node) {
      const MonoTime start = node.clock().now();
      while (world.now() < MonoTime(10s)) (void)node.tasks().sleep_for(10ms);
      elapsed = node.clock().now() - start;
    };
  };
  world.start_harness(fast, measure(fast_elapsed));
  world.start_harness(exact, measure(exact_elapsed));
  world.at(MonoTime(5s), [&] {
    const WallTime before = exact.node().clock().wall_now();
    exact.clock_faults().wall_offset -= 1h;
    EXPECT_EQ(exact.node().clock().wall_now(), before - 1h);
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
  EXPECT_NEAR(static_cast<double>(fast_elapsed.count()),
              static_cast<double>(exact_elapsed.count()) * 1.05, 0.001 * 1e10);
}

TEST(World, RunsOutOfVirtualTimeOrSteps) {
  WorldOptions options = seeded(0);
  options.max_virtual_time = 1s;
  {
    World world(options);
    world.start_harness(world.add_machine("h"),
                        [](Node& node) { (void)node.tasks().sleep_for(1h); });
    EXPECT_EQ(world.run().end, RunEnd::out_of_time);
  }
  options.max_steps = 1000;
  World world(options);
  world.start_harness(world.add_machine("h"), [](Node& node) {
    while (true) node.tasks().yield();
  });
  EXPECT_EQ(world.run().end, RunEnd::out_of_steps);
}

#if AFTERSYNC_FAULTS
TEST(World, FaultPointsFireByTheirProbabilityAndEndWithTheWorld) {
  uint64_t fired = 0;
  {
    World world(seeded(0));
    ASSERT_TRUE(world.enable_fault("bug/req-ack-before-durable", 0.25).ok());
    EXPECT_EQ(world.enable_fault("bug/req-ack-before-durabel").code(), Code::invalid_argument);
    world.start_harness(world.add_machine("h"), [&](Node& node) {
      for (int i = 0; i < 1000; ++i) {
        if (AFTERSYNC_FAULT("bug/req-ack-before-durable")) ++fired;
        node.tasks().yield();
      }
    });
    EXPECT_EQ(world.run().end, RunEnd::completed);
    EXPECT_EQ(world.faults_fired(), fired);
  }
  EXPECT_GT(fired, 200u);
  EXPECT_LT(fired, 300u);
  EXPECT_FALSE(AFTERSYNC_FAULT("bug/req-ack-before-durable"));
}
#endif

TEST(World, ExceptionsSurviveSwitchesInsideHandlers) {
  World world(seeded(11));
  std::vector<std::string> caught;
  world.start_harness(world.add_machine("h"), [&](Node& node) {
    std::vector<Task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(node.tasks().spawn("t", [&, i] {
        try {
          throw std::to_string(i);
        } catch (const std::string&) {
          for (int turn = 0; turn < 10; ++turn) node.tasks().yield();
          try {
            throw;
          } catch (const std::string& again) {
            caught.push_back(again == std::to_string(i) ? "own" : "foreign");
          }
        }
      }));
    }
    for (Task& task : tasks) task.join();
  });
  EXPECT_EQ(world.run().end, RunEnd::completed);
  EXPECT_EQ(caught, (std::vector<std::string>{"own", "own", "own"}));
}

}  // namespace
}  // namespace aftersync::sim
