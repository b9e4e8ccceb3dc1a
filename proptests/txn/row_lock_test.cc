// Row locks: which statement locks what, and whom that keeps out. The tables of locking_read.h and
// row_writer.h, line by line. Nobody waits here: who would have to has no patience.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/txn/plain_read.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/row_lock_fixture.h"

namespace aftersync::txn {
namespace {

constexpr Isolation kReadCommitted = Isolation::read_committed;
constexpr Isolation kRepeatableRead = Isolation::repeatable_read;

Code code_of(const Status& status) { return status.code(); }

// --- reads ---

TEST(RowLocks, ARowByItsKeyIsLockedByItself) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 5), 50);
    EXPECT_EQ(*lock_v(*one, *table, 9, LockMode::s), 90);
    EXPECT_EQ(locks_of(database, *table, *one),
              (Labels{"X,REC_NOT_GAP on 5", "S,REC_NOT_GAP on 9"}));
    const auto two = database.begin(impatient());
    EXPECT_EQ(code_of(lock_v(*two, *table, 5).status()), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(update_row(*two, *table, 9, row_of(9, 0))), Code::lock_wait_timeout);
    EXPECT_EQ(*lock_v(*two, *table, 9, LockMode::s), 90);
    EXPECT_TRUE(insert_row(*two, *table, row_of(4, 0)).ok()) << "the gap is free";
    CHECK_OK(one->commit());
    EXPECT_TRUE(update_row(*two, *table, 5, row_of(5, 0)).ok());
    CHECK_OK(two->rollback());
  });
}

TEST(RowLocks, ARowThatIsNotThereLocksTheGap) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5});
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 3), std::nullopt);
    EXPECT_EQ(*lock_v(*one, *table, 7, LockMode::s), std::nullopt);
    EXPECT_EQ(locks_of(database, *table, *one), (Labels{"X,GAP on 5", "S on the end"}));
    const auto two = database.begin(impatient());
    EXPECT_EQ(*lock_v(*two, *table, 5), 50) << "the record is free";
    EXPECT_EQ(*lock_v(*two, *table, 4), std::nullopt) << "gap locks do not meet";
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(2, 0))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(8, 0))), Code::lock_wait_timeout);
    EXPECT_TRUE(insert_row(*two, *table, row_of(0, 0)).ok());
    CHECK_OK(one->commit());
    EXPECT_TRUE(insert_row(*two, *table, row_of(2, 0)).ok());
    CHECK_OK(two->rollback());
  });
}

TEST(RowLocks, ReadCommittedLocksNoGaps) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto one = database.begin({.isolation = kReadCommitted});
    EXPECT_EQ(*lock_v(*one, *table, 3), std::nullopt);
    EXPECT_EQ(*lock_range(*one, *table, 0, 2, 8), std::vector<int64_t>{5});
    EXPECT_EQ(locks_of(database, *table, *one), Labels{"X,REC_NOT_GAP on 5"});
    const auto two = database.begin(impatient());
    EXPECT_TRUE(insert_row(*two, *table, row_of(3, 0)).ok());
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, ARangeLocksItsRecordsAllGapsAndWhatComesBehind) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 3, 5, 7, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_range(*one, *table, 0, 3, 6), (std::vector<int64_t>{3, 5}));
    EXPECT_EQ(locks_of(database, *table, *one), (Labels{"X,REC_NOT_GAP on 3", "X on 5", "X on 7"}));
    const auto two = database.begin(impatient());
    for (const int64_t id : {4, 6}) {
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id, 0))), Code::lock_wait_timeout) << id;
    }
    for (const int64_t id : {2, 8}) {
      EXPECT_TRUE(insert_row(*two, *table, row_of(id, 0)).ok()) << id;
    }
    EXPECT_EQ(*lock_v(*two, *table, 9), 90);
    CHECK_OK(one->commit());
    CHECK_OK(two->rollback());
  });
}

TEST(RowLocks, ARangeIsLockedBackwardsToo) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 3, 5, 7, 9});
    const auto one = database.begin();
    LockingScan scan(*one, *table, 0, {key_of(*table, 3), key_of(*table, 6)}, LockMode::x,
                     OnBusy::wait, LockingScan::Direction::backward);
    for (const int64_t id : {5, 3}) {
      ASSERT_TRUE(*scan.next());
      EXPECT_EQ(scan.clustered_key(), key_of(*table, id));
    }
    EXPECT_FALSE(*scan.next());
    EXPECT_EQ(locks_of(database, *table, *one),
              (Labels{"X on 1", "X on 3", "X on 5", "X,GAP on 7"}));
    LockingScan rest(*one, *table, 0, {key_of(*table, 8), {}}, LockMode::s, OnBusy::wait,
                     LockingScan::Direction::backward);
    ASSERT_TRUE(*rest.next());
    EXPECT_FALSE(*rest.next());
    EXPECT_EQ(locks_of(database, *table, *one), (Labels{"X on 1", "X on 3", "X on 5", "S on 7",
                                                        "X,GAP on 7", "S on 9", "S on the end"}));
    const auto two = database.begin(impatient());
    for (const int64_t id : {4, 6, 8, 10}) {
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id, 0))), Code::lock_wait_timeout) << id;
    }
    CHECK_OK(one->commit());
    CHECK_OK(two->rollback());
  });
}

TEST(RowLocks, AnIndexLocksEntriesAndRows) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_equal(*one, *table, 1, 50, LockMode::s), std::vector<int64_t>{5});
    EXPECT_EQ(locks_of(database, *table, *one),
              (Labels{"S,REC_NOT_GAP on 5", "S on v 50 of 5", "S,GAP on v 90 of 9"}));
    const auto two = database.begin(impatient());
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(6, 30))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(6, 60))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(update_row(*two, *table, 1, row_of(1, 50))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(delete_row(*two, *table, 5)), Code::lock_wait_timeout);
    EXPECT_TRUE(insert_row(*two, *table, row_of(6, 95)).ok());
    CHECK_OK(one->commit());
    EXPECT_TRUE(delete_row(*two, *table, 5).ok());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, NowaitFailsAndSkipLockedSkips) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(lock_v(*one, *table, 5));
    CHECK_OK(insert_row(*one, *table, row_of(6, 60)));
    const auto two = database.begin({.isolation = kReadCommitted});
    for (const int64_t id : {5, 6}) {
      const Status status = lock_v(*two, *table, id, LockMode::s, OnBusy::fail).status();
      EXPECT_EQ(code_of(status), Code::unavailable) << id;
      EXPECT_EQ(*lock_v(*two, *table, id, LockMode::s, OnBusy::skip), std::nullopt) << id;
    }
    const std::vector<int64_t> free_ones = {1, 9};
    EXPECT_EQ(*lock_range(*two, *table, 0, 0, 100, LockMode::x, OnBusy::skip), free_ones);
    EXPECT_EQ(*lock_range(*two, *table, 1, 0, 100, LockMode::x, OnBusy::skip), free_ones);
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, RowsThatDoNotMatchAreGivenBackUnderReadCommitted) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5});
    for (const size_t index : {0, 1}) {
      const auto one = database.begin({.isolation = kReadCommitted});
      LockingScan scan(*one, *table, index, {}, LockMode::x);
      ASSERT_TRUE(*scan.next());
      scan.release_row();
      ASSERT_TRUE(*scan.next());
      EXPECT_FALSE(*scan.next());
      const Labels kept = index == 0 ? Labels{"X,REC_NOT_GAP on 5"}
                                     : Labels{"X,REC_NOT_GAP on 5", "X,REC_NOT_GAP on v 50 of 5"};
      EXPECT_EQ(locks_of(database, *table, *one), kept);
      CHECK_OK(one->commit());
    }
  });
}

TEST(RowLocks, AnUpdateLooksBeforeItWaits) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(update_row(*one, *table, 5, row_of(5, 55)));
    CHECK_OK(insert_row(*one, *table, row_of(6, 60)));
    TransactionOptions options = impatient(kReadCommitted);
    options.snapshot_isolation = false;
    const auto two = database.begin(options);
    LockingScan scan(*two, *table, 0, {}, LockMode::x, OnBusy::look);
    std::vector<int64_t> seen;
    while (*scan.next()) {
      const int64_t v = std::get<int64_t>(scan.row()[1]);
      seen.push_back(v);
      EXPECT_EQ(scan.is_locked(), v != 50);
      if (v == 50) {
        EXPECT_EQ(code_of(scan.lock_row().status()), Code::lock_wait_timeout);
      }
      if (v == 90) CHECK_OK(one->commit());
    }
    EXPECT_EQ(seen, (std::vector<int64_t>{10, 50, 90})) << "5 as it was, 6 not at all";
    LockingScan later(*two, *table, 0, {key_of(*table, 5), {}}, LockMode::x, OnBusy::look);
    ASSERT_TRUE(*later.next());
    EXPECT_TRUE(later.is_locked());
    EXPECT_EQ(std::get<int64_t>(later.row()[1]), 55);
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, SerializableReadsLockUnlessTheyAreAllThereIs) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5});
    const auto one = database.begin({.isolation = Isolation::serializable});
    EXPECT_TRUE(one->reads_lock());
    EXPECT_EQ(std::get<int64_t>((**plain_get(*one, *table, key_of(*table, 5)))[1]), 50);
    EXPECT_EQ(locks_of(database, *table, *one), Labels{"S,REC_NOT_GAP on 5"});
    const auto two = database.begin({.isolation = Isolation::serializable, .autocommit = true});
    EXPECT_TRUE((*plain_get(*two, *table, key_of(*table, 5))).has_value());
    EXPECT_EQ(locks_of(database, *table, *two), Labels{});
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

// --- implicit locks ---

TEST(RowLocks, AFreshRowIsLockedByItsWriter) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 9});
    const auto one = database.begin();
    CHECK_OK(insert_row(*one, *table, row_of(5, 50)));
    EXPECT_EQ(locks_of(database, *table, *one), Labels{}) << "until somebody asks";
    const auto two = database.begin(impatient());
    EXPECT_EQ(code_of(lock_v(*two, *table, 5, LockMode::s).status()), Code::lock_wait_timeout);
    EXPECT_EQ(locks_of(database, *table, *one), Labels{"X,REC_NOT_GAP on 5"});
    EXPECT_EQ(code_of(lock_range(*two, *table, 1, 50, 51, LockMode::s).status()),
              Code::lock_wait_timeout);
    EXPECT_EQ(locks_of(database, *table, *one),
              (Labels{"X,REC_NOT_GAP on 5", "X,REC_NOT_GAP on v 50 of 5"}));
    EXPECT_EQ(*lock_v(*one, *table, 5), 50) << "its own";
    CHECK_OK(one->rollback());
    EXPECT_EQ(*lock_v(*two, *table, 5), std::nullopt);
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, AnUpdatedRowIsLockedInTheIndexesItHasMovedIn) {
  on_node([](Node& node) {
    Database database(node);
    const auto def = with_index(with_index(numbers_table("t"), 1, false), 2, false);
    const auto table = filled(database, def, {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(update_row(*one, *table, 5, row_of(5, 55)));
    const auto two = database.begin(impatient(kReadCommitted));
    for (const int64_t v : {50, 55}) {
      const Status status = lock_range(*two, *table, 1, v, v + 1).status();
      EXPECT_EQ(code_of(status), Code::lock_wait_timeout) << v;
    }
    EXPECT_EQ(
        locks_of(database, *table, *one),
        (Labels{"X,REC_NOT_GAP on 5", "X,REC_NOT_GAP on v 50 of 5", "X,REC_NOT_GAP on v 55 of 5"}));
    // w has not changed: its entry is free, and the row is what one waits for.
    EXPECT_EQ(code_of(lock_range(*two, *table, 2, 0, 1).status()), Code::lock_wait_timeout);
    EXPECT_EQ(locks_of(database, *table, *two).back(), "X,REC_NOT_GAP on w 0 of 5");
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

// --- gaps that come and go ---

TEST(RowLocks, AnInsertedRowInheritsTheGap) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 5), std::nullopt);
    CHECK_OK(insert_row(*one, *table, row_of(5, 50)));
    EXPECT_EQ(locks_of(database, *table, *one), (Labels{"X,GAP on 5", "X,GAP on 9"}));
    const auto two = database.begin(impatient());
    for (const int64_t id : {3, 7}) {
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id, 0))), Code::lock_wait_timeout) << id;
    }
    CHECK_OK(one->rollback());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, ARowThatPurgeRemovesLeavesItsLocksOnTheGap) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto gone = database.begin();
    CHECK_OK(delete_row(*gone, *table, 5));
    CHECK_OK(gone->commit());
    const auto one = database.begin();
    EXPECT_EQ(*lock_v(*one, *table, 5, LockMode::s), std::nullopt);
    EXPECT_EQ(locks_of(database, *table, *one), Labels{"S,REC_NOT_GAP on 5"});
    CHECK_OK(database.engine().purge(SIZE_MAX));
    EXPECT_EQ(locks_of(database, *table, *one), Labels{"S,GAP on 9"});
    const auto two = database.begin(impatient());
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(5, 0))), Code::lock_wait_timeout);
    CHECK_OK(one->commit());
    EXPECT_TRUE(insert_row(*two, *table, row_of(5, 0)).ok());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, GapsReachOverThePagesBetween) {
  on_node([](Node& node) {
    Database database(node);
    std::vector<int64_t> ids;
    for (int64_t id = 0; id < 1200; ++id) ids.push_back(id * 10);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), ids);
    for (const int64_t id : ids) {
      const auto one = database.begin();
      EXPECT_EQ(*lock_v(*one, *table, id + 5), std::nullopt);
      const auto two = database.begin(impatient());
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id + 4, 0))), Code::lock_wait_timeout);
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id + 6, 0))), Code::lock_wait_timeout);
      CHECK_OK(one->commit());
      CHECK_OK(two->rollback());
    }
  });
}

// --- duplicates ---

TEST(RowLocks, ADuplicateIsLocked) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5});
    for (const Isolation isolation : {kReadCommitted, kRepeatableRead}) {
      const auto one = database.begin({.isolation = isolation});
      const Status status = insert_row(*one, *table, row_of(5, 0));
      EXPECT_EQ(code_of(status), Code::duplicate_key);
      EXPECT_EQ(status.message(), "PRIMARY");
      EXPECT_EQ(locks_of(database, *table, *one), Labels{"S,REC_NOT_GAP on 5"});
      CHECK_OK(one->commit());
    }
  });
}

TEST(RowLocks, AnInsertWaitsForWhoeverInsertsTheSame) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 9});
    const auto one = database.begin();
    CHECK_OK(insert_row(*one, *table, row_of(5, 50)));
    const auto two = database.begin(impatient());
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(5, 51))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(6, 50))), Code::lock_wait_timeout);
    CHECK_OK(one->rollback());
    EXPECT_TRUE(insert_row(*two, *table, row_of(6, 50)).ok());
    EXPECT_TRUE(insert_row(*two, *table, row_of(5, 51)).ok());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, ARowIsInsertedOverADeletedOne) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(delete_row(*one, *table, 5));
    CHECK_OK(insert_row(*one, *table, row_of(5, 51)));
    CHECK_OK(insert_row(*one, *table, row_of(6, 50)));
    CHECK_OK(one->commit());
    const auto two = database.begin({.isolation = kReadCommitted});
    CHECK_OK(delete_row(*two, *table, 6));
    CHECK_OK(insert_row(*two, *table, row_of(6, 50)));
    CHECK_OK(two->commit());
    const auto three = database.begin();
    EXPECT_EQ(*lock_range(*three, *table, 1, 0, 100), (std::vector<int64_t>{1, 6, 5, 9}));
    CHECK_OK(three->commit());
  });
}

TEST(RowLocks, EqualValuesAreLockedWithTheirGapsAtEveryLevel) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 5, 9});
    const auto gone = database.begin();
    CHECK_OK(delete_row(*gone, *table, 5));
    CHECK_OK(gone->commit());
    const auto one = database.begin({.isolation = kReadCommitted});
    CHECK_OK(insert_row(*one, *table, row_of(7, 50)));
    EXPECT_EQ(locks_of(database, *table, *one),
              (Labels{"S on v 50 of 5", "S,GAP on v 50 of 7", "S on v 90 of 9"}));
    const auto two = database.begin(impatient(kReadCommitted));
    for (const int64_t id : {4, 6, 8}) {
      EXPECT_EQ(code_of(insert_row(*two, *table, row_of(id, 50))), Code::lock_wait_timeout) << id;
    }
    CHECK_OK(one->commit());
    const Status status = insert_row(*two, *table, row_of(6, 50));
    EXPECT_EQ(code_of(status), Code::duplicate_key);
    EXPECT_EQ(status.message(), "v_index");
    EXPECT_EQ(code_of(update_row(*two, *table, 9, row_of(9, 50))), Code::duplicate_key);
    CHECK_OK(two->commit());
    const auto three = database.begin();
    EXPECT_EQ(*lock_range(*three, *table, 0, 0, 100), (std::vector<int64_t>{1, 7, 9}))
        << "failed statements have been taken back";
    CHECK_OK(three->commit());
  });
}

TEST(RowLocks, NullsAreNoDuplicates) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1});
    const auto one = database.begin();
    const auto two = database.begin(impatient());
    CHECK_OK(insert_row(*one, *table, {int64_t{3}, std::monostate(), int64_t{0}}));
    EXPECT_TRUE(insert_row(*two, *table, {int64_t{4}, std::monostate(), int64_t{0}}).ok());
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

// --- snapshot isolation ---

TEST(RowLocks, SnapshotIsolationRefusesWhatHasChangedSince) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5, 9});
    for (const bool snapshot_isolation : {true, false}) {
      TransactionOptions options;
      options.snapshot_isolation = snapshot_isolation;
      for (const bool by_index : {false, true}) {
        const auto one = database.begin(options);
        CHECK_OK(one->take_snapshot());
        const auto other = database.begin();
        CHECK_OK(update_row(*other, *table, 5, row_of(5, 50, 1)));
        CHECK_OK(other->commit());
        const Status status = by_index ? lock_range(*one, *table, 1, 50, 51).status()
                                       : update_row(*one, *table, 5, row_of(5, 50, 2));
        EXPECT_EQ(code_of(status), snapshot_isolation ? Code::conflict : Code::ok);
        if (snapshot_isolation) {
          EXPECT_EQ(one->state(), Transaction::State::rolled_back);
        } else {
          CHECK_OK(one->commit());
        }
      }
    }
  });
}

TEST(RowLocks, WhatHasNotChangedMayBeWritten) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(one->take_snapshot());
    const auto other = database.begin();
    CHECK_OK(update_row(*other, *table, 9, row_of(9, 0)));
    CHECK_OK(other->commit());
    EXPECT_TRUE(update_row(*one, *table, 5, row_of(5, 51)).ok());
    EXPECT_TRUE(update_row(*one, *table, 5, row_of(5, 52)).ok()) << "its own change";
    EXPECT_EQ(code_of(delete_row(*one, *table, 9)), Code::conflict);
  });
}

// --- statements ---

TEST(RowLocks, AFailedStatementLeavesNoTrace) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, false), {1, 5, 9});
    const auto one = database.begin();
    EXPECT_EQ(*lock_range(*one, *table, 1, 60, 70), std::vector<int64_t>{});
    const auto two = database.begin(impatient());
    // The clustered record is in by then, and the index refuses.
    EXPECT_EQ(code_of(insert_row(*two, *table, row_of(6, 65))), Code::lock_wait_timeout);
    EXPECT_EQ(code_of(update_row(*two, *table, 5, row_of(5, 65))), Code::lock_wait_timeout);
    EXPECT_EQ(*lock_v(*two, *table, 6), std::nullopt);
    EXPECT_EQ(*lock_v(*two, *table, 5), 50);
    EXPECT_EQ(two->rows_changed(), 0u);
    CHECK_OK(one->commit());
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, AKeyMayChange) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, with_index(numbers_table("t"), 1, true), {1, 5, 9});
    const auto one = database.begin();
    CHECK_OK(update_row(*one, *table, 5, row_of(7, 50)));
    EXPECT_EQ(code_of(update_row(*one, *table, 7, row_of(9, 50))), Code::duplicate_key);
    EXPECT_EQ(code_of(update_row(*one, *table, 5, row_of(6, 50))), Code::not_found);
    EXPECT_EQ(*lock_range(*one, *table, 0, 0, 100), (std::vector<int64_t>{1, 7, 9}));
    EXPECT_EQ(*lock_range(*one, *table, 1, 0, 100), (std::vector<int64_t>{1, 7, 9}));
    CHECK_OK(one->rollback());
    const auto two = database.begin();
    EXPECT_EQ(*lock_range(*two, *table, 1, 0, 100), (std::vector<int64_t>{1, 5, 9}));
    CHECK_OK(two->commit());
  });
}

TEST(RowLocks, WhoMayNotWriteIsTold) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = filled(database, numbers_table("t"), {1});
    const auto one = database.begin({.read_only = true});
    EXPECT_EQ(code_of(insert_row(*one, *table, row_of(2, 0))), Code::bad_state);
    EXPECT_EQ(*lock_v(*one, *table, 1, LockMode::s), 10);
    CHECK_OK(one->commit());
    EXPECT_EQ(code_of(lock_v(*one, *table, 1).status()), Code::bad_state);
  });
}

}  // namespace
}  // namespace aftersync::txn
