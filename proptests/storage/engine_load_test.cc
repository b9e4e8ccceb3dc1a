// Tables made with rows in them, and indexes added to them: in one run of the sort or in many, they
// are tables like any other; what cannot be loaded leaves nothing behind.
#include <gtest/gtest.h>

#include <string>

#include "core/storage/tree_check.h"
#include "proptests/storage/filled_table.h"
#include "proptests/support/on_node.h"

namespace aftersync::storage {
namespace {

EngineOptions options(size_t sort_bytes) {
  EngineOptions options;
  options.pages.log.geometry = {.files = 2, .file_bytes = 4 * 1024 * 1024};
  options.pages.log.buffer_bytes = 1024 * 1024;
  options.pages.pool.frames = 128;
  options.index_build_bytes = sort_bytes;
  return options;
}

std::unique_ptr<Engine> open(Node& node, size_t sort_bytes) {
  auto engine = Engine::open(node, options(sort_bytes));
  CHECK_OK(engine);
  return std::move(engine).value();
}

struct Kind {
  const char* name;
  FilledTable table;
  size_t sort_bytes;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class EngineLoad : public testing::TestWithParam<Kind> {};

TEST_P(EngineLoad, AFilledTableIsLikeAnyOtherAndStays) {
  on_node([](Node& node) {
    const Kind& kind = GetParam();
    {
      const auto engine = open(node, kind.sort_bytes);
      const auto made = engine->create_filled_table(kind.table.definition(), kind.table.source());
      ASSERT_TRUE(made.ok()) << made.status().to_string();
      EXPECT_EQ(kind.table.differences(*engine), "");
    }
    // As after a crash: nothing was flushed.
    const auto engine = open(node, kind.sort_bytes);
    EXPECT_EQ(kind.table.differences(*engine), "");
    // A row more and a row less, through the same indexes.
    const auto table = engine->open_table(kind.table.definition().name);
    ASSERT_TRUE(table.ok());
    Transaction trx;
    EXPECT_EQ(
        engine->insert(trx, **table, {kind.table.rows, int64_t{-1}, std::string("new")}).code(),
        Code::ok);
    const Value taken = kind.table.row(1)[1];
    EXPECT_EQ(engine->insert(trx, **table, {kind.table.rows + 1, taken, std::string()}).code(),
              kind.table.rows > 1 ? Code::duplicate_key : Code::ok);
    CHECK_OK(engine->rollback(trx));
    while (*engine->purge(100) > 0) {
    }
    EXPECT_EQ(kind.table.differences(*engine), "");
    CHECK_OK(engine->close());
  });
}

TEST_P(EngineLoad, AnIndexAddedLaterIsTheSame) {
  on_node([](Node& node) {
    const Kind& kind = GetParam();
    const auto engine = open(node, kind.sort_bytes);
    TableDef plain = kind.table.definition();
    const IndexDef code = plain.indexes[1];
    const IndexDef text = plain.indexes[2];
    plain.indexes.resize(1);
    CHECK_OK(engine->create_filled_table(plain, kind.table.source()));
    CHECK_OK(engine->add_index(plain.name, code));
    CHECK_OK(engine->add_index(plain.name, text));
    EXPECT_EQ(kind.table.differences(*engine), "");
    CHECK_OK(engine->close());
  });
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, EngineLoad,
    testing::Values(Kind{"empty", {.rows = 0}, kIndexBuildBytes},
                    Kind{"one_row", {.rows = 1}, kIndexBuildBytes},
                    Kind{"one_run", {.rows = 5000}, kIndexBuildBytes},
                    Kind{"many_runs", {.rows = 5000, .long_row = 4321}, 32768},
                    Kind{"a_run_for_each_row", {.rows = 300}, 1},
                    Kind{"hidden_row_id", {.rows = 2000, .has_primary_key = false}, 32768}),
    [](const auto& kind) { return kind.param.name; });

TEST(EngineLoad, WhatCannotBeLoadedLeavesNothing) {
  on_node([](Node& node) {
    for (const size_t sort_bytes : {kIndexBuildBytes, size_t{4096}}) {
      const auto engine = open(node, sort_bytes);
      const FilledTable good{.rows = 1000};
      // The row that is wrong, and what is said of it.
      const auto outcome = [&](uint64_t at, const Row& bad) {
        RowSource source = [&, n = uint64_t{0}](Row& to) mutable -> Result<bool> {
          if (n == good.rows) return false;
          to = n == at ? bad : good.row(n);
          ++n;
          return true;
        };
        const auto made = engine->create_filled_table(good.definition(), source);
        EXPECT_TRUE(engine->list_tables().empty());
        return made.status();
      };
      const Status same_key = outcome(500, good.row(499));
      EXPECT_EQ(same_key.code(), Code::duplicate_key);
      EXPECT_NE(same_key.to_string().find("PRIMARY"), std::string::npos);
      EXPECT_EQ(outcome(500, good.row(3)).code(), Code::invalid_argument);
      const Status same_code = outcome(999, {uint64_t{999}, good.row(1)[1], std::string()});
      EXPECT_EQ(same_code.code(), Code::duplicate_key);
      EXPECT_NE(same_code.to_string().find("code"), std::string::npos);
      EXPECT_EQ(outcome(10, {uint64_t{10}}).code(), Code::invalid_argument);
      EXPECT_EQ(outcome(10, {uint64_t{10}, Value(), Value()}).code(), Code::invalid_argument);
      // The name is free again.
      CHECK_OK(engine->create_filled_table(good.definition(), good.source()));
      EXPECT_EQ(good.differences(*engine), "");
      CHECK_OK(engine->drop_table(good.definition().name));
      CHECK_OK(engine->close());
    }
  });
}

TEST(EngineLoad, AnErrorOfTheSourceEndsIt) {
  on_node([](Node& node) {
    const auto engine = open(node, kIndexBuildBytes);
    const FilledTable good{.rows = 1000};
    RowSource source = [&, n = uint64_t{0}](Row& to) mutable -> Result<bool> {
      if (n == 700) return Status(Code::io_error, "no more of it");
      to = good.row(n++);
      return true;
    };
    EXPECT_EQ(engine->create_filled_table(good.definition(), source).code(), Code::io_error);
    EXPECT_TRUE(engine->list_tables().empty());
    CHECK_OK(engine->close());
  });
}

}  // namespace
}  // namespace aftersync::storage
