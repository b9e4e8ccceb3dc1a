// A plan as JSON: written compactly (what is at its default is left out), read strictly.
#include "faults/plan/plan_json.h"

namespace aftersync::faults {

namespace {

Duration nanoseconds(int64_t count) { return Duration(count); }

Json action_to_json(const Action& action) {
  Json json;
  json["kind"] = to_string(action.kind);
  if (action.step) {
    json["step"] = *action.step;
  } else {
    json["at_ns"] = action.at.count();
  }
  if (action.lasts.count() != 0) json["lasts_ns"] = action.lasts.count();
  if (!action.machine.empty()) json["machine"] = action.machine;
  if (!action.peer.empty()) json["peer"] = action.peer;
  if (action.jump.count() != 0) json["jump_ns"] = action.jump.count();
  for (const Cut& cut : action.cuts) json["cuts"].push_back({{"from", cut.from}, {"to", cut.to}});
  return json;
}

Json schedule_to_json(const sim::ScheduleOptions& schedule) {
  Json json;
  const bool walk = schedule.kind == sim::ScheduleOptions::Kind::random_walk;
  json["kind"] = walk ? "random_walk" : "pct";
  json["switch_probability"] = schedule.switch_probability;
  json["change_points"] = schedule.change_points;
  json["expected_steps"] = schedule.expected_steps;
  json["windows"] = Json::array();
  for (const sim::StepWindow& window : schedule.windows) {
    json["windows"].push_back({{"first", window.first}, {"last", window.last}});
  }
  return json;
}

Json survival_to_json(const Survival& rule) {
  Json json;
  json["group"] = rule.group;
  json["machines"] = rule.machines;
  json["down_at_most"] = rule.down_at_most;
  return json;
}

// What an action of this kind cannot do without.
void check_action(const Action& action, JsonReader& json) {
  if (action.kind == ActionKind::partition) {
    if (action.cuts.empty()) json.mistake("cuts", "missing");
  } else if (action.machine.empty()) {
    json.mistake("machine", "missing");
  }
  if (action.kind == ActionKind::reset && action.peer.empty()) json.mistake("peer", "missing");
  if (action.lasts < Duration{0} || action.at < Duration{0}) json.mistake("at_ns", "negative time");
}

Action read_action(JsonReader& json) {
  Action action;
  const std::string kind = json.text("kind");
  if (const auto known = action_kind(kind)) {
    action.kind = *known;
  } else {
    json.mistake("kind", "unknown kind of action '" + kind + "'");
  }
  if (json.has("step")) {
    action.step = json.whole("step");
  } else {
    action.at = nanoseconds(json.integer("at_ns"));
  }
  if (json.has("lasts_ns")) action.lasts = nanoseconds(json.integer("lasts_ns"));
  if (json.has("machine")) action.machine = json.text("machine");
  if (json.has("peer")) action.peer = json.text("peer");
  if (json.has("jump_ns")) action.jump = nanoseconds(json.integer("jump_ns"));
  if (json.has("cuts")) {
    json.each("cuts", [&](JsonReader& cut) {
      std::string from = cut.text("from");
      action.cuts.push_back({std::move(from), cut.text("to")});
    });
  }
  check_action(action, json);
  return action;
}

Setting read_setting(JsonReader& json) {
  Setting setting;
  setting.name = json.text("name");
  setting.machine = json.has("machine") ? json.text("machine") : "";
  setting.value = json.number("value");
  return setting;
}

Survival read_survival(JsonReader& json) {
  Survival rule;
  rule.group = json.text("group");
  const Json& machines = json.take("machines");
  for (const Json& machine : machines) {
    if (machine.is_string()) rule.machines.push_back(machine.get<std::string>());
  }
  if (!machines.is_array() || rule.machines.size() != machines.size()) {
    json.mistake("machines", "expected a list of names");
  }
  rule.down_at_most = static_cast<uint32_t>(json.whole("down_at_most"));
  return rule;
}

sim::ScheduleOptions read_schedule(JsonReader json) {
  sim::ScheduleOptions schedule;
  const std::string kind = json.text("kind");
  if (kind == "pct") {
    schedule.kind = sim::ScheduleOptions::Kind::pct;
  } else if (kind != "random_walk") {
    json.mistake("kind", "expected random_walk or pct");
  }
  schedule.switch_probability = json.number("switch_probability");
  schedule.change_points = static_cast<uint32_t>(json.whole("change_points"));
  schedule.expected_steps = json.whole("expected_steps");
  if (schedule.expected_steps == 0) json.mistake("expected_steps", "must not be 0");
  schedule.windows.clear();
  uint64_t end = 0;
  json.each("windows", [&](JsonReader& window) {
    const uint64_t first = window.whole("first");
    const uint64_t last = window.whole("last");
    if (first < end || last <= first) window.mistake("first", "windows must ascend");
    end = last;
    schedule.windows.push_back({first, last});
  });
  json.finish();
  return schedule;
}

}  // namespace

Json to_json(const Plan& plan) {
  Json json;
  json["quiet_at_ns"] = plan.quiet_at.count();
  json["crash_restart_delay_ns"] = plan.crash_restart_delay.count();
  json["schedule"] = schedule_to_json(plan.schedule);
  json["settings"] = Json::array();
  for (const Setting& setting : plan.settings) {
    Json entry;
    entry["name"] = setting.name;
    if (!setting.machine.empty()) entry["machine"] = setting.machine;
    entry["value"] = setting.value;
    json["settings"].push_back(std::move(entry));
  }
  json["actions"] = Json::array();
  for (const Action& action : plan.actions) json["actions"].push_back(action_to_json(action));
  json["survival"] = Json::array();
  for (const Survival& rule : plan.survival) json["survival"].push_back(survival_to_json(rule));
  return json;
}

Result<Plan> plan_from_json(const Json& json) {
  Status status;
  JsonReader reader(json, "plan", status);
  Plan plan;
  plan.quiet_at = nanoseconds(reader.integer("quiet_at_ns"));
  plan.crash_restart_delay = nanoseconds(reader.integer("crash_restart_delay_ns"));
  plan.schedule = read_schedule(reader.object("schedule"));
  reader.each("settings", [&](JsonReader& s) { plan.settings.push_back(read_setting(s)); });
  reader.each("actions", [&](JsonReader& a) { plan.actions.push_back(read_action(a)); });
  reader.each("survival", [&](JsonReader& s) { plan.survival.push_back(read_survival(s)); });
  reader.finish();
  if (!status.ok()) return status;
  return plan;
}

}  // namespace aftersync::faults
