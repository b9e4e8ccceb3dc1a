// aftersync-sim list and plan: what there is, and what a seed would do.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/fault.h"
#include "faults/cli/arguments.h"
#include "faults/cli/commands.h"
#include "faults/runner.h"
#include "faults/scenario.h"

namespace aftersync::faults::cli {

namespace {

void say_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  size_t width = 0;
  for (const auto& [name, text] : rows) width = std::max(width, name.size());
  for (const auto& [name, text] : rows) {
    say(name + std::string(width - name.size() + 2, ' ') + text);
  }
}

}  // namespace

void say_spec(const RunSpec& spec) {
  for (const Parameters::Entry& entry : spec.parameters.entries()) {
    std::string text;
    if (const auto* number = std::get_if<int64_t>(&entry.value)) text = std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&entry.value)) text = *flag ? "true" : "false";
    if (const auto* name = std::get_if<std::string>(&entry.value)) text = *name;
    say("  " + entry.name + " = " + text);
  }
  std::string line = "  ";
  for (const char c : spec.plan.to_text()) {
    line += c;
    if (c == '\n') line += "  ";
  }
  line.erase(line.find_last_not_of(" \n") + 1);
  say(line);
}

int list_command(bool faults) {
  std::vector<std::pair<std::string, std::string>> rows;
  if (faults) {
    for (const FaultPoint& point : fault_points()) rows.emplace_back(point.name, point.description);
  } else {
    for (const EmbeddedScenario& embedded : embedded_scenarios()) {
      const auto scenario = load_scenario(embedded.name);
      if (!scenario.ok()) {
        complain(std::string(scenario.status().message()));
        return kBadUsage;
      }
      rows.emplace_back(scenario->name, scenario->title);
    }
  }
  say_columns(rows);
  return kHeld;
}

int plan_command(const std::string& name, const std::string& seed) {
  const auto scenario = load_scenario(name);
  const auto seeds = parse_seeds(seed);
  for (const Status& status : {scenario.status(), seeds.status()}) {
    if (status.ok()) continue;
    complain(std::string(status.message()));
    return kBadUsage;
  }
  const auto spec = expand(*scenario, seeds->first);
  if (!spec.ok()) {
    complain(scenario->file + ": " + std::string(spec.status().message()));
    return kBadUsage;
  }
  say_spec(*spec);
  return kHeld;
}

}  // namespace aftersync::faults::cli
