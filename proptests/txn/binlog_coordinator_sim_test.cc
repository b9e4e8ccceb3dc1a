// The commit coordinator, rule by rule: GTIDs, files, acknowledgements, limits, and what a restart
// finds. What concurrency and crashes do to all of it at once is the scenario `commits`.
#include "core/txn/binlog_coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/storage/row_cursor.h"
#include "core/txn/binlog_recovery.h"
#include "faults/txn/binlog_replay.h"
#include "faults/txn/logged_tables.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {
namespace {

using binlog::Gtid;
using binlog::GtidSet;
using faults::SampleTables;
using storage::Value;

Uid server() { return Uid::from_random(1, 2); }
Uid elsewhere() { return Uid::from_random(3, 4); }

// Engine, binlog, recovery and coordinator, as a server has them.
class Server {
 public:
  explicit Server(Node& node, BinlogCacheOptions cache = {},
                  binlog::Acknowledgement* acknowledgement = nullptr)
      : node_(node) {
    auto engine = storage::Engine::open(node, small_engine(true));
    CHECK_OK(engine);
    engine_ = *std::move(engine);
    auto tables = SampleTables::open(*engine_);
    CHECK_OK(tables);
    tables_ = *std::move(tables);
    binlog::BinlogOptions options;
    const auto reaches = end_in_engine(*engine_);
    CHECK_OK(reaches);
    options.reaches = *reaches;
    auto binlog = binlog::Binlog::open(node, options);
    CHECK_OK(binlog);
    binlog_ = *std::move(binlog);
    const auto recovered =
        recover_from_binlog(node, *engine_, *binlog_, *tables_, [](const auto&, auto) -> Status {
          return {Code::internal, "no definitions here"};
        });
    CHECK_OK(recovered);
    recovered_ = recovered->transactions;
    BinlogCoordinatorOptions coordinator;
    coordinator.server_uuid = server();
    coordinator.acknowledgement = acknowledgement;
    coordinator_ = std::make_unique<BinlogCoordinator>(node, *engine_, *binlog_, coordinator);
    TransactionManagerOptions manager;
    manager.coordinator = coordinator_.get();
    manager.binlog = cache;
    manager_ = std::make_unique<TransactionManager>(node, *engine_, manager);
  }
  ~Server() {
    manager_.reset();
    coordinator_.reset();
    CHECK_OK(binlog_->close());
    CHECK_OK(engine_->close());
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] BinlogCoordinator& coordinator() { return *coordinator_; }
  [[nodiscard]] binlog::Binlog& binlog() { return *binlog_; }
  [[nodiscard]] storage::Engine& engine() { return *engine_; }
  [[nodiscard]] const SampleTables& tables() { return *tables_; }
  [[nodiscard]] uint64_t recovered() const { return recovered_; }
  [[nodiscard]] std::unique_ptr<Transaction> begin() { return manager_->begin({}); }

  Status insert(Transaction& trx, int64_t number) {
    return faults::insert_row(trx, tables_->at("db/journal"), {Value(number), Value(int64_t{0})});
  }
  void commit_row(int64_t number) {
    const auto trx = begin();
    CHECK_OK(insert(*trx, number));
    CHECK_OK(trx->commit());
  }
  [[nodiscard]] std::vector<faults::LoggedTransaction> logged() {
    auto transactions = faults::read_transactions(*binlog_);
    CHECK_OK(transactions);
    return *std::move(transactions);
  }
  [[nodiscard]] size_t rows() {
    const auto rows = tables_->rows(*engine_, "db/journal");
    CHECK_OK(rows);
    return rows->size();
  }
  [[nodiscard]] MonoTime soon() { return node_.clock().now() + 10ms; }

 private:
  Node& node_;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<SampleTables> tables_;
  std::unique_ptr<binlog::Binlog> binlog_;
  uint64_t recovered_ = 0;
  std::unique_ptr<BinlogCoordinator> coordinator_;
  std::unique_ptr<TransactionManager> manager_;
};

TEST(BinlogCoordinator, AGtidIsExecutedOnce) {
  on_node([](Node& node) {
    Server db(node);
    const Gtid given{elsewhere(), 7};
    const auto first = db.coordinator().acquire(given, db.soon());
    ASSERT_TRUE(first.ok() && *first);
    EXPECT_EQ(db.coordinator().acquire(given, db.soon()).code(), Code::timed_out);
    const auto trx = db.begin();
    trx->binlog()->gtid_next().given = given;
    CHECK_OK(db.insert(*trx, 1));
    CHECK_OK(trx->commit());
    const auto again = db.coordinator().acquire(given, db.soon());
    ASSERT_TRUE(again.ok());
    EXPECT_FALSE(*again);
    EXPECT_TRUE(db.coordinator().executed().contains(given));
    EXPECT_TRUE(db.coordinator().wait_for_executed(db.coordinator().executed(), db.soon()));
    GtidSet later;
    later.add({elsewhere(), 8});
    EXPECT_FALSE(db.coordinator().wait_for_executed(later, db.soon()));
  });
}

TEST(BinlogCoordinator, NumbersThatAreOwnedAreNotGivenOut) {
  on_node([](Node& node) {
    Server db(node);
    const Gtid owned{server(), 2};
    const auto acquired = db.coordinator().acquire(owned, db.soon());
    ASSERT_TRUE(acquired.ok() && *acquired);
    db.commit_row(1);
    db.commit_row(2);
    db.coordinator().release(owned);
    db.commit_row(3);
    const auto logged = db.logged();
    ASSERT_EQ(logged.size(), size_t{3});
    EXPECT_EQ(logged[0].gtid.number, uint64_t{1});
    EXPECT_EQ(logged[1].gtid.number, uint64_t{3});
    EXPECT_EQ(logged[2].gtid.number, uint64_t{2});
  });
}

TEST(BinlogCoordinator, ATransactionWithoutChangesUsesUpItsGtid) {
  on_node([](Node& node) {
    const Gtid given{elsewhere(), 1};
    {
      Server db(node);
      const auto acquired = db.coordinator().acquire(given, db.soon());
      ASSERT_TRUE(acquired.ok() && *acquired);
      const auto trx = db.begin();
      trx->binlog()->gtid_next().given = given;
      CHECK_OK(trx->commit());
      const auto plain = db.begin();
      CHECK_OK(plain->commit());
      const auto logged = db.logged();
      ASSERT_EQ(logged.size(), size_t{1});
      EXPECT_EQ(logged[0].gtid, given);
      EXPECT_TRUE(logged[0].effects.empty());
    }
    Server db(node);
    EXPECT_TRUE(db.coordinator().executed().contains(given));
  });
}

TEST(BinlogCoordinator, ADefinitionHasItsPlaceInTheEngineToo) {
  on_node([](Node& node) {
    Server db(node);
    db.commit_row(1);
    BinlogCache cache(node.clock(), {});
    binlog::QueryEvent query;
    query.statement = "CREATE DATABASE x";
    cache.define(query);
    std::string note;
    CHECK_OK(db.coordinator().commit_events(cache, [&](std::string_view given) -> Status {
      note = given;
      storage::Transaction trx;
      RETURN_IF_ERROR(db.engine().insert(trx, *db.tables().at("db/plain").table,
                                         {Value(int64_t{1}), Value(std::string("made"))}));
      return db.engine().commit(trx, given);
    }));
    const auto decoded = CommitNote::decode(note);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded->gtid.number, uint64_t{2});
    const auto end = end_in_engine(db.engine());
    ASSERT_TRUE(end.ok());
    EXPECT_EQ(*end, decoded->end);
    EXPECT_EQ(*end, db.binlog().end());
  });
}

TEST(BinlogCoordinator, FilesGoAwayOnlyWithWhatTheEngineHas) {
  on_node([](Node& node) {
    {
      Server db(node);
      db.commit_row(1);
      CHECK_OK(db.coordinator().rotate());
      db.commit_row(2);
      const auto files = db.binlog().list();
      ASSERT_TRUE(files.ok());
      ASSERT_EQ(files->size(), size_t{2});
      CHECK_OK(db.coordinator().purge_before(files->at(1).name));
      EXPECT_EQ(db.coordinator().purge_before("binlog.000099").code(), Code::not_found);
      EXPECT_EQ(db.logged().size(), size_t{1});
    }
    Server db(node);
    EXPECT_EQ(db.recovered(), uint64_t{0});
    EXPECT_EQ(db.rows(), size_t{2});
    EXPECT_EQ(db.coordinator().executed().count(), uint64_t{2});
  });
}

TEST(BinlogCoordinator, ABinlogThatEndsBeforeTheEngineIsRefused) {
  on_node([](Node& node) {
    binlog::BinlogPlace end;
    {
      Server db(node);
      db.commit_row(1);
      end = db.binlog().end();
    }
    binlog::BinlogOptions options;
    options.base = "other";
    options.reaches = end;
    EXPECT_EQ(binlog::Binlog::open(node, options).code(), Code::corruption);
    options.base = "binlog";
    options.reaches = {end.file, end.position + 1'000'000};
    EXPECT_EQ(binlog::Binlog::open(node, options).code(), Code::corruption);
    Server db(node);
    EXPECT_EQ(db.rows(), size_t{1});
  });
}

TEST(BinlogCoordinator, AFullCacheTakesTheStatementBackAndNoMore) {
  on_node([](Node& node) {
    BinlogCacheOptions cache;
    cache.row_event_bytes = 1;
    cache.max_bytes = 300;
    Server db(node, cache);
    const auto trx = db.begin();
    int64_t fitted = 0;
    Status status;
    while (status.ok()) {
      status = db.insert(*trx, fitted);
      if (status.ok()) ++fitted;
    }
    EXPECT_EQ(status.code(), Code::too_large);
    EXPECT_GT(fitted, 0);
    CHECK_OK(trx->commit());
    EXPECT_EQ(db.rows(), static_cast<size_t>(fitted));
    ASSERT_EQ(db.logged().size(), size_t{1});
    EXPECT_EQ(db.logged()[0].effects.size(), static_cast<size_t>(fitted));
  });
}

// Lets nobody go on until it is told to.
class Gate final : public binlog::Acknowledgement {
 public:
  Outcome wait_for(binlog::BinlogPlace) override {
    const MutexLock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    while (!is_open_) changed_.wait(mutex_);
    return Outcome::acknowledged;
  }
  void wait_until_waiting(int count) {
    const MutexLock lock(mutex_);
    while (waiting_ < count) changed_.wait(mutex_);
  }
  void open() {
    const MutexLock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

TEST(BinlogCoordinator, NothingIsSeenBeforeItIsAcknowledgedAndGroupsWaitTogether) {
  on_node([](Node& node) {
    Gate gate;
    Server db(node, {}, &gate);
    std::vector<Task> tasks;
    for (int i = 0; i < 2; ++i) {
      tasks.push_back(node.tasks().spawn("client", [&, i] { db.commit_row(i); }));
      gate.wait_until_waiting(i + 1);
    }
    // Both are in the binlog, in groups of their own, and nobody has them.
    EXPECT_EQ(db.logged().size(), size_t{2});
    EXPECT_TRUE(db.coordinator().executed().empty());
    const auto end = end_in_engine(db.engine());
    ASSERT_TRUE(end.ok());
    EXPECT_EQ(*end, binlog::BinlogPlace());
    gate.open();
    for (Task& task : tasks) task.join();
    EXPECT_EQ(db.coordinator().executed().count(), uint64_t{2});
    EXPECT_EQ(db.coordinator().stats().groups, uint64_t{2});
    EXPECT_EQ(db.rows(), size_t{2});
  });
}

}  // namespace
}  // namespace aftersync::txn
