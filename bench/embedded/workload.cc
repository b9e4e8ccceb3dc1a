// See workload.h. Random rows come from one stream of the seed for each thread, so every store is
// asked for the same rows in the same order.
#include "bench/embedded/workload.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/check.h"
#include "core/base/prng.h"

namespace aftersync::bench {
namespace {

struct Instant {
  std::chrono::steady_clock::time_point time = std::chrono::steady_clock::now();
  Syncs syncs = syncs_so_far();
};

Outcome between(const Instant& start, const Instant& end, uint64_t operations, double cpu_seconds) {
  const std::chrono::duration<double> elapsed = end.time - start.time;
  return {elapsed.count(), operations, cpu_seconds, end.syncs - start.syncs};
}

double cpu_seconds_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void get_rows(Session& session, Prng& prng, uint64_t rows, uint64_t count) {
  Value value;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t row = prng.below(rows);
    CHECK(session.get(key_of(row), value));
    CHECK_EQ(load_be<uint64_t>(value.data()), row);
  }
}

void scan_rows(Session& session, Prng& prng, uint64_t rows, uint64_t count) {
  const uint64_t length = std::min(kScanRows, rows);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t first = prng.below(rows - length + 1);
    const ScanResult result = session.scan(key_of(first), length);
    CHECK_EQ(result.rows, length);
    CHECK_EQ(result.key_sum, length * first + length * (length - 1) / 2);
  }
}

void update_rows(Session& session, Prng& prng, uint64_t rows, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t row = prng.below(rows);
    session.update(key_of(row), value_of(row, prng.next()));
  }
}

void work(Session& session, const Workload& workload, uint64_t thread, uint64_t count) {
  Prng prng(workload.seed, thread);
  switch (workload.operation) {
    case Operation::get: return get_rows(session, prng, workload.rows, count);
    case Operation::scan: return scan_rows(session, prng, workload.rows, count);
    case Operation::update: return update_rows(session, prng, workload.rows, count);
  }
}

}  // namespace

Outcome load_rows(Store& store, uint64_t first, uint64_t count) {
  const std::unique_ptr<Session> session = store.session();
  std::vector<Row> batch;
  const double cpu_before = cpu_seconds_of_this_thread();
  const Instant start;
  for (uint64_t done = 0; done < count; done += batch.size()) {
    batch.clear();
    const uint64_t size = std::min(kLoadBatchRows, count - done);
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t row = first + done + i;
      batch.push_back({key_of(row), value_of(row, 0)});
    }
    session->load(batch);
  }
  return between(start, {}, count, cpu_seconds_of_this_thread() - cpu_before);
}

Outcome run(Store& store, const Workload& workload) {
  const auto threads = static_cast<uint64_t>(workload.threads);
  // Both instants are taken by the barrier itself, before it lets anybody go: a thread of its own
  // to hold the watch may be woken long after the runners on a busy machine.
  std::vector<Instant> instants;
  instants.reserve(2);
  std::barrier line(workload.threads, [&instants]() noexcept { instants.emplace_back(); });
  std::atomic<double> cpu_seconds{0};
  std::vector<std::jthread> runners;
  for (uint64_t thread = 0; thread < threads; ++thread) {
    const uint64_t share = (workload.count + thread) / threads;  // the shares add up to count
    runners.emplace_back([&store, &workload, &line, &cpu_seconds, thread, share] {
      const std::unique_ptr<Session> session = store.session();
      line.arrive_and_wait();
      const double cpu_before = cpu_seconds_of_this_thread();
      work(*session, workload, thread, share);
      cpu_seconds += cpu_seconds_of_this_thread() - cpu_before;
      line.arrive_and_wait();
    });
  }
  for (std::jthread& runner : runners) runner.join();
  return between(instants.at(0), instants.at(1), workload.count, cpu_seconds);
}

void verify_rows(Store& store, uint64_t rows) {
  const std::unique_ptr<Session> session = store.session();
  Value value;
  for (uint64_t row = 0; row < rows; ++row) {
    CHECK(session->get(key_of(row), value));
    CHECK(is_value_of(row, view_of(value)));
  }
  CHECK(!session->get(key_of(rows), value));
  CHECK_EQ(session->scan(key_of(0), rows + 1).rows, rows);
}

}  // namespace aftersync::bench
