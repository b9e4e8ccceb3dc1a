// The workloads, each a count of operations spread over threads and timed by the wall.
//
// A run starts when every thread has its session and stands at the line, and ends when the last has
// done its share. Every operation checks that it got the row it asked for; the check is the same
// few instructions for every store, and a wrong answer ends the program.
#pragma once

#include <cstdint>

#include "bench/embedded/store.h"
#include "bench/embedded/sync_count.h"

namespace aftersync::bench {

inline constexpr uint64_t kLoadBatchRows = 1000;
inline constexpr uint64_t kScanRows = 100;

enum class Operation : uint8_t { get, scan, update };

struct Workload {
  Operation operation = Operation::get;
  int threads = 1;
  uint64_t rows = 0;   // in the store: 0..rows-1
  uint64_t count = 0;  // of operations, all threads together
  uint64_t seed = 0;
};

struct Outcome {
  double seconds = 0;
  uint64_t operations = 0;
  double cpu_seconds = 0;  // of the threads that did them, added up; not of background threads
  Syncs syncs;
};

// Rows [first, first + count) in ascending order, kLoadBatchRows a transaction.
Outcome load_rows(Store& store, uint64_t first, uint64_t count);

// Uniformly random keys. scan: kScanRows rows from a random key. update: a new version.
Outcome run(Store& store, const Workload& workload);

// Reads every row once, in order, and checks each to the last byte.
void verify_rows(Store& store, uint64_t rows);

}  // namespace aftersync::bench
