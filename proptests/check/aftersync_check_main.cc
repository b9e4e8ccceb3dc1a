// aftersync-check: judges what was recorded or left behind. Each subcommand stands in its own file.
//
// It is no part of model/, although most of its subcommands only call checkers from there: some
// judge what the engine wrote, and need the engine to read it.
#include <cstdio>
#include <exception>

#include "proptests/check/subcommand.h"

namespace {

struct Subcommand {
  const char* name;
  const char* summary;
  void (*define)(CLI::App& app, aftersync::check::Run& run);
};

constexpr Subcommand kSubcommands[] = {
    {"history",
     "check histories of operations (exit 0 holds, 1 violated, 2 bad input, 3 undecided)",
     aftersync::check::define_history},
    {"tablespace",
     "check tablespace files of a store that is not running (exit 0 sound, 1 findings, 2 bad "
     "usage)",
     aftersync::check::define_tablespace},
    {"generate", "write a history made by a toy database", aftersync::check::define_generate},
    {"locks", "run scripts against the model of transactions and locks (exit 0 as expected, 1 not)",
     aftersync::check::define_locks},
    {"schedule", "write a random script of isolation and locks, without its answers",
     aftersync::check::define_schedule},
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Judges what was recorded or left behind.");
  app.name("aftersync-check");
  app.require_subcommand(1);
  aftersync::check::Run run;
  for (const Subcommand& subcommand : kSubcommands) {
    subcommand.define(*app.add_subcommand(subcommand.name, subcommand.summary), run);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : aftersync::check::kBadInput;
  }
  try {
    return run();
  } catch (const std::exception& error) {  // out of memory, say
    std::fprintf(stderr, "aftersync-check: %s\n", error.what());
    return aftersync::check::kBadInput;
  }
}
