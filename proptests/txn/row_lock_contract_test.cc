// Row locks that are waited for: what a waiter finds when it is let in may be something else than
// what it asked for.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "proptests/support/on_node.h"
#include "proptests/txn/row_lock_fixture.h"

namespace aftersync::txn {
namespace {

// Runs `waiter` in a task of its own, and `holder` once that waits for a lock, or has returned.
void meet(Node& node, Database& database, const std::function<void()>& waiter,
          const std::function<void()>& holder) {
  std::atomic<bool> returned{false};
  in_tasks(node, 2, [&](size_t task) {
    if (task == 0) {
      waiter();
      returned = true;
      return;
    }
    while (!returned && database.transactions().locks().stats().waiting == 0) {
      (void)node.tasks().sleep_for(1ms);
    }
    EXPECT_FALSE(returned) << "did not wait";
    holder();
  });
}

TEST(RowLockContract, ARowDeletedWhileItsLockIsWaitedForStaysAway) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 5), 50);
    const auto two = database.begin();
    meet(
        node, database, [&] { EXPECT_EQ(*lock_v(*two, *table, 5), std::nullopt); },
        [&] {
          CHECK_OK(delete_row(*one, *table, 5));
          CHECK_OK(one->commit());
        });
    const auto three = database.begin(impatient());
    EXPECT_FALSE(insert_row(*three, *table, row_of(5, 0)).ok()) << "two has looked: no row 5";
    CHECK_OK(two->commit());
    CHECK_OK(three->rollback());
  });
}

// A unique value may come back under another key, beside the entry that has been deleted.
TEST(RowLockContract, AValueDeletedWhileItsLockIsWaitedForStaysAway) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 5, 9});
    const auto one = database.begin();
    EXPECT_EQ(lock_range(*one, *table, 1, 50, 51, LockMode::x)->size(), 1U);
    const auto two = database.begin();
    meet(
        node, database,
        [&] {
          LockingScan scan(*two, *table, 1, {key_in(*table, 1, 50), key_in(*table, 1, 51)},
                           LockMode::x, OnBusy::wait, LockingScan::Direction::forward,
                           LockingScan::Match::unique);
          EXPECT_FALSE(*scan.next());
        },
        [&] {
          CHECK_OK(delete_row(*one, *table, 5));
          CHECK_OK(one->commit());
        });
    const auto three = database.begin(impatient());
    EXPECT_FALSE(insert_row(*three, *table, row_of(4, 50)).ok()) << "two has looked: no v = 50";
    CHECK_OK(two->commit());
    CHECK_OK(three->rollback());
  });
}

TEST(RowLockContract, ARowThatGoesAwayWhileItsLockIsWaitedForLocksTheGap) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 9});
    const auto one = database.begin();
    CHECK_OK(insert_row(*one, *table, row_of(5, 50)));
    const auto two = database.begin();
    meet(
        node, database, [&] { EXPECT_EQ(*lock_v(*two, *table, 5), std::nullopt); },
        [&] { CHECK_OK(one->rollback()); });
    EXPECT_EQ(locks_of(database, *table, *two), Labels{"X,GAP on 9"});
    CHECK_OK(two->commit());
  });
}

TEST(RowLockContract, AnUpdateWaitedForIsSeen) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(update_row(*one, *table, 5, row_of(5, 55)));
    const auto two = database.begin();
    meet(
        node, database,
        [&] { EXPECT_EQ(*lock_range(*two, *table, 1, 50, 51), std::vector<int64_t>{}); },
        [&] { CHECK_OK(one->commit()); });
    EXPECT_EQ(*lock_range(*two, *table, 1, 55, 56), std::vector<int64_t>{5});
    CHECK_OK(two->commit());
  });
}

TEST(RowLockContract, AnInsertThatWaitedLooksAgain) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 5), std::nullopt);
    const auto two = database.begin();
    meet(
        node, database,
        [&] { EXPECT_EQ(insert_row(*two, *table, row_of(5, 51)).code(), Code::duplicate_key); },
        [&] {
          CHECK_OK(insert_row(*one, *table, row_of(5, 50)));
          CHECK_OK(one->commit());
        });
    CHECK_OK(two->commit());
  });
}

// Both have looked and found nothing; each waits for the other's gap.
TEST(RowLockContract, TwoWhoHaveLookedAndInsertAreADeadlock) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 9});
    std::atomic<int> looked{0};
    std::atomic<int> victims{0};
    in_tasks(node, 2, [&](size_t task) {
      const auto trx = database.begin();
      EXPECT_EQ(*lock_v(*trx, *table, 5), std::nullopt);
      ++looked;
      while (looked < 2) (void)node.tasks().sleep_for(1ms);
      const Status status = insert_row(*trx, *table, row_of(5, static_cast<int64_t>(task)));
      if (status.ok()) {
        CHECK_OK(trx->commit());
      } else {
        EXPECT_EQ(status.code(), Code::deadlock);
        EXPECT_EQ(trx->state(), Transaction::State::rolled_back);
        ++victims;
      }
    });
    EXPECT_EQ(victims, 1);
    EXPECT_EQ(database.transactions().locks().stats().deadlocks, 1u);
  });
}

// Many insert the same values of a unique index at once, under the level that locks least.
TEST(RowLockContract, UniqueValuesStayUnique) {
  on_node([](Node& node) {
    constexpr int64_t kTasks = 4;
    constexpr int64_t kRounds = AFTERSYNC_ON_SIM ? 6 : 40;
    Database database(node, {}, true);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {});
    std::atomic<int64_t> inserted{0};
    in_tasks(node, kTasks, [&](size_t task) {
      for (int64_t round = 0; round < kRounds; ++round) {
        const auto trx = database.begin({.isolation = Isolation::read_committed});
        const int64_t id = static_cast<int64_t>(task) + round * kTasks;
        Status status = insert_row(*trx, *table, row_of(id, round / 2));
        if (status.ok() && id % 3 == 0) status = delete_row(*trx, *table, id);
        if (trx->state() == Transaction::State::active) CHECK_OK(trx->commit());
        if (status.ok() && id % 3 != 0) ++inserted;
      }
    });
    const auto trx = database.begin();
    const auto ids = lock_range(*trx, *table, 0, 0, 1'000'000);
    CHECK_OK(ids);
    EXPECT_EQ(static_cast<int64_t>(ids->size()), inserted);
    LockingScan scan(*trx, *table, 1, {}, LockMode::s);
    int64_t last = -1;
    while (*scan.next()) {
      const int64_t v = std::get<int64_t>(scan.row()[1]);
      EXPECT_GT(v, last);
      last = v;
    }
    EXPECT_EQ(database.transactions().registry().active_count(), 0u);
    CHECK_OK(trx->commit());
  });
}

}  // namespace
}  // namespace aftersync::txn
