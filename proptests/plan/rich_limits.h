// Limits in which everything may happen, for tests of drawing and of plan files.
#pragma once

#include <string>
#include <string_view>

#include "faults/plan/limits_toml.h"
#include "faults/plan/plan.h"

namespace aftersync::faults {

inline constexpr std::string_view kRichLimits = R"(
begin_ms = 10
quiet_ms = 5000
actions_at_most = 12
at_once = 3
crash_restart_ms = 7
[survive]
servers = "minority"
[kill]
group = "servers"
lasts_ms = [0, 300]
weight = 3
steps = [100, 20000]
[power_loss]
group = "servers"
lasts_ms = [0, 300]
[replace_disk]
group = "servers"
lasts_ms = 100
[pause]
lasts_ms = [1, 500]
[partition]
lasts_ms = [10, 800]
shapes = ["isolate", "halves", "link", "bridge", "ring"]
one_way = true
[reset]
[clock_jump]
jump_ms = [-1000, 2000]
[disk_full]
group = "servers"
lasts_ms = [1, 200]
[sync_failure]
group = "servers"
lasts_ms = [1, 20]
[disk]
group = "servers"
machines_at_most = 2
read_error = 0.01
sync_error = 0.02
latency_max_us = 5000
[network]
reset = 0.01
bytes_per_second = 1_000_000
[clock]
drift_ppm = 500
wall_offset_ms = 60_000
)";

// The mistake, or the limits.
inline Result<Limits> limits_from(std::string_view text) {
  ASSIGN_OR_RETURN(const toml::table table, parse_toml(text, "limits.toml"));
  TomlErrors errors("limits.toml");
  Limits limits = read_limits(TableReader(&table, "faults", errors));
  if (!errors.status().ok()) return errors.status();
  return limits;
}

inline Topology five_servers() {
  return {{{"servers", {"s1", "s2", "s3", "s4", "s5"}, true}, {"clients", {"c1", "c2"}, false}}};
}

}  // namespace aftersync::faults
