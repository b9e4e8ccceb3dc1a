// Workers: processes that try seeds, so that a seed that takes the program down takes only a worker
// with it, and so that more than one core may be used.
//
// Worker w of n tries seeds first+w, first+w+n, ... and sends a line for each. The first violation
// (that with the lowest seed) is what a campaign reports, however many workers there are: a worker
// stops once its next seed lies beyond the lowest violating one known to any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "core/base/status.h"
#include "faults/cli/arguments.h"
#include "faults/cli/seed_report.h"

namespace aftersync::faults::cli {

struct WorkerTask {
  SeedRange seeds;
  uint32_t workers = 1;
  bool stop_at_violation = true;
  // Called in a worker. An error ends it and is what collect() returns.
  std::function<Result<SeedReport>(uint64_t seed)> try_seed;
  // Called in a worker before each seed; true stops it.
  std::function<bool()> out_of_time;
};

// Visits of each probe by name, over all workers.
using ProbeVisits = std::map<std::string, uint64_t>;

struct Collected {
  ProbeVisits probes;
  bool out_of_time = false;
};

// Runs the workers to their end and hands over the reports, in no particular order. A worker that
// dies yields a report whose violation says so. Code::unavailable when no process can be had.
[[nodiscard]] Result<Collected> collect(const WorkerTask& task,
                                        const std::function<void(SeedReport)>& take);

}  // namespace aftersync::faults::cli
