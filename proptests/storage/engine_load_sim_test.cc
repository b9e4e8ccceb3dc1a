// The power fails while a table is made with rows in it, or while an index is added to it: the next
// start finds the table whole or not at all, the index whole or not at all, and no file that
// belongs to nothing.
#include <gtest/gtest.h>

#include <string>

#include "faults/sim/heap.h"
#include "faults/sim/world.h"
#include "proptests/storage/filled_table.h"

namespace aftersync::storage {
namespace {

constexpr FilledTable kFilled{.rows = 400, .long_row = 123};
constexpr uint64_t kCrashPoints = 60;

EngineOptions options() {
  EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 2 * 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 64;
  options.index_build_bytes = 8192;
  return options;
}

// The table without its last index, then that index.
void define(Engine& engine) {
  TableDef def = kFilled.definition();
  const IndexDef last = def.indexes.back();
  def.indexes.pop_back();
  CHECK_OK(engine.create_filled_table(def, kFilled.source()));
  CHECK_OK(engine.add_index(def.name, last));
}

// What a restart has made of it. Empty, or what is wrong.
std::string judge(Engine& engine) {
  const auto files = engine.pages().spaces().list_files();
  CHECK_OK(files);
  const size_t tables = engine.list_tables().size();
  if (files->size() != tables) return std::to_string(files->size()) + " files";
  return tables == 0 ? "" : kFilled.differences(engine);
}

struct Outcome {
  uint64_t steps = 0;
  bool has_table = false;
  std::string wrong;
};

// `crash_at`: scheduling step at which the power fails; 0: it does not.
Outcome run(uint64_t seed, uint64_t crash_at) {
  sim::WorldOptions world_options;
  world_options.seed = seed;
  sim::World world(world_options);
  Outcome outcome;
  sim::Machine& machine = world.add_machine("db");
  bool is_over = false;
  world.on_process_end([&](sim::Machine& ended, sim::ProcessEnd) {
    if (is_over) return world.finish();
    ended.restart();
  });
  machine.start([&](Node& node) {
    auto engine = Engine::open(node, options());
    CHECK_OK(engine);
    if (machine.incarnation() == 1) {
      define(**engine);
    } else {
      const std::string wrong = judge(**engine);
      const sim::HostScope host;
      outcome.wrong = wrong;
    }
    outcome.has_table = !(*engine)->list_tables().empty();
    CHECK_OK((*engine)->close());
    is_over = true;
  });
  if (crash_at > 0) {
    world.at_step(crash_at, [&] {
      if (machine.running() && machine.incarnation() == 1) machine.power_off();
    });
  }
  const sim::RunResult result = world.run();
  if (!result.violation.empty()) outcome.wrong = result.violation;
  outcome.steps = result.steps;
  return outcome;
}

TEST(EngineLoadUnderPowerLoss, TheTableIsThereWholeOrNotAtAll) {
  const Outcome whole = run(1, 0);
  ASSERT_EQ(whole.wrong, "");
  ASSERT_TRUE(whole.has_table);
  uint64_t with_table = 0;
  for (uint64_t i = 1; i <= kCrashPoints; ++i) {
    const uint64_t at = whole.steps * i / kCrashPoints;
    const Outcome outcome = run(i, at);
    ASSERT_EQ(outcome.wrong, "") << "seed " << i << ", power off at step " << at;
    with_table += outcome.has_table;
  }
  // Both outcomes were met, or the points were not where it matters.
  EXPECT_GT(with_table, 0u);
  EXPECT_LT(with_table, kCrashPoints);
}

}  // namespace
}  // namespace aftersync::storage
