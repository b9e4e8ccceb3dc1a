// Minimising: what comes out is shorter, violates in the same way, and does so again from a file.
#include "faults/minimise.h"

#include <gtest/gtest.h>

#include "faults/replay.h"
#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

bool go_on(uint64_t, const RunSpec&) { return true; }

Minimised minimised(const Found& found) {
  auto result = minimise(found.spec, go_on);
  CHECK_OK(result);
  EXPECT_EQ(violation_kind(result->outcome.violation), violation_kind(found.outcome.violation));
  // From a file, as a user replays it.
  const std::string text = replay_text(result->spec, expectation_of(result->outcome));
  const auto replay = parse_replay(text, "r.json");
  CHECK_OK(replay);
  const auto again = run(replay->spec);
  CHECK_OK(again);
  EXPECT_EQ(again->violation, result->outcome.violation);
  EXPECT_EQ(again->result.digest, result->outcome.result.digest);
  EXPECT_EQ(again->result.steps, result->outcome.result.steps);
  return std::move(result).value();
}

TEST(Minimise, AMissedWakeUpNeedsAlmostNoSwitches) {
  const Found found = first_violation("lock-queue", "bug/lock-queue-missed-wakeup", 500);
  const Minimised result = minimised(found);
  EXPECT_LT(result.after.switches, result.before.switches / 2);
  EXPECT_LT(result.after.operations, result.before.operations);
  EXPECT_LT(result.after.random_steps, 10u);
}

TEST(Minimise, ALostWriteNeedsOnePut) {
  const Found found = first_violation("wal-kv", "bug/wal-kv-no-fsync", 500);
  const Minimised result = minimised(found);
  EXPECT_LE(result.after.operations, 3u);
  EXPECT_LE(result.after.actions, 1u);
  EXPECT_LE(result.after.settings, 1u);
  EXPECT_LT(result.after.random_steps, 10u);
}

// Delta debugging promises not the fewest actions, but that none of those left can be spared.
TEST(Minimise, EveryActionThatIsLeftIsNeeded) {
  const Found found = first_violation("wal-kv", "bug/wal-kv-no-checksum", 500);
  const Minimised result = minimised(found);
  EXPECT_LE(result.after.actions, result.before.actions);
  EXPECT_LE(result.after.random_steps, 20u);
  for (size_t i = 0; i < result.spec.plan.actions.size(); ++i) {
    RunSpec without = result.spec;
    without.plan.actions.erase(without.plan.actions.begin() + static_cast<std::ptrdiff_t>(i));
    const auto outcome = run(without);
    CHECK_OK(outcome);
    EXPECT_NE(violation_kind(outcome->violation), violation_kind(found.outcome.violation)) << i;
  }
}

TEST(Minimise, StopsWhenToldAndReturnsWhatItHas) {
  const Found found = first_violation("wal-kv", "bug/wal-kv-no-fsync", 500);
  const auto result =
      minimise(found.spec, [](uint64_t tries, const RunSpec&) { return tries < 1; });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tries, 1u);
  EXPECT_FALSE(result->outcome.held());
}

TEST(Minimise, RefusesARunThatHolds) {
  const auto result = minimise(expanded("lock-queue", 1), go_on);
  EXPECT_EQ(result.code(), Code::bad_state);
}

TEST(Minimise, KindsOfViolationsIgnoreTheirDetails) {
  EXPECT_EQ(violation_kind("lost write: c1/k0 is at version 3"), "lost write");
  EXPECT_EQ(violation_kind("deadlock: a on mutex"), "deadlock");
  EXPECT_EQ(violation_kind("n1/main: CHECK failed at core/x.cc:12: a == b (1 against 2)"),
            "CHECK failed at core/x.cc:12");
  EXPECT_NE(violation_kind("n1/main: CHECK failed at core/x.cc:13: a == b"),
            violation_kind("n1/main: CHECK failed at core/x.cc:12: a == b"));
}

}  // namespace
}  // namespace aftersync::faults
