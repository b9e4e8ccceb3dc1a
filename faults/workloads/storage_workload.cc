// Workload storage: an engine with a small pool and a small log, tasks that run random transactions
// and definition changes on tables of their own, and a model that knows what every answer must be
// (storage/table_client.h).
//
// The server itself is the client: storage has no network. After each start it first holds every
// table against the states that are legal, and only then goes on. A harness task waits until the
// plan has come to rest and everything has been done, lets the server shut down in good order, and
// has it opened and judged once more: whole, purged, every tree checked.
#include "faults/workloads/storage_workload.h"

#include <algorithm>

#include "faults/storage/small_engine.h"
#include "faults/storage/table_client.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "db";

class StorageWorkload final : public Workload {
 public:
  explicit StorageWorkload(const Parameters& parameters)
      : clients_count_(static_cast<uint64_t>(parameters.integer("clients"))),
        steps_(static_cast<uint64_t>(parameters.integer("transactions"))),
        engine_{.pool_frames = static_cast<size_t>(parameters.integer("pool_frames")),
                .log_file_kib = static_cast<uint64_t>(parameters.integer("log_file_kib")),
                .background_purge = parameters.flag("background_purge")} {}

  [[nodiscard]] Topology topology() const override {
    return {{{"servers", {kServer}, true}, {"operator", {"operator"}, false}}};
  }

  void setup(RunContext& run) override {
    for (uint64_t i = 0; i < clients_count_; ++i) {
      clients_.push_back(std::make_unique<TableClient>(
          run.draw_seed(), "t" + std::to_string(i),
          [&run](std::string what) { run.violate(std::move(what)); }));
      steps_left_.push_back(steps_);
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

  void check(RunContext&) override {}

  [[nodiscard]] uint64_t operations() const override {
    uint64_t sum = 0;
    for (const auto& client : clients_) sum += client->operations();
    return sum;
  }

 private:
  void serve(RunContext& run, Node& node) {
    auto opened = storage::Engine::open(node, options_of(engine_));
    must(node, opened.status(), "open");
    storage::Engine& engine = **opened;
    for (const auto& client : clients_) {
      must(node, client->verify_after_restart(engine), "verify");
    }
    std::vector<Task> tasks;
    for (size_t i = 0; i < clients_.size(); ++i) {
      tasks.push_back(node.tasks().spawn("client", [&, i] { work(node, engine, i); }));
    }
    for (Task& task : tasks) task.join();
    while (!is_quiet_) (void)node.tasks().sleep_for(1ms);
    Result<size_t> purged = 1;
    while (purged.ok() && *purged > 0) purged = engine.purge(1000);
    must(node, purged.status(), "purge");
    for (const auto& client : clients_) {
      must(node, client->check_structure(engine, true), "check");
    }
    must(node, engine.close(), "close");
    if (run.violation().empty()) is_finished_ = true;
  }

  void work(Node& node, storage::Engine& engine, size_t i) {
    while (steps_left_[i] > 0) {
      --steps_left_[i];
      const Status status = clients_[i]->step(node, engine);
      // No room, or an unreadable page: taken back; it may go better later.
      if (!status.ok()) (void)node.tasks().sleep_for(5ms);
    }
  }

  const uint64_t clients_count_;
  const uint64_t steps_;
  const SmallEngine engine_;
  std::vector<std::unique_ptr<TableClient>> clients_;
  std::vector<uint64_t> steps_left_;
  bool is_quiet_ = false;     // nothing goes wrong any more
  bool is_finished_ = false;  // everything done, judged and closed
};

}  // namespace

WorkloadType storage_workload() {
  WorkloadType type;
  type.name = "storage";
  type.description = "random transactions and definition changes, held against the table model";
  type.parameters = {
      {"clients", "tasks, each with a table of its own", int64_t{2}, 1, 16, {}, true},
      {"transactions", "of each client", int64_t{30}, 1, 1'000'000, {}, true},
      {"pool_frames", "pages in memory", int64_t{64}, 64, 1'000'000},
      {"log_file_kib", "size of each of the two redo files", int64_t{2048}, 512, 1'000'000},
      {"background_purge", "purge on its own, besides that of the clients", true},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<StorageWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
