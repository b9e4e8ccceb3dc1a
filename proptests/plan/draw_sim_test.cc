// Drawing plans: a pure function of limits and seed, that never leaves the limits and uses all of
// them.
#include "faults/plan/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "proptests/plan/rich_limits.h"

namespace aftersync::faults {
namespace {

constexpr uint64_t kSeeds = 3000;

Plan drawn(const Limits& limits, uint64_t seed) {
  auto plan = draw_plan(limits, five_servers(), seed);
  CHECK_OK(plan);
  return std::move(plan).value();
}

Limits rich() {
  auto limits = limits_from(kRichLimits);
  CHECK_OK(limits);
  return std::move(limits).value();
}

bool is_server(const std::string& machine) { return machine.starts_with("s"); }

// How many of `plan`'s timed actions for which `counts` holds are in force at `at`.
template <typename Counts>
size_t in_force(const Plan& plan, Duration at, const Counts& counts) {
  return static_cast<size_t>(
      std::count_if(plan.actions.begin(), plan.actions.end(), [&](const Action& action) {
        return !action.step && action.at <= at && at <= action.at + action.lasts && counts(action);
      }));
}

TEST(Draw, TheSameSeedGivesTheSamePlanAndOthersDiffer) {
  const Limits limits = rich();
  std::set<std::string> texts;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Plan plan = drawn(limits, seed);
    ASSERT_EQ(plan, drawn(limits, seed)) << seed;
    texts.insert(plan.to_text());
  }
  EXPECT_EQ(texts.size(), 200u);
}

TEST(Draw, NeverLeavesTheLimits) {
  const Limits limits = rich();
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Plan plan = drawn(limits, seed);
    SCOPED_TRACE(plan.to_text());
    ASSERT_EQ(plan.quiet_at, 5s);
    ASSERT_EQ(plan.crash_restart_delay, 7ms);
    ASSERT_LE(plan.actions.size(), 12u);
    for (const Action& action : plan.actions) {
      ASSERT_TRUE(!ends_process(action.kind) || is_server(action.machine));
      if (action.step) {
        ASSERT_TRUE(action.kind == ActionKind::kill);
        ASSERT_GE(*action.step, 100u);
        ASSERT_LE(*action.step, 20000u);
        continue;
      }
      ASSERT_GE(action.at, 10ms);
      ASSERT_LT(action.at + action.lasts, 5s);
      ASSERT_LE(in_force(plan, action.at, [](const Action&) { return true; }), 3u);
      const auto server_down = [](const Action& a) {
        return takes_down(a.kind) && is_server(a.machine);
      };
      ASSERT_LE(in_force(plan, action.at, server_down), 2u);  // a minority of five
    }
    std::set<std::string> bad_disks;
    for (const Setting& setting : plan.settings) {
      const SettingType* const type = setting_type(setting.name);
      ASSERT_NE(type, nullptr);
      if (type->part == SettingPart::disk) bad_disks.insert(setting.machine);
      ASSERT_EQ(setting.machine.empty(), type->part == SettingPart::network);
      ASSERT_TRUE(setting.name != "disk.sync_error" || setting.value <= 0.02);
      ASSERT_TRUE(setting.name != "clock.drift_ppm" || std::abs(setting.value) <= 500);
    }
    ASSERT_LE(bad_disks.size(), 2u);
  }
}

TEST(Draw, UsesEverythingThatTheLimitsAllow) {
  const Limits limits = rich();
  std::map<ActionKind, int> kinds;
  std::map<std::string, int> settings;
  std::set<std::string> targets;
  int without_anything = 0;
  int at_steps = 0;
  int one_way = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Plan plan = drawn(limits, seed);
    without_anything += plan.actions.empty() ? 1 : 0;
    for (const Action& action : plan.actions) {
      ++kinds[action.kind];
      targets.insert(action.machine);
      at_steps += action.step ? 1 : 0;
      if (action.kind != ActionKind::partition) continue;
      const Cut& first = action.cuts.front();
      const Cut back{first.to, first.from};
      one_way += std::count(action.cuts.begin(), action.cuts.end(), back) == 0 ? 1 : 0;
    }
    for (const Setting& setting : plan.settings) ++settings[setting.name];
  }
  EXPECT_EQ(kinds.size(), kActionKinds);
  EXPECT_EQ(targets.size(), 5u + 2u + 1u);  // servers, clients, and the partitions' empty one
  EXPECT_EQ(settings.size(), 7u);
  EXPECT_GT(without_anything, 100);
  EXPECT_GT(at_steps, 100);
  EXPECT_GT(one_way, 100);
}

TEST(Draw, SwarmTurnsEachKindOffInAboutHalfOfTheSeeds) {
  Limits limits = rich();
  int with_drift = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Plan plan = drawn(limits, seed);
    with_drift += std::any_of(plan.settings.begin(), plan.settings.end(),
                              [](const Setting& s) { return s.name == "clock.drift_ppm"; });
  }
  EXPECT_NEAR(with_drift, kSeeds / 2, kSeeds / 20);
  limits.swarm = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Plan plan = drawn(limits, seed);
    // Three of two bad disks' machines, two of the network, two of each of seven clocks.
    EXPECT_EQ(plan.settings.size(), 3u * 2 + 2 + 2u * 7);
  }
}

// What each machine reaches, itself among it.
std::map<std::string, std::set<std::string>> reach(const std::vector<std::string>& machines,
                                                   const std::vector<Cut>& cuts) {
  std::map<std::string, std::set<std::string>> result;
  for (const std::string& from : machines) {
    for (const std::string& to : machines) {
      const Cut cut{from, to};
      if (std::count(cuts.begin(), cuts.end(), cut) == 0) result[from].insert(to);
    }
  }
  return result;
}

std::vector<std::vector<Cut>> cuts_of_shape(std::string_view shape) {
  const auto limits = limits_from(
      "quiet_ms = 1000\nactions_at_most = 4\nswarm = false\n[partition]\n"
      "group = \"servers\"\nlasts_ms = 1\nshapes = [\"" +
      std::string(shape) + "\"]");
  CHECK_OK(limits);
  std::vector<std::vector<Cut>> found;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (const Action& action : drawn(*limits, seed).actions) found.push_back(action.cuts);
  }
  return found;
}

TEST(Draw, PartitionsHaveTheirShape) {
  const std::vector<std::string> servers = five_servers().find("servers")->machines;
  for (const auto& cuts : cuts_of_shape("isolate")) {
    auto reached = reach(servers, cuts);
    EXPECT_EQ(std::count_if(reached.begin(), reached.end(),
                            [](const auto& entry) { return entry.second.size() == 1; }),
              1);
  }
  for (const auto& cuts : cuts_of_shape("halves")) {
    for (const auto& [machine, seen] : reach(servers, cuts)) {
      for (const std::string& other : seen) EXPECT_EQ(reach(servers, cuts)[other], seen);
    }
  }
  for (const auto& cuts : cuts_of_shape("link")) EXPECT_EQ(cuts.size(), 2u);
  for (const auto& cuts : cuts_of_shape("bridge")) {
    auto reached = reach(servers, cuts);
    EXPECT_EQ(std::count_if(reached.begin(), reached.end(),
                            [](const auto& entry) { return entry.second.size() == 5; }),
              1);
  }
  for (const auto& cuts : cuts_of_shape("ring")) {
    std::set<std::set<std::string>> views;
    for (const auto& [machine, seen] : reach(servers, cuts)) {
      EXPECT_EQ(seen.size(), 3u);
      views.insert(seen);
    }
    EXPECT_EQ(views.size(), 5u);
  }
}

TEST(Draw, RefusesLimitsThatDoNotFitTheMachines) {
  const auto mistake = [](const std::string& table) {
    const auto limits = limits_from("quiet_ms = 1000\n" + table);
    CHECK_OK(limits);
    const Topology three{{{"servers", {"a", "b"}, true}, {"clients", {"c"}, false}}};
    return std::string(draw_plan(*limits, three, 1).status().message());
  };
  EXPECT_EQ(mistake("[kill]\ngroup = \"severs\""),
            "faults.kill.group: the workload has no group of machines named 'severs'");
  EXPECT_EQ(mistake("[kill]\ngroup = \"clients\""),
            "faults.kill.group: 'clients' runs no servers to be ended");
  EXPECT_EQ(mistake("[partition]\nshapes = [\"ring\"]"),
            "faults.partition: needs 5 machines, the workload has 3");
  EXPECT_EQ(mistake("[survive]\nall = 1"),
            "faults.survive: the workload has no group of machines named 'all'");
  EXPECT_EQ(mistake("[clock]\ngroup = \"x\""),
            "faults.clock.group: the workload has no group of machines named 'x'");
  EXPECT_EQ(mistake("[power_loss]\nlasts_ms = 5"), "");
}

}  // namespace
}  // namespace aftersync::faults
