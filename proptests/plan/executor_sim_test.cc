// The executor: what the plan says happens when it says so, and its three promises are kept.
#include "faults/plan/executor.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "faults/sim/disk_image.h"
#include "faults/sim/network.h"

namespace aftersync::faults {
namespace {

using sim::Machine;
using sim::ProcessEnd;
using sim::World;

sim::WorldOptions options() {
  sim::WorldOptions options;
  options.seed = 1;
  options.max_virtual_time = 1min;
  return options;
}

Action action(ActionKind kind, Duration at, const std::string& machine, Duration lasts = 0ms) {
  Action result;
  result.kind = kind;
  result.at = at;
  result.machine = machine;
  result.lasts = lasts;
  return result;
}

bool always(const Machine&, std::string_view) { return true; }
bool never(const Machine&, std::string_view) { return false; }

void idle(Node& node) {
  while (node.tasks().sleep_for(1ms).ok()) {
  }
}

// Servers a, b, c that do nothing, and a harness that looks at the World each 10 ms for a second.
class Watched {
 public:
  explicit Watched(const Plan& plan, Executor::CrashRule rule = always,
                   sim::ProcessMain main = idle)
      : world(options()), executor(world, plan, std::move(rule)) {
    for (const char* name : {"a", "b", "c"}) world.add_machine(name).start(main);
    world.add_machine("watch");
    CHECK_OK(executor.install());
  }

  sim::RunResult run(const std::function<void(Duration now)>& look) {
    world.start_harness(world.machine("watch"), [this, look](Node& node) {
      for (int i = 0; i < 100; ++i) {
        const Duration at = 10ms * i + 5ms;
        (void)node.tasks().sleep_for(MonoTime(at) - world.now());
        look(at);
      }
    });
    return world.run();
  }

  [[nodiscard]] bool up(const char* name) { return world.machine(name).running(); }

  World world;
  Executor executor;
};

Plan plan_of(std::vector<Action> actions) {
  Plan plan;
  plan.actions = std::move(actions);
  plan.quiet_at = 800ms;
  plan.crash_restart_delay = 50ms;
  return plan;
}

TEST(Executor, EndsProcessesAndStartsThemAgain) {
  const Plan plan = plan_of({action(ActionKind::kill, 100ms, "a", 100ms),
                             action(ActionKind::power_loss, 300ms, "b", 50ms),
                             action(ActionKind::replace_disk, 500ms, "c", 20ms)});
  Watched watched(plan);
  watched.world.machine("c").disk().put_file("kept", "x");
  std::map<std::string, int> looks_down;
  std::map<std::string, ProcessEnd> ends;
  const auto result = watched.run([&](Duration) {
    for (const char* name : {"a", "b", "c"}) {
      if (watched.up(name)) continue;
      ++looks_down[name];
      ends[name] = watched.world.machine(name).last_end();
    }
  });
  EXPECT_EQ(result.end, sim::RunEnd::completed);
  EXPECT_EQ(looks_down, (std::map<std::string, int>{{"a", 10}, {"b", 5}, {"c", 2}}));
  EXPECT_EQ(ends["a"], ProcessEnd::killed);
  EXPECT_EQ(ends["b"], ProcessEnd::powered_off);
  EXPECT_FALSE(watched.world.machine("c").disk().read_file("kept").has_value());
}

TEST(Executor, PausesCutsAndFailsDisksForTheirTime) {
  Action partition;
  partition.kind = ActionKind::partition;
  partition.at = 100ms;
  partition.lasts = 100ms;
  partition.cuts = {{"a", "b"}};
  Action overlapping = partition;
  overlapping.at = 150ms;
  const Plan plan = plan_of({partition, overlapping, action(ActionKind::pause, 300ms, "a", 100ms),
                             action(ActionKind::disk_full, 500ms, "a", 100ms),
                             action(ActionKind::disk_full, 550ms, "a", 100ms),
                             action(ActionKind::sync_failure, 500ms, "b", 50ms)});
  Watched watched(plan);
  World& world = watched.world;
  int cut = 0;
  int paused = 0;
  int full = 0;
  int failing = 0;
  (void)watched.run([&](Duration) {
    EXPECT_FALSE(world.network().is_cut(world.machine("b"), world.machine("a")));
    cut += world.network().is_cut(world.machine("a"), world.machine("b")) ? 1 : 0;
    paused += world.machine("a").paused() ? 1 : 0;
    full += world.machine("a").disk().faults().no_space == 1 ? 1 : 0;
    failing += world.machine("b").disk().faults().sync_error == 1 ? 1 : 0;
  });
  EXPECT_EQ(cut, 15);
  EXPECT_EQ(paused, 10);
  EXPECT_EQ(full, 15);
  EXPECT_EQ(failing, 5);
}

TEST(Executor, SettingsHoldUntilTheQuietPhase) {
  Plan plan = plan_of({action(ActionKind::clock_jump, 100ms, "b")});
  plan.actions[0].jump = -1h;
  plan.settings = {{"disk.sync_error", "a", 0.25},
                   {"disk.latency_max_us", "a", 700},
                   {"network.reset", "", 0.5},
                   {"clock.drift_ppm", "b", 100},
                   {"clock.wall_offset_ms", "b", 5}};
  Watched watched(plan);
  World& world = watched.world;
  (void)watched.run([&](Duration now) {
    const bool quiet = now > 800ms;
    EXPECT_EQ(world.machine("a").disk().faults().sync_error, quiet ? 0 : 0.25);
    EXPECT_EQ(world.machine("a").disk().faults().latency_max, quiet ? 100us : 700us);
    EXPECT_EQ(world.network().faults().reset, quiet ? 0 : 0.5);
    EXPECT_EQ(world.machine("b").clock_faults().drift_ppm, 100);
    EXPECT_EQ(world.machine("b").clock_faults().wall_offset, now > 100ms ? 5ms - 1h : 5ms);
  });
}

TEST(Executor, KeepsSurvivalWhateverThePlanSays) {
  Plan plan = plan_of({action(ActionKind::kill, 100ms, "a", 200ms),
                       action(ActionKind::power_loss, 150ms, "b", 200ms),
                       action(ActionKind::pause, 200ms, "c", 200ms)});
  plan.survival = {{"servers", {"a", "b", "c"}, 1}};
  Watched watched(plan);
  (void)watched.run([&](Duration) {
    int down = 0;
    for (const char* name : {"a", "b", "c"}) {
      down += !watched.up(name) || watched.world.machine(name).paused() ? 1 : 0;
    }
    EXPECT_LE(down, 1);
  });
  EXPECT_EQ(watched.executor.left_out(), 2u);
}

TEST(Executor, RepairsEverythingWhenQuietAndLetsNothingStrikeAfter) {
  Action forever;
  forever.kind = ActionKind::partition;
  forever.lasts = 1h;
  forever.cuts = {{"a", "b"}, {"b", "a"}};
  Plan plan = plan_of(
      {forever, action(ActionKind::kill, 100ms, "a", 1h), action(ActionKind::pause, 100ms, "b", 1h),
       action(ActionKind::disk_full, 100ms, "c", 1h), action(ActionKind::kill, 0ms, "c")});
  plan.actions.back().step = 1500;  // reached after quiet_at
  Watched watched(plan);
  World& world = watched.world;
  const auto result = watched.run([&](Duration now) {
    if (now < 800ms) return;
    EXPECT_TRUE(watched.up("a"));
    EXPECT_FALSE(world.machine("b").paused());
    EXPECT_FALSE(world.network().is_cut(world.machine("a"), world.machine("b")));
    EXPECT_EQ(world.machine("c").disk().faults().no_space, 0);
  });
  EXPECT_GT(result.steps, 1500u);
  EXPECT_EQ(world.machine("c").incarnation(), 1u);
}

TEST(Executor, StartsAServerAgainThatStoppedItself) {
  const Plan plan = plan_of({});
  const auto crash = [](Node& node) {
    (void)node.tasks().sleep_for(100ms);
    node.crash("disk on fire");
  };
  Watched watched(plan, always, crash);
  (void)watched.run([](Duration) {});
  // Up for 100 ms, down for 50 ms, in a second.
  EXPECT_EQ(watched.world.machine("a").incarnation(), 7u);
  EXPECT_EQ(watched.executor.crashes(), 3u * 6);
}

TEST(Executor, AnUnexpectedStopIsAViolation) {
  const Plan plan = plan_of({});
  const auto crash = [](Node& node) {
    (void)node.tasks().sleep_for(100ms);
    node.crash("disk on fire");
  };
  Watched watched(plan, never, crash);
  const auto result = watched.run([](Duration) {});
  EXPECT_EQ(result.end, sim::RunEnd::violated);
  EXPECT_TRUE(result.violation.starts_with("unexpected stop: ")) << result.violation;
  EXPECT_TRUE(result.violation.ends_with(": disk on fire")) << result.violation;
}

TEST(Executor, RefusesAPlanForOtherMachines) {
  const auto install = [](Plan plan) {
    World world(options());
    world.add_machine("a");
    Executor executor(world, plan, always);
    return std::string(executor.install().message());
  };
  EXPECT_EQ(install(plan_of({action(ActionKind::kill, 1ms, "z")})),
            "at 1.000ms kill z for 0.000ms: there is no machine 'z'");
  Plan plan = plan_of({});
  plan.settings = {{"disk.stall", "z", 0.1}};
  EXPECT_EQ(install(plan), "disk.stall: there is no machine 'z'");
  plan.settings = {{"no/such-point", "", 0.1}};
  EXPECT_TRUE(install(plan).starts_with("unknown fault point 'no/such-point'"));
}

}  // namespace
}  // namespace aftersync::faults
