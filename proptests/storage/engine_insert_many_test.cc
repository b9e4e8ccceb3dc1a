// Many rows by one call: the same rows as one by one, all of them or none, with a fraction of the
// mini-transactions. That it agrees with the model under everything else is for the histories
// (engine_history_test.cc) and the simulator (storage-crash).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proptests/storage/filled_table.h"
#include "proptests/support/on_node.h"

namespace aftersync::storage {
namespace {

EngineOptions options() {
  EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 4 * 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 128;
  options.background_purge = false;
  return options;
}

std::unique_ptr<Engine> open(Node& node) {
  auto engine = Engine::open(node, options());
  CHECK_OK(engine);
  return std::move(engine).value();
}

std::vector<Row> rows_of(const FilledTable& table) {
  std::vector<Row> rows;
  for (uint64_t n = 0; n < table.rows; ++n) rows.push_back(table.row(n));
  return rows;
}

TableDef without_unique_secondary(const FilledTable& table) {
  TableDef def = table.definition();
  for (size_t i = 1; i < def.indexes.size(); ++i) def.indexes[i].unique = false;
  return def;
}

class EngineInsertMany : public testing::TestWithParam<bool> {};

TEST_P(EngineInsertMany, TheRowsAreThereInWhateverOrderTheyCame) {
  on_node([](Node& node) {
    FilledTable table{.rows = 600, .has_primary_key = GetParam(), .long_row = 77};
    auto engine = open(node);
    for (const bool is_unique : {false, true}) {
      TableDef def = is_unique ? table.definition() : without_unique_secondary(table);
      const auto made = engine->create_table(def);
      CHECK_OK(made);
      std::vector<Row> rows = rows_of(table);
      // Without a primary key the order is what tells them apart.
      if (table.has_primary_key) std::rotate(rows.begin(), rows.begin() + 400, rows.end());
      Transaction trx;
      EXPECT_EQ(engine->insert_many(trx, **made, rows).code(), Code::ok);
      CHECK_OK(engine->commit(trx));
      EXPECT_EQ(table.differences(*engine), "");
      engine = nullptr;
      engine = open(node);  // as after a crash
      EXPECT_EQ(table.differences(*engine), "");
      CHECK_OK(engine->drop_table(def.name));
    }
    CHECK_OK(engine->close());
  });
}

INSTANTIATE_TEST_SUITE_P(Keys, EngineInsertMany, testing::Bool(), [](const auto& kind) {
  return std::string(kind.param ? "ByPrimaryKey" : "ByHiddenRowId");
});

TEST(EngineInsertRows, AllOfThemOrNone) {
  on_node([](Node& node) {
    const FilledTable table{.rows = 300};
    const auto engine = open(node);
    const auto made = engine->create_table(without_unique_secondary(table));
    CHECK_OK(made);
    std::vector<Row> rows = rows_of(table);
    Transaction trx;
    CHECK_OK(engine->insert_many(trx, **made, rows));
    std::vector<Row> again;
    for (uint64_t n = 300; n < 500; ++n) again.push_back(table.row(n));
    again.push_back(table.row(299));
    const Status refused = engine->insert_many(trx, **made, again);
    EXPECT_EQ(refused.code(), Code::duplicate_key);
    EXPECT_EQ(refused.message(), "PRIMARY");
    again.back() = {int64_t{1}};
    EXPECT_EQ(engine->insert_many(trx, **made, again).code(), Code::invalid_argument);
    EXPECT_EQ(engine->insert_many(trx, **made, {}).code(), Code::ok);
    CHECK_OK(engine->commit(trx));
    EXPECT_EQ(table.differences(*engine), "");
    CHECK_OK(engine->close());
  });
}

TEST(EngineInsertRows, NeighboursShareMiniTransactions) {
  on_node([](Node& node) {
    const FilledTable table{.rows = 1000};
    const auto engine = open(node);
    TableDef def = table.definition();
    def.indexes.resize(1);
    const auto made = engine->create_table(def);
    CHECK_OK(made);
    const uint64_t before = engine->pages().log().stats().appends;
    Transaction trx;
    CHECK_OK(engine->insert_many(trx, **made, rows_of(table)));
    CHECK_OK(engine->commit(trx));
    EXPECT_LT(engine->pages().log().stats().appends - before, table.rows / 10);
    CHECK_OK(engine->close());
  });
}

}  // namespace
}  // namespace aftersync::storage
