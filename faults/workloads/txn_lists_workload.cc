// Workload txn-lists: sessions run random transactions on one table, at one isolation level, and
// the history of what they did is held against what that level promises (txn/list_session.h).
//
//   level                 what its histories must be (model/history/consistency_model.h)
//   read-committed        strong read committed
//   repeatable-read       strong snapshot isolation: innodb_snapshot_isolation is on
//   repeatable-read-classic  strong read committed: reads by a view, writes of the newest, and so
//                         lost updates, as InnoDB has them
//   serializable          strict serializability
//
// At the end all locks have been given back, nobody is registered, and the table is sound.
//
// One process, which nothing kills: what a crash leaves is the business of the workload storage.
#include "faults/workloads/txn_lists_workload.h"

#include <memory>
#include <vector>

#include "core/storage/table_check.h"
#include "faults/sim/heap.h"
#include "faults/storage/small_engine.h"
#include "faults/txn/list_session.h"
#include "model/history/check_history.h"
#include "model/history/history_reader.h"

namespace aftersync::faults {

namespace {

using model::ConsistencyModel;

constexpr const char* kServer = "db";

struct Level {
  const char* name;
  txn::Isolation isolation;
  bool snapshot_isolation;
  ConsistencyModel promise;
};

constexpr Level kLevels[] = {
    {"read-committed", txn::Isolation::read_committed, true,
     ConsistencyModel::strong_read_committed},
    {"repeatable-read", txn::Isolation::repeatable_read, true,
     ConsistencyModel::strong_snapshot_isolation},
    {"repeatable-read-classic", txn::Isolation::repeatable_read, false,
     ConsistencyModel::strong_read_committed},
    {"serializable", txn::Isolation::serializable, true, ConsistencyModel::strict_serializable},
};

const Level& level_of(const std::string& name) {
  for (const Level& level : kLevels) {
    if (name == level.name) return level;
  }
  CHECK(false);
}

class TxnListsWorkload final : public Workload {
 public:
  explicit TxnListsWorkload(const Parameters& parameters)
      : level_(level_of(parameters.text("level"))),
        sessions_count_(static_cast<uint64_t>(parameters.integer("sessions"))),
        transactions_(static_cast<uint64_t>(parameters.integer("transactions"))) {
    session_.isolation = level_.isolation;
    session_.snapshot_isolation = level_.snapshot_isolation;
    session_.keys = parameters.integer("keys");
    session_.steps = static_cast<uint64_t>(parameters.integer("steps"));
  }

  [[nodiscard]] Topology topology() const override { return {{{"servers", {kServer}, true}}}; }

  void setup(RunContext& run) override {
    for (uint64_t i = 0; i < sessions_count_; ++i) {
      sessions_.push_back(std::make_unique<ListSession>(
          session_, run.draw_seed(), i, recorder_,
          [&run](std::string what) { run.violate(std::move(what)); }));
    }
    run.world().add_machine(kServer);
  }

  void start(RunContext& run) override {
    run.world().on_process_end([&run](sim::Machine&, sim::ProcessEnd) { run.world().finish(); });
    run.world().machine(kServer).start([this, &run](Node& node) { serve(run, node); });
  }

  void check(RunContext& run) override {
    if (!run.violation().empty()) return;
    model::History history;
    model::HistoryReader reader(history);
    Status status = reader.feed(recorder_.text());
    if (status.ok()) status = reader.finish();
    if (!status.ok()) return run.violate("unreadable history: " + status.to_string());
    const auto report = model::check_history(history);
    if (!report.ok()) return run.violate("unreadable history: " + report.status().to_string());
    if (report->of(level_.promise).ruled_out_by.empty()) return;
    run.violate("anomaly: " + std::string(level_.name) + "\n" +
                model::text_report(history, *report, level_.promise));
  }

  [[nodiscard]] uint64_t operations() const override { return recorder_.operations(); }

 private:
  void serve(RunContext& run, Node& node) {
    auto opened =
        storage::Engine::open(node, options_of({.pool_frames = 200, .log_file_kib = 2048}));
    must(node, opened.status(), "open");
    storage::Engine& engine = **opened;
    const auto table = engine.create_table(lists_table());
    must(node, table.status(), "create");
    {
      txn::TransactionManager manager(node, engine, {});
      run_sessions(node, manager, **table);
      expect_quiet(run, manager);
    }
    Result<size_t> purged = 1;
    while (purged.ok() && *purged > 0) purged = engine.purge(1000);
    must(node, purged.status(), "purge");
    storage::PoolReader pages(engine.pages().pool());
    must(node, storage::check_table(pages, (*table)->def()).status(), "check");
    must(node, engine.close(), "close");
  }

  void run_sessions(Node& node, txn::TransactionManager& manager, storage::Table& table) {
    std::vector<Task> tasks;
    for (const auto& session : sessions_) {
      tasks.push_back(node.tasks().spawn("session", [&, s = session.get()] {
        for (uint64_t n = 0; n < transactions_; ++n) {
          must(node, s->transact(node, manager, table), "transaction");
        }
      }));
    }
    for (Task& task : tasks) task.join();
  }

  static void expect_quiet(RunContext& run, txn::TransactionManager& manager) {
    const txn::LockStats locks = manager.locks().stats();
    if (locks.locks == 0 && locks.bytes == 0 && manager.registry().active_count() == 0 &&
        manager.registry().view_count() == 0) {
      return;
    }
    const sim::HostScope host;
    run.violate("not given back: " + std::to_string(locks.locks) + " locks");
  }

  const Level& level_;
  const uint64_t sessions_count_;
  const uint64_t transactions_;
  ListSessionOptions session_;
  HistoryRecorder recorder_;
  std::vector<std::unique_ptr<ListSession>> sessions_;
};

}  // namespace

WorkloadType txn_lists_workload() {
  WorkloadType type;
  type.name = "txn-lists";
  type.description = "transactions of several sessions, and what their isolation level promises";
  std::vector<std::string> levels;
  for (const Level& level : kLevels) levels.emplace_back(level.name);
  type.parameters = {
      {"level", "isolation level", std::string("repeatable-read"), 0, 0, levels},
      {"sessions", "at once", int64_t{3}, 1, 16, {}, true},
      {"transactions", "of each session", int64_t{20}, 1, 1'000'000, {}, true},
      {"steps", "of a transaction, at most", int64_t{4}, 1, 100, {}, true},
      {"keys", "lists there are", int64_t{4}, 1, 100},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<TxnListsWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
