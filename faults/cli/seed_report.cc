// SeedReport: to JSON and back.
#include "faults/cli/seed_report.h"

#include <charconv>
#include <cstdio>

#include "faults/plan/json_reader.h"
#include "faults/replay.h"

namespace aftersync::faults::cli {

SeedReport report_of(const RunSpec& spec, const RunOutcome& outcome) {
  SeedReport report;
  report.scenario = spec.scenario;
  report.bugs = spec.bugs;
  report.seed = spec.seed;
  report.violation = outcome.violation;
  report.digest = outcome.result.digest;
  report.events = outcome.result.steps;
  report.switches = outcome.result.switches;
  report.operations = outcome.operations;
  report.crashes = outcome.crashes;
  report.bug_visits = outcome.bug_visits;
  report.virtual_ns = outcome.result.virtual_time.count();
  return report;
}

std::string to_line(const SeedReport& report) {
  Json json;
  json["scenario"] = report.scenario;
  json["seed"] = report.seed;
  json["held"] = report.held();
  json["violation"] = report.violation;
  json["bugs"] = report.bugs;
  json["hash"] = hex(report.digest);
  json["events"] = report.events;
  json["switches"] = report.switches;
  json["operations"] = report.operations;
  json["crashes"] = report.crashes;
  json["bug_visits"] = report.bug_visits;
  json["virtual_ns"] = report.virtual_ns;
  // A violation may quote bytes that are no UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SeedReport> parse_line(std::string_view line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  Status status;
  JsonReader reader(json, "", status);
  SeedReport report;
  report.scenario = reader.text("scenario");
  report.seed = reader.whole("seed");
  report.violation = reader.text("violation");
  for (const Json& bug : reader.take("bugs")) {
    if (bug.is_string()) report.bugs.push_back(bug.get<std::string>());
  }
  const std::string hash = reader.text("hash");
  if (hash.size() > 2) (void)std::from_chars(&hash[2], &hash[0] + hash.size(), report.digest, 16);
  report.events = reader.whole("events");
  report.switches = reader.whole("switches");
  report.operations = reader.whole("operations");
  report.crashes = reader.whole("crashes");
  report.bug_visits = reader.whole("bug_visits");
  report.virtual_ns = reader.integer("virtual_ns");
  if (!status.ok()) return status;
  return report;
}

std::string in_words(const SeedReport& report) {
  char virtual_time[40];
  std::snprintf(virtual_time, sizeof virtual_time, "%.3f",
                static_cast<double>(report.virtual_ns) / 1e9);
  return "hash " + hex(report.digest) + ", " + std::to_string(report.events) + " events, " +
         std::to_string(report.operations) + " operations, " + virtual_time + " s of virtual time";
}

}  // namespace aftersync::faults::cli
