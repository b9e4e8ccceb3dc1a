// Cost as it grows: reads against the size of the table, memory against what is cached, recovery
// against what was changed since the last checkpoint. bench/growth runs these and plots them.
//
// Recovery is measured on a real death: a child process fills a store and kills itself with
// SIGKILL; the parent then times opening the store up to the first row read. The child is this
// program started anew, since a fork would inherit locks and lose threads.
//
// Memory is the anonymous memory of the process (RssAnon), which leaves out mapped files; a store
// that lives in the page cache is not asked. One store a process, or the allocator's leftovers of
// one would be counted for the next: bench/growth sees to it.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "bench/embedded/suite.h"
#include "bench/embedded/table.h"
#include "core/base/check.h"

extern char** environ;

namespace aftersync::bench {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kSizes[] = {10'000, 100'000, 1'000'000, 10'000'000};
constexpr uint64_t kMemorySizes[] = {100'000, 1'000'000};
constexpr uint64_t kChangedMiB[] = {16, 64, 256, 512};
constexpr uint64_t kRecoveryRows = 100'000;

using Tables = std::shared_ptr<TableInUse>;

// Everything fits, whatever the store's overhead.
TableSize all_cached(uint64_t rows) { return {rows, rows * kRowBytes * 4 + 64 * kMiB}; }

uint64_t anonymous_bytes() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
  }
  store_failed("/proc/self/status", "no RssAnon");
}

void measure_get(benchmark::State& state, const Tables& tables, const StoreKind& kind,
                 uint64_t rows) {
  Table& table = tables->ready(kind, all_cached(rows));
  Outcome outcome;
  while (state.KeepRunningBatch(state.max_iterations)) {
    outcome =
        run(table.store(), {.rows = rows, .count = static_cast<uint64_t>(state.max_iterations)});
  }
  const auto operations = static_cast<double>(outcome.operations);
  state.counters["get_ns"] = outcome.cpu_seconds * 1e9 / operations;  // one thread, no device
  state.counters["disk_bytes_per_row"] =
      static_cast<double>(table.disk_bytes()) / static_cast<double>(rows);
}

void measure_memory(benchmark::State& state, const Tables& tables, const StoreKind& kind,
                    uint64_t rows) {
  tables->drop();
  const uint64_t before = anonymous_bytes();
  Table& table = tables->ready(kind, all_cached(rows));
  for ([[maybe_unused]] const auto iteration : state) {
  }
  state.counters["anonymous_bytes"] = static_cast<double>(anonymous_bytes() - before);
  state.counters["cached_bytes"] = static_cast<double>(table.store().cached_bytes());
}

StoreOptions recovery_options(const std::string& directory) {
  StoreOptions options;
  options.directory = directory;
  options.data_bytes = kRecoveryRows * kRowBytes;
  options.log_bytes = 2047 * kMiB;  // the most that WiredTiger accepts
  options.durability = Durability::lazy;
  return options;
}

// Runs this program with --fill_and_die and waits for its death.
void fill_in_child(const StoreKind& kind, const std::string& directory, uint64_t changed_mib) {
  std::string program = "/proc/self/exe";
  std::string flag = std::string("--fill_and_die=") + kind.name + ":" + directory + ":" +
                     std::to_string(changed_mib);
  char* const arguments[] = {program.data(), flag.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ);
  if (error != 0) store_failed("start a child", std::strerror(error));
  int status = 0;
  if (waitpid(child, &status, 0) != child) store_failed("waitpid", std::strerror(errno));
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
    store_failed("child", "did not die as it should");
  }
}

void measure_recovery(benchmark::State& state, const Tables& tables, const StoreKind& kind,
                      uint64_t changed_mib) {
  tables->drop();
  for ([[maybe_unused]] const auto iteration : state) {
    const ScratchFolder scratch(tables->parent());
    fill_in_child(kind, scratch.path(), changed_mib);
    const auto start = std::chrono::steady_clock::now();
    const auto store = kind.open(recovery_options(scratch.path()));
    Value value;
    CHECK(store->session()->get(key_of(kRecoveryRows / 2), value));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    state.counters["recovery_seconds"] = took.count();
    state.counters["disk_mib"] =
        static_cast<double>(scratch.disk_bytes()) / static_cast<double>(kMiB);
    verify_rows(*store, kRecoveryRows);
  }
}

template <typename Measure>
benchmark::internal::Benchmark* add(const char* family, const StoreKind& kind, uint64_t argument,
                                    const Tables& tables, Measure measure) {
  const std::string name =
      std::string("growth/") + family + "/" + kind.name + "/" + std::to_string(argument);
  return benchmark::RegisterBenchmark(name.c_str(), [=, &kind](benchmark::State& state) {
    measure(state, tables, kind, argument);
  });
}

const StoreKind& kind_named(std::string_view name) {
  for (const StoreKind& kind : store_kinds()) {
    if (name == kind.name) return kind;
  }
  store_failed(name, "no such store");
}

}  // namespace

void register_growth(const SuiteOptions& options) {
  if (!options.growth) return;
  const auto tables = std::make_shared<TableInUse>(options.directory);
  for (const StoreKind& kind : store_kinds()) {
    for (const uint64_t rows : kSizes) add("get", kind, rows, tables, measure_get);
    for (const uint64_t mib : kChangedMiB) {
      add("recovery", kind, mib, tables, measure_recovery)->Iterations(1);
    }
    if (!kind.has_cache) continue;
    for (const uint64_t rows : kMemorySizes) {
      add("memory", kind, rows, tables, measure_memory)->Iterations(1);
    }
  }
}

void fill_and_die(const std::string& request) {
  const size_t first = request.find(':');
  const size_t last = request.rfind(':');
  const StoreKind& kind = kind_named(request.substr(0, first));
  const uint64_t changed_bytes = std::stoull(request.substr(last + 1)) * kMiB;
  const auto store = kind.open(recovery_options(request.substr(first + 1, last - first - 1)));
  load_rows(*store, 0, kRecoveryRows);
  store->settle();
  run(*store,
      {.operation = Operation::update, .rows = kRecoveryRows, .count = changed_bytes / kRowBytes});
  raise(SIGKILL);
  store_failed("SIGKILL", "survived");
}

}  // namespace aftersync::bench
