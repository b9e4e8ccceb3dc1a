// Workload lockstep: random schedules of statements, run by the engine's transactions and by the
// isolation model (model/txn), which have to agree after every step: on answers, on who waits for
// whom, on all locks, on the victims of deadlocks (pair/engine_lockstep.h).
//
// One process, which nothing kills. The seed decides the schedules, and which of several sessions
// that one step sets free goes on first. A schedule that does not agree is shortened in the same
// world, and printed as a script, which `aftersync-check locks` takes to show the model's view of
// it.
#include "faults/workloads/lockstep_workload.h"

#include "core/base/prng.h"
#include "faults/pair/engine_lockstep.h"
#include "faults/sim/heap.h"
#include "faults/storage/small_engine.h"
#include "model/txn/random_schedule.h"

namespace aftersync::faults {

namespace {

constexpr const char* kServer = "db";
constexpr uint64_t kFewestSteps = 6;

struct Case {
  model::txn::Defaults settings;
  model::txn::Script script;
};

class LockstepWorkload final : public Workload {
 public:
  explicit LockstepWorkload(const Parameters& parameters)
      : schedules_(static_cast<uint64_t>(parameters.integer("schedules"))),
        sessions_(static_cast<model::txn::SessionId>(parameters.integer("sessions"))),
        steps_(static_cast<uint64_t>(parameters.integer("steps"))) {}

  [[nodiscard]] Topology topology() const override { return {{{"servers", {kServer}, true}}}; }

  void setup(RunContext& run) override {
    const uint64_t seed = run.draw_seed();
    for (uint64_t i = 0; i < schedules_; ++i) draw_case(seed, i);
    run.world().add_machine(kServer);
  }

  void start(RunContext& run) override {
    run.world().on_process_end([&run](sim::Machine&, sim::ProcessEnd) { run.world().finish(); });
    run.world().machine(kServer).start([this, &run](Node& node) { serve(run, node); });
  }

  void check(RunContext&) override {}

  [[nodiscard]] uint64_t operations() const override { return agreed_; }

 private:
  void serve(RunContext& run, Node& node) {
    SmallEngine small = {.pool_frames = 200, .log_file_kib = 2048};
    small.background_purge = false;
    auto opened = storage::Engine::open(node, options_of(small));
    must(node, opened.status(), "open");
    {
      txn::TransactionManager manager(node, **opened, {});
      EngineLockstep lockstep(node, manager);
      for (const Case& drawn : cases_) {
        if (!agrees_on(run, lockstep, drawn)) break;
      }
    }
    must(node, (*opened)->close(), "close");
  }

  void draw_case(uint64_t seed, uint64_t number) {
    Prng prng(seed, number);
    Case drawn;
    drawn.settings = {static_cast<model::txn::Isolation>(prng.below(4)), prng.chance(0.5)};
    const model::txn::RandomSchedule drawn_schedule(prng.next(), drawn.settings, sessions_);
    std::vector<uint64_t> steps(prng.between(kFewestSteps, steps_));
    for (uint64_t& step : steps) step = prng.next();
    auto script = model::txn::parse_script(drawn_schedule.script(steps, ""));
    CHECK_OK(script);
    drawn.script = *std::move(script);
    cases_.push_back(std::move(drawn));
  }

  bool agrees_on(RunContext& run, EngineLockstep& lockstep, const Case& drawn) {
    const model::txn::Schedule& schedule = drawn.script.schedules.at(0);
    std::string found = lockstep.judge(drawn.script, schedule, drawn.settings);
    if (found.empty()) {
      ++agreed_;
      return true;
    }
    model::txn::Schedule shortest = lockstep.shortened(drawn.script, schedule, drawn.settings);
    const std::string again = lockstep.judge(drawn.script, shortest, drawn.settings);
    if (again.empty()) {  // it took more than the statements
      shortest = schedule;
    } else {
      found = again;
    }
    const std::string text = script_text(drawn.script, shortest, drawn.settings);
    const sim::HostScope host;
    run.violate("disagreement: " + found + "in\n" + text);
    return false;
  }

  const uint64_t schedules_;
  const model::txn::SessionId sessions_;
  const uint64_t steps_;
  std::vector<Case> cases_;
  uint64_t agreed_ = 0;
};

}  // namespace

WorkloadType lockstep_workload() {
  WorkloadType type;
  type.name = "lockstep";
  type.description =
      "random statements of several sessions, beside the model of isolation and locks";
  type.parameters = {
      {.name = "schedules",
       .description = "schedules, one after the other on one engine",
       .fallback = int64_t{10},
       .min = 1,
       .max = 1000,
       .is_size = true},
      {.name = "sessions",
       .description = "sessions of a schedule, at most",
       .fallback = int64_t{4},
       .min = 2,
       .max = 8},
      {.name = "steps",
       .description = "statements of a schedule, at most",
       .fallback = int64_t{16},
       .min = kFewestSteps,
       .max = 100},
  };
  type.make = [](const Parameters& parameters) -> std::unique_ptr<Workload> {
    return std::make_unique<LockstepWorkload>(parameters);
  };
  return type;
}

}  // namespace aftersync::faults
