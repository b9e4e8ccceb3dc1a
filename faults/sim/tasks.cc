// Tasks and Clock, Rng, ErrorLog and Node::crash of a simulated process: the short contracts.
#include "core/platform/tasks.h"

#include <exception>

#include "core/base/check.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync {

namespace sim {

void run_task(TaskState& task) {
  World& world = *World::current();
  try {
    task.body();
    task.body = nullptr;
  } catch (const std::exception& e) {
    world.violate(current_fiber().label() + ": uncaught exception: " + e.what());
  }
  task.done = true;
  while (!task.joiners.empty()) world.scheduler().wake(task.joiners.at(0));
}

}  // namespace sim

Task::~Task() { CHECK(state_ == nullptr); }

Task& Task::operator=(Task&& other) noexcept {
  CHECK(state_ == nullptr);
  state_ = other.state_;
  other.state_ = nullptr;
  return *this;
}

void Task::join() {
  CHECK(state_ != nullptr);
  sim::Scheduler& scheduler = sim::World::current()->scheduler();
  scheduler.point();
  while (!state_->done) scheduler.block(&state_->joiners, kNever, false, "join");
  delete state_;
  state_ = nullptr;
}

Task Tasks::spawn(std::string name, std::function<void()> body) {
  auto* task = new TaskState;
  task->body = std::move(body);
  sim::Scheduler& scheduler = node_.world.scheduler();
  scheduler.spawn(node_, *task, std::move(name));
  scheduler.point();
  return Task(task);
}

Status Tasks::sleep_for(Duration duration) { return sleep_until(node_.local_now() + duration); }

Status Tasks::sleep_until(MonoTime deadline) {
  const sim::Wake wake =
      node_.world.scheduler().block(nullptr, node_.to_world(deadline), true, "sleep");
  if (wake == sim::Wake::shutdown) return {Code::shutdown, "sleep: the node is shutting down"};
  return {};
}

void Tasks::yield() { node_.world.scheduler().point(); }
void Tasks::spin_hint() { node_.world.scheduler().point(); }

void Tasks::request_shutdown() {
  node_.shutdown_requested = true;
  node_.interrupt_all();
  node_.world.scheduler().point();
}

bool Tasks::shutdown_requested() const { return node_.shutdown_requested; }

MonoTime Clock::now() {
  node_.world.scheduler().point();
  return node_.local_now();
}

WallTime Clock::wall_now() {
  node_.world.scheduler().point();
  return node_.local_wall();
}

uint64_t Rng::next() { return node_.prng.next(); }

void Rng::fill(std::span<char> into) {
  for (char& c : into) c = static_cast<char>(node_.prng.next() >> 56);
}

void ErrorLog::write(Severity severity, std::string_view line) {
  node_.world.note(0x1096);
  node_.world.trace([&] {
    constexpr std::string_view kLabels[] = {"System", "ERROR", "Warning", "Note"};
    return "[" + std::string(kLabels[static_cast<size_t>(severity)]) + "] " + std::string(line);
  });
}

void Node::crash(std::string_view reason) { state_.machine.crash_current(reason); }

}  // namespace aftersync
