// aftersync-bench: Google Benchmark's main with a few flags of our own.
//
// Our flags size the suite of the embedded stores, whose benchmarks are registered here and not by
// static objects, as they depend on the flags. All other benchmarks register themselves.
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "bench/embedded/scratch.h"
#include "bench/embedded/store.h"
#include "bench/embedded/suite.h"

namespace aftersync::bench {
namespace {

struct Flags {
  SuiteOptions suite;
  uint64_t cache_mib = 1024;
  std::string fill_and_die;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("--dir", flags.suite.directory,
                 "folder on the device to be measured; scratch folders are made below it")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--rows", flags.suite.rows, "rows in embedded/...")
      ->check(CLI::Range(uint64_t{1000}, uint64_t{1} << 32))
      ->capture_default_str();
  app.add_option("--cache_mib", flags.cache_mib, "cache of each store in embedded/...")
      ->check(CLI::Range(16, 1 << 20))
      ->capture_default_str();
  app.add_flag("--large", flags.suite.large,
               "also the larger table, with a cache of a quarter of its data");
  app.add_option("--large_rows", flags.suite.large_rows, "its rows")
      ->check(CLI::Range(uint64_t{600'000}, uint64_t{1} << 32))
      ->capture_default_str();
  app.add_flag("--growth", flags.suite.growth, "also growth/...; see bench/growth");
  app.add_option("--fill_and_die", flags.fill_and_die)->group("");
}

void print_help() {
  Flags flags;
  CLI::App app("Benchmarks of the engine on the operating system, beside its peers.");
  app.set_help_flag();
  add_flags(app, flags);
  std::printf("%s\nFlags of Google Benchmark:\n", app.help("aftersync-bench").c_str());
  benchmark::PrintDefaultHelp();
}

// What a reader of the figures must know, into every output.
void add_context(const Flags& flags) {
  benchmark::AddCustomContext("rows", std::to_string(flags.suite.rows));
  benchmark::AddCustomContext("cache_mib", std::to_string(flags.cache_mib));
  benchmark::AddCustomContext("filesystem", filesystem_of(flags.suite.directory));
  benchmark::AddCustomContext(
      "fdatasync_us", std::to_string(static_cast<int64_t>(sync_latency_us(flags.suite.directory))));
  for (const StoreKind& kind : store_kinds()) {
    benchmark::AddCustomContext(kind.name, kind.version());
  }
}

int run_benchmarks(int argc, char** argv) {
  benchmark::Initialize(&argc, argv, print_help);
  Flags flags;
  CLI::App app;
  app.set_help_flag();
  add_flags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (!flags.fill_and_die.empty()) fill_and_die(flags.fill_and_die);
  flags.suite.cache_bytes = flags.cache_mib << 20;
  add_context(flags);
  register_embedded(flags.suite);
  register_growth(flags.suite);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::ClearRegisteredBenchmarks();  // closes stores, which static destructors would outrun
  benchmark::Shutdown();
  return 0;
}

}  // namespace
}  // namespace aftersync::bench

int main(int argc, char** argv) { return aftersync::bench::run_benchmarks(argc, argv); }
