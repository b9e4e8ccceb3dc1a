// What the lock table costs.
//
//   txn/lock/threads:N       record locks taken and given back a second, each on a key of its own
//   txn/lock_memory          bytes a lock of a million on short keys, counted and as malloc has it
//   txn/hot_lock/threads:N   exclusive locks of one record passed on a second
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/platform/posix/posix_node.h"
#include "core/txn/lock_table.h"

namespace aftersync::txn {
namespace {

constexpr IndexId kIndex{1};
constexpr const char* kDirectory = "bench-locks.scratch";

class Fixture {
 public:
  explicit Fixture(LockTableOptions options) {
    std::filesystem::remove_all(kDirectory);
    auto real = posix::RealNode::open(
        {.data_directory = kDirectory, .create_data_directory = true, .error_log_path = ""});
    CHECK_OK(real);
    node_ = *std::move(real);
    table_ = std::make_unique<LockTable>(node_->node(), options);
  }
  ~Fixture() {
    table_.reset();
    node_.reset();
    std::filesystem::remove_all(kDirectory);
  }
  LockTable& table() { return *table_; }

 private:
  std::unique_ptr<posix::RealNode> node_;
  std::unique_ptr<LockTable> table_;
};

std::unique_ptr<Fixture> shared_fixture;

void set_up(const benchmark::State&) {
  shared_fixture = std::make_unique<Fixture>(LockTableOptions());
}
void tear_down(const benchmark::State&) { shared_fixture.reset(); }

std::string key_of(uint64_t number) {
  std::string key;
  append_be(key, number);
  return key;
}

// Transactions of ten locks each.
void lock(benchmark::State& state) {
  constexpr uint64_t kLocks = 10;
  LockTable& table = shared_fixture->table();
  uint64_t number = static_cast<uint64_t>(state.thread_index()) << 32;
  for (auto _ : state) {
    LockOwner owner(1, true);
    for (uint64_t i = 0; i < kLocks; ++i) {
      const std::string key = key_of(number++ * 0x9e3779b97f4a7c15u);
      CHECK(table.request(owner, LockTarget::record(kIndex, key), record_only(LockMode::x)) ==
            LockAnswer::granted);
    }
    table.release_all(owner);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kLocks));
}
BENCHMARK(lock)
    ->Name("txn/lock")
    ->ThreadRange(1, 8)
    ->UseRealTime()
    ->Setup(set_up)
    ->Teardown(tear_down);

void hot_lock(benchmark::State& state) {
  LockTable& table = shared_fixture->table();
  const std::string key = key_of(1);
  for (auto _ : state) {
    LockOwner owner(1, true);
    CHECK_OK(table.lock(owner, LockTarget::record(kIndex, key), record_only(LockMode::x), 100s));
    table.release_all(owner);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hot_lock)
    ->Name("txn/hot_lock")
    ->ThreadRange(1, 8)
    ->UseRealTime()
    ->Setup(set_up)
    ->Teardown(tear_down);

void lock_memory(benchmark::State& state) {
  constexpr uint64_t kLocks = 1'000'000;
  for (auto _ : state) {
    Fixture fixture({.max_bytes = size_t{1} << 30});
    LockOwner owner(1, true);
    const auto before = static_cast<double>(mallinfo2().uordblks);
    for (uint64_t i = 0; i < kLocks; ++i) {
      const std::string key = key_of(i);
      CHECK(fixture.table().request(owner, LockTarget::record(kIndex, key),
                                    record_only(LockMode::x)) == LockAnswer::granted);
    }
    const double after = static_cast<double>(mallinfo2().uordblks);
    state.counters["counted_bytes"] =
        static_cast<double>(fixture.table().stats().bytes) / static_cast<double>(kLocks);
    state.counters["malloc_bytes"] = (after - before) / static_cast<double>(kLocks);
    fixture.table().release_all(owner);
  }
}
BENCHMARK(lock_memory)->Name("txn/lock_memory")->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aftersync::txn
