// Limits: what may go wrong in a scenario, how often, to whom, and what must survive.
//
// Written in the `[faults]` table of a scenario file. Every key is optional; what is not mentioned
// does not happen. Durations are milliseconds, ranges are [low, high] and drawn from uniformly.
//
//   [faults]
//   quiet_ms = 3000              # from here on nothing goes wrong and everything is repaired
//   begin_ms = 0                 # nothing strikes before
//   actions_at_most = 8
//   at_once = 2                  # actions in force at the same time
//   swarm = true                 # each kind below is on in half of the seeds only
//   crash_restart_ms = 20        # until a server that stopped itself is started again
//   [faults.survive]
//   servers = "minority"         # or a number: how many of the group may be down at once
//   [faults.kill]                # power_loss, replace_disk: the same keys
//   group = "servers"
//   lasts_ms = [0, 300]          # until the restart
//   weight = 2                   # share among the kinds that are on
//   steps = [100, 20000]         # half of them strike at a scheduling step of this range
//   [faults.pause]
//   [faults.partition]
//   shapes = ["isolate", "halves", "link", "bridge", "ring"]
//   one_way = true               # cuts may be of one direction
//   [faults.reset]
//   [faults.clock_jump]
//   jump_ms = [-60000, 60000]
//   [faults.disk_full]
//   [faults.sync_failure]
//   [faults.disk]                # ceilings; what holds in a run is drawn below them
//   group = "servers"
//   machines_at_most = 1         # how many of the group have a bad disk
//   sync_error = 0.01
//   [faults.network]
//   [faults.clock]
//   [faults.points]              # honest fault points by name: ceiling of their probability
//   "net/slow-accept" = 0.1
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/time.h"
#include "faults/plan/plan.h"

namespace aftersync::faults {

struct DurationRange {
  Duration low{0};
  Duration high{0};
};

enum class PartitionShape : uint8_t {
  isolate,  // one machine against all others
  halves,   // two random sides
  link,     // one pair
  bridge,   // two sides that share one machine
  ring,     // each sees a majority, no two see the same (at least 5 machines)
};
inline constexpr size_t kPartitionShapes = 5;
[[nodiscard]] std::string_view to_string(PartitionShape shape);

// When and to whom one kind of action happens.
struct ActionLimits {
  ActionKind kind = ActionKind::kill;
  std::string group;  // empty: every machine
  DurationRange lasts;
  uint32_t weight = 1;
  std::optional<std::pair<uint64_t, uint64_t>> steps;
  std::vector<PartitionShape> shapes;  // partition
  bool one_way = false;                // partition
  DurationRange jump;                  // clock_jump
};

// Ceiling of one setting.
struct SettingLimits {
  std::string name;
  double ceiling = 0;
};

// The settings of one part, which is on or off as a whole but for swarm testing within it.
struct PartLimits {
  std::string group;  // disk and clock; empty: every machine
  uint32_t machines_at_most = UINT32_MAX;
  std::vector<SettingLimits> settings;
};

struct SurvivalLimits {
  std::string group;
  bool minority = false;  // else:
  uint32_t down_at_most = 0;
};

struct Limits {
  Duration begin{0};
  Duration quiet{0};
  uint32_t actions_at_most = 0;
  uint32_t at_once = 1;
  bool swarm = true;
  Duration crash_restart = 20ms;
  std::vector<SurvivalLimits> survive;
  std::vector<ActionLimits> actions;  // at most one a kind, in the order of ActionKind
  PartLimits disk;
  PartLimits network;
  PartLimits clock;
  std::vector<SettingLimits> points;
};

}  // namespace aftersync::faults
