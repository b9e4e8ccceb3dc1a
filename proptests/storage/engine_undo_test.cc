// Undo as the engine uses it: what history holds after which endings, what purge takes and what it
// leaves, older versions of a row, and what a restart finds.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/storage/engine.h"
#include "core/storage/row_cursor.h"
#include "core/storage/table_check.h"
#include "core/storage/undo_check.h"
#include "proptests/storage/store_fixture.h"

namespace aftersync::storage {
namespace {

class EngineUndo : public testing::Test {
 protected:
  // Opens an engine that purges only when told to, with an empty table of (id, text).
  static std::unique_ptr<Engine> open(Node& node) {
    EngineOptions options;
    options.pages = small_store();
    options.background_purge = false;
    auto engine = Engine::open(node, options);
    CHECK_OK(engine);
    return std::move(engine).value();
  }

  static std::shared_ptr<Table> table_of(Engine& engine) {
    auto table = engine.open_table("t");
    if (table.code() != Code::not_found) {
      CHECK_OK(table);
      return *table;
    }
    TableDef def;
    def.name = "t";
    def.columns.resize(2);
    def.columns[0].name = "id";
    def.columns[0].nullable = false;
    def.columns[1].name = "text";
    def.columns[1].type = ColumnType::bytes;
    def.indexes.resize(1);
    def.indexes[0].name = "PRIMARY";
    def.indexes[0].unique = true;
    def.indexes[0].parts.resize(1);
    table = engine.create_table(def);
    CHECK_OK(table);
    while (purge(engine, 100) > 0) {
    }
    return *table;
  }

  static size_t purge(Engine& engine, size_t most) {
    const auto purged = engine.purge(most);
    CHECK_OK(purged);
    return *purged;
  }

  static std::string key_of(const Table& table, int64_t id) {
    auto key = Engine::primary_key(table, {id});
    CHECK_OK(key);
    return *key;
  }

  // One transaction that writes the row, new or not.
  static void put(Engine& engine, Table& table, int64_t id, const std::string& text) {
    Transaction trx;
    const std::string key = key_of(table, id);
    const auto here = engine.get(table, key);
    CHECK_OK(here);
    CHECK_OK(here->has_value() ? engine.update(trx, table, key, {id, text})
                               : engine.insert(trx, table, {id, text}));
    CHECK_OK(engine.commit(trx));
  }

  static std::vector<std::string> versions(Engine& engine, Table& table, int64_t id) {
    std::vector<std::string> texts;
    const std::string key = key_of(table, id);
    auto version = engine.rows().newest(table, key);
    const SharedLock latch(table.latch());
    const SharedLock chains(engine.rows().chains());
    for (; version.ok() && version->has_value();
         version = engine.rows().older(table, key, **version)) {
      const auto row = decode_row(table.def().columns, (*version)->row);
      CHECK_OK(row);
      texts.push_back(std::get<std::string>((*row)[1]));
    }
    CHECK_OK(version);
    return texts;
  }

  static void check(Engine& engine, uint64_t committed) {
    PoolReader reader(engine.pages().pool());
    const auto undo = check_undo(reader);
    ASSERT_TRUE(undo.ok()) << undo.status().to_string();
    EXPECT_EQ(undo->committed, committed);
    EXPECT_EQ(engine.undo().history_length(), committed);
    const auto table = check_table(reader, table_of(engine)->def());
    EXPECT_TRUE(table.ok()) << table.status().to_string();
  }
};

TEST_F(EngineUndo, HistoryHoldsWhatWasCommittedAndNothingElse) {
  on_node([](Node& node) {
    const auto engine = open(node);
    const auto table = table_of(*engine);
    check(*engine, 0);
    put(*engine, *table, 1, "a");
    put(*engine, *table, 1, "b");
    Transaction rolled_back;
    CHECK_OK(engine->insert(rolled_back, *table, {int64_t{2}, "x"}));
    CHECK_OK(engine->rollback(rolled_back));
    Transaction idle;
    CHECK_OK(engine->commit(idle));
    check(*engine, 2);
  });
}

TEST_F(EngineUndo, PurgeTakesTheOldestFirstAndHeedsItsLimit) {
  on_node([](Node& node) {
    const auto engine = open(node);
    const auto table = table_of(*engine);
    for (const char* const text : {"a", "b", "c", "d"}) put(*engine, *table, 1, text);
    EXPECT_EQ(versions(*engine, *table, 1), (std::vector<std::string>{"d", "c", "b", "a"}));
    engine->set_purge_limit(0);
    EXPECT_EQ(purge(*engine, 100), 0u);
    engine->set_purge_limit(UINT64_MAX);
    EXPECT_EQ(purge(*engine, 2), 2u);
    EXPECT_EQ(versions(*engine, *table, 1), (std::vector<std::string>{"d", "c", "b"}));
    check(*engine, 2);
    EXPECT_EQ(purge(*engine, 100), 2u);
    EXPECT_EQ(versions(*engine, *table, 1), (std::vector<std::string>{"d"}));
    check(*engine, 0);
  });
}

TEST_F(EngineUndo, APurgedDeleteLeavesNoRecord) {
  on_node([](Node& node) {
    const auto engine = open(node);
    const auto table = table_of(*engine);
    put(*engine, *table, 1, std::string(40'000, 'l'));
    Transaction trx;
    CHECK_OK(engine->remove(trx, *table, key_of(*table, 1)));
    CHECK_OK(engine->commit(trx));
    PoolReader reader(engine->pages().pool());
    const auto marked = check_table(reader, table->def());
    ASSERT_TRUE(marked.ok());
    EXPECT_EQ(marked->trees[0].delete_marked, 1u);
    EXPECT_EQ(purge(*engine, 100), 2u);
    const auto gone = check_table(reader, table->def());
    ASSERT_TRUE(gone.ok());
    EXPECT_EQ(gone->trees[0].records, 0u);
    EXPECT_EQ(gone->unreached_overflow_pages, 0u);
  });
}

TEST_F(EngineUndo, SavepointsAreComeBackToInTurn) {
  on_node([](Node& node) {
    const auto engine = open(node);
    const auto table = table_of(*engine);
    put(*engine, *table, 1, "a");
    Transaction trx;
    const std::string key = key_of(*table, 1);
    const RollPtr before = engine->savepoint(trx);
    CHECK_OK(engine->update(trx, *table, key, {int64_t{1}, "b"}));
    const RollPtr between = engine->savepoint(trx);
    CHECK_OK(engine->remove(trx, *table, key));
    CHECK_OK(engine->insert(trx, *table, {int64_t{1}, "c"}));
    EXPECT_EQ(versions(*engine, *table, 1).front(), "c");
    CHECK_OK(engine->rollback_to(trx, between));
    EXPECT_EQ(versions(*engine, *table, 1).front(), "b");
    CHECK_OK(engine->rollback_to(trx, before));
    EXPECT_EQ(versions(*engine, *table, 1), (std::vector<std::string>{"a"}));
    EXPECT_EQ(engine->rollback_to(trx, between).code(), Code::invalid_argument);
    CHECK_OK(engine->commit(trx));
    // It has left nothing but its commit.
    check(*engine, 2);
  });
}

// A stream that a rollback has emptied, to its very first page, is used from there on.
TEST_F(EngineUndo, AnEmptiedStreamBeginsAgainAtItsFirstPage) {
  on_node([](Node& node) {
    const auto in_two_streams = [](Engine& engine, Table& table, bool commits) {
      Transaction one;
      Transaction other;
      CHECK_OK(engine.insert(one, table, {int64_t{1}, "a"}));
      for (int64_t id = 10; id < 13; ++id) {
        CHECK_OK(engine.insert(other, table, {id, std::string(6000, 'x')}));
        CHECK_OK(engine.update(other, table, key_of(table, id), {id, std::string(6000, 'y')}));
      }
      for (Transaction* const trx : {&one, &other}) {
        CHECK_OK(commits ? engine.commit(*trx) : engine.rollback(*trx));
      }
    };
    {
      const auto engine = open(node);
      in_two_streams(*engine, *table_of(*engine), false);
      CHECK_OK(engine->close());
    }
    const auto engine = open(node);
    in_two_streams(*engine, *table_of(*engine), true);
    check(*engine, 2);
  });
}

// The whole history is there again after a restart; it is purged as if nothing had been.
TEST_F(EngineUndo, HistorySurvivesRestarts) {
  on_node([](Node& node) {
    {
      const auto engine = open(node);
      const auto table = table_of(*engine);
      for (const char* const text : {"a", "b", "c"}) put(*engine, *table, 1, text);
    }
    {
      const auto engine = open(node);
      check(*engine, 3);
      EXPECT_EQ(versions(*engine, *table_of(*engine), 1),
                (std::vector<std::string>{"c", "b", "a"}));
      EXPECT_EQ(purge(*engine, 1), 1u);
      CHECK_OK(engine->close());
    }
    const auto engine = open(node);
    check(*engine, 2);
    EXPECT_EQ(purge(*engine, 100), 2u);
    check(*engine, 0);
  });
}

// Undo of many pages is given back, and its pages are used again.
TEST_F(EngineUndo, PagesOfUndoAreGivenBack) {
  on_node([](Node& node) {
    const auto engine = open(node);
    const auto table = table_of(*engine);
    uint64_t most = 0;
    for (int round = 0; round < 6; ++round) {
      for (int64_t id = 0; id < 20; ++id) {
        put(*engine, *table, id, std::string(6000, static_cast<char>('a' + round)));
      }
      PoolReader reader(engine->pages().pool());
      const auto report = check_undo(reader);
      ASSERT_TRUE(report.ok()) << report.status().to_string();
      if (round == 1) most = report->pages;
      if (round > 1) {
        EXPECT_LE(report->pages, most + 1);
      }
      while (purge(*engine, 7) > 0) {
      }
      check(*engine, 0);
    }
    EXPECT_GT(most, 5u);
  });
}

}  // namespace
}  // namespace aftersync::storage
