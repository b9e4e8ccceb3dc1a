// The table model against the manual: one small, readable case for each rule it encodes.
#include "model/table/table_model.h"

#include <gtest/gtest.h>

namespace aftersync::model {
namespace {

Row row(int64_t id, Value name) { return {id, std::move(name)}; }

TableModel people(Order name_order, bool unique) {
  TableDef def;
  def.columns = {Order::integer, name_order};
  def.primary_key = {{0, false}};
  def.secondary = {{"name", {{1, false}}, unique}};
  return TableModel(def);
}

TEST(TableModel, PrimaryKeysAreUnique) {
  TableModel table = people(Order::bytes, false);
  EXPECT_EQ(table.insert(row(1, "a")), Outcome::done);
  std::string violated;
  EXPECT_EQ(table.insert(row(1, "b"), &violated), Outcome::duplicate_key);
  EXPECT_EQ(violated, "PRIMARY");
  EXPECT_EQ(table.get({int64_t{1}}), row(1, "a"));
}

TEST(TableModel, UniqueIndexesAdmitManyNulls) {
  TableModel table = people(Order::bytes, true);
  EXPECT_EQ(table.insert(row(1, Null())), Outcome::done);
  EXPECT_EQ(table.insert(row(2, Null())), Outcome::done);
  EXPECT_EQ(table.insert(row(3, "x")), Outcome::done);
  std::string violated;
  EXPECT_EQ(table.insert(row(4, "x"), &violated), Outcome::duplicate_key);
  EXPECT_EQ(violated, "name");
}

TEST(TableModel, CaseAndTrailingSpacesDoNotCountUnderCi) {
  TableModel table = people(Order::ascii_ci, true);
  EXPECT_EQ(table.insert(row(1, "Ann")), Outcome::done);
  EXPECT_EQ(table.insert(row(2, "aNN  ")), Outcome::duplicate_key);
  EXPECT_EQ(table.insert(row(3, "ann\t")), Outcome::done);
  // PAD SPACE: a tab sorts before the space that "Ann" is padded with.
  EXPECT_EQ(table.scan("name"), (std::vector<Row>{row(3, "ann\t"), row(1, "Ann")}));
}

TEST(TableModel, NullsFirstAndLastWhenDescending) {
  TableDef def;
  def.columns = {Order::integer, Order::integer};
  def.primary_key = {{0, false}};
  def.secondary = {{"up", {{1, false}}, false}, {"down", {{1, true}}, false}};
  TableModel table(def);
  for (const Row& r : {row(1, int64_t{5}), row(2, Null()), row(3, int64_t{-5})}) {
    ASSERT_EQ(table.insert(r), Outcome::done);
  }
  EXPECT_EQ(table.scan("up"),
            (std::vector<Row>{row(2, Null()), row(3, int64_t{-5}), row(1, int64_t{5})}));
  EXPECT_EQ(table.scan("down"),
            (std::vector<Row>{row(1, int64_t{5}), row(3, int64_t{-5}), row(2, Null())}));
}

TEST(TableModel, UpdatesMayMoveARowButNotOntoAnother) {
  TableModel table = people(Order::bytes, true);
  ASSERT_EQ(table.insert(row(1, "a")), Outcome::done);
  ASSERT_EQ(table.insert(row(2, "b")), Outcome::done);
  EXPECT_EQ(table.update({int64_t{1}}, row(2, "a")), Outcome::duplicate_key);
  EXPECT_EQ(table.update({int64_t{1}}, row(1, "b")), Outcome::duplicate_key);
  EXPECT_EQ(table.update({int64_t{1}}, row(3, "a")), Outcome::done);
  EXPECT_EQ(table.update({int64_t{1}}, row(4, "z")), Outcome::not_found);
  EXPECT_EQ(table.scan("PRIMARY"), (std::vector<Row>{row(2, "b"), row(3, "a")}));
}

TEST(TableModel, DecimalsCompareByValue) {
  const auto less = [](const Decimal& a, const Decimal& b) {
    return compare(Order::decimal, a, b) < 0;
  };
  EXPECT_TRUE(less({true, "100"}, {true, "99"}));
  EXPECT_TRUE(less({true, "1"}, {false, ""}));
  EXPECT_TRUE(less({false, "99"}, {false, "100"}));
  EXPECT_FALSE(less({false, "99"}, {false, "99"}));
}

TEST(TableModel, ScansHonourPrefixBounds) {
  TableDef def;
  def.columns = {Order::integer, Order::integer};
  def.primary_key = {{0, false}, {1, true}};
  TableModel table(def);
  for (int64_t a : {1, 2, 3}) {
    for (int64_t b : {1, 2}) ASSERT_EQ(table.insert({a, b}), Outcome::done);
  }
  EXPECT_EQ(table.scan("PRIMARY", Row{int64_t{2}}, Row{int64_t{2}}),
            (std::vector<Row>{{int64_t{2}, int64_t{2}}, {int64_t{2}, int64_t{1}}}));
}

TEST(TableModel, AUniqueIndexIsNotAddedOverDuplicates) {
  TableModel table = people(Order::bytes, false);
  ASSERT_EQ(table.insert(row(1, "a")), Outcome::done);
  ASSERT_EQ(table.insert(row(2, "a")), Outcome::done);
  EXPECT_EQ(table.add_index({"u", {{1, false}}, true}), Outcome::duplicate_key);
  EXPECT_EQ(table.remove({int64_t{2}}), Outcome::done);
  EXPECT_EQ(table.add_index({"u", {{1, false}}, true}), Outcome::done);
  EXPECT_EQ(table.drop_index("name"), Outcome::done);
  EXPECT_EQ(table.drop_index("name"), Outcome::not_found);
}

}  // namespace
}  // namespace aftersync::model
