// Workload commits: sessions whose transactions go through the binlog's commit coordinator, readers
// beside them, and crashes. After each start, before and after recovery from the binlog:
//
//   the engine has exactly what the binlog says up to the engine's last commit note, and
//   afterwards exactly what all of it says (txn/binlog_replay.h);
//   what clients were told and readers saw is there, once, in one order (txn/commit_ledger.h).
//
// The replica whose acknowledgement is waited for is a random delay: what counts here is what
// happens on this side of it.
#include "faults/workloads/commits_workload.h"

#include <memory>
#include <vector>

#include "core/txn/binlog_coordinator.h"
#include "core/txn/binlog_recovery.h"
#include "faults/sim/heap.h"
#include "faults/storage/small_engine.h"
#include "faults/txn/commit_session.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "db";

// Acknowledges everything after a while.
class DelayedAcknowledgement final : public binlog::Acknowledgement {
 public:
  DelayedAcknowledgement(Node& node, CommitLedger& ledger) : node_(node), ledger_(ledger) {}
  Outcome wait_for(binlog::BinlogPlace end) override {
    if (!node_.tasks().sleep_for(Duration(node_.rng().next() % 3'000'000)).ok()) {
      return Outcome::abandoned;
    }
    ledger_.replicated(end);
    return Outcome::acknowledged;
  }

 private:
  Node& node_;
  CommitLedger& ledger_;
};

class CommitsWorkload final : public Workload {
 public:
  explicit CommitsWorkload(const Parameters& parameters)
      : sessions_count_(static_cast<uint64_t>(parameters.integer("sessions"))),
        transactions_(static_cast<uint64_t>(parameters.integer("transactions"))),
        keys_(parameters.integer("keys")),
        wait_(parameters.text("wait")),
        engine_{.pool_frames = static_cast<size_t>(parameters.integer("pool_frames")),
                .log_file_kib = static_cast<uint64_t>(parameters.integer("log_file_kib"))} {
    cache_.images =
        parameters.flag("minimal_images") ? txn::RowImages::minimal : txn::RowImages::full;
    cache_.row_event_bytes = static_cast<size_t>(parameters.integer("row_event_bytes"));
    max_binlog_bytes_ = static_cast<uint64_t>(parameters.integer("max_binlog_bytes"));
    delay_ = std::chrono::microseconds(parameters.integer("delay_us"));
    ledger_.expects_acknowledgements(wait_ == "after_sync");
  }

  [[nodiscard]] Topology topology() const override {
    return {{{"servers", {kServer}, true}, {"operator", {"operator"}, false}}};
  }

  void setup(RunContext& run) override {
    for (uint64_t i = 0; i < sessions_count_; ++i) {
      sessions_.push_back(std::make_unique<CommitSession>(run.draw_seed(), static_cast<int64_t>(i),
                                                          keys_, ledger_));
      left_.push_back(transactions_);
    }
    run.world().add_machine("operator");
    run.world().add_machine(kServer).start([this, &run](Node& node) { serve(run, node); });
  }

  void start(RunContext& run) override {
    run.world().start_harness(run.world().machine("operator"), [this, &run](Node& node) {
      sim::Machine& server = run.world().machine(kServer);
      run.wait_for_quiet(node);
      is_quiet_ = true;
      while (!is_finished_) (void)node.tasks().sleep_for(10ms);
      while (server.running()) (void)node.tasks().sleep_for(10ms);
      // Once more from what a clean shutdown has left.
      is_finished_ = false;
      server.restart();
      while (!is_finished_) (void)node.tasks().sleep_for(10ms);
    });
  }

  void check(RunContext& run) override {
    if (run.violation().empty() && ledger_.acknowledged_count() == 0 && transactions_ > 0) {
      run.violate("nothing was committed");
    }
  }

  [[nodiscard]] uint64_t operations() const override { return ledger_.operations(); }

 private:
  void serve(RunContext& run, Node& node) {
    auto engine = storage::Engine::open(node, options_of(engine_));
    must(node, engine.status(), "open");
    auto tables = SampleTables::open(**engine);
    must(node, tables.status(), "tables");
    binlog::BinlogOptions options;
    options.max_bytes = max_binlog_bytes_;
    const auto reaches = txn::end_in_engine(**engine);
    must(node, reaches.status(), "note");
    options.reaches = *reaches;
    auto binlog = binlog::Binlog::open(node, options);
    must(node, binlog.status(), "binlog");
    recover(run, node, **engine, **binlog, **tables);
    ledger_.started((*binlog)->end());
    work(run, node, **engine, **binlog, **tables);
    must(node, (*binlog)->close(), "close");
    must(node, (*engine)->close(), "close");
    if (run.violation().empty()) is_finished_ = true;
  }

  void violate(RunContext& run, const std::string& what) {
    const sim::HostScope host;
    if (run.violation().empty() && !what.empty()) run.violate(std::string(what));
  }

  void recover(RunContext& run, Node& node, storage::Engine& engine, binlog::Binlog& binlog,
               SampleTables& tables) {
    const auto transactions = read_transactions(binlog);
    must(node, transactions.status(), "read");
    violate(run, ledger_.judge(*transactions));
    violate(run, judge_order(*transactions));
    const auto end = txn::end_in_engine(engine);
    must(node, end.status(), "note");
    compare(run, node, engine, tables, *transactions, *end, "before recovery");
    const auto recovered =
        txn::recover_from_binlog(node, engine, binlog, tables, [](const auto&, auto) -> Status {
          return {Code::internal, "no definitions here"};
        });
    if (recovered.code() == Code::corruption || recovered.code() == Code::not_found ||
        recovered.code() == Code::duplicate_key) {
      violate(run, "recovery: " + recovered.status().to_string());
    }
    must(node, recovered.status(), "recovery");
    compare(run, node, engine, tables, *transactions, binlog.durable(), "after recovery");
  }

  // The engine's tables are what the binlog says up to `end`.
  void compare(RunContext& run, Node& node, storage::Engine& engine, const SampleTables& tables,
               const std::vector<LoggedTransaction>& transactions, binlog::BinlogPlace end,
               const std::string& when) {
    std::string wrong;
    ReplayedTables expected;
    for (const LoggedTransaction& transaction : transactions) {
      if (transaction.end > end || !wrong.empty()) break;
      wrong = expected.apply(transaction);
    }
    if (!wrong.empty()) violate(run, "binlog is not whole: " + wrong);
    for (const std::string_view name : SampleTables::kNames) {
      const auto rows = tables.rows(engine, name);
      must(node, rows.status(), "rows");
      const auto wanted = expected.rows(std::string(name));
      if (*rows == wanted) continue;
      violate(run, "engine differs from the binlog: " + when + ", table " + std::string(name) +
                       ": " + std::to_string(rows->size()) + " rows, " +
                       std::to_string(wanted.size()) + " expected");
    }
  }

  void work(RunContext&, Node& node, storage::Engine& engine, binlog::Binlog& binlog,
            SampleTables& tables) {
    DelayedAcknowledgement acknowledgement(node, ledger_);
    txn::BinlogCoordinatorOptions options;
    options.server_uuid = Uid::from_random(1, 2);
    options.group_commit_sync_delay = delay_;
    if (wait_ != "none") options.acknowledgement = &acknowledgement;
    if (wait_ == "after_commit") options.wait_point = txn::WaitPoint::after_commit;
    txn::BinlogCoordinator coordinator(node, engine, binlog, options);
    txn::TransactionManagerOptions manager_options;
    manager_options.coordinator = &coordinator;
    manager_options.binlog = cache_;
    txn::TransactionManager manager(node, engine, manager_options);
    std::vector<Task> tasks;
    for (size_t i = 0; i < sessions_.size(); ++i) {
      tasks.push_back(node.tasks().spawn("session", [&, i] {
        while (left_[i] > 0) {
          --left_[i];
          const Status status = sessions_[i]->transact(node, manager, tables);
          // No room, or an unreadable page: taken back; it may go better later.
          if (!status.ok()) (void)node.tasks().sleep_for(5ms);
        }
      }));
    }
    bool is_working = true;
    Task reader = node.tasks().spawn("reader", [&] {
      while (is_working) {
        (void)read_journal(manager, tables, ledger_);
        (void)node.tasks().sleep_for(Duration(node.rng().next() % 2'000'000));
      }
    });
    for (Task& task : tasks) task.join();
    while (!is_quiet_) (void)node.tasks().sleep_for(1ms);
    is_working = false;
    reader.join();
  }

  const uint64_t sessions_count_;
  const uint64_t transactions_;
  const int64_t keys_;
  const std::string wait_;
  const SmallEngine engine_;
  txn::BinlogCacheOptions cache_;
  uint64_t max_binlog_bytes_ = 0;
  Duration delay_{0};
  CommitLedger ledger_;
  std::vector<std::unique_ptr<CommitSession>> sessions_;
  std::vector<uint64_t> left_;  // transactions of each session
  bool is_quiet_ = false;       // nothing goes wrong any more
  bool is_finished_ = false;    // everything done, judged and closed
};

}  // namespace

WorkloadType commits_workload() {
  WorkloadType type;
  type.name = "commits";
  type.description = "transactions through the binlog, and what a restart makes of both";
  type.parameters = {
      {"sessions", "at once", int64_t{3}, 1, 64, {}, true},
      {"transactions", "of each session", int64_t{20}, 1, 1'000'000, {}, true},
      {"keys", "rows that are fought for", int64_t{6}, 1, 1000},
      {"wait",
       "for an acknowledgement",
       std::string("after_sync"),
       0,
       0,
       {"none", "after_sync", "after_commit"}},
      {"minimal_images", "binlog_row_image", false},
      {"row_event_bytes", "a rows event ends here", int64_t{100}, 1, 1'000'000},
      {"max_binlog_bytes", "a binlog file ends here", int64_t{4000}, 500, 1'000'000'000},
      {"delay_us", "binlog_group_commit_sync_delay", int64_t{0}, 0, 1'000'000},
      {"pool_frames", "pages in memory", int64_t{160}, 64, 1'000'000},
      {"log_file_kib", "size of each of the two redo files", int64_t{1024}, 512, 1'000'000},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<CommitsWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
