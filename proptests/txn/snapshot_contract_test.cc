// Snapshots under tasks that run at once: money is moved between accounts, each mover having pairs
// of its own, while purge runs; the sum that a view sees never changes, neither along the primary
// key nor along the index on the balance, and a second look through the same view sees the same.
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/txn/consistent_read.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {
namespace {

constexpr int64_t kMovers = 3;
constexpr int64_t kPerMover = 3;  // accounts
constexpr int64_t kAccounts = kMovers * kPerMover;
constexpr int64_t kStart = 100;
constexpr int kRounds = AFTERSYNC_ON_SIM ? 8 : 60;

// A mover alone writes its accounts, so no locks are needed. Every third transfer fails half-way,
// or is rolled back.
void move(Database& database, storage::Table& table, int64_t mover, Prng& random,
          std::vector<int64_t>& balances) {
  const auto trx = database.begin();
  const auto from = static_cast<int64_t>(random.below(kPerMover));
  const int64_t to = (from + 1) % kPerMover;
  const auto amount = static_cast<int64_t>(random.between(1, 5));
  std::vector<int64_t> after = balances;
  after[static_cast<size_t>(from)] -= amount;
  after[static_cast<size_t>(to)] += amount;
  const auto write = [&](int64_t i) {
    CHECK_OK(put(*trx, table, mover * kPerMover + i, after[static_cast<size_t>(i)]));
  };
  if (random.chance(0.3)) {
    const Statement failing(*trx);
    write(to);
  }
  write(from);
  database.engine().pages().node().tasks().yield();
  write(to);
  if (random.chance(0.3)) {
    CHECK_OK(trx->rollback());
  } else {
    CHECK_OK(trx->commit());
    balances = after;
  }
}

std::vector<int64_t> look(Transaction& trx, storage::Table& table, size_t index) {
  std::vector<int64_t> balances(kAccounts, INT64_MIN);
  ConsistentScan scan(trx, table, index, {});
  while (true) {
    const auto found = scan.next();
    CHECK_OK(found);
    if (!*found) return balances;
    balances.at(static_cast<size_t>(std::get<int64_t>(scan.row()[0]))) =
        std::get<int64_t>(scan.row()[1]);
  }
}

void watch(Database& database, storage::Table& table, uint64_t seed) {
  const auto trx = database.begin();
  const std::vector<int64_t> first = look(*trx, table, 0);
  EXPECT_EQ(std::accumulate(first.begin(), first.end(), int64_t{0}), kAccounts * kStart)
      << "seed " << seed;
  EXPECT_EQ(look(*trx, table, 1), first) << "seed " << seed;
  EXPECT_EQ(look(*trx, table, 0), first) << "seed " << seed;
  CHECK_OK(trx->commit());
}

TEST(SnapshotContract, TheSumNeverChanges) {
  on_node([](Node& node) {
    Database database(node, {}, true);
    const auto table = database.create(with_index(numbers_table("accounts"), 1, false));
    const auto first = database.begin();
    for (int64_t id = 0; id < kAccounts; ++id) CHECK_OK(put(*first, *table, id, kStart));
    CHECK_OK(first->commit());
    const uint64_t seed = node.rng().next();
    in_tasks(node, kMovers + 2, [&](size_t task) {
      Prng random(seed, task);
      std::vector<int64_t> balances(kPerMover, kStart);
      for (int i = 0; i < kRounds; ++i) {
        if (task < kMovers) {
          move(database, *table, static_cast<int64_t>(task), random, balances);
        } else {
          watch(database, *table, seed);
        }
      }
    });
  });
}

}  // namespace
}  // namespace aftersync::txn
