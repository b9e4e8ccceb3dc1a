// No text crashes the parser, hangs it or exhausts a stack: mutations, truncations, depths, sizes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "proptests/sql/random_tree.h"

namespace aftersync {
namespace {

using sql::Parsed;
using sql::SqlError;

// Its error number, 0 for none. What is parsed is printed as well, which walks the whole tree.
int outcome(const std::string& text, const sql::ParseOptions& options = {}) {
  const auto result = sql::parse(text, options);
  if (const auto* error = std::get_if<SqlError>(&result)) {
    EXPECT_FALSE(error->message.empty());
    EXPECT_EQ(error->sqlstate.size(), 5u);
    return error->number;
  }
  const auto& parsed = std::get<Parsed>(result);
  EXPECT_LE(parsed.length, text.size());
  EXPECT_FALSE(sql::to_sql(parsed.statement).empty());
  return 0;
}

std::string repeated(const std::string& what, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += what;
  return text;
}

void mutate(Prng& random, std::string& text) {
  static const std::string kPieces[] = {
      "'",        "\"", "`",  "\\", "/*",     "*/",    "/*!",      "--", "#",
      ";",        "(",  ")",  "@",  "@@",     ".",     "0x",       "x'", "b'",
      "_utf8mb4", "?",  "\n", ",",  "SELECT", "UNION", "INTERVAL", ":="};
  const size_t at = random.below(text.size() + 1);
  switch (random.below(5)) {
    case 0: text.resize(at); break;
    case 1: text.insert(at, kPieces[random.below(std::size(kPieces))]); break;
    case 2: text.erase(at, random.below(8)); break;
    case 3: text.insert(at, 1, static_cast<char>(random.next())); break;
    default: text.insert(at, text.substr(random.below(text.size() + 1), random.below(30))); break;
  }
}

RC_GTEST_PROP(SqlHostileText, MutatedStatementsAreParsedOrRefused, (uint64_t seed)) {
  Prng random(seed);
  std::string text = sql::to_sql(RandomTree(random).statement());
  sql::ParseOptions options;
  options.ansi_quotes = random.chance(0.3);
  options.no_backslash_escapes = random.chance(0.3);
  options.multi_statements = random.chance(0.5);
  for (int i = 0; i < 20; ++i) {
    mutate(random, text);
    (void)outcome(text, options);
  }
}

RC_GTEST_PROP(SqlHostileText, AnyBytesAreParsedOrRefused, (uint64_t seed)) {
  Prng random(seed);
  std::string text = random.chance(0.5) ? "SELECT " : "";
  for (uint64_t n = random.below(60); n > 0; --n) text += static_cast<char>(random.next());
  (void)outcome(text);
}

TEST(SqlHostileText, EveryTruncation) {
  const std::string text =
      "SELECT /*!50000 a */ 'it''s', \"q\\\"\", x'41', b'1', `n``m`, @'v', @@global.x, 1.5e-3 FROM "
      "t /* c */ WHERE a = ? -- end\n AND b IN (SELECT 1) ORDER BY 1 LIMIT 2";
  for (size_t bytes = 0; bytes <= text.size(); ++bytes) (void)outcome(text.substr(0, bytes));
}

// {beginning, repeated part, end}: nested many times.
TEST(SqlHostileText, WhatNestsTooDeeplyIsRefused) {
  const char* kCases[][3] = {
      {"SELECT ", "(", "1"},
      {"SELECT ", "-", "1"},
      {"SELECT ", "!", "1"},
      {"SELECT ", "NOT ", "1"},
      {"SELECT 1", "+1", ""},
      {"SELECT 1", " XOR 1", ""},
      {"SELECT ", "CASE ", "1"},
      {"SELECT ", "f(", "1"},
      {"SELECT ", "(1,", "1"},
      {"SELECT ", "@a:=", "1"},
      {"SELECT ", "INTERVAL ", "1"},
      {"SELECT ", "BINARY ", "1"},
      {"SELECT ", "1 IN (", "1"},
      {"SELECT ", "1 BETWEEN ", "1"},
      {"SELECT 1", " COLLATE a", ""},
      {"SELECT ", "(SELECT ", "1"},
      {"SELECT * FROM ", "(SELECT * FROM ", "a"},
      {"SELECT * FROM ", "(", "a"},
      {"SELECT * FROM a", " JOIN a", ""},
      {"SELECT 1 IS NULL", " IS NULL", ""},
      {"SELECT 1 = 1", " = 1", ""},
      {"", "(", "SELECT 1"},
      {"SELECT ", "EXISTS (SELECT ", "1"},
  };
  for (const auto& one : kCases) {
    const int number = outcome(one[0] + repeated(one[1], 200'000) + one[2]);
    EXPECT_TRUE(number == 1064 || number == 1473 || number == 1116) << one[1] << ": " << number;
  }
}

TEST(SqlHostileText, LimitsAreWhereTheyAreSaidToBe) {
  const auto sum = [](size_t terms) { return "SELECT 1" + repeated("+1", terms - 1); };
  EXPECT_EQ(outcome(sum(sql::kMaxExpressionDepth)), 0);
  EXPECT_EQ(outcome(sum(sql::kMaxExpressionDepth + 1)), 1064);
  const auto nested = [](size_t selects) {
    return repeated("SELECT (", selects) + "1" + repeated(")", selects);
  };
  EXPECT_EQ(outcome(nested(sql::kMaxNestedSelects)), 0);
  EXPECT_EQ(outcome(nested(sql::kMaxNestedSelects + 2)), 1473);
  const auto join = [](size_t tables) {
    return "SELECT * FROM a" + repeated(" JOIN a", tables - 1);
  };
  EXPECT_EQ(outcome(join(sql::kMaxJoinTables)), 0);
  EXPECT_EQ(outcome(join(sql::kMaxJoinTables + 1)), 1116);
}

TEST(SqlHostileText, LongStatementsAreNoTrouble) {
  EXPECT_EQ(outcome("SELECT 1" + repeated(" AND 1", 20'000)), 0);
  EXPECT_EQ(outcome("SELECT 1" + repeated(" OR a = 1", 20'000)), 0);
  EXPECT_EQ(outcome("SELECT 1 IN (1" + repeated(",1", 20'000) + ")"), 0);
  EXPECT_EQ(outcome("INSERT INTO t VALUES (1)" + repeated(",(1,'x')", 20'000)), 0);
  EXPECT_EQ(outcome("SELECT 1" + repeated(" UNION SELECT 1", 5'000)), 0);
  EXPECT_EQ(outcome("SELECT '" + std::string(4'000'000, 'x') + "'"), 0);
  EXPECT_EQ(outcome("SELECT " + std::string(1'000'000, '9')), 0);
  EXPECT_EQ(outcome("SELECT 1 /*" + std::string(4'000'000, '*') + "*/"), 0);
  EXPECT_EQ(outcome("SELECT " + repeated("/*!", 20'000) + "1" + repeated("*/", 20'000)), 0);
}

}  // namespace
}  // namespace aftersync
