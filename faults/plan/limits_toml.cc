// Limits from TOML: what limits.h describes, key by key.
#include "faults/plan/limits_toml.h"

#include <array>

#include "core/base/fault.h"

namespace aftersync::faults {

namespace {

constexpr std::array<std::string_view, kPartitionShapes> kShapeNames = {"isolate", "halves", "link",
                                                                        "bridge", "ring"};

constexpr double kMaxMs = 24.0 * 3600 * 1000;
constexpr double kMaxStep = 1e12;
constexpr double kMaxMagnitude = 1e12;

Duration from_ms(double ms) { return Duration(static_cast<int64_t>(ms * 1e6)); }

DurationRange range_ms(TableReader& table, std::string_view key, double min, double max) {
  const TableReader::Range range = table.range(key, {0, 0}, min, max);
  return {from_ms(range.low), from_ms(range.high)};
}

std::vector<PartitionShape> read_shapes(TableReader& table) {
  std::vector<PartitionShape> shapes;
  for (const std::string& name : table.texts("shapes")) {
    size_t i = 0;
    while (i < kShapeNames.size() && kShapeNames[i] != name) ++i;
    if (i == kShapeNames.size()) {
      table.mistake("shapes",
                    "unknown shape '" + name + "'; there are isolate, halves, link, bridge, ring");
      break;
    }
    shapes.push_back(static_cast<PartitionShape>(i));
  }
  if (shapes.empty()) shapes.push_back(PartitionShape::isolate);
  return shapes;
}

ActionLimits read_action(ActionKind kind, TableReader table) {
  ActionLimits limits;
  limits.kind = kind;
  limits.group = table.text("group", "");
  limits.weight = static_cast<uint32_t>(table.integer("weight", 1, 0, 1000));
  if (table.has("steps")) {
    const TableReader::Range steps = table.range("steps", {0, 0}, 0, kMaxStep);
    limits.steps = {static_cast<uint64_t>(steps.low), static_cast<uint64_t>(steps.high)};
  }
  if (kind != ActionKind::reset && kind != ActionKind::clock_jump) {
    limits.lasts = range_ms(table, "lasts_ms", 0, kMaxMs);
  }
  if (kind == ActionKind::clock_jump) limits.jump = range_ms(table, "jump_ms", -kMaxMs, kMaxMs);
  if (kind == ActionKind::partition) {
    limits.shapes = read_shapes(table);
    limits.one_way = table.flag("one_way", false);
  }
  table.finish();
  return limits;
}

// Keys are the setting's name after `prefix`.
PartLimits read_part(TableReader table, SettingPart part, std::string_view prefix) {
  PartLimits limits;
  if (part != SettingPart::network) {
    limits.group = table.text("group", "");
    limits.machines_at_most =
        static_cast<uint32_t>(table.integer("machines_at_most", UINT32_MAX, 0, UINT32_MAX));
  }
  for (const SettingType& type : setting_types()) {
    if (type.part != part) continue;
    const std::string_view key = std::string_view(type.name).substr(prefix.size() + 1);
    const double max = type.scale == SettingScale::rate ? 1 : kMaxMagnitude;
    const double ceiling = table.number(key, 0, 0, max);
    if (ceiling > 0) limits.settings.push_back({type.name, ceiling});
  }
  table.finish();
  return limits;
}

std::vector<SettingLimits> read_points(TableReader table) {
  std::vector<SettingLimits> points;
  for (const std::string& name : table.keys()) {
    const double ceiling = table.number(name, 0, 0, 1);
    if (name.starts_with("bug/")) {
      table.mistake(name, "a planted bug is no honest fault: turn it on with --bug");
    } else if (const Status known = check_fault_name(name); !known.ok()) {
      table.mistake(name, std::string(known.message()));
    }
    points.push_back({name, ceiling});
  }
  return points;
}

std::vector<SurvivalLimits> read_survival(TableReader table) {
  std::vector<SurvivalLimits> rules;
  for (const std::string& group : table.keys()) {
    SurvivalLimits rule{group};
    const toml::node* const node = table.take(group);
    if (node->value_exact<std::string>() == "minority") {
      rule.minority = true;
    } else if (const auto count = node->value_exact<int64_t>(); count && *count >= 0) {
      rule.down_at_most = static_cast<uint32_t>(*count);
    } else {
      table.mistake(group, "expected \"minority\" or how many may be down at once");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

std::string_view to_string(PartitionShape shape) { return kShapeNames[static_cast<size_t>(shape)]; }

Limits read_limits(TableReader faults) {
  Limits limits;
  limits.begin = from_ms(faults.number("begin_ms", 0, 0, kMaxMs));
  limits.quiet = from_ms(faults.number("quiet_ms", 0, 0, kMaxMs));
  if (limits.begin > limits.quiet) faults.mistake("begin_ms", "lies after quiet_ms");
  limits.actions_at_most = static_cast<uint32_t>(faults.integer("actions_at_most", 0, 0, 10'000));
  limits.at_once = static_cast<uint32_t>(faults.integer("at_once", 1, 1, 1000));
  limits.swarm = faults.flag("swarm", true);
  limits.crash_restart = from_ms(faults.number("crash_restart_ms", 20, 0, kMaxMs));
  limits.survive = read_survival(faults.table("survive"));
  for (size_t i = 0; i < kActionKinds; ++i) {
    const auto kind = static_cast<ActionKind>(i);
    TableReader table = faults.table(to_string(kind));
    if (faults.has(to_string(kind))) limits.actions.push_back(read_action(kind, table));
  }
  limits.disk = read_part(faults.table("disk"), SettingPart::disk, "disk");
  limits.network = read_part(faults.table("network"), SettingPart::network, "network");
  limits.clock = read_part(faults.table("clock"), SettingPart::clock, "clock");
  limits.points = read_points(faults.table("points"));
  faults.finish();
  return limits;
}

}  // namespace aftersync::faults
