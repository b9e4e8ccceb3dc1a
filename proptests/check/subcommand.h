// The subcommands of aftersync-check: one file each, known to the program by the table in
// aftersync_check_main.cc.
//
// A subcommand defines its options on its own CLI::App and stores in `run` what to do once they
// have been parsed. Its exit codes: 0 what was checked holds; 1 it is violated, and the output says
// how; 2 bad usage or bad input, and the output says what; 3 it cannot be decided, and why.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace aftersync::check {

inline constexpr int kHolds = 0;
inline constexpr int kViolated = 1;
inline constexpr int kBadInput = 2;
inline constexpr int kUndecided = 3;

using Run = std::function<int()>;

// Checks histories of operations.
void define_history(CLI::App& app, Run& run);
// Checks the files of a store that nobody has open.
void define_tablespace(CLI::App& app, Run& run);
// Writes a history, for measuring and for trying the checkers.
void define_generate(CLI::App& app, Run& run);
// Runs scripts against the model of transactions and locks.
void define_locks(CLI::App& app, Run& run);
// Writes a random script for it.
void define_schedule(CLI::App& app, Run& run);

}  // namespace aftersync::check
