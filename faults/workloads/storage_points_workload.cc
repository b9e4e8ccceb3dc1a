// Workload storage-points: everything the storage engine does, once, in an order that the seed
// fixes, with a fault at one chosen operation of its disk, and perhaps another in what comes after.
//
// The problem. Random crashes fall where time is spent: in the bulk of the workload. Bugs of crash
// safety sit in places that take no time: between two writes of a bootstrap, of a definition
// change, of a checkpoint, of recovery itself. So operations are counted, and each is a crash point
// of its own; `aftersync-sim points` goes through all of them.
//
// Life 1 makes the data directory; then tables of several shapes change in turn, one task doing it
// all: rows, long rows, definitions, rollbacks, purge, checkpoints; at last it closes in good
// order. Life 2 opens that and looks at everything once more. Until a fault strikes, all lives of
// one seed are the same run to the last event, because parameters are no part of any draw. A fault
// that ends the process, or makes it stop itself, brings the next life forward: it holds every
// table against the states that are legal (storage/table_client.h), goes on for a little, and
// closes.
#include "faults/workloads/storage_points_workload.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "faults/sim/disk_image.h"
#include "faults/storage/small_engine.h"
#include "faults/storage/table_client.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "db";
constexpr int64_t kRoundsAfterAFault = 2;

sim::StrikeKind kind_of(const std::string& name) {
  for (const sim::StrikeKind kind : sim::kStrikeKinds) {
    if (to_string(kind) == name) return kind;
  }
  CHECK(false);
  return sim::StrikeKind::none;
}

sim::DiskStrike strike_of(const Parameters& parameters, const std::string& prefix) {
  return {kind_of(parameters.text(prefix + "fault")),
          static_cast<uint64_t>(parameters.integer(prefix + "at"))};
}

bool is_device_error(sim::StrikeKind kind) {
  return kind == sim::StrikeKind::sync_error || kind == sim::StrikeKind::no_space ||
         kind == sim::StrikeKind::read_error;
}

class StoragePointsWorkload final : public Workload {
 public:
  explicit StoragePointsWorkload(const Parameters& parameters)
      : tables_(static_cast<size_t>(parameters.integer("tables"))),
        rounds_left_(parameters.integer("rounds")),
        strikes_{strike_of(parameters, ""), strike_of(parameters, "second_")} {}

  [[nodiscard]] Topology topology() const override {
    return {{{"servers", {kServer}, true}, {"operator", {"operator"}, false}}};
  }

  void setup(RunContext& run) override {
    for (size_t i = 0; i < tables_; ++i) {
      clients_.push_back(std::make_unique<TableClient>(
          run.draw_seed(), "t" + std::to_string(i),
          [&run](std::string what) { run.violate(std::move(what)); }));
    }
    run.world().add_machine("operator");
    run.world().add_machine(kServer).start([this, &run](Node& node) { serve(run, node); });
  }

  // Starts the server again whenever the plan's executor does not: after a strike that ended it.
  void start(RunContext& run) override {
    run.world().start_harness(run.world().machine("operator"), [this, &run](Node& node) {
      sim::Machine& server = run.world().machine(kServer);
      while (closed_ < 2) {
        (void)node.tasks().sleep_for(1ms);
        if (!server.running() && server.last_end() != sim::ProcessEnd::crashed && closed_ < 2) {
          server.restart();
        }
      }
      while (server.running()) (void)node.tasks().sleep_for(1ms);
    });
  }

  void check(RunContext&) override {}

  [[nodiscard]] uint64_t operations() const override {
    uint64_t sum = 0;
    for (const auto& client : clients_) sum += client->operations();
    return sum;
  }

  // By a device that failed: as often as it did.
  [[nodiscard]] bool permits_crash(const RunContext&, const sim::Machine&,
                                   std::string_view reason) const override {
    return reason.find("corruption: ") == std::string_view::npos &&
           std::any_of(std::begin(strikes_), std::end(strikes_),
                       [](const sim::DiskStrike& s) { return is_device_error(s.kind); });
  }

 private:
  void serve(RunContext& run, Node& node) {
    sim::Machine& self = run.world().machine(kServer);
    if (self.incarnation() == 1) self.disk().set_strike(strikes_[0]);
    // Once the first has struck; until then it may strike here as well.
    if (self.incarnation() == 2 && closed_ == 0) self.disk().set_strike(strikes_[1]);
    if (self.incarnation() > 1) rounds_left_ = std::min(rounds_left_, kRoundsAfterAFault);
    auto opened = storage::Engine::open(node, options_of({.background_purge = false}));
    must(node, opened.status(), "open");
    storage::Engine& engine = **opened;
    for (const auto& client : clients_) {
      must(node, client->verify_after_restart(engine), "verify");
    }
    while (rounds_left_ > 0) {
      --rounds_left_;
      round(node, engine);
    }
    Result<size_t> purged = 1;
    while (purged.ok() && *purged > 0) purged = engine.purge(1000);
    must(node, purged.status(), "purge");
    for (const auto& client : clients_) {
      must(node, client->check_structure(engine, true), "check");
    }
    must(node, engine.close(), "close");
    if (run.violation().empty()) ++closed_;
  }

  // Each table in turn; one of them gets another definition, and now and then all is written. What
  // the device refuses has been taken back.
  void round(Node& node, storage::Engine& engine) {
    for (const auto& client : clients_) (void)client->step(node, engine).ok();
    const auto turn = static_cast<size_t>(rounds_left_);
    (void)clients_[turn % clients_.size()]->change_definition(node, engine).ok();
    (void)engine.purge(2).ok();
    if (turn % 3 != 0) return;
    if (engine.pages().pool().flush_all().ok()) engine.pages().cleaner().checkpoint();
  }

  const size_t tables_;
  int64_t rounds_left_;
  const sim::DiskStrike strikes_[2];  // of life 1 and life 2
  std::vector<std::unique_ptr<TableClient>> clients_;
  int closed_ = 0;  // lives that came to a good end
};

ParameterSpec fault_parameter(const std::string& name, const std::string& description) {
  ParameterSpec spec{name, description, std::string(to_string(sim::StrikeKind::none))};
  for (const sim::StrikeKind kind : sim::kStrikeKinds) spec.choices.emplace_back(to_string(kind));
  return spec;
}

}  // namespace

WorkloadType storage_points_workload() {
  WorkloadType type;
  type.name = "storage-points";
  type.description = "a fixed course of the storage engine, with a fault at a chosen operation";
  type.parameters = {
      {"tables", "each with a client of its own", int64_t{3}, 1, 16, {}, true},
      {"rounds", "of all tables", int64_t{9}, 1, 1'000'000, {}, true},
      fault_parameter("fault", "what strikes in the first life"),
      {"at", "at which of the operations it may strike", int64_t{1}, 1},
      fault_parameter("second_fault", "what strikes in the second life"),
      {"second_at", "at which, counted from the restart", int64_t{1}, 1},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<StoragePointsWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
