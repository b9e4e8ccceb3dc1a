// aftersync-sim run: one seed, many seeds, or a replay file.
#include <algorithm>
#include <cstdio>

#include "core/base/probe.h"
#include "faults/build_info.h"
#include "faults/cli/arguments.h"
#include "faults/cli/campaign.h"
#include "faults/cli/commands.h"
#include "faults/plan/json_reader.h"
#include "faults/replay.h"

namespace aftersync::faults::cli {

namespace {

// How to see this violation again.
std::string replay_command(const Console& console, const RunOptions& options,
                           const SeedReport& report) {
  std::string command = quoted(console.program) + " run";
  if (!options.replay_file.empty()) return command + " --replay " + quoted(options.replay_file);
  command += " --scenario " + quoted(options.scenario) + " --seed " + std::to_string(report.seed);
  for (const std::string& bug : report.bugs) command += " --bug " + quoted(bug);
  return command;
}

void say_violation(const Console& console, const RunOptions& options, const SeedReport& report) {
  say("VIOLATED: " + report.violation);
  std::string bugs;
  for (const std::string& bug : report.bugs) bugs += (bugs.empty() ? ", bugs on: " : ", ") + bug;
  say("  scenario " + report.scenario + ", seed " + std::to_string(report.seed) + bugs);
  say("  " + in_words(report));
  if (*kBuildCommit != '\0') say("  commit " + std::string(kBuildCommit));
  say("  replay: " + replay_command(console, options, report));
}

void say_probes(const RunOptions& options, const ProbeVisits& probes) {
  Json unreached = Json::array();
  for (const auto& [name, visits] : probes) {
    if (visits == 0) unreached.push_back(name);
  }
  if (options.json) {
    Json json;
    json["probes_unreached"] = unreached;
    json["probes_reached"] = probes.size() - unreached.size();
    return say(json.dump());
  }
  say("probes: " + std::to_string(probes.size() - unreached.size()) + " reached, " +
      std::to_string(unreached.size()) + " never" + (unreached.empty() ? "" : ":"));
  for (const Json& name : unreached) say("  " + name.get<std::string>());
}

ProbeVisits own_probes() {
  ProbeVisits visits;
  for (const ProbeReading& probe : read_probes()) visits[std::string(probe.name)] += probe.visits;
  return visits;
}

// Carries `spec` out once more with a trace.
bool write_trace(const RunSpec& spec, const std::string& path) {
  const auto outcome = run(spec, /*keep_trace=*/true);
  if (!outcome.ok()) return false;
  std::string text;
  for (const std::string& line : outcome->trace) text += line + "\n";
  return write_file(path, text);
}

// What is asked for beside the verdict. False when a file cannot be written.
bool write_files(const RunOptions& options, const RunSpec& spec, const Expectation& expect) {
  bool written = true;
  if (!options.trace_file.empty()) written &= write_trace(spec, options.trace_file);
  if (!options.save_file.empty()) {
    written &= write_file(options.save_file, replay_text(spec, expect));
  }
  return written;
}

// Says where a replay went another way than its file expects.
bool as_expected(const Replay& replay, const RunOutcome& outcome) {
  const Expectation& expect = replay.expect;
  const Expectation seen = expectation_of(outcome);
  const bool same = seen.violation == expect.violation && seen.digest == expect.digest &&
                    seen.steps == expect.steps;
  if (same) return true;
  complain("not the run that the file expects: hash " + hex(expect.digest) + " after " +
           std::to_string(expect.steps) + " events, " +
           (expect.violation.empty() ? "all held" : "violation: " + expect.violation));
  if (replay.commit != kBuildCommit) {
    complain("the file was written by commit " + replay.commit + ", this program is of commit " +
             kBuildCommit);
  }
  return false;
}

int run_one(const RunOptions& options, const Console& console, const RunSpec& spec,
            const Replay* replay = nullptr) {
  const auto outcome = run_checked(spec, options.twice);
  if (!outcome.ok()) {
    complain(std::string(outcome.status().message()));
    return kBadUsage;
  }
  const SeedReport report = report_of(spec, *outcome);
  if (options.json) {
    say(to_line(report));
  } else if (report.held()) {
    say(spec.scenario + ", seed " + std::to_string(spec.seed) + ": held; " + in_words(report));
  } else {
    say_violation(console, options, report);
  }
  if (options.probes) say_probes(options, own_probes());
  if (!write_files(options, spec, expectation_of(*outcome))) return kBadUsage;
  const bool expected = replay == nullptr || as_expected(*replay, *outcome);
  return report.held() && expected ? kHeld : kViolated;
}

int run_replay(const RunOptions& options, const Console& console) {
  const auto replay = load_replay(options.replay_file);
  if (!replay.ok()) {
    complain(std::string(replay.status().message()));
    return kBadUsage;
  }
  return run_one(options, console, replay->spec, &*replay);
}

void say_summary(const RunOptions& options, const Console& console, const Scenario& scenario,
                 const CampaignResult& result, double seconds) {
  char rate[64];
  std::snprintf(rate, sizeof rate, "%.1f s, %.0f seeds a second", seconds,
                static_cast<double>(result.tried) / std::max(seconds, 1e-3));
  if (options.json) {
    Json json;
    json["summary"] = scenario.name;
    json["tried"] = result.tried;
    json["violated"] = result.violated;
    json["hash"] = hex(result.digest);
    json["events"] = result.events;
    json["operations"] = result.operations;
    json["virtual_ns"] = result.virtual_ns;
    json["out_of_time"] = result.out_of_time;
    return say(json.dump());
  }
  if (result.first_violation) say_violation(console, options, *result.first_violation);
  SeedReport sum;
  sum.digest = result.digest;
  sum.events = result.events;
  sum.operations = result.operations;
  sum.virtual_ns = result.virtual_ns;
  say(scenario.name + ": " + std::to_string(result.tried) + " seeds" +
      (options.twice ? ", each twice" : "") + ", " +
      (result.violated == 0 ? "all held" : std::to_string(result.violated) + " violated") + "; " +
      rate);
  say("  " + in_words(sum));
  if (result.out_of_time) say("  the budget ended before the range of seeds did");
}

int run_many(const RunOptions& options, const Console& console, const Scenario& scenario,
             const CampaignOptions& campaign) {
  const double start = console.seconds();
  const auto result = run_campaign(scenario, campaign, console, [&](const SeedReport& report) {
    if (options.json) say(to_line(report));
  });
  if (!result.ok()) {
    complain(std::string(result.status().message()));
    return kBadUsage;
  }
  say_summary(options, console, scenario, *result, console.seconds() - start);
  if (options.probes) say_probes(options, result->probes);
  if (result->first_violation) {
    const auto spec = expand(scenario, result->first_violation->seed, campaign.bugs);
    const SeedReport& first = *result->first_violation;
    CHECK_OK(spec);
    if (!write_files(options, *spec, {first.violation, first.digest, first.events})) {
      return kBadUsage;
    }
  }
  return result->violated == 0 ? kHeld : kViolated;
}

int run_scenario(const RunOptions& options, const Console& console) {
  const auto scenario = load_scenario(options.scenario);
  const auto bugs = resolve_bugs(options.bugs);
  const auto seeds = parse_seeds(options.seeds.empty() ? options.seed : options.seeds);
  for (const Status& status : {scenario.status(), bugs.status(), seeds.status()}) {
    if (status.ok()) continue;
    complain(std::string(status.message()));
    return kBadUsage;
  }
  if (!options.seeds.empty()) {
    CampaignOptions campaign;
    campaign.seeds = *seeds;
    campaign.bugs = *bugs;
    campaign.jobs = options.jobs;
    campaign.twice = options.twice;
    campaign.keep_going = options.keep_going;
    if (options.budget_s > 0) campaign.deadline_s = console.seconds() + options.budget_s;
    return run_many(options, console, *scenario, campaign);
  }
  const auto spec = expand(*scenario, seeds->first, *bugs);
  if (!spec.ok()) {
    complain(scenario->file + ": " + std::string(spec.status().message()));
    return kBadUsage;
  }
  return run_one(options, console, *spec);
}

}  // namespace

int run_command(const RunOptions& options, const Console& console) {
  if (!options.replay_file.empty()) return run_replay(options, console);
  if (options.scenario.empty() || (options.seed.empty() && options.seeds.empty())) {
    complain("run: needs --scenario with --seed or --seeds, or --replay");
    return kBadUsage;
  }
  return run_scenario(options, console);
}

}  // namespace aftersync::faults::cli
