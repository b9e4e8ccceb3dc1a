// How many fdatasyncs a commit costs: exactly one a group, and none but the binlog's.
//
// The disk of the simulator counts, so nothing that the coordinator says of itself is believed. Not
// counted is what comes once in many commits: loads before have made the engine's files grow (each
// growth is synced), and all is over before the redo log's once-a-second flush comes.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/binlog/binlog.h"
#include "core/txn/binlog_coordinator.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/world.h"
#include "faults/txn/logged_tables.h"

namespace aftersync::txn {
namespace {

constexpr uint64_t kTransactions = 20;  // of each client

struct Counts {
  uint64_t syncs = 0;  // of the disk
  CoordinatorStats stats;
};

void load(Node& node, TransactionManager& manager, const faults::SampleTables& tables,
          uint64_t clients, int64_t first) {
  std::vector<Task> tasks;
  for (uint64_t client = 0; client < clients; ++client) {
    tasks.push_back(node.tasks().spawn("client", [&, client] {
      for (uint64_t i = 0; i < kTransactions; ++i) {
        const auto trx = manager.begin({});
        const auto number = first + static_cast<int64_t>(client * kTransactions + i);
        CHECK_OK(faults::insert_row(*trx, tables.at("db/journal"),
                                    {storage::Value(number), storage::Value(int64_t{0})}));
        CHECK_OK(trx->commit());
      }
    }));
  }
  for (Task& task : tasks) task.join();
}

Counts run(uint64_t clients, uint64_t sync_binlog) {
  sim::WorldOptions options;
  options.seed = clients;
  sim::World world(options);
  Counts counts;
  sim::Machine& machine = world.add_machine("db");
  machine.start([&](Node& node) {
    auto engine = storage::Engine::open(node, {});
    CHECK_OK(engine);
    auto tables = faults::SampleTables::open(**engine);
    CHECK_OK(tables);
    auto binlog = binlog::Binlog::open(node, {});
    CHECK_OK(binlog);
    BinlogCoordinatorOptions coordinator_options;
    coordinator_options.server_uuid = Uid::from_random(1, 2);
    coordinator_options.sync_binlog = sync_binlog;
    BinlogCoordinator coordinator(node, **engine, **binlog, coordinator_options);
    {
      TransactionManagerOptions manager_options;
      manager_options.coordinator = &coordinator;
      TransactionManager manager(node, **engine, manager_options);
      for (int64_t first = 0; first < 4'000'000; first += 1'000'000) {
        load(node, manager, **tables, clients, first);
      }
      const CoordinatorStats before = coordinator.stats();
      const uint64_t syncs_before = machine.disk().counts().syncs;
      load(node, manager, **tables, clients, 4'000'000);
      counts.syncs = machine.disk().counts().syncs - syncs_before;
      counts.stats = coordinator.stats();
      counts.stats.groups -= before.groups;
      counts.stats.transactions -= before.transactions;
    }
    world.finish();
  });
  const sim::RunResult result = world.run();
  EXPECT_EQ(result.violation, "");
  EXPECT_LT(result.virtual_time, 1s) << "the redo log's own flush may have come";
  return counts;
}

TEST(CommitSync, OneForEachGroupAndNoMore) {
  for (const uint64_t clients : {1, 8, 32}) {
    const Counts counts = run(clients, 1);
    const uint64_t transactions = clients * kTransactions;
    std::printf("%lu clients: %lu transactions, %lu groups, %lu fdatasyncs\n", clients,
                transactions, counts.stats.groups, counts.syncs);
    EXPECT_EQ(counts.stats.transactions, transactions);
    EXPECT_EQ(counts.syncs, counts.stats.groups);
    // One by one there is nothing to share; thirty-two share well.
    const uint64_t most = clients == 32 ? transactions / 4 : transactions;
    EXPECT_LE(counts.stats.groups, most);
  }
}

TEST(CommitSync, AsOftenAsAskedFor) {
  const Counts never = run(8, 0);
  EXPECT_EQ(never.syncs, uint64_t{0});
  const Counts each_fourth = run(8, 4);
  // The first of them may end a four that began in the load before.
  EXPECT_LE(each_fourth.syncs, each_fourth.stats.groups / 4 + 1);
  EXPECT_GE(each_fourth.syncs, each_fourth.stats.groups / 4);
}

}  // namespace
}  // namespace aftersync::txn
