// Plan: names, comparison and text.
#include "faults/plan/plan.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace aftersync::faults {

namespace {

constexpr std::array<std::string_view, kActionKinds> kActionNames = {
    "kill",  "power_loss", "replace_disk", "pause",       "partition",
    "reset", "clock_jump", "disk_full",    "sync_failure"};

constexpr SettingType kSettingTypes[] = {
    {"disk.read_error", SettingPart::disk, SettingScale::rate},
    {"disk.write_error", SettingPart::disk, SettingScale::rate},
    {"disk.no_space", SettingPart::disk, SettingScale::rate},
    {"disk.sync_error", SettingPart::disk, SettingScale::rate},
    {"disk.bit_rot", SettingPart::disk, SettingScale::rate},
    {"disk.misdirected_write", SettingPart::disk, SettingScale::rate},
    {"disk.stall", SettingPart::disk, SettingScale::rate},
    {"disk.latency_max_us", SettingPart::disk, SettingScale::magnitude},
    {"disk.sync_latency_max_us", SettingPart::disk, SettingScale::magnitude},
    {"network.reset", SettingPart::network, SettingScale::rate},
    {"network.stall", SettingPart::network, SettingScale::rate},
    {"network.latency_max_us", SettingPart::network, SettingScale::magnitude},
    {"network.bytes_per_second", SettingPart::network, SettingScale::magnitude},
    {"clock.drift_ppm", SettingPart::clock, SettingScale::symmetric},
    {"clock.wall_offset_ms", SettingPart::clock, SettingScale::symmetric},
};

// "12.5ms": nanoseconds are exact in plans but a nuisance to read.
std::string in_ms(Duration duration) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3fms", static_cast<double>(duration.count()) / 1e6);
  return text;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string target_of(const Action& action) {
  if (action.kind != ActionKind::partition) {
    return action.peer.empty() ? action.machine : action.machine + " and " + action.peer;
  }
  std::string text;
  for (const Cut& cut : action.cuts) text += (text.empty() ? "" : " ") + cut.from + ">" + cut.to;
  return text;
}

}  // namespace

const MachineGroup* Topology::find(std::string_view group) const {
  const auto it = std::find_if(groups.begin(), groups.end(),
                               [&](const MachineGroup& g) { return g.name == group; });
  return it == groups.end() ? nullptr : &*it;
}

std::vector<std::string> Topology::all_machines() const {
  std::vector<std::string> all;
  for (const MachineGroup& g : groups) all.insert(all.end(), g.machines.begin(), g.machines.end());
  return all;
}

std::vector<std::string> Topology::server_machines() const {
  std::vector<std::string> all;
  for (const MachineGroup& g : groups) {
    if (g.servers) all.insert(all.end(), g.machines.begin(), g.machines.end());
  }
  return all;
}

std::string_view to_string(ActionKind kind) { return kActionNames[static_cast<size_t>(kind)]; }

std::optional<ActionKind> action_kind(std::string_view name) {
  const auto it = std::find(kActionNames.begin(), kActionNames.end(), name);
  if (it == kActionNames.end()) return std::nullopt;
  return static_cast<ActionKind>(it - kActionNames.begin());
}

bool ends_process(ActionKind kind) {
  return kind == ActionKind::kill || kind == ActionKind::power_loss ||
         kind == ActionKind::replace_disk;
}

bool takes_down(ActionKind kind) { return ends_process(kind) || kind == ActionKind::pause; }

std::string to_string(const Action& action) {
  std::string text =
      action.step ? "at step " + std::to_string(*action.step) : "at " + in_ms(action.at);
  text += " ";
  text += to_string(action.kind);
  text += " " + target_of(action);
  if (action.kind == ActionKind::clock_jump) {
    text += " by " + in_ms(action.jump);
  } else if (action.kind != ActionKind::reset) {
    text += " for " + in_ms(action.lasts);
  }
  return text;
}

std::span<const SettingType> setting_types() { return kSettingTypes; }

const SettingType* setting_type(std::string_view name) {
  const auto* const it = std::find_if(std::begin(kSettingTypes), std::end(kSettingTypes),
                                      [&](const SettingType& type) { return name == type.name; });
  return it == std::end(kSettingTypes) ? nullptr : it;
}

bool Plan::has_disk_faults() const {
  const auto touches_disk = [](const Action& action) {
    return action.kind == ActionKind::disk_full || action.kind == ActionKind::sync_failure;
  };
  const auto is_disk_rate = [](const Setting& setting) {
    const SettingType* const type = setting_type(setting.name);
    return type != nullptr && type->part == SettingPart::disk && type->scale == SettingScale::rate;
  };
  return std::any_of(actions.begin(), actions.end(), touches_disk) ||
         std::any_of(settings.begin(), settings.end(), is_disk_rate);
}

bool Plan::has_lying_disks() const {
  return std::any_of(settings.begin(), settings.end(), [](const Setting& setting) {
    return setting.name == "disk.bit_rot" || setting.name == "disk.misdirected_write";
  });
}

std::string Plan::to_text() const {
  std::string text = "schedule: " + to_string(schedule) + "\n";
  for (const Setting& setting : settings) {
    text += setting.name + (setting.machine.empty() ? "" : " of " + setting.machine) + ": " +
            number(setting.value) + "\n";
  }
  for (const Action& action : actions) text += to_string(action) + "\n";
  for (const Survival& rule : survival) {
    text += "never more than " + std::to_string(rule.down_at_most) + " of " + rule.group +
            " down at once\n";
  }
  text += "quiet from " + in_ms(quiet_at) + "; a server that stops itself is restarted after " +
          in_ms(crash_restart_delay) + "\n";
  return text;
}

std::string to_string(const sim::ScheduleOptions& schedule) {
  std::string text;
  if (schedule.kind == sim::ScheduleOptions::Kind::random_walk) {
    text = "random walk, switch " + number(schedule.switch_probability);
  } else {
    text = "pct, " + std::to_string(schedule.change_points) + " change points in " +
           std::to_string(schedule.expected_steps) + " steps";
  }
  const bool everywhere = schedule.windows.size() == 1 && schedule.windows[0].first == 0 &&
                          schedule.windows[0].last == UINT64_MAX;
  if (everywhere) return text;
  text += ", only in steps";
  for (const sim::StepWindow& window : schedule.windows) {
    text += " [" + std::to_string(window.first) + "," + std::to_string(window.last) + ")";
  }
  return schedule.windows.empty() ? text + " (none)" : text;
}

namespace {

bool same_schedule(const sim::ScheduleOptions& a, const sim::ScheduleOptions& b) {
  const auto same_window = [](const sim::StepWindow& x, const sim::StepWindow& y) {
    return x.first == y.first && x.last == y.last;
  };
  return a.kind == b.kind && a.switch_probability == b.switch_probability &&
         a.change_points == b.change_points && a.expected_steps == b.expected_steps &&
         std::equal(a.windows.begin(), a.windows.end(), b.windows.begin(), b.windows.end(),
                    same_window);
}

}  // namespace

bool operator==(const Plan& a, const Plan& b) {
  return a.actions == b.actions && a.settings == b.settings && a.survival == b.survival &&
         same_schedule(a.schedule, b.schedule) && a.quiet_at == b.quiet_at &&
         a.crash_restart_delay == b.crash_restart_delay;
}

}  // namespace aftersync::faults
