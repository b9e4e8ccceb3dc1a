// Limits from TOML: everything is read, and every mistake is named with file, line and field.
#include "faults/plan/limits_toml.h"

#include <gtest/gtest.h>

#include "proptests/plan/rich_limits.h"

namespace aftersync::faults {
namespace {

std::string mistake(const std::string& text) {
  const auto limits = limits_from(text);
  return std::string(limits.status().message());
}

TEST(LimitsToml, ReadsEverything) {
  const auto limits = limits_from(kRichLimits);
  ASSERT_TRUE(limits.ok()) << limits.status().to_string();
  EXPECT_EQ(limits->begin, 10ms);
  EXPECT_EQ(limits->quiet, 5s);
  EXPECT_EQ(limits->actions_at_most, 12u);
  EXPECT_EQ(limits->at_once, 3u);
  EXPECT_TRUE(limits->swarm);
  EXPECT_EQ(limits->crash_restart, 7ms);
  ASSERT_EQ(limits->survive.size(), 1u);
  EXPECT_TRUE(limits->survive[0].minority);
  ASSERT_EQ(limits->actions.size(), kActionKinds);
  for (size_t i = 0; i < kActionKinds; ++i) {
    EXPECT_EQ(limits->actions[i].kind, static_cast<ActionKind>(i));
  }
  const ActionLimits& kill = limits->actions[0];
  EXPECT_EQ(kill.group, "servers");
  EXPECT_EQ(kill.lasts.high, 300ms);
  EXPECT_EQ(kill.weight, 3u);
  EXPECT_EQ(kill.steps, std::pair(uint64_t{100}, uint64_t{20000}));
  const ActionLimits& replace = limits->actions[2];
  EXPECT_EQ(replace.lasts.low, 100ms);
  EXPECT_EQ(replace.lasts.high, 100ms);
  const ActionLimits& partition = limits->actions[4];
  EXPECT_EQ(partition.shapes.size(), kPartitionShapes);
  EXPECT_TRUE(partition.one_way);
  EXPECT_EQ(limits->actions[6].jump.low, -1s);
  EXPECT_EQ(limits->disk.machines_at_most, 2u);
  ASSERT_EQ(limits->disk.settings.size(), 3u);
  EXPECT_EQ(limits->disk.settings[0].name, "disk.read_error");
  EXPECT_EQ(limits->disk.settings[0].ceiling, 0.01);
  EXPECT_EQ(limits->network.settings.size(), 2u);
  EXPECT_EQ(limits->clock.settings.size(), 2u);
}

TEST(LimitsToml, NothingIsAllowedByDefault) {
  const auto limits = limits_from("");
  ASSERT_TRUE(limits.ok());
  EXPECT_EQ(limits->actions_at_most, 0u);
  EXPECT_TRUE(limits->actions.empty());
  EXPECT_TRUE(limits->disk.settings.empty());
  EXPECT_TRUE(limits->network.settings.empty());
}

TEST(LimitsToml, NamesFileLineAndField) {
  EXPECT_EQ(mistake("quiet_ms = 5\n\n[kill]\nlast_ms = 3"),
            "limits.toml:4: faults.kill.last_ms: unknown key; known here: group, weight, lasts_ms");
  EXPECT_TRUE(
      mistake("[kil]\n").starts_with("limits.toml:1: faults.kil: unknown key; known here:"));
  EXPECT_EQ(mistake("quiet_ms = \"5\""),
            "limits.toml:1: faults.quiet_ms: expected a number of 0 to 86400000");
  EXPECT_EQ(mistake("begin_ms = 6\nquiet_ms = 5"),
            "limits.toml:1: faults.begin_ms: lies after quiet_ms");
  EXPECT_EQ(mistake("[pause]\nlasts_ms = [5, 1]"),
            "limits.toml:2: faults.pause.lasts_ms: expected a number or [low, high], of 0 to "
            "86400000");
  EXPECT_EQ(mistake("[pause]\nlasts_ms = [1, 2, 3]"),
            "limits.toml:2: faults.pause.lasts_ms: expected a number or [low, high], of 0 to "
            "86400000");
  EXPECT_EQ(mistake("[disk]\nsync_error = 1.5"),
            "limits.toml:2: faults.disk.sync_error: expected a number of 0 to 1");
  EXPECT_EQ(mistake("[partition]\nshapes = [\"half\"]"),
            "limits.toml:2: faults.partition.shapes: unknown shape 'half'; there are isolate, "
            "halves, link, bridge, ring");
  EXPECT_EQ(mistake("kill = 3"), "limits.toml:1: faults.kill: expected a table");
  EXPECT_EQ(mistake("[survive]\nservers = \"most\""),
            "limits.toml:2: faults.survive.servers: expected \"minority\" or how many may be down "
            "at once");
  EXPECT_EQ(mistake("swarm = 1"), "limits.toml:1: faults.swarm: expected true or false");
  EXPECT_EQ(mistake("at_once = 0"),
            "limits.toml:1: faults.at_once: expected a whole number of 1 to 1000");
}

TEST(LimitsToml, NamesWhereItIsNoToml) {
  EXPECT_TRUE(mistake("quiet_ms = 5\n[kill\n").starts_with("limits.toml:2: "))
      << mistake("quiet_ms = 5\n[kill\n");
}

TEST(LimitsToml, PlantedBugsAreNoHonestFaults) {
  EXPECT_EQ(mistake("[points]\n\"bug/wal-kv-no-fsync\" = 0.5"),
            "limits.toml:2: faults.points.bug/wal-kv-no-fsync: a planted bug is no honest fault: "
            "turn it on with --bug");
  EXPECT_TRUE(mistake("[points]\n\"no/such-point\" = 0.5")
                  .starts_with("limits.toml:2: faults.points.no/such-point: unknown fault point"));
}

}  // namespace
}  // namespace aftersync::faults
