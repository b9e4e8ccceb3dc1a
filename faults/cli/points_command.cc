// aftersync-sim points: a fault at every single operation of a scenario's disks.
//
// For each seed, a world: one run without a fault counts what its disks do; then, for each kind of
// fault and each operation that it can strike, a run of that world up to there. After every one
// that ends the process a second fault may strike in what follows, which begins with recovery; its
// place is drawn. The scenario's workload has the parameters `fault`, `at`, `second_fault` and
// `second_at` (workloads/storage_points_workload.cc); what else it has is drawn by the seed.
#include <algorithm>
#include <array>
#include <map>

#include "core/base/prng.h"
#include "faults/build_info.h"
#include "faults/cli/arguments.h"
#include "faults/cli/campaign.h"
#include "faults/cli/commands.h"
#include "faults/cli/workers.h"

namespace aftersync::faults::cli {

namespace {

using sim::StrikeKind;

constexpr uint64_t kSecondStream = 0x5ec0;
constexpr uint64_t kSecondAtMost = 100;  // operations: recovery, and a little more

struct Point {
  uint64_t world = 0;  // seed
  sim::DiskStrike first;
  sim::DiskStrike second;
};

std::string to_string(const sim::DiskStrike& strike) {
  return std::string(sim::to_string(strike.kind)) + ":" + std::to_string(strike.at);
}

// "power_loss:12" or "power_loss:12+kill:3".
std::string to_string(const Point& point) {
  const bool is_double = point.second.kind != StrikeKind::none;
  return to_string(point.first) + (is_double ? "+" + to_string(point.second) : "");
}

Result<sim::DiskStrike> parse_strike(const std::string& text) {
  const size_t colon = text.find(':');
  for (const StrikeKind kind : sim::kStrikeKinds) {
    if (colon == std::string::npos || text.substr(0, colon) != sim::to_string(kind)) continue;
    ASSIGN_OR_RETURN(const SeedRange at, parse_seeds(text.substr(colon + 1)));
    if (at.first != at.last) break;
    return sim::DiskStrike{kind, at.first};
  }
  return {Code::invalid_argument,
          "'" + text + "' is no fault at an operation: KIND:NUMBER, as in power_loss:12"};
}

Result<Point> parse_point(uint64_t world, const std::string& text) {
  Point point;
  point.world = world;
  const size_t plus = text.find('+');
  ASSIGN_OR_RETURN(point.first, parse_strike(text.substr(0, plus)));
  if (plus == std::string::npos) return point;
  ASSIGN_OR_RETURN(point.second, parse_strike(text.substr(plus + 1)));
  return point;
}

Status check_parameters(const Scenario& scenario) {
  for (const char* name : {"fault", "at", "second_fault", "second_at"}) {
    const auto& known = scenario.workload->parameters;
    if (std::any_of(known.begin(), known.end(), [&](const auto& p) { return p.name == name; })) {
      continue;
    }
    return {Code::invalid_argument, scenario.name + ": its workload has no parameter '" + name +
                                        "': it does not take faults at operations"};
  }
  return {};
}

Result<RunSpec> spec_of(const Scenario& scenario, const Point& point,
                        const std::vector<std::string>& bugs) {
  ASSIGN_OR_RETURN(RunSpec spec, expand(scenario, point.world, bugs));
  spec.parameters.set("fault", std::string(sim::to_string(point.first.kind)));
  spec.parameters.set("at", static_cast<int64_t>(point.first.at));
  spec.parameters.set("second_fault", std::string(sim::to_string(point.second.kind)));
  spec.parameters.set("second_at", static_cast<int64_t>(point.second.at));
  return spec;
}

// Every point of one world, whose disks do `counts`.
void append_points(uint64_t world, const sim::DiskCounts& counts, std::vector<Point>& points) {
  Prng prng(world, kSecondStream);
  for (const StrikeKind kind : sim::kStrikeKinds) {
    if (kind == StrikeKind::none) continue;
    for (uint64_t at = 1; at <= counts.*sim::count_of(kind); ++at) {
      Point point{world, {kind, at}, {}};
      points.push_back(point);
      if (kind != StrikeKind::power_loss && kind != StrikeKind::kill) continue;
      point.second.kind = sim::kStrikeKinds[prng.between(1, std::size(sim::kStrikeKinds) - 1)];
      point.second.at = prng.between(1, kSecondAtMost);
      points.push_back(point);
    }
  }
}

// A world that violates without a fault is a point by itself: its counts would mean nothing.
Result<std::vector<Point>> points_of(const Scenario& scenario, const SeedRange& worlds,
                                     const std::vector<std::string>& bugs) {
  std::vector<Point> points;
  for (uint64_t world = worlds.first; world <= worlds.last; ++world) {
    ASSIGN_OR_RETURN(const RunSpec spec, spec_of(scenario, {world, {}, {}}, bugs));
    ASSIGN_OR_RETURN(const RunOutcome outcome, run(spec));
    if (!outcome.held()) {
      points.push_back({world, {}, {}});
      continue;
    }
    append_points(world, outcome.disk_operations, points);
  }
  return points;
}

void keep_share(double share, uint64_t seed, std::vector<Point>& points) {
  if (share >= 1) return;
  Prng prng(seed, kSecondStream);
  std::erase_if(points, [&](const Point& point) {
    return point.first.kind != StrikeKind::none && !prng.chance(share);
  });
}

void say_violation(const PointsOptions& options, const Console& console, const Point& point,
                   const std::string& violation) {
  say("VIOLATED: " + violation);
  if (*kBuildCommit != '\0') say("  commit " + std::string(kBuildCommit));
  std::string command = quoted(console.program) + " points --scenario " + quoted(options.scenario) +
                        " --seeds " + std::to_string(point.world) + " --point " + to_string(point);
  for (const std::string& bug : options.bugs) command += " --bug " + quoted(bug);
  say("  replay: " + command);
}

// "20312 crash points (kill 4000, ...; 8000 of them with a second fault)"
std::string in_words(const std::vector<Point>& points) {
  std::map<StrikeKind, uint64_t> counts;
  uint64_t doubles = 0;
  for (const Point& point : points) {
    ++counts[point.first.kind];
    if (point.second.kind != StrikeKind::none) ++doubles;
  }
  std::string text = std::to_string(points.size()) + " crash points (";
  for (const auto& [kind, count] : counts) {
    text += std::string(sim::to_string(kind)) + " " + std::to_string(count) + ", ";
  }
  return text + std::to_string(doubles) + " of them with a second fault)";
}

int try_all(const PointsOptions& options, const Console& console, const Scenario& scenario,
            const std::vector<Point>& points, const std::vector<std::string>& bugs) {
  const double start = console.seconds();
  WorkerTask task;
  task.seeds = {1, points.size()};
  task.workers = static_cast<uint32_t>(std::min<uint64_t>(options.jobs, points.size()));
  task.stop_at_violation = !options.keep_going;
  task.out_of_time = [] { return false; };
  task.try_seed = [&](uint64_t number) -> Result<SeedReport> {
    ASSIGN_OR_RETURN(const RunSpec spec, spec_of(scenario, points[number - 1], bugs));
    ASSIGN_OR_RETURN(const RunOutcome outcome, run(spec));
    SeedReport report = report_of(spec, outcome);
    report.seed = number;
    return report;
  };
  std::map<uint64_t, std::string> violations;
  uint64_t tried = 0;
  const auto collected = collect(task, [&](SeedReport report) {
    ++tried;
    if (!report.held()) violations.emplace(report.seed, std::move(report.violation));
    show_progress(console, scenario.name + ": " + std::to_string(tried) + " of " +
                               std::to_string(points.size()) + " points");
  });
  clear_progress(console);
  if (!collected.ok()) {
    complain(std::string(collected.status().message()));
    return kBadUsage;
  }
  for (const auto& [number, violation] : violations) {
    say_violation(options, console, points[number - 1], violation);
    if (!options.keep_going) break;
  }
  char seconds[40];
  std::snprintf(seconds, sizeof seconds, "%.1f s", console.seconds() - start);
  say(scenario.name + ": " + in_words(points) + ", " +
      (violations.empty() ? "all held" : std::to_string(violations.size()) + " violated") + "; " +
      seconds);
  return violations.empty() ? kHeld : kViolated;
}

}  // namespace

int points_command(const PointsOptions& options, const Console& console) {
  const auto scenario = load_scenario(options.scenario);
  const auto bugs = resolve_bugs(options.bugs);
  const auto worlds = parse_seeds(options.seeds);
  Status refused = scenario.ok() ? check_parameters(*scenario) : scenario.status();
  for (const Status& status : {bugs.status(), worlds.status()}) {
    if (refused.ok()) refused = status;
  }
  std::vector<Point> points;
  if (refused.ok() && !options.point.empty()) {
    const auto point = parse_point(worlds->first, options.point);
    refused = point.status();
    if (point.ok()) points.push_back(*point);
  } else if (refused.ok()) {
    auto all = points_of(*scenario, *worlds, *bugs);
    refused = all.status();
    if (all.ok()) points = std::move(all).value();
    keep_share(options.share, worlds->first, points);
  }
  if (refused.ok() && points.empty()) refused = Status(Code::invalid_argument, "no point is left");
  if (!refused.ok()) {
    complain(std::string(refused.message()));
    return kBadUsage;
  }
  return try_all(options, console, *scenario, points, *bugs);
}

}  // namespace aftersync::faults::cli
