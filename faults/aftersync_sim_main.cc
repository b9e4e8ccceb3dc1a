// aftersync-sim: runs scenarios in the simulator.
//
//   aftersync-sim run --scenario wal-kv --seeds 1..2000
//   aftersync-sim minimise --scenario wal-kv --seed 17 --bug wal-kv-no-fsync
//   aftersync-sim list
//
// Exit status: 0 all held, 1 something was violated, 2 bad usage or a bad file.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "faults/cli/commands.h"

namespace aftersync::faults::cli {
namespace {

constexpr uint32_t kMaxJobs = 64;

void add_run(CLI::App& app, RunOptions& options) {
  CLI::App* const run = app.add_subcommand("run", "run seeds of a scenario, or a replay file");
  CLI::Option* const scenario =
      run->add_option("--scenario", options.scenario, "name (see list), or path of a .toml");
  CLI::Option* const seed = run->add_option("--seed", options.seed, "one seed");
  CLI::Option* const seeds =
      run->add_option("--seeds", options.seeds, "A..B, both included; stops at a violation");
  CLI::Option* const bugs =
      run->add_option("--bug", options.bugs, "plant a bug (see --list-faults); repeatable");
  run->add_option("--replay", options.replay_file, "run what a file holds")
      ->excludes(scenario, seed, seeds, bugs);
  seed->excludes(seeds);
  run->add_flag("--json", options.json, "a line of JSON for each seed");
  run->add_option("--trace", options.trace_file, "write the trace of the (first violating) seed");
  run->add_option("--save", options.save_file, "write the (first violating) seed as replay file");
  run->add_option("--jobs", options.jobs, "worker processes for --seeds")
      ->check(CLI::Range(1u, kMaxJobs));
  run->add_flag("--twice", options.twice, "run each seed twice; differing hashes are a violation");
  run->add_flag("--keep-going", options.keep_going, "do not stop at a violation");
  run->add_option("--budget", options.budget_s, "start no seed after this many seconds")
      ->check(CLI::PositiveNumber);
  run->add_flag("--probes", options.probes, "name the probes that were never reached");
}

void add_minimise(CLI::App& app, MinimiseOptions& options) {
  CLI::App* const minimise =
      app.add_subcommand("minimise", "shrink a violating run to a short replay file");
  CLI::Option* const scenario =
      minimise->add_option("--scenario", options.scenario, "name or path of a .toml");
  CLI::Option* const seed = minimise->add_option("--seed", options.seed, "a seed that violates");
  CLI::Option* const bugs = minimise->add_option("--bug", options.bugs, "plant a bug; repeatable");
  minimise->add_option("--replay", options.replay_file, "start from a replay file")
      ->excludes(scenario, seed, bugs);
  minimise->add_option("--out", options.out_file, "replay file; SCENARIO-SEED.replay.json");
  minimise->add_option("--budget", options.budget_s, "seconds; 60")->check(CLI::PositiveNumber);
}

void add_points(CLI::App& app, PointsOptions& options) {
  CLI::App* const points =
      app.add_subcommand("points", "a fault at every single operation of a scenario's disks");
  points->add_option("--scenario", options.scenario, "storage-points, or one like it");
  points->add_option("--seeds", options.seeds, "A..B: the worlds")->required();
  CLI::Option* const share =
      points->add_option("--share", options.share, "of the points, drawn by the first seed")
          ->check(CLI::Range(0.0, 1.0));
  points->add_option("--point", options.point, "only this: power_loss:12 or power_loss:12+kill:3")
      ->excludes(share);
  points->add_option("--bug", options.bugs, "plant a bug; repeatable");
  points->add_flag("--keep-going", options.keep_going, "do not stop at a violation");
  points->add_option("--jobs", options.jobs, "worker processes")->check(CLI::Range(1u, kMaxJobs));
}

int run_program(int argc, char** argv, const Console& console) {
  CLI::App app(
      "Runs scenarios in the deterministic simulator.\n"
      "Exit status: 0 all held, 1 violated, 2 bad usage or bad file.");
  RunOptions run;
  MinimiseOptions minimise;
  PointsOptions points;
  bool list_faults = false;
  bool list_flag = false;
  std::string plan_scenario;
  std::string plan_seed;
  app.add_flag("--list-faults", list_faults, "list all fault points and planted bugs");
  add_run(app, run);
  add_minimise(app, minimise);
  add_points(app, points);
  CLI::App* const list = app.add_subcommand("list", "list the scenarios");
  list->add_flag("--faults", list_flag, "list all fault points and planted bugs instead");
  CLI::App* const plan = app.add_subcommand("plan", "print what a seed expands to");
  plan->add_option("--scenario", plan_scenario, "name or path of a .toml")->required();
  plan->add_option("--seed", plan_seed, "the seed")->required();
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kHeld : kBadUsage;
  }
  if (app.got_subcommand("run")) return run_command(run, console);
  if (app.got_subcommand("minimise")) return minimise_command(minimise, console);
  if (app.got_subcommand("points")) return points_command(points, console);
  if (app.got_subcommand(plan)) return plan_command(plan_scenario, plan_seed);
  if (list_faults || app.got_subcommand(list)) return list_command(list_faults || list_flag);
  complain("nothing to do: run, minimise, points, plan or list; --help says more");
  return kBadUsage;
}

}  // namespace
}  // namespace aftersync::faults::cli

int main(int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  aftersync::faults::cli::Console console;
  console.seconds = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  console.progress = isatty(STDERR_FILENO) == 1;
  console.program = argv[0];
  return aftersync::faults::cli::run_program(argc, argv, console);
}
