// Replay files carry a run whole: what is read back is what was written, and runs the same.
#include "faults/replay.h"

#include <gtest/gtest.h>

#include "faults/plan/json_reader.h"
#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

TEST(Replay, ARunReadBackIsTheSameRun) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RunSpec spec = expanded("req-ack", seed);
    const auto outcome = run(spec);
    ASSERT_TRUE(outcome.ok());
    const auto replay = parse_replay(replay_text(spec, expectation_of(*outcome)), "r.json");
    ASSERT_TRUE(replay.ok()) << replay.status().to_string();
    EXPECT_EQ(replay->spec.plan, spec.plan);
    EXPECT_EQ(replay->spec.parameters, spec.parameters);
    EXPECT_EQ(replay->expect.digest, outcome->result.digest);
    const auto again = run(replay->spec);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->result.digest, outcome->result.digest);
    EXPECT_EQ(again->result.steps, outcome->result.steps);
  }
}

TEST(Replay, MistakesNameFileAndField) {
  const RunSpec spec = expanded("wal-kv", 1, {"bug/wal-kv-no-fsync"});
  const std::string good = replay_text(spec, {});
  const auto mistake = [&](const std::string& pointer, const Json& value) {
    Json json = Json::parse(good);
    json[Json::json_pointer(pointer)] = value;
    return std::string(parse_replay(json.dump(), "r.json").status().message());
  };
  EXPECT_EQ(mistake("/seed", 1u), "");
  EXPECT_EQ(mistake("/seed", "one"), "r.json: seed: expected a whole number, not negative");
  EXPECT_EQ(mistake("/format", "other"), "r.json: format: expected 'aftersync replay 1'");
  EXPECT_EQ(mistake("/workload", "chess"), "r.json: workload: unknown workload 'chess'");
  EXPECT_EQ(mistake("/bugs", Json::array({"bug/wal-kv-no-fsink"})),
            "r.json: bugs: unknown fault point 'bug/wal-kv-no-fsink'; did you mean "
            "'bug/wal-kv-no-fsync'?");
  EXPECT_EQ(mistake("/parameters/clients", 0u),
            "r.json: parameters.clients: expected a whole number of 1 to 16");
  EXPECT_EQ(mistake("/parameters/clint", 0u), "r.json: parameters.clint: unknown key");
  EXPECT_EQ(mistake("/plan/quiet_at_ns", "x"), "r.json: plan.quiet_at_ns: expected a whole number");
  EXPECT_EQ(mistake("/expect/hash", "12"), "r.json: expect.hash: expected 0x and 16 digits");
  EXPECT_TRUE(std::string(parse_replay("{\"a\": 1,\n]", "r.json").status().message())
                  .starts_with("r.json: parse error at line 2, column 1"));
}

}  // namespace
}  // namespace aftersync::faults
