// The benchmarks of the embedded stores: what is registered, under which name.
//
//   embedded/<load|get|get2|scan100|update|update32>/<store>     --rows, all in the cache
//   embedded_10m/<get|get2|scan100>/<store>                      --large: cache a quarter of the
//   data growth/get/<store>/<rows>                                    --growth
//   growth/memory/<store>/<rows>                                 --growth
//   growth/recovery/<store>/<MiB changed since the checkpoint>   --growth
//
// Counter items_per_second is the figure: rows loaded, gets, scans, updates a second by the wall.
// cpu_us is the processor time of the asking threads for one item: where nothing waits for a device
// it says the same, and it still says it on a machine that others keep busy.
// Beside durable work stand items_per_sync, and sync_us, the mean time of a sync during the run.
// Google Benchmark's own times are a by-product; its CPU time is that of a thread that only waits.
#pragma once

#include <cstdint>
#include <string>

namespace aftersync::bench {

struct SuiteOptions {
  std::string directory = ".";  // where scratch folders are made: on the device to be measured
  uint64_t rows = 1'000'000;
  uint64_t cache_bytes = uint64_t{1} << 30;
  bool large = false;
  uint64_t large_rows = 10'000'000;
  bool growth = false;
};

void register_embedded(const SuiteOptions& options);
void register_growth(const SuiteOptions& options);

// The child's side of growth/recovery; "STORE:DIRECTORY:MiB". Ends by killing its own process.
[[noreturn]] void fill_and_die(const std::string& request);

}  // namespace aftersync::bench
