// aftersync-check schedule: random scripts on standard output, the same for the same numbers.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "model/txn/random_schedule.h"
#include "proptests/check/subcommand.h"

namespace aftersync::check {

namespace {

struct Options {
  uint64_t seed = 1;
  uint64_t number = 0;
  std::string rules;
};

int run_schedule(const Options& options) {
  const std::string script = model::txn::random_script(options.seed, options.number, options.rules);
  std::fwrite(script.data(), 1, script.size(), stdout);
  return kHolds;
}

}  // namespace

void define_schedule(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  app.add_option("--seed", options->seed, "of a sequence of scripts")->capture_default_str();
  app.add_option("--number", options->number,
                 "its place; eight consecutive ones have all levels and settings")
      ->capture_default_str();
  app.add_option("--rules", options->rules, "the server whose rules it is to be run by")
      ->check(CLI::IsMember({"mariadb"}));
  app.callback([options, &run] { run = [options] { return run_schedule(*options); }; });
}

}  // namespace aftersync::check
