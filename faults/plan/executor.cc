// Executor: see the header for its promises.
#include "faults/plan/executor.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/fault.h"
#include "core/base/probe.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/network.h"

namespace aftersync::faults {

namespace {

sim::Machine* find_machine(sim::World& world, std::string_view name) {
  for (const auto& machine : world.machines()) {
    if (machine->name() == name) return machine.get();
  }
  return nullptr;
}

Duration from_us(double us) { return Duration(std::llround(us * 1e3)); }

// The knob of a DiskFaults that a rate setting turns.
double* disk_rate(sim::DiskFaults& faults, std::string_view name) {
  if (name == "disk.read_error") return &faults.read_error;
  if (name == "disk.write_error") return &faults.write_error;
  if (name == "disk.no_space") return &faults.no_space;
  if (name == "disk.sync_error") return &faults.sync_error;
  if (name == "disk.bit_rot") return &faults.bit_rot;
  if (name == "disk.misdirected_write") return &faults.misdirected_write;
  if (name == "disk.stall") return &faults.stall;
  return nullptr;
}

}  // namespace

Executor::Executor(sim::World& world, const Plan& plan, CrashRule permits_crash)
    : world_(world), plan_(plan), permits_crash_(std::move(permits_crash)) {}

Status Executor::install() {
  RETURN_IF_ERROR(check());
  apply_settings();
  for (const Setting& setting : plan_.settings) {
    if (setting_type(setting.name) != nullptr) continue;
    RETURN_IF_ERROR(world_.enable_fault(setting.name, setting.value));
  }
  for (const Action& action : plan_.actions) {
    if (action.step) {
      world_.at_step(*action.step, [this, &action] { strike(action); });
    } else {
      world_.at(MonoTime(action.at), [this, &action] { strike(action); });
    }
  }
  world_.at(MonoTime(plan_.quiet_at), [this] { quieten(); });
  world_.on_process_end(
      [this](sim::Machine& machine, sim::ProcessEnd how) { process_ended(machine, how); });
  return {};
}

Status Executor::check() const {
  const auto known = [&](const std::string& machine) {
    return find_machine(world_, machine) != nullptr;
  };
  const auto unknown = [](const std::string& part, const std::string& machine) {
    return Status(Code::invalid_argument, part + ": there is no machine '" + machine + "'");
  };
  for (const Action& action : plan_.actions) {
    for (const Cut& cut : action.cuts) {
      if (!known(cut.from)) return unknown(to_string(action), cut.from);
      if (!known(cut.to)) return unknown(to_string(action), cut.to);
    }
    if (action.kind == ActionKind::partition) continue;
    if (!known(action.machine)) return unknown(to_string(action), action.machine);
    if (!action.peer.empty() && !known(action.peer)) return unknown(to_string(action), action.peer);
  }
  for (const Setting& setting : plan_.settings) {
    const SettingType* const type = setting_type(setting.name);
    if (type == nullptr) {
      RETURN_IF_ERROR(check_fault_name(setting.name));
    } else if (type->part != SettingPart::network && !known(setting.machine)) {
      return unknown(setting.name, setting.machine);
    }
  }
  return {};
}

void Executor::apply_settings() {
  for (const Setting& setting : plan_.settings) {
    const SettingType* const type = setting_type(setting.name);
    if (type == nullptr) continue;
    if (type->part == SettingPart::disk) set_disk(setting);
    if (type->part == SettingPart::network) set_network(setting);
    if (type->part == SettingPart::clock) set_clock(setting);
  }
}

void Executor::set_disk(const Setting& setting) {
  sim::DiskFaults& faults = world_.machine(setting.machine).disk().faults();
  if (double* const rate = disk_rate(faults, setting.name)) {
    *rate = setting.value;
  } else if (setting.name == "disk.latency_max_us") {
    faults.latency_max = std::max(faults.latency_min, from_us(setting.value));
  } else if (setting.name == "disk.sync_latency_max_us") {
    faults.sync_latency_max = std::max(faults.sync_latency_min, from_us(setting.value));
  }
}

void Executor::set_network(const Setting& setting) {
  sim::NetworkFaults& faults = world_.network().faults();
  if (setting.name == "network.reset") faults.reset = setting.value;
  if (setting.name == "network.stall") faults.stall = setting.value;
  if (setting.name == "network.latency_max_us") {
    faults.latency_max = std::max(faults.latency_min, from_us(setting.value));
  }
  if (setting.name == "network.bytes_per_second") {
    faults.bytes_per_second = static_cast<uint64_t>(std::max(1.0, setting.value));
  }
}

void Executor::set_clock(const Setting& setting) {
  sim::ClockFaults& faults = world_.machine(setting.machine).clock_faults();
  if (setting.name == "clock.drift_ppm") faults.drift_ppm = static_cast<int32_t>(setting.value);
  if (setting.name == "clock.wall_offset_ms") faults.wall_offset = from_us(setting.value * 1e3);
}

void Executor::after(Duration delay, std::function<void()> action) {
  world_.at(world_.now() + delay, std::move(action));
}

void Executor::strike(const Action& action) {
  if (quiet_) return;  // at a step that came late
  if (action.kind == ActionKind::partition) {
    PROBE("executor/partition");
    world_.trace([&] { return "plan: " + to_string(action); });
    cut(action.cuts);
    after(action.lasts, [this, &action] { mend(action.cuts); });
    return;
  }
  sim::Machine& machine = world_.machine(action.machine);
  if (takes_down(action.kind) && !keeps_survival(machine)) {
    PROBE("executor/left-out-to-survive");
    ++left_out_;
    world_.trace([&] { return "plan: left out to keep a majority: " + to_string(action); });
    return;
  }
  world_.trace([&] { return "plan: " + to_string(action); });
  strike_machine(action, machine);
}

void Executor::strike_machine(const Action& action, sim::Machine& machine) {
  switch (action.kind) {
    case ActionKind::kill: machine.kill(); return restart_later(machine, action.lasts);
    case ActionKind::power_loss: machine.power_off(); return restart_later(machine, action.lasts);
    case ActionKind::replace_disk:
      machine.kill();
      machine.replace_disk();
      return restart_later(machine, action.lasts);
    case ActionKind::pause:
      machine.pause();
      return after(action.lasts, [&machine] { machine.resume(); });
    case ActionKind::reset:
      return world_.network().reset_between(machine, world_.machine(action.peer));
    case ActionKind::clock_jump: machine.clock_faults().wall_offset += action.jump; return;
    case ActionKind::disk_full:
    case ActionKind::sync_failure: return begin_window(action);
    case ActionKind::partition: return;
  }
}

// Counts what is down for whatever reason, the machine itself aside.
bool Executor::keeps_survival(const sim::Machine& machine) const {
  for (const Survival& rule : plan_.survival) {
    if (std::count(rule.machines.begin(), rule.machines.end(), machine.name()) == 0) continue;
    uint32_t down = 1;
    for (const std::string& name : rule.machines) {
      const sim::Machine& other = world_.machine(name);
      if (&other != &machine && (!other.running() || other.paused())) ++down;
    }
    if (down > rule.down_at_most) return false;
  }
  return true;
}

// The rate is certainty while any window of its kind is open, and the plan's own otherwise.
void Executor::begin_window(const Action& action) {
  const Window window{action.machine, action.kind};
  ++windows_open_[window];
  window_rate(window) = 1;
  after(action.lasts, [this, window] {
    const auto it = windows_open_.find(window);
    if (it == windows_open_.end() || --it->second > 0) return;
    windows_open_.erase(it);
    window_rate(window) = 0;
    for (const Setting& setting : plan_.settings) {
      if (setting.machine == window.first) set_disk(setting);
    }
  });
}

double& Executor::window_rate(const Window& window) {
  sim::DiskFaults& faults = world_.machine(window.first).disk().faults();
  return window.second == ActionKind::disk_full ? faults.no_space : faults.sync_error;
}

void Executor::cut(const std::vector<Cut>& cuts) {
  for (const Cut& one : cuts) {
    if (++cuts_in_force_[one] > 1) continue;
    world_.network().cut(world_.machine(one.from), world_.machine(one.to));
  }
}

void Executor::mend(const std::vector<Cut>& cuts) {
  for (const Cut& one : cuts) {
    const auto it = cuts_in_force_.find(one);
    if (it == cuts_in_force_.end()) continue;  // the quiet phase has mended it
    if (--it->second > 0) continue;
    cuts_in_force_.erase(it);
    world_.network().heal(world_.machine(one.from), world_.machine(one.to));
  }
}

void Executor::restart_later(sim::Machine& machine, Duration delay) {
  after(delay, [&machine] {
    if (!machine.running()) machine.restart();
  });
}

void Executor::process_ended(sim::Machine& machine, sim::ProcessEnd how) {
  if (how != sim::ProcessEnd::crashed) return;
  ++crashes_;
  if (!permits_crash_(machine, machine.crash_reason())) {
    world_.violate("unexpected stop: " + machine.name() + ": " + machine.crash_reason());
    return;
  }
  PROBE("executor/crash-restarted");
  restart_later(machine, plan_.crash_restart_delay);
}

void Executor::quieten() {
  quiet_ = true;
  world_.trace([] { return std::string("plan: quiet from here on"); });
  world_.network().heal_all();
  cuts_in_force_.clear();
  windows_open_.clear();
  world_.network().faults() = sim::NetworkFaults();
  for (const Setting& setting : plan_.settings) {
    if (setting_type(setting.name) == nullptr) disable_fault(setting.name);
  }
  for (const auto& machine : world_.machines()) {
    machine->disk().faults() = sim::DiskFaults();
    machine->resume();
    const sim::ProcessEnd end = machine->last_end();
    const bool ended = end == sim::ProcessEnd::killed || end == sim::ProcessEnd::powered_off ||
                       end == sim::ProcessEnd::crashed;
    if (ended && !machine->running()) machine->restart();
  }
}

}  // namespace aftersync::faults
