// Scenario files: TOML to Scenario, and finding one by name or path.
#include <algorithm>
#include <optional>

#include "core/base/nearest.h"
#include "faults/plan/draw.h"
#include "faults/plan/limits_toml.h"
#include "faults/scenario.h"
#include "faults/text_file.h"

namespace aftersync::faults {

namespace {

constexpr int64_t kDefaultVirtualTimeMs = 10 * 60 * 1000;
constexpr int64_t kDefaultSteps = 20'000'000;

std::string allowed(const ParameterSpec& spec) {
  if (std::holds_alternative<bool>(spec.fallback)) return "true or false, or a list of them";
  if (std::holds_alternative<int64_t>(spec.fallback)) {
    return "a whole number or [low, high], of " + std::to_string(spec.min) + " to " +
           std::to_string(spec.max);
  }
  std::string text = "a text or a list of texts";
  for (const std::string& choice : spec.choices) {
    text += (&choice == spec.choices.data() ? ", of: " : ", ") + choice;
  }
  return text;
}

// The value of `node` where it is of the spec's kind and within its bounds.
std::optional<ParameterValue> value_of(const toml::node& node, const ParameterSpec& spec) {
  if (std::holds_alternative<bool>(spec.fallback)) {
    if (const auto value = node.value_exact<bool>()) return *value;
  } else if (std::holds_alternative<int64_t>(spec.fallback)) {
    const auto value = node.value_exact<int64_t>();
    if (value && *value >= spec.min && *value <= spec.max) return *value;
  } else if (const auto value = node.value_exact<std::string>()) {
    const auto& choices = spec.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), *value) != choices.end()) {
      return *value;
    }
  }
  return std::nullopt;
}

// False when the file's value is none that the spec allows.
bool read_range(const toml::node& node, const ParameterSpec& spec, ParameterRange& range) {
  const toml::array* const list = node.as_array();
  if (list == nullptr) {
    if (auto value = value_of(node, spec)) range.choices.push_back(std::move(*value));
    return !range.choices.empty();
  }
  for (const toml::node& element : *list) {
    auto value = value_of(element, spec);
    if (!value) return false;
    range.choices.push_back(std::move(*value));
  }
  if (!std::holds_alternative<int64_t>(spec.fallback)) return !range.choices.empty();
  if (range.choices.size() != 2) return false;
  range.low = std::get<int64_t>(range.choices[0]);
  range.high = std::get<int64_t>(range.choices[1]);
  return range.low <= range.high;
}

std::vector<ParameterRange> read_parameters(TableReader table, const WorkloadType& workload) {
  std::vector<ParameterRange> ranges;
  for (const ParameterSpec& spec : workload.parameters) {
    ParameterRange range;
    range.name = spec.name;
    const toml::node* const node = table.take(spec.name);
    if (node == nullptr) {
      range.choices.push_back(spec.fallback);
    } else if (!read_range(*node, spec, range)) {
      table.mistake(spec.name, "expected " + allowed(spec));
    }
    ranges.push_back(std::move(range));
  }
  table.finish();
  return ranges;
}

void read_run_limits(TableReader table, Scenario& scenario) {
  const int64_t virtual_ms =
      table.integer("virtual_time_ms", kDefaultVirtualTimeMs, 1, int64_t{30} * 24 * 3600 * 1000);
  scenario.virtual_time_limit = std::chrono::milliseconds(virtual_ms);
  scenario.step_limit =
      static_cast<uint64_t>(table.integer("steps", kDefaultSteps, 1, int64_t{1} << 50));
  table.finish();
}

const WorkloadType* read_workload(TableReader& file) {
  const std::string name = file.text("workload", "");
  if (!file.has("workload")) {
    file.mistake("workload", "missing");
    return nullptr;
  }
  const WorkloadType* const workload = find_workload(name);
  if (workload == nullptr) {
    std::vector<std::string_view> known;
    for (const WorkloadType& type : workload_types()) known.push_back(type.name);
    file.mistake("workload", "unknown workload '" + name + "'" + did_you_mean(name, known));
  }
  return workload;
}

std::string stem_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string base = slash == std::string::npos ? path : path.substr(slash + 1);
  return base.substr(0, base.size() - std::string_view(".toml").size());
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, const std::string& name,
                                const std::string& file) {
  ASSIGN_OR_RETURN(const toml::table document, parse_toml(text, file));
  TomlErrors errors(file);
  TableReader reader(&document, "", errors);
  Scenario scenario;
  scenario.name = name;
  scenario.file = file;
  scenario.title = reader.text("title", "");
  if (scenario.title.empty()) reader.mistake("title", "missing: one line that says what must hold");
  scenario.workload = read_workload(reader);
  read_run_limits(reader.table("limits"), scenario);
  scenario.limits = read_limits(reader.table("faults"));
  if (scenario.workload != nullptr) {
    scenario.parameters = read_parameters(reader.table("parameters"), *scenario.workload);
  }
  reader.finish();
  if (!errors.status().ok()) return errors.status();
  if (scenario.limits.quiet > scenario.virtual_time_limit) {
    return Status(Code::invalid_argument,
                  file + ": faults.quiet_ms: lies after limits.virtual_time_ms");
  }
  // Drawing one plan shows whether the limits fit the workload's machines.
  const Parameters parameters = scenario.draw_parameters(0);
  const auto plan = draw_plan(scenario.limits, scenario.workload->make(parameters)->topology(), 0);
  if (!plan.ok()) return plan.status().in(file);
  return scenario;
}

Result<Scenario> load_scenario(const std::string& name_or_path) {
  if (name_or_path.ends_with(".toml")) {
    ASSIGN_OR_RETURN(const std::string text, read_text_file(name_or_path));
    return parse_scenario(text, stem_of(name_or_path), name_or_path);
  }
  std::vector<std::string_view> known;
  for (const EmbeddedScenario& scenario : embedded_scenarios()) {
    if (name_or_path == scenario.name) {
      return parse_scenario(scenario.text, scenario.name, scenario.file);
    }
    known.push_back(scenario.name);
  }
  return Status(Code::invalid_argument,
                "unknown scenario '" + name_or_path + "'" + did_you_mean(name_or_path, known));
}

}  // namespace aftersync::faults
