// Each driver does what store.h says, shown with few rows: no timing here.
//
// That a figure for "durable" updates is worth anything rests on two tests: the process dies by
// SIGKILL after the last update has returned and another finds all of it; and the device was asked
// to sync, counted in front of the C library.
#include "bench/embedded/store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "bench/embedded/scratch.h"
#include "bench/embedded/table.h"
#include "bench/embedded/workload.h"

namespace aftersync::bench {
namespace {

constexpr uint64_t kRows = 5000;
constexpr uint64_t kCacheBytes = uint64_t{32} << 20;

class EmbeddedStore : public testing::TestWithParam<StoreKind> {
 protected:
  std::unique_ptr<Store> open(Durability durability = Durability::synced) {
    StoreOptions options;
    options.directory = scratch_.path();
    options.cache_bytes = kCacheBytes;
    options.data_bytes = kRows * kRowBytes;
    options.log_bytes = uint64_t{32} << 20;  // quickly made
    options.durability = durability;
    return GetParam().open(options);
  }

  ScratchFolder scratch_{testing::TempDir()};
};

TEST_P(EmbeddedStore, LoadedRowsAreReadBackAndSurviveClosing) {
  auto store = open();
  EXPECT_EQ(load_rows(*store, 0, kRows).operations, kRows);
  verify_rows(*store, kRows);
  store.reset();
  store = open();
  verify_rows(*store, kRows);
}

TEST_P(EmbeddedStore, AbsentRowIsNotFound) {
  const auto store = open();
  const auto session = store->session();
  Value value;
  EXPECT_FALSE(session->get(key_of(0), value));
  EXPECT_EQ(session->scan(key_of(0), 10).rows, 0u);
  load_rows(*store, 10, 20);
  EXPECT_FALSE(session->get(key_of(9), value));
  EXPECT_TRUE(session->get(key_of(10), value));
  EXPECT_TRUE(session->get(key_of(29), value));
  EXPECT_FALSE(session->get(key_of(30), value));
}

TEST_P(EmbeddedStore, ScanIsInKeyOrderFromTheFirstKeyNotBelow) {
  const auto store = open();
  load_rows(*store, 1000, 1000);
  const auto session = store->session();
  ScanResult result = session->scan(key_of(5), 100);
  EXPECT_EQ(result.rows, 100u);
  EXPECT_EQ(result.key_sum, 100u * 1000 + 4950);
  result = session->scan(key_of(1990), 100);
  EXPECT_EQ(result.rows, 10u);
  EXPECT_EQ(result.key_sum, 10u * 1990 + 45);
  EXPECT_EQ(session->scan(key_of(2000), 100).rows, 0u);
  EXPECT_EQ(session->scan(key_of(1000), 0).rows, 0u);
}

TEST_P(EmbeddedStore, UpdateIsSeenByOtherSessionsAtOnce) {
  const auto store = open();
  load_rows(*store, 0, 100);
  const auto writer = store->session();
  const auto reader = store->session();
  Value value;
  for (uint64_t version = 1; version <= 20; ++version) {
    writer->update(key_of(42), value_of(42, version));
    ASSERT_TRUE(reader->get(key_of(42), value));
    ASSERT_TRUE(is_value_of(42, view_of(value)));
    ASSERT_EQ(version_of(value), version);
  }
}

TEST_P(EmbeddedStore, ThreadsUpdateAndReadSideBySide) {
  const auto store = open(Durability::lazy);
  load_rows(*store, 0, kRows);
  const auto outcome = run(*store, {.operation = Operation::update,
                                    .threads = 8,
                                    .rows = 50,  // so that they meet
                                    .count = 2000});
  EXPECT_EQ(outcome.operations, 2000u);
  run(*store, {.operation = Operation::get, .threads = 4, .rows = kRows, .count = 5000});
  run(*store, {.operation = Operation::scan, .threads = 4, .rows = kRows, .count = 500});
  verify_rows(*store, kRows);
}

TEST_P(EmbeddedStore, EverySingleDurableUpdateSyncs) {
  const auto store = open();
  load_rows(*store, 0, kRows);
  const auto outcome =
      run(*store, {.operation = Operation::update, .threads = 1, .rows = kRows, .count = 50});
  EXPECT_GE(outcome.syncs.count, 50u);
}

TEST_P(EmbeddedStore, LazyDurabilityDoesNotSyncEachUpdate) {
  const auto store = open(Durability::lazy);
  load_rows(*store, 0, kRows);
  const auto outcome =
      run(*store, {.operation = Operation::update, .threads = 1, .rows = kRows, .count = 500});
  EXPECT_LT(outcome.syncs.count, 50u);
}

// The child is a fork, which inherits a library's idea of its threads but not the threads: so this
// runs before any store has been opened. GoogleTest puts suites of this name first.
class EmbeddedStoreDeathTest : public EmbeddedStore {};

TEST_P(EmbeddedStoreDeathTest, DurableUpdatesSurviveAKilledProcess) {
  constexpr uint64_t kUpdates = 30;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open();
    load_rows(*store, 0, kRows);
    const auto session = store->session();
    for (uint64_t row = 0; row < kUpdates; ++row) {
      session->update(key_of(row), value_of(row, 7));
    }
    kill(getpid(), SIGKILL);
    pause();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  const auto store = open();
  verify_rows(*store, kRows);
  const auto session = store->session();
  for (uint64_t row = 0; row < kUpdates + 1; ++row) {
    Value value;
    ASSERT_TRUE(session->get(key_of(row), value));
    EXPECT_EQ(version_of(value), row < kUpdates ? 7u : 0u) << row;
  }
}

TEST_P(EmbeddedStore, TableBecomesReadyAndHasASize) {
  Table table(GetParam(), {kRows, kCacheBytes}, testing::TempDir());
  table.load(Durability::lazy);
  table.make_ready();
  EXPECT_GT(table.disk_bytes(), kRows * kRowBytes);
  if (GetParam().has_cache) {
    EXPECT_GT(table.store().cached_bytes(), kRows * kRowBytes / 2);
  }
}

std::string name_of(const testing::TestParamInfo<StoreKind>& info) { return info.param.name; }

std::vector<StoreKind> all_kinds() { return {store_kinds().begin(), store_kinds().end()}; }

INSTANTIATE_TEST_SUITE_P(All, EmbeddedStoreDeathTest, testing::ValuesIn(all_kinds()), name_of);
INSTANTIATE_TEST_SUITE_P(All, EmbeddedStore, testing::ValuesIn(all_kinds()), name_of);

TEST(EmbeddedRows, ValueProvesItsRowAndVersion) {
  Value value = value_of(17, 3);
  EXPECT_TRUE(is_value_of(17, view_of(value)));
  EXPECT_FALSE(is_value_of(18, view_of(value)));
  EXPECT_EQ(version_of(value), 3u);
  EXPECT_NE(value_of(17, 4), value);
  value[99] ^= 1;
  EXPECT_FALSE(is_value_of(17, view_of(value)));
}

}  // namespace
}  // namespace aftersync::bench
