// The commands of aftersync-sim. Each returns the program's exit status (console.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faults/cli/console.h"
#include "faults/runner.h"

namespace aftersync::faults::cli {

struct RunOptions {
  std::string scenario;
  std::string seed;   // one of these two, or
  std::string seeds;  // "A..B"
  std::string replay_file;
  std::vector<std::string> bugs;
  bool json = false;
  bool twice = false;
  bool probes = false;
  bool keep_going = false;
  std::string trace_file;
  std::string save_file;
  uint32_t jobs = 1;
  double budget_s = 0;  // 0: none
};
[[nodiscard]] int run_command(const RunOptions& options, const Console& console);

struct MinimiseOptions {
  std::string scenario;
  std::string seed;
  std::string replay_file;
  std::vector<std::string> bugs;
  std::string out_file;
  double budget_s = 60;
};
[[nodiscard]] int minimise_command(const MinimiseOptions& options, const Console& console);

struct PointsOptions {
  std::string scenario = "storage-points";
  std::string seeds;  // "A..B": worlds
  std::string point;  // only this one: "power_loss:12" or "power_loss:12+kill:3"
  std::vector<std::string> bugs;
  double share = 1;  // of the points, drawn by the first seed
  bool keep_going = false;
  uint32_t jobs = 1;
};
[[nodiscard]] int points_command(const PointsOptions& options, const Console& console);

// What a seed expands to, without running it.
[[nodiscard]] int plan_command(const std::string& scenario, const std::string& seed);

[[nodiscard]] int list_command(bool faults);

// Prints parameters and plan.
void say_spec(const RunSpec& spec);

}  // namespace aftersync::faults::cli
