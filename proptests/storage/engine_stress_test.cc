// Many tasks on one engine with a small pool: each runs transactions on rows of its own among
// everybody's in shared tables, others scan, define and drop, and the background purges and takes
// checkpoints. At the end the tables hold exactly what was committed, and everything is sound. The
// thread sanitizer watches meanwhile.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <string>

#include "core/base/prng.h"
#include "core/storage/engine.h"
#include "core/storage/row_cursor.h"
#include "core/storage/table_check.h"
#include "core/storage/undo_check.h"
#include "proptests/storage/store_fixture.h"
#include "proptests/support/store_on_disk_posix.h"

namespace aftersync::storage {
namespace {

constexpr size_t kWriters = 4;
constexpr size_t kScanners = 1;
constexpr int kTransactions = 60;
constexpr int64_t kKeysEach = 120;  // id = n * kWriters + writer: rows of all share pages

using Rows = std::map<int64_t, Row>;

class Writer {
 public:
  Writer(Engine& engine, Table& table, size_t number, uint64_t seed)
      : engine_(engine),
        table_(table),
        number_(static_cast<int64_t>(number)),
        prng_(seed, number) {}

  void run() {
    for (int i = 0; i < kTransactions; ++i) transaction();
  }
  [[nodiscard]] Rows& committed() { return committed_; }

 private:
  void transaction() {
    Transaction trx;
    Rows rows = committed_;
    for (uint64_t n = prng_.between(1, 12); n > 0; --n) change(trx, rows);
    if (prng_.chance(0.2)) {
      CHECK_OK(engine_.rollback(trx));
      return;
    }
    CHECK_OK(engine_.commit(trx));
    committed_ = std::move(rows);
  }

  void change(Transaction& trx, Rows& rows) {
    const int64_t id = static_cast<int64_t>(prng_.below(kKeysEach)) * int64_t{kWriters} + number_;
    const auto key = Engine::primary_key(table_, {id});
    CHECK_OK(key);
    const auto here = rows.find(id);
    if (here != rows.end() && prng_.chance(0.4)) {
      CHECK_OK(engine_.remove(trx, table_, *key));
      rows.erase(here);
      return;
    }
    const size_t length = prng_.chance(0.05) ? 20'000 + prng_.below(20'000) : prng_.below(300);
    const Row row = {id, static_cast<int64_t>(prng_.below(10)),
                     std::string(length, static_cast<char>('a' + number_))};
    CHECK_OK(here == rows.end() ? engine_.insert(trx, table_, row)
                                : engine_.update(trx, table_, *key, row));
    rows[id] = row;
  }

  Engine& engine_;
  Table& table_;
  const int64_t number_;
  Prng prng_;
  Rows committed_;
};

// Everybody's rows, committed or not, in order, each of them whole.
void scan(Engine& engine, Table& table, size_t index) {
  RowCursor cursor(engine.rows(), table, index);
  auto on_row = cursor.first();
  std::string last;
  for (; on_row.ok() && *on_row; on_row = cursor.next()) {
    const auto& text = std::get<std::string>(cursor.row()[2]);
    const auto writer = std::get<int64_t>(cursor.row()[0]) % int64_t{kWriters};
    CHECK_EQ(text, std::string(text.size(), static_cast<char>('a' + writer)));
    if (index == 0) CHECK(last < cursor.clustered_key());
    last = cursor.clustered_key();
  }
  CHECK_OK(on_row);
}

// Tables of its own come, change and go.
void define(Engine& engine, std::atomic<size_t>& writing) {
  for (int round = 0; writing.load() > 0; ++round) {
    const std::string name = "t" + std::to_string(round % 3);
    auto table = engine.create_table(grouped_table(name));
    CHECK_OK(table);
    Transaction trx;
    for (int64_t id = 0; id < 30; ++id) {
      CHECK_OK(engine.insert(trx, **table, {id, id % 3, std::string(200, 'a')}));
    }
    CHECK_OK(engine.commit(trx));
    IndexDef index;
    index.name = "more";
    index.parts.resize(2);
    index.parts[0].column = 1;
    index.parts[1].column = 0;
    index.parts[1].descending = true;
    CHECK_OK(engine.add_index(name, index));
    CHECK_OK(engine.drop_index(name, "by_group"));
    CHECK_OK(engine.rename_table(name, name + "~"));
    CHECK_OK(engine.truncate_table(name + "~"));
    CHECK_OK(engine.drop_table(name + "~"));
  }
}

Rows all_rows(Engine& engine, Table& table) {
  Rows found;
  RowCursor cursor(engine.rows(), table);
  auto on_row = cursor.first();
  for (; on_row.ok() && *on_row; on_row = cursor.next()) {
    found[std::get<int64_t>(cursor.row()[0])] = cursor.row();
  }
  CHECK_OK(on_row);
  return found;
}

void check_structure(Engine& engine, const Table& table) {
  PoolReader reader(engine.pages().pool());
  CHECK_OK(check_table(reader, table.def()));
  CHECK_OK(check_catalog(reader));
  CHECK_OK(check_undo(reader));
}

TEST(EngineStress, TablesHoldWhatWasCommitted) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::fprintf(stderr, "EngineStress: seed %llu\n", static_cast<unsigned long long>(seed));
  on_node([&](Node& node) {
    EngineOptions options;
    options.pages = small_store(128);
    auto opened = Engine::open(node, options);
    CHECK_OK(opened);
    const std::unique_ptr<Engine> engine = std::move(opened).value();
    auto table = engine->create_table(grouped_table("shared"));
    CHECK_OK(table);
    std::vector<Writer> writers;
    for (size_t i = 0; i < kWriters; ++i) writers.emplace_back(*engine, **table, i, seed);
    std::atomic<size_t> writing = kWriters;
    in_tasks(node, kWriters + kScanners + 2, [&](size_t task) {
      if (task < kWriters) {
        writers[task].run();
        --writing;
      } else if (task < kWriters + kScanners) {
        for (size_t i = 0; writing.load() > 0; ++i) scan(*engine, **table, i % 2);
      } else if (task == kWriters + kScanners) {
        define(*engine, writing);
      } else {
        while (writing.load() > 0) {
          engine->pages().cleaner().checkpoint();
          (void)node.tasks().sleep_for(1ms);
        }
      }
    });
    Rows expected;
    for (Writer& writer : writers) expected.merge(writer.committed());
    EXPECT_EQ(all_rows(*engine, **table), expected);
    check_structure(*engine, **table);
    CHECK_OK(engine->close());
  });
}

}  // namespace
}  // namespace aftersync::storage
