// draw_plan: swarm, actions, settings, each from a stream of its own.
#include "faults/plan/draw.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/prng.h"

namespace aftersync::faults {

namespace {

enum Stream : uint64_t { kSwarmStream = 0x5e1, kActionStream, kSettingStream };

// An action that meets the rules is sought so many times, then given up.
constexpr int kTries = 8;
constexpr size_t kRingMachines = 5;
// Rates are drawn between the ceiling and 1/128 of it, as powers of two: exact on every machine.
constexpr uint64_t kHalvings = 7;

Duration draw_duration(Prng& prng, DurationRange range) {
  const auto span = static_cast<uint64_t>((range.high - range.low).count());
  return range.low + Duration(static_cast<int64_t>(prng.between(0, span)));
}

template <typename T>
void shuffle(Prng& prng, std::vector<T>& items) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[prng.below(i)]);
}

std::vector<std::string> machines_of(const Topology& topology, const std::string& group) {
  return group.empty() ? topology.all_machines() : topology.find(group)->machines;
}

std::vector<std::string> targets_of(const Topology& topology, const ActionLimits& kind) {
  if (kind.group.empty() && ends_process(kind.kind)) return topology.server_machines();
  return machines_of(topology, kind.group);
}

// Cuts between each machine of `a` and each of `b`.
void cut_between(const std::vector<std::string>& a, const std::vector<std::string>& b, bool there,
                 bool back, std::vector<Cut>& cuts) {
  for (const std::string& x : a) {
    for (const std::string& y : b) {
      if (there) cuts.push_back({x, y});
      if (back) cuts.push_back({y, x});
    }
  }
}

// On a circle, everybody sees itself and its nearest neighbours, a bare majority.
std::vector<Cut> cut_ring(const std::vector<std::string>& circle) {
  std::vector<Cut> cuts;
  const size_t n = circle.size();
  const size_t reach = (n / 2 + 1) / 2;  // neighbours seen on each side
  for (size_t i = 0; i < n; ++i) {
    for (size_t ahead = reach + 1; ahead < n - reach; ++ahead) {
      cuts.push_back({circle[i], circle[(i + ahead) % n]});
    }
  }
  return cuts;
}

std::vector<Cut> draw_cuts(Prng& prng, const ActionLimits& limits,
                           std::vector<std::string> machines) {
  shuffle(prng, machines);
  const PartitionShape shape = limits.shapes[prng.below(limits.shapes.size())];
  const bool one_way = limits.one_way && prng.chance(0.5);
  const bool there = !one_way || prng.chance(0.5);
  const bool back = !one_way || !there;
  if (shape == PartitionShape::ring) return cut_ring(machines);

  const auto first = machines.begin();
  std::vector<std::string> left(first, first + 1);
  std::vector<std::string> right(first + 1, machines.end());
  if (shape == PartitionShape::link) {
    right.resize(1);
  } else if (shape != PartitionShape::isolate) {
    // A bridge is the machine at the end, on neither side and so seen by both.
    const size_t sides = machines.size() - (shape == PartitionShape::bridge ? 1 : 0);
    const auto middle = first + static_cast<ptrdiff_t>(prng.between(1, sides - 1));
    left.assign(first, middle);
    right.assign(middle, first + static_cast<ptrdiff_t>(sides));
  }
  std::vector<Cut> cuts;
  cut_between(left, right, there, back, cuts);
  return cuts;
}

Action draw_action(Prng& prng, const Limits& limits, const ActionLimits& kind,
                   const Topology& topology) {
  std::vector<std::string> machines = targets_of(topology, kind);
  Action action;
  action.kind = kind.kind;
  action.at = draw_duration(prng, {limits.begin, limits.quiet});
  action.lasts = draw_duration(prng, kind.lasts);
  if (kind.steps && prng.chance(0.5)) {
    action.at = Duration{0};
    action.step = prng.between(kind.steps->first, kind.steps->second);
  }
  if (kind.kind == ActionKind::partition) {
    action.cuts = draw_cuts(prng, kind, std::move(machines));
    return action;
  }
  const size_t pick = prng.below(machines.size());
  action.machine = machines[pick];
  if (kind.kind == ActionKind::clock_jump) action.jump = draw_duration(prng, kind.jump);
  if (kind.kind == ActionKind::reset) {
    std::vector<std::string> peers = topology.all_machines();
    std::erase(peers, action.machine);
    action.peer = peers[prng.below(peers.size())];
  }
  return action;
}

bool overlap(const Action& a, const Action& b) {
  return a.at <= b.at + b.lasts && b.at <= a.at + a.lasts;
}

// The rules that a plan can promise for actions with a known time. For those at steps, and for
// servers that stop themselves, the executor keeps to `survival` as it goes.
bool fits(const Action& action, const Plan& plan, const Limits& limits) {
  if (action.step) return true;
  if (action.at + action.lasts >= limits.quiet) return false;
  uint32_t in_force = 1;
  for (const Action& other : plan.actions) {
    if (other.step || !overlap(action, other)) continue;
    ++in_force;
    const bool both_down = takes_down(action.kind) && takes_down(other.kind);
    if (both_down && action.machine == other.machine) return false;
  }
  if (in_force > limits.at_once) return false;
  for (const Survival& rule : plan.survival) {
    uint32_t down = 0;
    const auto counts = [&](const Action& a) {
      return takes_down(a.kind) &&
             std::count(rule.machines.begin(), rule.machines.end(), a.machine);
    };
    if (!counts(action)) continue;
    for (const Action& other : plan.actions) {
      if (!other.step && overlap(action, other) && counts(other)) ++down;
    }
    if (down + 1 > rule.down_at_most) return false;
  }
  return true;
}

const ActionLimits& draw_kind(Prng& prng, const std::vector<const ActionLimits*>& kinds) {
  uint64_t total = 0;
  for (const ActionLimits* kind : kinds) total += kind->weight;
  uint64_t ticket = prng.below(total);
  for (const ActionLimits* kind : kinds) {
    if (ticket < kind->weight) return *kind;
    ticket -= kind->weight;
  }
  return *kinds.back();
}

void draw_actions(const Limits& limits, const Topology& topology, uint64_t seed, Prng& swarm,
                  Plan& plan) {
  std::vector<const ActionLimits*> kinds;
  for (const ActionLimits& kind : limits.actions) {
    if ((!limits.swarm || swarm.chance(0.5)) && kind.weight > 0) kinds.push_back(&kind);
  }
  if (kinds.empty()) return;
  Prng prng(seed, kActionStream);
  const uint64_t wanted = prng.between(0, limits.actions_at_most);
  for (uint64_t i = 0; i < wanted; ++i) {
    const ActionLimits& kind = draw_kind(prng, kinds);
    for (int attempt = 0; attempt < kTries; ++attempt) {
      Action action = draw_action(prng, limits, kind, topology);
      if (!fits(action, plan, limits)) continue;
      plan.actions.push_back(std::move(action));
      break;
    }
  }
  std::stable_sort(plan.actions.begin(), plan.actions.end(), [](const Action& a, const Action& b) {
    return std::pair(a.step.value_or(0), a.at) < std::pair(b.step.value_or(0), b.at);
  });
}

double draw_value(Prng& prng, const SettingLimits& limits, SettingScale scale) {
  if (scale == SettingScale::symmetric) {
    return limits.ceiling * (static_cast<double>(prng.below(2001)) / 1000 - 1);
  }
  return std::ldexp(limits.ceiling, -static_cast<int>(prng.below(kHalvings + 1)));
}

void draw_part(const PartLimits& part, const std::vector<std::string>& machines, bool swarming,
               Prng& swarm, Prng& prng, Plan& plan) {
  for (const SettingLimits& setting : part.settings) {
    if (swarming && !swarm.chance(0.5)) continue;
    for (const std::string& machine : machines) {
      const SettingType& type = *setting_type(setting.name);
      plan.settings.push_back({setting.name, machine, draw_value(prng, setting, type.scale)});
    }
  }
}

void draw_settings(const Limits& limits, const Topology& topology, uint64_t seed, Prng& swarm,
                   Plan& plan) {
  Prng prng(seed, kSettingStream);
  for (const PartLimits* part : {&limits.disk, &limits.clock}) {
    std::vector<std::string> machines = machines_of(topology, part->group);
    shuffle(prng, machines);
    machines.resize(std::min<size_t>(machines.size(), part->machines_at_most));
    std::sort(machines.begin(), machines.end());
    draw_part(*part, machines, limits.swarm, swarm, prng, plan);
  }
  draw_part(limits.network, {""}, limits.swarm, swarm, prng, plan);
  for (const SettingLimits& point : limits.points) {
    if (limits.swarm && !swarm.chance(0.5)) continue;
    plan.settings.push_back({point.name, "", draw_value(prng, point, SettingScale::rate)});
  }
}

Status unknown_group(const std::string& where, const std::string& group) {
  return {Code::invalid_argument,
          "faults." + where + ": the workload has no group of machines named '" + group + "'"};
}

// How many machines a shape needs to mean anything.
size_t machines_needed(PartitionShape shape) {
  if (shape == PartitionShape::ring) return kRingMachines;
  return shape == PartitionShape::bridge ? 3 : 2;
}

Status check_action(const ActionLimits& kind, const Topology& topology) {
  const std::string name(to_string(kind.kind));
  if (!kind.group.empty() && topology.find(kind.group) == nullptr) {
    return unknown_group(name + ".group", kind.group);
  }
  if (!kind.group.empty() && ends_process(kind.kind) && !topology.find(kind.group)->servers) {
    return {Code::invalid_argument,
            "faults." + name + ".group: '" + kind.group + "' runs no servers to be ended"};
  }
  const size_t machines = targets_of(topology, kind).size();
  size_t needed = kind.kind == ActionKind::partition ? 2 : 1;
  for (const PartitionShape shape : kind.shapes) needed = std::max(needed, machines_needed(shape));
  if (kind.kind == ActionKind::reset && topology.all_machines().size() < 2) needed = 2;
  if (machines >= needed) return {};
  return {Code::invalid_argument, "faults." + name + ": needs " + std::to_string(needed) +
                                      " machines, the workload has " + std::to_string(machines)};
}

Status check_topology(const Limits& limits, const Topology& topology) {
  for (const ActionLimits& kind : limits.actions) RETURN_IF_ERROR(check_action(kind, topology));
  for (const SurvivalLimits& rule : limits.survive) {
    if (topology.find(rule.group) == nullptr) return unknown_group("survive", rule.group);
  }
  for (const auto& [part, name] : {std::pair(&limits.disk, "disk"), {&limits.clock, "clock"}}) {
    if (!part->group.empty() && topology.find(part->group) == nullptr) {
      return unknown_group(std::string(name) + ".group", part->group);
    }
  }
  return {};
}

}  // namespace

Result<Plan> draw_plan(const Limits& limits, const Topology& topology, uint64_t seed) {
  RETURN_IF_ERROR(check_topology(limits, topology));
  Plan plan;
  plan.quiet_at = limits.quiet;
  plan.crash_restart_delay = limits.crash_restart;
  for (const SurvivalLimits& rule : limits.survive) {
    std::vector<std::string> machines = topology.find(rule.group)->machines;
    const auto half = static_cast<uint32_t>((machines.size() - 1) / 2);
    plan.survival.push_back(
        {rule.group, std::move(machines), rule.minority ? half : rule.down_at_most});
  }
  plan.schedule = sim::ScheduleOptions::drawn_from(seed);
  Prng swarm(seed, kSwarmStream);
  draw_actions(limits, topology, seed, swarm, plan);
  draw_settings(limits, topology, seed, swarm, plan);
  return plan;
}

}  // namespace aftersync::faults
