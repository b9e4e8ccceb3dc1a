// aftersync-sim minimise: a failing seed in, a short replay file out.
#include <cstdio>

#include "faults/cli/arguments.h"
#include "faults/cli/commands.h"
#include "faults/minimise.h"
#include "faults/replay.h"

namespace aftersync::faults::cli {

namespace {

Result<RunSpec> spec_of(const MinimiseOptions& options) {
  if (!options.replay_file.empty()) {
    ASSIGN_OR_RETURN(Replay replay, load_replay(options.replay_file));
    return std::move(replay.spec);
  }
  ASSIGN_OR_RETURN(const Scenario scenario, load_scenario(options.scenario));
  ASSIGN_OR_RETURN(std::vector<std::string> bugs, resolve_bugs(options.bugs));
  ASSIGN_OR_RETURN(const SeedRange seeds, parse_seeds(options.seed));
  return expand(scenario, seeds.first, std::move(bugs));
}

void say_row(const char* what, uint64_t before, uint64_t after) {
  char line[120];
  std::snprintf(line, sizeof line, "  %-36s %10llu  %10llu", what,
                static_cast<unsigned long long>(before), static_cast<unsigned long long>(after));
  say(line);
}

void say_sizes(const RunSize& before, const RunSize& after) {
  say("                                           before       after");
  say_row("actions of the plan", before.actions, after.actions);
  say_row("settings of the plan", before.settings, after.settings);
  say_row("windows of random scheduling", before.windows, after.windows);
  say_row("steps in them", before.random_steps, after.random_steps);
  say_row("context switches", before.switches, after.switches);
  say_row("operations", before.operations, after.operations);
  say_row("events", before.events, after.events);
}

std::string default_file(const RunSpec& spec) {
  return spec.scenario + "-" + std::to_string(spec.seed) + ".replay.json";
}

}  // namespace

int minimise_command(const MinimiseOptions& options, const Console& console) {
  if (options.replay_file.empty() && (options.scenario.empty() || options.seed.empty())) {
    complain("minimise: needs --scenario and --seed, or --replay");
    return kBadUsage;
  }
  const auto spec = spec_of(options);
  if (!spec.ok()) {
    complain(std::string(spec.status().message()));
    return kBadUsage;
  }
  const double deadline = console.seconds() + options.budget_s;
  bool in_time = true;
  const auto minimised = minimise(*spec, [&](uint64_t tries, const RunSpec& best) {
    show_progress(console, "minimise: " + std::to_string(tries) + " tries, " +
                               std::to_string(best.plan.actions.size()) + " actions left");
    in_time = console.seconds() < deadline;
    return in_time;
  });
  clear_progress(console);
  if (!minimised.ok()) {
    complain(std::string(minimised.status().message()));
    return minimised.code() == Code::bad_state ? kHeld : kBadUsage;
  }
  const Expectation expect = expectation_of(minimised->outcome);
  const std::string file = options.out_file.empty() ? default_file(*spec) : options.out_file;
  if (!write_file(file, replay_text(minimised->spec, expect))) return kBadUsage;
  say("VIOLATED: " + minimised->outcome.violation);
  say("after " + std::to_string(minimised->tries) + " tries" +
      (in_time ? "" : " (the budget ended; more may be possible)") + ":");
  say_sizes(minimised->before, minimised->after);
  say("what is left of seed " + std::to_string(spec->seed) + ":");
  say_spec(minimised->spec);
  say("  replay: " + quoted(console.program) + " run --replay " + quoted(file));
  return kViolated;
}

}  // namespace aftersync::faults::cli
