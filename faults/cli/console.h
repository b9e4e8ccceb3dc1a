// What the commands of aftersync-sim have from the outside, handed in by main.
//
// Runs are decided by seeds alone; only the console knows the time of day's passing, for budgets
// and progress.
#pragma once

#include <functional>
#include <string>

namespace aftersync::faults::cli {

enum ExitCode : int { kHeld = 0, kViolated = 1, kBadUsage = 2 };

struct Console {
  std::function<double()> seconds;  // since the program began
  bool progress = false;            // standard error is a terminal
  std::string program;              // as it was called, for replay commands
};

// To standard output and standard error. Never fail.
void say(const std::string& line);
void complain(const std::string& line);
// A line that the next one overwrites; nothing when there is no terminal.
void show_progress(const Console& console, const std::string& line);
void clear_progress(const Console& console);

// False, after complaining, when it cannot be written.
bool write_file(const std::string& path, const std::string& text);

}  // namespace aftersync::faults::cli
