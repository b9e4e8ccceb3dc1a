// Plans as JSON: the round trip is exact, and mistakes name their field.
#include "faults/plan/plan_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "faults/plan/draw.h"
#include "proptests/plan/rich_limits.h"

namespace aftersync::faults {
namespace {

Plan drawn(uint64_t seed) {
  auto plan = draw_plan(limits_from(kRichLimits).value(), five_servers(), seed);
  CHECK_OK(plan);
  return std::move(plan).value();
}

// Through text, as in a file.
Result<Plan> reread(const Plan& plan) { return plan_from_json(Json::parse(to_json(plan).dump())); }

RC_GTEST_PROP(PlanJson, RoundTripIsExact, (uint64_t seed)) {
  Plan plan = drawn(seed);
  plan.schedule.windows = {{1, 5}, {7, UINT64_MAX}};
  const auto same = reread(plan);
  RC_ASSERT(same.ok());
  RC_ASSERT(*same == plan);
}

TEST(PlanJson, AScheduleWithoutWindowsStaysWithout) {
  Plan plan = drawn(1);
  plan.schedule.windows.clear();
  const auto same = reread(plan);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(*same, plan);
}

// What is said about a plan in which the value at `pointer` is `value` (or is taken away).
std::string mistake(const std::string& pointer, const Json& value) {
  Plan plan = drawn(1);
  plan.actions = {Action{}};
  plan.actions[0].machine = "s1";
  plan.settings = {{"disk.sync_error", "s1", 0.5}};
  Json json = Json::parse(to_json(plan).dump());
  json[Json::json_pointer(pointer)] = value;
  return std::string(plan_from_json(json).status().message());
}

TEST(PlanJson, NamesTheField) {
  EXPECT_EQ(mistake("/actions/0/kind", "kil"),
            "plan.actions[0].kind: unknown kind of action 'kil'");
  EXPECT_EQ(mistake("/actions/0/at_ns", "soon"), "plan.actions[0].at_ns: expected a whole number");
  EXPECT_EQ(mistake("/actions/0/att_ns", 5), "plan.actions[0].att_ns: unknown key");
  EXPECT_EQ(mistake("/actions/0", Json{{"kind", "kill"}, {"at_ns", 5}}),
            "plan.actions[0].machine: missing");
  EXPECT_EQ(mistake("/actions/0", Json{{"kind", "partition"}, {"at_ns", 5}}),
            "plan.actions[0].cuts: missing");
  EXPECT_EQ(mistake("/actions", 5), "plan.actions: expected a list");
  EXPECT_EQ(mistake("/settings/0/value", nullptr), "plan.settings[0].value: expected a number");
  EXPECT_EQ(mistake("/schedule/kind", "fair"), "plan.schedule.kind: expected random_walk or pct");
  EXPECT_EQ(mistake("/schedule/windows", Json::array({Json{{"first", 5u}, {"last", 5u}}})),
            "plan.schedule.windows[0].first: windows must ascend");
  EXPECT_EQ(mistake("/more", 5), "plan.more: unknown key");
  EXPECT_EQ(plan_from_json(Json::array()).status().message(), "plan: expected an object");
}

}  // namespace
}  // namespace aftersync::faults
