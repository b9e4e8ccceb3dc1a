// Plan: what goes wrong in one run, written out.
//
// A seed and a scenario's limits expand to a Plan (draw.h) before anything runs. A plan is plain
// data and not a generator that acts as it goes, for three reasons: it can be read before the run,
// it can be kept in a file and replayed when the limits have long changed, and a minimiser can take
// any part of it away and see whether the failure stays.
//
// It has three kinds of parts. Actions strike once, at a virtual time or at a scheduling step, and
// end by themselves (a killed machine restarts, a partition heals), so that leaving one out leaves
// nothing half done. Settings hold from the start of the run until the quiet phase: rates of
// hardware faults, latencies, drift of clocks, honest fault points. ScheduleOptions say how the
// scheduler searches. Everything ends at `quiet_at`: from then on the cluster must recover.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/time.h"
#include "faults/sim/schedule_policy.h"

namespace aftersync::faults {

// Machines by the part they play ("servers", "clients"); limits speak of groups, plans of machines.
struct MachineGroup {
  std::string name;
  std::vector<std::string> machines;
  // They run server processes, which may be killed; harness processes may not.
  bool servers = true;
};
struct Topology {
  std::vector<MachineGroup> groups;

  [[nodiscard]] const MachineGroup* find(std::string_view group) const;
  // Of all groups, in order.
  [[nodiscard]] std::vector<std::string> all_machines() const;
  [[nodiscard]] std::vector<std::string> server_machines() const;
};

enum class ActionKind : uint8_t {
  kill,          // the process dies; restarts after `lasts`
  power_loss,    // the machine dies; restarts after `lasts`
  replace_disk,  // the process dies; restarts with an empty disk after `lasts`
  pause,         // SIGSTOP for `lasts`
  partition,     // `cuts` carry nothing for `lasts`
  reset,         // connections between machine and peer break
  clock_jump,    // the wall clock jumps by `jump`
  disk_full,     // ENOSPC on every write for `lasts`
  sync_failure,  // every sync fails for `lasts`
};
inline constexpr size_t kActionKinds = 9;
// As in plans and limits: "power_loss".
[[nodiscard]] std::string_view to_string(ActionKind kind);
[[nodiscard]] std::optional<ActionKind> action_kind(std::string_view name);
// Whether it ends the process: only for servers.
[[nodiscard]] bool ends_process(ActionKind kind);
// Whether a machine under this action counts as down.
[[nodiscard]] bool takes_down(ActionKind kind);

// What `from` sends to `to` is lost.
struct Cut {
  std::string from;
  std::string to;
  friend auto operator<=>(const Cut&, const Cut&) = default;
};

struct Action {
  ActionKind kind = ActionKind::kill;
  Duration at{0};                // virtual time since the start, unless:
  std::optional<uint64_t> step;  // strikes once that many scheduling points have passed
  Duration lasts{0};
  std::string machine;    // all but partition
  std::string peer;       // reset
  std::vector<Cut> cuts;  // partition
  Duration jump{0};       // clock_jump; either sign

  friend bool operator==(const Action&, const Action&) = default;
};

// "at 12.500ms kill s1 for 30ms"
[[nodiscard]] std::string to_string(const Action& action);

// One knob of the simulated hardware, or a fault point, off its neutral position.
struct Setting {
  std::string name;     // a SettingType's name, or a fault point's
  std::string machine;  // empty for the network and for fault points
  double value = 0;

  friend bool operator==(const Setting&, const Setting&) = default;
};

// How a setting's value is drawn below the ceiling that limits give.
enum class SettingScale : uint8_t {
  rate,       // a probability; two decades below the ceiling
  magnitude,  // positive; two decades below the ceiling
  symmetric,  // uniform between minus and plus the ceiling
};
enum class SettingPart : uint8_t { disk, network, clock, fault_point };
struct SettingType {
  const char* name;  // "disk.read_error"
  SettingPart part;
  SettingScale scale;
};
// The hardware's knobs in their fixed order; fault points are not among them.
[[nodiscard]] std::span<const SettingType> setting_types();
[[nodiscard]] const SettingType* setting_type(std::string_view name);

// At most so many of a group's machines may be down at once.
struct Survival {
  std::string group;
  std::vector<std::string> machines;
  uint32_t down_at_most = 0;

  friend bool operator==(const Survival&, const Survival&) = default;
};

struct Plan {
  std::vector<Action> actions;  // by time; those at steps last
  std::vector<Setting> settings;
  std::vector<Survival> survival;
  sim::ScheduleOptions schedule;
  Duration quiet_at{0};             // from here on nothing goes wrong any more
  Duration crash_restart_delay{0};  // of a process that stopped itself (Node::crash)

  // Whether a server may find its disk failing: then stopping itself is right.
  [[nodiscard]] bool has_disk_faults() const;
  // Whether a disk may return other bytes than were written.
  [[nodiscard]] bool has_lying_disks() const;
  // For people: one line a part.
  [[nodiscard]] std::string to_text() const;
};
[[nodiscard]] bool operator==(const Plan& a, const Plan& b);

// "random walk, switch 0.25", "pct, 3 change points in 4096 steps", with windows when masked.
[[nodiscard]] std::string to_string(const sim::ScheduleOptions& schedule);

}  // namespace aftersync::faults
