// What transactions cost, on rows of three numbers that all lie in the cache.
//
//   txn/get/threads:N          begin, consistent get, commit; rows at random
//   txn/hot_get/threads:N      the same, all of one row
//   txn/update/threads:N       begin, update, commit; each session has rows of its own
//   txn/hot_update/threads:N   the same, all of one row, which they wait for
//   txn/read/alone, txn/read/beside_a_writer
//                              transactions of ten gets a second by one session; beside one that
//                              updates the same rows as fast as it can, while purge runs
//
// Commits are written to the log but not synced: what a sync costs is the device's business, and
// measured beside the peers (embedded/update). history: transactions that purge had not come to yet
// at the end.
#include <benchmark/benchmark.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "core/base/check.h"
#include "core/base/prng.h"
#include "core/platform/posix/posix_node.h"
#include "core/txn/consistent_read.h"
#include "core/txn/row_writer.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {
namespace {

constexpr int64_t kRows = 100'000;
constexpr int64_t kRowsOfOneSession = 1000;
constexpr const char* kDirectory = "bench-transactions.scratch";

storage::TableDef definition() {
  storage::TableDef def;
  def.name = "bench/rows";
  for (const char* const name : {"id", "v", "w"}) {
    storage::ColumnDef column;
    column.name = name;
    column.nullable = false;
    def.columns.push_back(column);
  }
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.resize(1);
  storage::describe_part(def.columns[0], primary.parts[0]);
  def.indexes = {primary};
  return def;
}

class Fixture {
 public:
  Fixture() {
    std::filesystem::remove_all(kDirectory);
    auto real = posix::RealNode::open(
        {.data_directory = kDirectory, .create_data_directory = true, .error_log_path = ""});
    CHECK_OK(real);
    node_ = *std::move(real);
    storage::EngineOptions options;
    options.pages.pool.frames = 16 * 1024;
    options.pages.flush_mode = FlushMode::write_only;
    auto engine = storage::Engine::open(node_->node(), options);
    CHECK_OK(engine);
    engine_ = *std::move(engine);
    auto table = engine_->create_filled_table(
        definition(), [n = int64_t{0}](storage::Row& row) mutable -> Result<bool> {
          if (n == kRows) return false;
          row = {n, n, int64_t{0}};
          ++n;
          return true;
        });
    CHECK_OK(table);
    table_ = *std::move(table);
    for (int64_t id = 0; id < kRows; ++id) {
      auto key = storage::Engine::primary_key(*table_, {storage::Value(id)});
      CHECK_OK(key);
      keys_.push_back(*std::move(key));
    }
    transactions_ =
        std::make_unique<TransactionManager>(node_->node(), *engine_, TransactionManagerOptions());
  }
  ~Fixture() {
    transactions_.reset();
    CHECK_OK(engine_->close());
    engine_.reset();
    node_.reset();
    std::filesystem::remove_all(kDirectory);
  }

  void get(const std::vector<int64_t>& ids) {
    const auto trx = transactions_->begin({});
    for (const int64_t id : ids) {
      auto row = consistent_get(*trx, *table_, keys_[static_cast<size_t>(id)]);
      CHECK_OK(row);
      benchmark::DoNotOptimize(row);
    }
    CHECK_OK(trx->commit());
  }
  void update(int64_t id, int64_t value) {
    const auto trx = transactions_->begin({});
    {
      Statement statement(*trx);
      RowWriter writer(*trx, *table_);
      CHECK_OK(writer.update(keys_[static_cast<size_t>(id)], {id, value, int64_t{0}}));
      statement.end();
    }
    CHECK_OK(trx->commit());
  }
  [[nodiscard]] double history() { return static_cast<double>(engine_->undo().history_length()); }

 private:
  std::unique_ptr<posix::RealNode> node_;
  std::unique_ptr<storage::Engine> engine_;
  std::shared_ptr<storage::Table> table_;
  std::vector<std::string> keys_;
  std::unique_ptr<TransactionManager> transactions_;
};

std::unique_ptr<Fixture> shared_fixture;

void set_up(const benchmark::State&) { shared_fixture = std::make_unique<Fixture>(); }
void tear_down(const benchmark::State&) { shared_fixture.reset(); }

void get(benchmark::State& state, bool is_hot) {
  Prng prng(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    shared_fixture->get({is_hot ? 0 : static_cast<int64_t>(prng.below(kRows))});
  }
  state.SetItemsProcessed(state.iterations());
}

void update(benchmark::State& state, bool is_hot) {
  Prng prng(static_cast<uint64_t>(state.thread_index()));
  const int64_t first = is_hot ? 0 : state.thread_index() * kRowsOfOneSession;
  int64_t value = 0;
  for (auto _ : state) {
    const auto at = is_hot ? 0 : static_cast<int64_t>(prng.below(kRowsOfOneSession));
    shared_fixture->update(first + at, ++value);
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) state.counters["history"] = shared_fixture->history();
}

void read(benchmark::State& state, bool has_writer) {
  constexpr size_t kGets = 10;
  std::atomic<bool> is_over{false};
  std::thread writer([&] {
    Prng prng(1);
    for (int64_t n = 0; has_writer && !is_over; ++n) {
      shared_fixture->update(static_cast<int64_t>(prng.below(kRowsOfOneSession)), n);
    }
  });
  Prng prng(2);
  std::vector<int64_t> ids(kGets);
  for (auto _ : state) {
    for (int64_t& id : ids) id = static_cast<int64_t>(prng.below(kRowsOfOneSession));
    shared_fixture->get(ids);
  }
  is_over = true;
  writer.join();
  state.SetItemsProcessed(state.iterations());
  state.counters["history"] = shared_fixture->history();
}

void sessions(benchmark::internal::Benchmark* benchmark) {
  for (const int count : {1, 2, 8, 32}) benchmark->Threads(count);
  benchmark->UseRealTime()->Setup(set_up)->Teardown(tear_down);
}

BENCHMARK_CAPTURE(get, uncontended, false)->Name("txn/get")->Apply(sessions);
BENCHMARK_CAPTURE(get, hot, true)->Name("txn/hot_get")->Apply(sessions);
BENCHMARK_CAPTURE(update, uncontended, false)->Name("txn/update")->Apply(sessions);
BENCHMARK_CAPTURE(update, hot, true)->Name("txn/hot_update")->Apply(sessions);
BENCHMARK_CAPTURE(read, alone, false)
    ->Name("txn/read/alone")
    ->UseRealTime()
    ->Setup(set_up)
    ->Teardown(tear_down);
BENCHMARK_CAPTURE(read, beside_a_writer, true)
    ->Name("txn/read/beside_a_writer")
    ->UseRealTime()
    ->Setup(set_up)
    ->Teardown(tear_down);

}  // namespace
}  // namespace aftersync::txn
