// See suite.h. Registered store by store, so that each is loaded once and measured in one go; load
// comes first and leaves its table to the others.
#include "bench/embedded/suite.h"

#include <benchmark/benchmark.h>

#include <memory>

#include "bench/embedded/table.h"
#include "bench/embedded/workload.h"

namespace aftersync::bench {
namespace {

struct Measured {
  const char* name;
  Operation operation;
  int threads;
  bool in_large;  // also with a cache of a quarter of the data
};
constexpr Measured kMeasured[] = {
    {"get", Operation::get, 1, true},           {"get2", Operation::get, 2, true},
    {"scan100", Operation::scan, 1, true},      {"update", Operation::update, 1, false},
    {"update32", Operation::update, 32, false},
};

using Tables = std::shared_ptr<TableInUse>;

void report(benchmark::State& state, const Outcome& outcome) {
  const auto operations = static_cast<double>(outcome.operations);
  state.counters["items_per_second"] = operations / outcome.seconds;
  state.counters["cpu_us"] = outcome.cpu_seconds * 1e6 / operations;
  if (outcome.syncs.count > 0) {
    const auto syncs = static_cast<double>(outcome.syncs.count);
    state.counters["items_per_sync"] = operations / syncs;
    state.counters["sync_us"] = static_cast<double>(outcome.syncs.nanoseconds) / syncs / 1e3;
  }
}

void measure_load(benchmark::State& state, const Tables& tables, const StoreKind& kind,
                  const TableSize& size) {
  Outcome total;
  for ([[maybe_unused]] const auto iteration : state) {
    const Outcome outcome = tables->fresh(kind, size).load(Durability::synced);
    total.operations += outcome.operations;
    total.seconds += outcome.seconds;
    total.cpu_seconds += outcome.cpu_seconds;
    total.syncs += outcome.syncs;
  }
  report(state, total);
}

// Google Benchmark says how many operations; they run as one batch, on threads of our own.
void measure(benchmark::State& state, const Tables& tables, const StoreKind& kind,
             const TableSize& size, const Measured& measured) {
  Table& table = tables->ready(kind, size);
  static uint64_t runs = 0;
  Outcome outcome;
  while (state.KeepRunningBatch(state.max_iterations)) {
    outcome = run(table.store(), {.operation = measured.operation,
                                  .threads = measured.threads,
                                  .rows = size.rows,
                                  .count = static_cast<uint64_t>(state.max_iterations),
                                  .seed = ++runs});
  }
  report(state, outcome);
}

std::string large_name(uint64_t rows) {
  return rows % 1'000'000 == 0 ? "embedded_" + std::to_string(rows / 1'000'000) + "m"
                               : "embedded_" + std::to_string(rows);
}

void add(const std::string& family, const Tables& tables, const StoreKind& kind,
         const TableSize& size, const Measured& measured) {
  const std::string name = family + "/" + measured.name + "/" + kind.name;
  benchmark::RegisterBenchmark(name.c_str(), [=, &kind, &measured](benchmark::State& state) {
    measure(state, tables, kind, size, measured);
  });
}

void add_load(const Tables& tables, const StoreKind& kind, const TableSize& size) {
  const std::string name = std::string("embedded/load/") + kind.name;
  benchmark::RegisterBenchmark(name.c_str(), [=, &kind](benchmark::State& state) {
    measure_load(state, tables, kind, size);
  })->Unit(benchmark::kMillisecond);
}

}  // namespace

void register_embedded(const SuiteOptions& options) {
  const auto tables = std::make_shared<TableInUse>(options.directory);
  const TableSize size{options.rows, options.cache_bytes};
  const TableSize large{options.large_rows, options.large_rows * kRowBytes / 4};
  for (const StoreKind& kind : store_kinds()) {
    add_load(tables, kind, size);
    for (const Measured& measured : kMeasured) add("embedded", tables, kind, size, measured);
    if (!options.large) continue;
    for (const Measured& measured : kMeasured) {
      if (measured.in_large) add(large_name(large.rows), tables, kind, large, measured);
    }
  }
}

}  // namespace aftersync::bench
