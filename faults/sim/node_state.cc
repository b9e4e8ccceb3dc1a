// NodeState: a process's clocks and its end.
#include "faults/sim/node_state.h"

#include "core/base/check.h"
#include "faults/sim/scheduler.h"

namespace aftersync {

namespace {

// Virtual time starts here: 2026-01-01T00:00:00Z.
constexpr WallTime kWorldEpoch{std::chrono::seconds(1'767'225'600)};
// A process's monotonic clock starts at a value that depends on the machine, so that mixing clocks
// of two machines up shows.
constexpr Duration kMonoOriginStep = std::chrono::hours(7);

constexpr int64_t kMillion = 1'000'000;

Duration drifted(Duration elapsed, int32_t drift_ppm) {
  const auto scaled = static_cast<__int128>(elapsed.count()) * (kMillion + drift_ppm) / kMillion;
  return Duration(static_cast<int64_t>(scaled));
}

Duration undrifted(Duration elapsed, int32_t drift_ppm) {
  // Rounded up: a deadline never passes early on the process's own clock.
  const auto divisor = static_cast<__int128>(kMillion + drift_ppm);
  const auto numerator = static_cast<__int128>(elapsed.count()) * kMillion + divisor - 1;
  return Duration(static_cast<int64_t>(numerator / divisor));
}

}  // namespace

NodeState::NodeState(sim::World& its_world, sim::Machine& its_machine, bool server)
    : world(its_world),
      machine(its_machine),
      is_server(server),
      started_at(its_world.now()),
      drift_ppm(its_machine.clock_faults().drift_ppm),
      prng(its_world.hardware_prng().next()),
      node(*this) {}

NodeState::~NodeState() {
  while (!fibers.empty()) world.scheduler().discard(*fibers.back());
}

MonoTime NodeState::local_now() const {
  return MonoTime(machine.number() * kMonoOriginStep +
                  drifted(world.now() - started_at, drift_ppm));
}

WallTime NodeState::local_wall() const {
  return kWorldEpoch + drifted(world.now() - MonoTime(), drift_ppm) +
         machine.clock_faults().wall_offset;
}

MonoTime NodeState::to_world(MonoTime local_deadline) const {
  if (local_deadline == kNever) return kNever;
  const Duration local = local_deadline - MonoTime(machine.number() * kMonoOriginStep);
  if (local <= Duration::zero()) return started_at;
  // Far beyond any run, and near enough to overflow to matter.
  if (local > std::chrono::hours(24 * 365 * 100)) return kNever;
  return started_at + undrifted(local, drift_ppm);
}

void NodeState::interrupt_all() {
  for (sim::Fiber* fiber : fibers) {
    if (fiber->state == sim::Fiber::State::blocked && fiber->interruptible) {
      world.scheduler().wake(*fiber, sim::Wake::shutdown);
    }
  }
}

namespace sim {

Fiber& current_fiber() {
  World* world = World::current();
  CHECK(world != nullptr);
  Fiber* fiber = world->scheduler().current();
  CHECK(fiber != nullptr);
  return *fiber;
}

NodeState& current_process() { return current_fiber().process; }

}  // namespace sim
}  // namespace aftersync
