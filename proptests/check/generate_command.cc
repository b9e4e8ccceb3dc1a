// aftersync-check generate: histories of any size on standard output.
#include <cstdio>
#include <memory>
#include <string>

#include "model/history/generate.h"
#include "proptests/check/subcommand.h"

namespace aftersync::check {

namespace {

struct Options {
  model::GenerateOptions generate;
  std::string isolation = "strict-serializable";
};

int run_generate(Options& options) {
  const auto isolation = model::toy_isolation_of(options.isolation);
  if (!isolation) {
    std::fprintf(stderr, "aftersync-check generate: no such isolation: %s\n",
                 options.isolation.c_str());
    return kBadInput;
  }
  options.generate.isolation = *isolation;
  bool failed = false;
  model::generate_history(options.generate, [&failed](std::string_view piece) {
    failed |= std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size();
  });
  if (std::fflush(stdout) != 0 || failed) {
    std::fprintf(stderr, "aftersync-check generate: cannot write\n");
    return kBadInput;
  }
  return kHolds;
}

}  // namespace

void define_generate(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  model::GenerateOptions& generate = options->generate;
  app.add_option("--transactions", generate.transactions)->capture_default_str();
  app.add_option("--seed", generate.seed)->capture_default_str();
  app.add_option("--clients", generate.clients, "transactions at a time")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  app.add_option("--keys", generate.keys, "keys in use at a time")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--writes-per-key", generate.writes_per_key, "then a fresh key takes its place")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--max-operations", generate.max_operations, "of one transaction")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--read-share", generate.read_share)
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--fail-rate", generate.fail_rate)
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--info-rate", generate.info_rate)
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--registers", generate.registers, "writes instead of appends");
  app.add_option("--isolation", options->isolation,
                 "of the toy: strict-serializable, serializable, snapshot-isolation, "
                 "read-committed, read-uncommitted")
      ->capture_default_str();
  app.callback([options, &run] { run = [options] { return run_generate(*options); }; });
}

}  // namespace aftersync::check
