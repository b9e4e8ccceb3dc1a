// What purge must not miss: once everything is purged, nothing delete-marked may be left, as there
// is nobody any more who would remove it. It is attacked by power failing while a transaction is
// rolled back whose rows purge has passed already, or while purge is under way below a transaction
// that has not ended; and by a table whose name changes while it is purged.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/storage/engine.h"
#include "core/storage/table_check.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"
#include "proptests/storage/filled_table.h"
#include "proptests/support/on_node.h"

namespace aftersync::storage {
namespace {

constexpr FilledTable kFilled{.rows = 12, .long_row = 7};
constexpr uint64_t kCrashPoints = 150;

// The n-th row with other values in every index but the clustered one.
Row other_row(uint64_t n) {
  return {n, -1 - static_cast<int64_t>(n), "another text, " + std::to_string(n)};
}

// The engine's table, its rows as they were committed last, and a transaction that has not ended
// and whose changes are in the log on disk.
struct Scene {
  explicit Scene(Node& node) {
    EngineOptions options;
    options.pages.log.geometry = {.files = 2, .file_bytes = 2 * 1024 * 1024};
    options.pages.log.buffer_bytes = 1024 * 1024;
    options.pages.pool.frames = 64;
    options.background_purge = false;
    auto opened = Engine::open(node, options);
    CHECK_OK(opened);
    engine = std::move(opened).value();
  }

  void make_table() {
    auto made = engine->create_table(kFilled.definition());
    CHECK_OK(made);
    table = *made;
    in_one([&](Transaction& trx) {
      for (uint64_t n = 0; n < kFilled.rows; ++n) {
        CHECK_OK(engine->insert(trx, *table, kFilled.row(n)));
      }
    });
    purge();
  }

  void in_one(const std::function<void(Transaction&)>& change) {
    Transaction trx;
    change(trx);
    CHECK_OK(engine->commit(trx));
  }

  void update(Transaction& trx, uint64_t n, const Row& row) {
    CHECK_OK(engine->update(trx, *table, key(n), row));
  }

  void purge() {
    while (true) {
      const auto purged = engine->purge(100);
      CHECK_OK(purged);
      if (*purged == 0) return;
    }
  }

  std::string key(uint64_t n) {
    auto key = Engine::primary_key(*table, {n});
    CHECK_OK(key);
    return *key;
  }

  std::unique_ptr<Engine> engine;
  std::shared_ptr<Table> table;
  Transaction open;
};

// What there is once all is purged. Empty, or what is wrong.
std::string judge(Scene& scene, uint64_t rows) {
  const auto table = scene.engine->open_table(kFilled.definition().name);
  CHECK_OK(table);
  scene.purge();
  PoolReader reader(scene.engine->pages().pool());
  const auto report = check_table(reader, (*table)->def());
  if (!report.ok()) return report.status().to_string();
  for (const TreeReport& tree : report->trees) {
    if (tree.delete_marked > 0) return std::to_string(tree.delete_marked) + " delete marks left";
  }
  return report->rows == rows ? "" : std::to_string(report->rows) + " rows";
}

using Act = std::function<void(Scene&)>;

// What the two transactions have done, and what is cut short then.
struct Story {
  Act before;
  Act act;
  uint64_t rows = 0;  // committed in the end
};

struct Outcome {
  uint64_t steps = 0;
  std::string wrong;
};

enum class End { before_act, after_act, restarted };

// Runs as far as `end`. `crash_at`: scheduling step at which the power fails; 0: it does not, and
// the process ends when the act is over.
Outcome run(const Story& story, End end, uint64_t crash_at) {
  sim::World world(sim::WorldOptions{});
  Outcome outcome;
  sim::Machine& machine = world.add_machine("db");
  // A disk that is quick next to the processor, so that the log on it is close behind.
  machine.disk().faults().latency_min = machine.disk().faults().latency_max = {};
  machine.disk().faults().sync_latency_min = machine.disk().faults().sync_latency_max = {};
  bool is_over = false;
  world.on_process_end([&](sim::Machine& ended, sim::ProcessEnd) {
    if (is_over) return world.finish();
    ended.restart();
  });
  machine.start([&](Node& node) {
    Scene scene(node);
    if (machine.incarnation() == 1) {
      // The log goes to disk all the while: a crash keeps what was done up to anywhere.
      Log& log = scene.engine->pages().log();
      const Task flusher = node.tasks().spawn("flush", [&] {
        while (true) {
          log.flush_to(log.end());
          (void)node.tasks().sleep_for(Duration(1));
        }
      });
      scene.make_table();
      story.before(scene);
      is_over = end == End::before_act;
      if (!is_over) story.act(scene);
      is_over = end != End::restarted;
      log.flush_to(log.end());
      node.crash("the process ends here");
    }
    const std::string wrong = judge(scene, story.rows);
    const sim::HostScope host;
    outcome.wrong = wrong;
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

void cut_short(const Story& story) {
  const Outcome whole = run(story, End::restarted, 0);
  ASSERT_EQ(whole.wrong, "");
  const uint64_t from = run(story, End::before_act, 0).steps;
  const uint64_t to = run(story, End::after_act, 0).steps;
  ASSERT_GT(to, from);
  for (uint64_t i = 1; i <= kCrashPoints; ++i) {
    const uint64_t at = from + (to - from) * i / kCrashPoints;
    const Outcome outcome = run(story, End::restarted, at);
    ASSERT_EQ(outcome.wrong, "") << "power off at step " << at;
  }
}

// Rows are deleted, and put in again by a transaction that does not end well; purge comes by in
// between.
TEST(PurgeUnderPowerLoss, RolledBackInsertsOverDeletedRowsLeaveNothing) {
  cut_short({.before =
                 [](Scene& scene) {
                   scene.in_one([&](Transaction& trx) {
                     for (uint64_t n = 0; n < kFilled.rows; ++n) {
                       CHECK_OK(scene.engine->remove(trx, *scene.table, scene.key(n)));
                     }
                   });
                   for (uint64_t n = 0; n < kFilled.rows; ++n) {
                     CHECK_OK(
                         scene.engine->insert(scene.open, *scene.table, other_row(n)));
                   }
                   scene.purge();
                 },
             .act = [](Scene& scene) { CHECK_OK(scene.engine->rollback(scene.open)); },
             .rows = 0});
}

// One transaction changes every row, another, that does not end, changes them back: the entries of
// the first versions are wanted again. Purge of the first gives up part of its undo for good.
TEST(PurgeUnderPowerLoss, WhatPurgeHasPassedIsNotMarkedAgain) {
  cut_short({.before =
                 [](Scene& scene) {
                   scene.in_one([&](Transaction& trx) {
                     for (uint64_t n = 0; n < kFilled.rows; ++n) {
                       scene.update(trx, n, other_row(n));
                     }
                   });
                   for (uint64_t n = 0; n < kFilled.rows; ++n) {
                     scene.update(scene.open, n, kFilled.row(n));
                   }
                 },
             .act = [](Scene& scene) { scene.purge(); },
             .rows = kFilled.rows});
}

TEST(Purge, FindsATableThatIsBeingRenamed) {
  const std::string name = kFilled.definition().name;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::WorldOptions options;
    options.seed = seed;
    sim::World world(options);
    std::string wrong;
    world.on_process_end([&](sim::Machine&, sim::ProcessEnd) { world.finish(); });
    world.add_machine("db").start([&](Node& node) {
      Scene scene(node);
      scene.make_table();
      in_tasks(node, 2, [&](size_t task) {
        for (uint64_t n = 0; n < kFilled.rows; ++n) {
          if (task == 0) {
            const bool is_even = n % 2 == 0;
            CHECK_OK(scene.engine->rename_table(is_even ? name : "test/other",
                                                is_even ? "test/other" : name));
            continue;
          }
          scene.in_one([&](Transaction& trx) {
            CHECK_OK(scene.engine->remove(trx, *scene.table, scene.key(n)));
          });
          scene.purge();
        }
      });
      const std::string judged = judge(scene, 0);
      const sim::HostScope host;
      wrong = judged;
    });
    const sim::RunResult result = world.run();
    ASSERT_EQ(result.violation + wrong, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace aftersync::storage
