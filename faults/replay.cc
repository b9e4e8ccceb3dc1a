// Replay files: writing and strict reading.
#include "faults/replay.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/base/fault.h"
#include "faults/build_info.h"
#include "faults/plan/plan_json.h"
#include "faults/text_file.h"

namespace aftersync::faults {

namespace {

constexpr const char* kFormat = "aftersync replay 1";

Json to_json(const Parameters& parameters) {
  Json json = Json::object();
  for (const Parameters::Entry& entry : parameters.entries()) {
    std::visit([&](const auto& value) { json[entry.name] = value; }, entry.value);
  }
  return json;
}

// Every parameter of the workload, none else.
Parameters read_parameters(JsonReader json, const WorkloadType& workload) {
  Parameters parameters;
  for (const ParameterSpec& spec : workload.parameters) {
    if (std::holds_alternative<bool>(spec.fallback)) {
      parameters.set(spec.name, json.flag(spec.name));
    } else if (std::holds_alternative<std::string>(spec.fallback)) {
      std::string text = json.text(spec.name);
      const auto& choices = spec.choices;
      if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
        json.mistake(spec.name, "no such choice: '" + text + "'");
      }
      parameters.set(spec.name, std::move(text));
    } else {
      const int64_t number = json.integer(spec.name);
      if (number < spec.min || number > spec.max) {
        json.mistake(spec.name, "expected a whole number of " + std::to_string(spec.min) + " to " +
                                    std::to_string(spec.max));
      }
      parameters.set(spec.name, number);
    }
  }
  json.finish();
  return parameters;
}

uint64_t read_hex(JsonReader& json, std::string_view key) {
  const std::string text = json.text(key);
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = text.starts_with("0x") ? std::from_chars(text.data() + 2, end, value, 16)
                                             : std::from_chars_result{text.data(), {}};
  if (parsed.ptr != end || text.size() != 18) json.mistake(key, "expected 0x and 16 digits");
  return value;
}

Expectation read_expectation(JsonReader json) {
  Expectation expect;
  expect.violation = json.text("violation");
  expect.digest = read_hex(json, "hash");
  expect.steps = json.whole("events");
  json.finish();
  return expect;
}

void read_bugs(JsonReader& json, std::vector<std::string>& bugs) {
  const Json& list = json.take("bugs");
  if (!list.is_array()) json.mistake("bugs", "expected a list");
  for (const Json& name : list) {
    if (!name.is_string()) return json.mistake("bugs", "expected a list of names");
    bugs.push_back(name.get<std::string>());
    if (const Status known = check_fault_name(bugs.back()); !known.ok()) {
      json.mistake("bugs", std::string(known.message()));
    }
  }
}

void read_workload(JsonReader& json, RunSpec& spec) {
  const std::string name = json.text("workload");
  spec.workload = find_workload(name);
  if (spec.workload == nullptr) {
    json.mistake("workload", "unknown workload '" + name + "'");
  } else {
    spec.parameters = read_parameters(json.object("parameters"), *spec.workload);
  }
}

Replay read_replay(JsonReader& json) {
  Replay replay;
  RunSpec& spec = replay.spec;
  if (json.text("format") != kFormat)
    json.mistake("format", "expected '" + std::string(kFormat) + "'");
  spec.scenario = json.text("scenario");
  spec.seed = json.whole("seed");
  read_bugs(json, spec.bugs);
  read_workload(json, spec);
  spec.virtual_time_limit = Duration(json.integer("virtual_time_limit_ns"));
  spec.step_limit = json.whole("step_limit");
  auto plan = plan_from_json(json.take("plan"));
  if (plan.ok()) {
    spec.plan = std::move(plan).value();
  } else {
    json.fail(plan.status());
  }
  replay.expect = read_expectation(json.object("expect"));
  replay.commit = json.text("commit");
  json.finish();
  return replay;
}

}  // namespace

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(value));
  return text;
}

Expectation expectation_of(const RunOutcome& outcome) {
  return {outcome.violation, outcome.result.digest, outcome.result.steps};
}

std::string replay_text(const RunSpec& spec, const Expectation& expect) {
  Json json;
  json["format"] = kFormat;
  json["commit"] = kBuildCommit;
  json["scenario"] = spec.scenario;
  json["seed"] = spec.seed;
  json["bugs"] = spec.bugs;
  json["workload"] = spec.workload->name;
  json["parameters"] = to_json(spec.parameters);
  json["virtual_time_limit_ns"] = spec.virtual_time_limit.count();
  json["step_limit"] = spec.step_limit;
  json["plan"] = faults::to_json(spec.plan);
  json["expect"]["violation"] = expect.violation;
  json["expect"]["hash"] = hex(expect.digest);
  json["expect"]["events"] = expect.steps;
  return json.dump(2) + "\n";
}

Result<Replay> parse_replay(const std::string& text, const std::string& file) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    // nlohmann's text says line and column after its own "[json.exception...]" mark.
    const std::string what = error.what();
    const size_t mark = what.find("] ");
    return Status(Code::invalid_argument,
                  file + ": " + (mark == std::string::npos ? what : what.substr(mark + 2)));
  }
  Status status;
  JsonReader reader(json, "", status);
  Replay replay = read_replay(reader);
  if (!status.ok()) return status.in(file);
  return replay;
}

Result<Replay> load_replay(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, read_text_file(file));
  return parse_replay(text, file);
}

}  // namespace aftersync::faults
