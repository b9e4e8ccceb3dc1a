// What it costs to fill a table: row by row with undo, in transactions of 1,000, and all at once as
// it is made (Engine::create_filled_table); each with and without a secondary index in another
// order. Rows of 8 + 100 bytes. Nothing waits for the device but the definition change itself.
//
//   storage/fill/<inserts|at_once>/indexes:N    rows a second
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/platform/posix/posix_node.h"
#include "core/storage/engine.h"

namespace aftersync::storage {
namespace {

constexpr uint64_t kRows = 200'000;
constexpr uint64_t kRowsInTransaction = 1000;
constexpr const char* kDirectory = "bench-fill.scratch";

TableDef definition(int64_t indexes) {
  TableDef def;
  def.name = "bench/filled";
  def.columns.resize(3);
  for (size_t i = 0; i < def.columns.size(); ++i) {
    def.columns[i].name = "c" + std::to_string(i);
    def.columns[i].type = i == 2 ? ColumnType::bytes : ColumnType::unsigned_integer;
    def.columns[i].nullable = false;
  }
  for (uint32_t i = 0; i < indexes; ++i) {
    IndexDef index;
    index.name = "i" + std::to_string(i);
    index.parts.resize(1);
    index.parts[0].column = i;
    def.indexes.push_back(index);
  }
  def.indexes[0].unique = true;
  return def;
}

// An odd multiplier permutes: the second column is in another order than the first.
Row row(uint64_t n) { return {n, n * 0x9e3779b97f4a7c15u, std::string(100, 'v')}; }

void insert_rows(Engine& engine, const TableDef& def) {
  const auto table = engine.create_table(def);
  CHECK_OK(table);
  for (uint64_t done = 0; done < kRows; done += kRowsInTransaction) {
    Transaction trx;
    for (uint64_t i = 0; i < kRowsInTransaction; ++i) {
      CHECK_OK(engine.insert(trx, **table, row(done + i)));
    }
    CHECK_OK(engine.commit(trx));
  }
}

void fill_at_once(Engine& engine, const TableDef& def) {
  CHECK_OK(engine.create_filled_table(def, [n = uint64_t{0}](Row& to) mutable -> Result<bool> {
    if (n == kRows) return false;
    to = row(n++);
    return true;
  }));
}

void fill(benchmark::State& state, void (*how)(Engine&, const TableDef&)) {
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(kDirectory);
    auto node = posix::RealNode::open(
        {.data_directory = kDirectory, .create_data_directory = true, .error_log_path = ""});
    CHECK_OK(node);
    EngineOptions options;
    options.pages.flush_mode = FlushMode::at_timeout;
    auto engine = Engine::open((*node)->node(), options);
    CHECK_OK(engine);
    state.ResumeTiming();
    how(**engine, definition(state.range(0)));
    state.PauseTiming();
    CHECK_OK((*engine)->close());
    (*engine).reset();
    (*node).reset();
    state.ResumeTiming();
  }
  std::filesystem::remove_all(kDirectory);
  state.SetItemsProcessed(static_cast<int64_t>(kRows) * state.iterations());
}

BENCHMARK_CAPTURE(fill, inserts, insert_rows)
    ->Name("storage/fill/inserts")
    ->ArgName("indexes")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fill, at_once, fill_at_once)
    ->Name("storage/fill/at_once")
    ->ArgName("indexes")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aftersync::storage
