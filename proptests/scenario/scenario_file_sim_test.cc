// Scenario files: parameters are validated against the workload, mistakes name file and line, and
// every scenario that is compiled in is good.
#include <gtest/gtest.h>

#include <set>

#include "faults/scenario.h"

namespace aftersync::faults {
namespace {

constexpr const char* kHead = "title = \"t\"\nworkload = \"lock-queue\"\n";

std::string mistake(const std::string& text) {
  return std::string(parse_scenario(text, "x", "x.toml").status().message());
}

TEST(ScenarioFile, AllCompiledInAreGoodAndDrawAPlan) {
  std::set<std::string> names;
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    const auto scenario = load_scenario(embedded.name);
    ASSERT_TRUE(scenario.ok()) << scenario.status().to_string();
    EXPECT_EQ(scenario->name, embedded.name);
    EXPECT_EQ(scenario->file, std::string("faults/scenarios/") + embedded.name + ".toml");
    names.insert(embedded.name);
  }
  for (const char* name : {"wal-kv", "lock-queue", "req-ack"}) EXPECT_TRUE(names.contains(name));
}

TEST(ScenarioFile, TakesAPathOfAToml) {
  const auto scenario = load_scenario("faults/scenarios/wal-kv.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.status().to_string();
  EXPECT_EQ(scenario->name, "wal-kv");
  EXPECT_EQ(load_scenario("no/such.toml").status().message(),
            "cannot read 'no/such.toml'");
}

TEST(ScenarioFile, AnUnknownNameSuggestsTheNearest) {
  EXPECT_EQ(load_scenario("wal-vk").status().message(),
            "unknown scenario 'wal-vk'; did you mean 'wal-kv'?");
  EXPECT_EQ(load_scenario("chess").status().message(), "unknown scenario 'chess'");
}

TEST(ScenarioFile, ParametersAreDrawnFromTheirRange) {
  const auto scenario = parse_scenario(
      std::string(kHead) + "[parameters]\nitems = [3, 5]\nproducers = 2\n", "x", "x.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.status().to_string();
  std::set<int64_t> items;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Parameters drawn = scenario->draw_parameters(seed);
    EXPECT_EQ(drawn, scenario->draw_parameters(seed));
    items.insert(drawn.integer("items"));
    EXPECT_EQ(drawn.integer("producers"), 2);
    EXPECT_EQ(drawn.integer("capacity"), 3);  // the workload's own default
  }
  EXPECT_EQ(items, (std::set<int64_t>{3, 4, 5}));
}

TEST(ScenarioFile, NamesFileLineAndField) {
  const std::string head = kHead;
  EXPECT_EQ(mistake("workload = \"lock-queue\"\n"),
            "x.toml:1: title: missing: one line that says what must hold");
  EXPECT_EQ(mistake("title = \"t\"\n"), "x.toml:1: workload: missing");
  EXPECT_EQ(mistake("title = \"t\"\nworkload = \"lock-cue\"\n"),
            "x.toml:2: workload: unknown workload 'lock-cue'; did you mean 'lock-queue'?");
  EXPECT_EQ(mistake(head + "seed = 4\n"),
            "x.toml:3: seed: unknown key; known here: title, workload, limits, faults, parameters");
  EXPECT_EQ(mistake(head + "[parameters]\nitem = 4\n"),
            "x.toml:4: parameters.item: unknown key; known here: producers, consumers, items, "
            "capacity");
  EXPECT_EQ(mistake(head + "[parameters]\nitems = 0\n"),
            "x.toml:4: parameters.items: expected a whole number or [low, high], of 1 to 1000000");
  EXPECT_EQ(mistake(head + "[parameters]\nitems = [5, 4]\n"),
            "x.toml:4: parameters.items: expected a whole number or [low, high], of 1 to 1000000");
  EXPECT_EQ(mistake(head + "[parameters]\nitems = true\n"),
            "x.toml:4: parameters.items: expected a whole number or [low, high], of 1 to 1000000");
  EXPECT_EQ(mistake(head + "[limits]\nsteps = 0\n"),
            "x.toml:4: limits.steps: expected a whole number of 1 to 1125899906842624");
  EXPECT_EQ(mistake(head + "[faults.kill]\ngroup = \"clients\"\n"),
            "x.toml: faults.kill.group: the workload has no group of machines named 'clients'");
  EXPECT_EQ(mistake(head + "[limits]\nvirtual_time_ms = 10\n[faults]\nquiet_ms = 20\n"),
            "x.toml: faults.quiet_ms: lies after limits.virtual_time_ms");
  EXPECT_EQ(mistake("title = \"t\"\nworkload = \"wal-kv\"\n[parameters]\nfinal_power_loss = 1\n"),
            "x.toml:4: parameters.final_power_loss: expected true or false, or a list of them");
  EXPECT_TRUE(mistake("title = \n").starts_with("x.toml:1: ")) << mistake("title = \n");
}

}  // namespace
}  // namespace aftersync::faults
