// Transactions without their rows' locks: ids, views, savepoints, the end, purge's limit, and what
// bad use gets for an answer.
#include "core/txn/transaction.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "proptests/support/on_node.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {
namespace {

using storage::Row;

std::map<int64_t, int64_t> contents(Database& database, storage::Table& table, int64_t ids) {
  std::map<int64_t, int64_t> found;
  for (int64_t id = 0; id < ids; ++id) {
    const auto row = database.engine().get(table, key_of(table, id));
    CHECK_OK(row);
    if (*row) found[id] = std::get<int64_t>((**row)[1]);
  }
  return found;
}

// --- views ---

// A view sees exactly what had committed when it was opened, whatever happens afterwards.
using Action = std::array<uint8_t, 2>;

struct Reader {
  std::unique_ptr<Transaction> trx;
  std::set<uint64_t> sees;
};

void expect_right(const Reader& reader, const std::set<uint64_t>& all) {
  for (const uint64_t id : all) {
    const bool sees = reader.trx->open_view()->sees(TrxId(id), reader.trx->id());
    if (sees != reader.sees.contains(id)) RC_FAIL("transaction " + std::to_string(id));
  }
}

TEST(Transaction, AViewSeesWhatHadCommittedWhenItWasOpened) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    const bool ok = rc::check([&](const std::vector<Action>& history) {
      std::vector<std::unique_ptr<Transaction>> writers;
      std::vector<Reader> readers;
      std::set<uint64_t> committed;
      std::set<uint64_t> all;
      const auto end_writer = [&](size_t i) {
        committed.insert(writers[i]->id().value());
        CHECK_OK(writers[i]->commit());
        writers.erase(writers.begin() + static_cast<ptrdiff_t>(i));
      };
      for (const Action& action : history) {
        switch (action[0] % 4) {
          case 0:
          case 1:
            writers.push_back(database.begin());
            CHECK_OK(put(*writers.back(), *table, static_cast<int64_t>(all.size()), 1));
            all.insert(writers.back()->id().value());
            break;
          case 2:
            if (!writers.empty()) end_writer(action[1] % writers.size());
            break;
          case 3:
            readers.push_back({database.begin(), committed});
            (void)readers.back().trx->view_for_read();
            if (action[1] % 2 == 0) {  // a reader that writes sees itself
              CHECK_OK(readers.back().trx->become_writer());
              readers.back().sees.insert(readers.back().trx->id().value());
              all.insert(readers.back().trx->id().value());
            }
        }
        for (const Reader& reader : readers) expect_right(reader, all);
      }
      while (!writers.empty()) end_writer(0);
      for (const Reader& reader : readers) CHECK_OK(reader.trx->rollback());
      for (int64_t id = 0; id < static_cast<int64_t>(all.size()); ++id) {
        storage::Transaction clean;
        (void)database.engine().remove(clean, *table, key_of(*table, id));
        CHECK_OK(database.engine().commit(clean));
      }
    });
    EXPECT_TRUE(ok) << "replay with the RC_PARAMS that RapidCheck prints";
  });
}

TEST(Transaction, PurgeWaitsForTheOldestView) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    const auto change = [&](int64_t v) {
      const auto trx = database.begin();
      CHECK_OK(put(*trx, *table, 1, v));
      CHECK_OK(trx->commit());
    };
    const auto purged = [&] {
      const auto count = database.engine().purge(1000);
      CHECK_OK(count);
      return *count;
    };
    change(1);
    (void)purged();  // this, and what making the table left
    const auto old_reader = database.begin();
    CHECK_OK(old_reader->take_snapshot());
    change(2);
    const auto reader = database.begin();
    CHECK_OK(reader->take_snapshot());
    change(3);
    EXPECT_EQ(purged(), 0u);
    CHECK_OK(old_reader->commit());
    EXPECT_EQ(purged(), 1u);
    CHECK_OK(reader->rollback());
    EXPECT_EQ(purged(), 1u);
    EXPECT_EQ(database.engine().undo().history_length(), 0u);
  });
}

TEST(Transaction, WhoOnlyReadsAllocatesNothing) {
  on_node([](Node& node) {
    Database database(node);
    const auto trx = database.begin();
    (void)trx->view_for_read();
    EXPECT_EQ(trx->id().value(), 0u);
    EXPECT_EQ(database.transactions().registry().active_count(), 0u);
    EXPECT_EQ(database.transactions().registry().view_count(), 1u);
    CHECK_OK(trx->commit());
    EXPECT_EQ(database.transactions().registry().view_count(), 0u);
    const TransactionStats stats = database.transactions().stats();
    EXPECT_EQ(stats.begun, 1u);
    EXPECT_EQ(stats.writers, 0u);
    EXPECT_EQ(stats.committed, 1u);
  });
}

TEST(Transaction, EachLevelHasItsViews) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    const auto writer = database.begin();
    CHECK_OK(put(*writer, *table, 1, 1));
    const TrxId id = writer->id();
    const auto uncommitted = database.begin({.isolation = Isolation::read_uncommitted});
    const auto committed = database.begin({.isolation = Isolation::read_committed});
    const auto repeatable = database.begin({.isolation = Isolation::repeatable_read});
    EXPECT_EQ(uncommitted->view_for_read(), nullptr);
    for (Transaction* reader : {committed.get(), repeatable.get()}) {
      Statement statement(*reader);
      EXPECT_FALSE(reader->view_for_read()->sees(id, reader->id()));
      statement.end();
    }
    CHECK_OK(writer->commit());
    EXPECT_TRUE(committed->view_for_read()->sees(id, {}));
    EXPECT_FALSE(repeatable->view_for_read()->sees(id, {}));
    for (const auto* reader : {&uncommitted, &committed, &repeatable}) {
      CHECK_OK((*reader)->commit());
    }
  });
}

// --- savepoints ---

// Changes, savepoints and statements that fail, beside a map and copies of it.
class SavepointModel {
 public:
  explicit SavepointModel(Database& database, storage::Table& table)
      : table_(table), trx_(database.begin()) {}

  void act(const Action& action) {
    const std::string name(1, static_cast<char>('a' + action[1] % 3));
    const int64_t id = action[1] % kIds;
    switch (action[0] % 8) {
      default: change(id, action[0]); return;
      case 4:
        CHECK_OK(trx_->savepoint(name));
        std::erase_if(saved_, [&](const auto& s) { return s.first == name; });
        saved_.push_back({name, now_});
        return;
      case 5: {
        const size_t at = find(name);
        const Status status = trx_->rollback_to(name);
        RC_ASSERT(status.code() == (at == saved_.size() ? Code::not_found : Code::ok));
        if (at == saved_.size()) return;
        now_ = saved_[at].second;
        saved_.resize(at + 1);
        return;
      }
      case 6: {
        const size_t at = find(name);
        const Status status = trx_->release_savepoint(name);
        RC_ASSERT(status.code() == (at == saved_.size() ? Code::not_found : Code::ok));
        saved_.resize(at);
        return;
      }
      case 7: {
        const Statement failing(*trx_);
        CHECK_OK(put(*trx_, table_, id, -1));
        CHECK_OK(put(*trx_, table_, (id + 1) % kIds, -1));
      }
    }
  }

  void end(bool commit, std::map<int64_t, int64_t>& committed) {
    CHECK_OK(commit ? trx_->commit() : trx_->rollback());
    if (commit) committed = now_;
  }
  void begin_from(const std::map<int64_t, int64_t>& committed) { now_ = committed; }
  [[nodiscard]] const std::map<int64_t, int64_t>& now() const { return now_; }

  static constexpr int64_t kIds = 5;

 private:
  void change(int64_t id, int64_t v) {
    CHECK_OK(put(*trx_, table_, id, v));
    now_[id] = v;
  }
  size_t find(const std::string& name) const {
    size_t at = 0;
    while (at < saved_.size() && saved_[at].first != name) ++at;
    return at;
  }

  storage::Table& table_;
  std::unique_ptr<Transaction> trx_;
  std::map<int64_t, int64_t> now_;
  std::vector<std::pair<std::string, std::map<int64_t, int64_t>>> saved_;
};

TEST(Transaction, SavepointsAreCopiesOfTheTable) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    std::map<int64_t, int64_t> committed;
    const bool ok = rc::check([&](const std::vector<Action>& history, bool commit) {
      SavepointModel model(database, *table);
      model.begin_from(committed);
      std::string wrong;
      for (const Action& action : history) {
        model.act(action);
        if (contents(database, *table, SavepointModel::kIds) != model.now()) wrong = "in between";
      }
      model.end(commit, committed);
      if (contents(database, *table, SavepointModel::kIds) != committed) wrong = "at the end";
      if (!wrong.empty()) RC_FAIL(wrong);
    });
    EXPECT_TRUE(ok) << "replay with the RC_PARAMS that RapidCheck prints";
  });
}

// --- locks ---

TEST(Transaction, AVictimIsRolledBack) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    const LockTarget one = LockTarget::table(TableId(1));
    const LockTarget two = LockTarget::table(TableId(2));
    const auto heavy = database.begin();
    const auto light = database.begin();
    CHECK_OK(put(*heavy, *table, 1, 1));
    CHECK_OK(put(*heavy, *table, 2, 1));
    CHECK_OK(put(*light, *table, 3, 1));
    CHECK_OK(heavy->lock(one, {LockMode::x}));
    CHECK_OK(light->lock(two, {LockMode::x}));
    Status waited;
    Task waiter = node.tasks().spawn("heavy", [&] { waited = heavy->lock(two, {LockMode::s}); });
    while (database.transactions().locks().stats().waiting == 0) {
      CHECK_OK(node.tasks().sleep_for(1ms));
    }
    {
      Statement statement(*light);
      EXPECT_EQ(light->lock(one, {LockMode::is}).code(), Code::deadlock);
    }
    waiter.join();
    EXPECT_TRUE(waited.ok()) << waited.to_string();
    EXPECT_EQ(light->state(), Transaction::State::rolled_back);
    EXPECT_EQ(light->lock(one, {LockMode::is}).code(), Code::bad_state);
    CHECK_OK(heavy->commit());
    EXPECT_EQ(contents(database, *table, 5), (std::map<int64_t, int64_t>{{1, 1}, {2, 1}}));
    EXPECT_EQ(database.transactions().locks().stats().locks, 0u);
  });
}

TEST(Transaction, AFullLockTableRollsBackToo) {
  on_node([](Node& node) {
    TransactionManagerOptions options;
    options.locks.max_bytes = 0;
    Database database(node, options);
    const auto table = database.create(numbers_table("t"));
    const auto trx = database.begin();
    CHECK_OK(put(*trx, *table, 1, 1));
    EXPECT_EQ(trx->lock(LockTarget::table(TableId(1)), {LockMode::is}).code(), Code::too_large);
    EXPECT_EQ(trx->state(), Transaction::State::rolled_back);
    EXPECT_EQ(contents(database, *table, 2), (std::map<int64_t, int64_t>()));
  });
}

TEST(Transaction, AnImplicitLockIsMadeExplicitWhileItsTransactionRuns) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    TransactionManager& transactions = database.transactions();
    const std::string key = key_of(*table, 1);
    const LockTarget row = LockTarget::record(table->def().indexes[0].id, key);
    const auto writer = database.begin();
    CHECK_OK(put(*writer, *table, 1, 1));
    const TrxId id = writer->id();
    EXPECT_TRUE(transactions.registry().is_active(id));
    EXPECT_TRUE(transactions.registry().make_explicit(id, transactions.locks(), row));
    const auto other = database.begin({.lock_wait_timeout = 1ms});
    EXPECT_EQ(other->lock(row, record_only(LockMode::s)).code(), Code::lock_wait_timeout);
    EXPECT_EQ(other->state(), Transaction::State::active);
    CHECK_OK(writer->commit());
    EXPECT_FALSE(transactions.registry().is_active(id));
    EXPECT_FALSE(transactions.registry().make_explicit(id, transactions.locks(), row));
    CHECK_OK(other->lock(row, record_only(LockMode::s)));
    CHECK_OK(other->commit());
  });
}

TEST(Transaction, AutoIncLocksEndWithTheStatement) {
  on_node([](Node& node) {
    Database database(node);
    const auto trx = database.begin();
    const LockTarget target = LockTarget::table(TableId(1));
    Statement statement(*trx);
    CHECK_OK(trx->lock(target, {LockMode::ix}));
    CHECK_OK(trx->lock(target, {LockMode::auto_inc}));
    EXPECT_EQ(database.transactions().locks().stats().locks, 2u);
    statement.end();
    EXPECT_EQ(database.transactions().locks().stats().locks, 1u);
    CHECK_OK(trx->commit());
    EXPECT_EQ(database.transactions().locks().stats().locks, 0u);
  });
}

// --- bad use ---

TEST(Transaction, BadUseIsAnswered) {
  on_node([](Node& node) {
    Database database(node);
    const auto table = database.create(numbers_table("t"));
    const auto trx = database.begin();
    EXPECT_EQ(trx->rollback_to("a").to_string(), "not_found: no savepoint 'a'");
    EXPECT_EQ(trx->release_savepoint("a").code(), Code::not_found);
    CHECK_OK(put(*trx, *table, 1, 1));
    CHECK_OK(trx->commit());
    EXPECT_EQ(trx->commit().to_string(),
              "bad_state: transaction 1 has been committed: cannot commit");
    EXPECT_EQ(trx->rollback().code(), Code::bad_state);
    EXPECT_EQ(trx->savepoint("a").code(), Code::bad_state);
    EXPECT_EQ(trx->rollback_to("a").code(), Code::bad_state);
    EXPECT_EQ(trx->release_savepoint("a").code(), Code::bad_state);
    EXPECT_EQ(trx->take_snapshot().code(), Code::bad_state);
    EXPECT_EQ(put(*trx, *table, 1, 2).to_string(),
              "bad_state: transaction 1 has been committed: cannot write");

    const auto reader = database.begin({.read_only = true});
    EXPECT_EQ(put(*reader, *table, 1, 2).to_string(),
              "bad_state: transaction 2 is read-only: cannot write");
    const std::string long_note(storage::undo_format::kMaxNoteBytes + 1, 'n');
    CHECK_OK(reader->rollback());
    const auto writer = database.begin();
    CHECK_OK(put(*writer, *table, 1, 3));
    EXPECT_EQ(writer->commit(long_note).code(), Code::too_large);
    CHECK_OK(writer->commit());  // the failed try has not ended it
    EXPECT_EQ(contents(database, *table, 2), (std::map<int64_t, int64_t>{{1, 3}}));
    EXPECT_EQ(database.transactions().registry().active_count(), 0u);
  });
}

// --- the coordinator ---

// Commits in the order in which it was asked; refuses when told to.
class TestCoordinator : public CommitCoordinator {
 public:
  Status commit(Transaction& prepared) override {
    EXPECT_EQ(prepared.state(), Transaction::State::prepared);
    EXPECT_EQ(prepared.savepoint("x").code(), Code::bad_state);
    if (refuse) return {Code::timed_out, "nobody acknowledged"};
    order.push_back(prepared.number());
    return prepared.commit_in_engine("note").status();
  }
  bool refuse = false;
  std::vector<uint64_t> order;
};

TEST(Transaction, TheCoordinatorCommitsWhatHasWritten) {
  on_node([](Node& node) {
    TestCoordinator coordinator;
    Database database(node, {.locks = {}, .coordinator = &coordinator});
    const auto table = database.create(numbers_table("t"));
    const auto writer = database.begin();
    CHECK_OK(put(*writer, *table, 1, 1));
    const auto reader = database.begin();
    CHECK_OK(reader->commit());
    CHECK_OK(writer->commit());
    EXPECT_EQ(coordinator.order, std::vector<uint64_t>{1});
    coordinator.refuse = true;
    const auto refused = database.begin();
    CHECK_OK(put(*refused, *table, 1, 2));
    EXPECT_EQ(refused->commit().code(), Code::timed_out);
    EXPECT_EQ(refused->state(), Transaction::State::rolled_back);
    EXPECT_EQ(contents(database, *table, 2), (std::map<int64_t, int64_t>{{1, 1}}));
  });
}

}  // namespace
}  // namespace aftersync::txn
