// World and Machine: starting, ending and scripting simulated processes.
#include "faults/sim/world.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/network.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync::sim {

namespace {

constinit thread_local World* current_world = nullptr;
constinit thread_local CheckFailedHandler previous_check_handler = nullptr;

// Independent streams of one seed.
enum Stream : uint64_t { kHardware = 1, kWorkload = 2, kFaultPoints = 3 };

}  // namespace

std::string_view to_string(RunEnd end) {
  switch (end) {
    case RunEnd::completed: return "completed";
    case RunEnd::violated: return "violated";
    case RunEnd::deadlocked: return "deadlocked";
    case RunEnd::out_of_time: return "out of virtual time";
    case RunEnd::out_of_steps: return "out of steps";
  }
  return "unknown";
}

// --- Machine ---

Machine::Machine(World& world, std::string name, uint64_t number)
    : world_(world),
      name_(std::move(name)),
      number_(number),
      disk_(std::make_unique<DiskImage>(world, *this)) {}

Machine::~Machine() = default;

bool Machine::paused() const { return process_ != nullptr && process_->paused; }

Node& Machine::node() {
  CHECK(process_ != nullptr);
  return process_->node;
}

void Machine::start(ProcessMain main) {
  const HostScope host;
  CHECK(process_ == nullptr);
  main_ = std::move(main);
  start_process(true);
}

void Machine::restart() {
  CHECK(main_ != nullptr);
  start_process(true);
}

void Machine::start_process(bool is_server) {
  const HostScope host;
  CHECK(process_ == nullptr);
  ++incarnation_;
  last_end_ = ProcessEnd::running;
  process_ = std::make_unique<NodeState>(world_, *this, is_server);
  world_.note(0x57a7 + number_);
  world_.trace([&] { return "start " + name_ + " #" + std::to_string(incarnation_); });
  process_->main_task.body = [this] { run_main(); };
  world_.scheduler().spawn(*process_, process_->main_task, "main");
}

// On the process's main fiber.
void Machine::run_main() {
  main_(process_->node);
  for (const Fiber* fiber : process_->fibers) {
    if (fiber == &current_fiber() || fiber->state == Fiber::State::finished) continue;
    world_.violate(name_ + ": main returned while task " + fiber->name + " was still running");
  }
  world_.scheduler().abandon_current(
      [](void* machine) { static_cast<Machine*>(machine)->end_process(ProcessEnd::exited); }, this);
}

void Machine::crash_current(std::string_view reason) {
  CHECK(process_ != nullptr && &current_process() == process_.get());
  {
    const HostScope host;
    crash_reason_ = reason;
  }
  world_.scheduler().abandon_current(
      [](void* machine) { static_cast<Machine*>(machine)->end_process(ProcessEnd::crashed); },
      this);
}

void Machine::kill_current() {
  CHECK(process_ != nullptr && &current_process() == process_.get());
  world_.scheduler().abandon_current([](void* machine) { static_cast<Machine*>(machine)->kill(); },
                                     this);
}

void Machine::power_off_current() {
  CHECK(process_ != nullptr && &current_process() == process_.get());
  world_.scheduler().abandon_current(
      [](void* machine) { static_cast<Machine*>(machine)->power_off(); }, this);
}

void Machine::end_process(ProcessEnd how) {
  const HostScope host;
  CHECK(process_ != nullptr);
  world_.note(0xe4d + (static_cast<uint64_t>(how) << 32) + number_);
  world_.trace([&] {
    constexpr std::string_view kWords[] = {"?", "?", "exited", "crashed", "killed", "power loss"};
    return std::string(kWords[static_cast<size_t>(how)]) + " " + name_ +
           (how == ProcessEnd::crashed ? ": " + crash_reason_ : "");
  });
  const bool was_harness = !process_->is_server;
  world_.network().process_ended(*this, how);
  process_.reset();
  disk_->process_ended();
  last_end_ = how;
  if (was_harness) world_.harness_ended();
  for (const auto& observer : world_.end_observers_) observer(*this, how);
}

void Machine::kill() {
  if (process_ != nullptr) end_process(ProcessEnd::killed);
}

void Machine::power_off() {
  const HostScope host;
  if (process_ != nullptr) {
    end_process(ProcessEnd::powered_off);
  } else {
    // Its kernel goes as well, with the connections that it still kept.
    world_.trace([&] { return "power loss " + name_; });
    world_.network().process_ended(*this, ProcessEnd::powered_off);
    last_end_ = ProcessEnd::powered_off;
  }
  disk_->power_loss(world_.hardware_prng());
}

void Machine::pause() {
  if (process_ == nullptr || process_->paused) return;
  world_.trace([&] { return "pause " + name_; });
  process_->paused = true;
  for (Fiber* fiber : process_->fibers) world_.scheduler().hold(*fiber);
}

void Machine::resume() {
  if (process_ == nullptr || !process_->paused) return;
  world_.trace([&] { return "resume " + name_; });
  process_->paused = false;
  for (Fiber* fiber : process_->fibers) world_.scheduler().release(*fiber);
}

void Machine::replace_disk() {
  const HostScope host;
  CHECK(process_ == nullptr);
  disk_->wipe();
}

// --- World ---

// A host callback waiting for its time or step.
class World::Action final : public Timer {
 public:
  Action(TimerQueue& queue, MonoTime at, std::function<void()> body)
      : queue_(queue), body_(std::move(body)) {
    queue_.set(*this, at);
  }
  ~Action() override { queue_.cancel(*this); }
  Action(const Action&) = delete;
  Action& operator=(const Action&) = delete;
  void fire() override { std::exchange(body_, nullptr)(); }

 private:
  TimerQueue& queue_;  // of times or of steps
  std::function<void()> body_;
};

World::World(const WorldOptions& options)
    : options_(options),
      hardware_prng_(options.seed, kHardware),
      workload_prng_(options.seed, kWorkload),
      fault_prng_(options.seed, kFaultPoints),
      scheduler_(std::make_unique<Scheduler>(options.seed, options.schedule)),
      network_(std::make_unique<Network>(*this)) {
  CHECK(current_world == nullptr);
  current_world = this;
  previous_check_handler = set_check_failed_handler(on_check_failed);
}

World::~World() {
  actions_.clear();
  for (const auto& machine : machines_) machine->process_.reset();
  disable_all_faults();
  set_check_failed_handler(previous_check_handler);
  network_.reset();
  machines_.clear();
  scheduler_.reset();
  current_world = nullptr;
}

World* World::current() { return current_world; }

Machine& World::add_machine(std::string name) {
  const HostScope host;
  for (const auto& machine : machines_) CHECK_NE(machine->name(), name);
  machines_.push_back(
      std::make_unique<Machine>(*this, std::move(name), uint64_t{machines_.size() + 1}));
  return *machines_.back();
}

Machine& World::machine(std::string_view name) {
  const auto it = std::find_if(machines_.begin(), machines_.end(),
                               [&](const auto& m) { return m->name() == name; });
  CHECK(it != machines_.end());
  return **it;
}

void World::start_harness(Machine& machine, ProcessMain main) {
  const HostScope host;
  CHECK(!machine.running());
  machine.main_ = std::move(main);
  ++harness_running_;
  machine.start_process(false);
}

void World::harness_ended() {
  CHECK_GT(harness_running_, 0u);
  if (--harness_running_ == 0) finish();
}

void World::on_process_end(std::function<void(Machine&, ProcessEnd)> observer) {
  const HostScope host;
  end_observers_.push_back(std::move(observer));
}

void World::at(MonoTime at, std::function<void()> action) {
  const HostScope host;
  actions_.push_back(
      std::make_unique<Action>(scheduler_->timers(), std::max(at, now()), std::move(action)));
}

void World::at_step(uint64_t step, std::function<void()> action) {
  const HostScope host;
  actions_.push_back(std::make_unique<Action>(scheduler_->step_alarms(), Scheduler::step_time(step),
                                              std::move(action)));
}

RunResult World::run() {
  const Scheduler::End end =
      scheduler_->drive(MonoTime(options_.max_virtual_time), options_.max_steps);
  RunResult result;
  if (!violation_.empty()) {
    result.end = RunEnd::violated;
    result.violation = violation_;
  } else if (end == Scheduler::End::deadlock) {
    result.end = RunEnd::deadlocked;
    result.violation = "deadlock: " + scheduler_->describe_blocked();
  } else if (end == Scheduler::End::out_of_time) {
    result.end = RunEnd::out_of_time;
    result.violation =
        "not finished after the allowed virtual time: " + scheduler_->describe_blocked();
  } else if (end == Scheduler::End::out_of_steps) {
    result.end = RunEnd::out_of_steps;
    result.violation = "not finished after the allowed number of steps";
  }
  for (const auto& machine : machines_) machine->disk().fold_into(scheduler_->digest());
  result.digest = scheduler_->digest().value();
  result.steps = scheduler_->steps();
  result.switches = scheduler_->switches();
  result.virtual_time = now() - MonoTime();
  return result;
}

void World::finish() {
  finished_ = true;
  scheduler_->stop();
}

void World::violate(std::string what) {
  const HostScope host;
  if (violation_.empty() && !finished_) violation_ = what;
  trace([&] { return "VIOLATION " + what; });
  scheduler_->stop();
}

MonoTime World::now() const { return scheduler_->now(); }

void World::note(uint64_t event) {
  scheduler_->digest().add(event);
  scheduler_->digest().add(scheduler_->steps());
  scheduler_->digest().add(static_cast<uint64_t>(now().time_since_epoch().count()));
}

void World::append_trace(std::string line) {
  const HostScope host;
  const Fiber* fiber = scheduler_->current();
  trace_.push_back(std::to_string(now().time_since_epoch().count() / 1000) + "us " +
                   (fiber == nullptr ? std::string("driver") : fiber->label()) + " " + line);
}

void World::on_check_failed(const char* file, int line, const char* expression,
                            std::string_view detail) {
  World* world = current_world;
  if (world == nullptr || world->scheduler_->current() == nullptr) {
    previous_check_handler(file, line, expression, detail);
    return;
  }
  {
    const HostScope host;
    world->violate(world->scheduler_->current()->label() + ": CHECK failed at " + file + ":" +
                   std::to_string(line) + ": " + expression +
                   (detail.empty() ? "" : " (" + std::string(detail) + ")"));
  }
  world->scheduler_->abandon_current(nullptr, nullptr);
}

Status World::enable_fault(std::string_view name, double probability) {
  const HostScope host;
  RETURN_IF_ERROR(aftersync::enable_fault(name, decide_fault, this));
  enabled_faults_.emplace_back(name, probability);
  return {};
}

bool World::decide_fault(const char* name, void* context) {
  World& world = *static_cast<World*>(context);
  const auto it = std::find_if(world.enabled_faults_.begin(), world.enabled_faults_.end(),
                               [&](const auto& fault) { return fault.first == name; });
  if (it == world.enabled_faults_.end() || !world.fault_prng_.chance(it->second)) return false;
  ++world.faults_fired_;
  world.trace([&] { return "fault point " + std::string(name); });
  return true;
}

}  // namespace aftersync::sim
