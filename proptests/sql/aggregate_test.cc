// Aggregates over rows of a table with the columns i (BIGINT), d (DECIMAL(10,2)), r (DOUBLE) and t
// (text): against what one gets by hand, and against plain sums over many random rows.
#include "core/sql/eval/aggregate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/prng.h"
#include "core/sql/eval/bind.h"
#include "core/sql/parser/parse.h"
#include "proptests/sql/fixed_session.h"

namespace aftersync {
namespace {

using sql::Value;
using Rows = std::vector<std::vector<Value>>;

class Columns final : public sql::ColumnScope {
 public:
  std::optional<std::pair<uint32_t, sql::TypeInfo>> find(
      const sql::ColumnName& name) const override {
    static constexpr std::pair<std::string_view, sql::TypeClass> kColumns[] = {
        {"i", sql::TypeClass::integer},
        {"d", sql::TypeClass::decimal},
        {"r", sql::TypeClass::real},
        {"t", sql::TypeClass::string}};
    for (uint32_t at = 0; at < std::size(kColumns); ++at) {
      if (kColumns[at].first != name.column) continue;
      sql::TypeInfo type;
      type.type = kColumns[at].second;
      type.decimals = type.type == sql::TypeClass::decimal ? 2
                      : type.type == sql::TypeClass::real  ? sql::TypeInfo::kNotFixed
                                                           : 0;
      return std::pair{at, type};
    }
    return std::nullopt;
  }
};

// What the select list `text` is for the group of all `rows`, as a client would read it; warnings
// behind it.
std::string grouped(const std::string& text, const Rows& rows, uint64_t most_bytes = 1024) {
  const auto parsed = sql::parse("SELECT " + text);
  const auto& query = std::get<sql::Query>(std::get<sql::Parsed>(parsed).statement);
  const auto& select = std::get<sql::Select>(query.terms.at(0).body);
  FixedSession session;
  session.system["group_concat_max_len"].value = most_bytes;
  std::vector<sql::BoundAggregate> aggregates;
  const auto bound = sql::bind(*select.items.at(0).expr, Columns(), &session, &aggregates);
  if (const auto* error = std::get_if<sql::SqlError>(&bound)) {
    return "error " + std::to_string(error->number);
  }
  sql::Diagnostics diagnostics;
  sql::EvalContext context{diagnostics, {}, {}, &session};
  const auto states = sql::begin_aggregates(aggregates);
  for (const auto& row : rows) {
    context.row = row;
    for (const auto& state : states) state->add(context);
  }
  const std::vector<Value> values = sql::results(states, context);
  context.aggregates = values;
  const auto& expr = std::get<sql::BoundExpr>(bound);
  const Value value = expr.evaluate(context);
  if (diagnostics.failed()) return "error " + std::to_string(diagnostics.error().number);
  std::string shown = sql::is_null(value) ? "NULL" : sql::to_text(value, expr.type);
  for (const sql::SqlError& one : diagnostics.warnings()) {
    shown += " w" + std::to_string(one.number);
  }
  return shown;
}

Rows some_rows() {
  const auto decimal = [](const char* text) { return *sql::Decimal::parse(text); };
  return {{int64_t{1}, decimal("1.50"), 0.5, std::string("b")},
          {int64_t{3}, decimal("-0.25"), 1.5, std::string("a")},
          {int64_t{3}, Value(), Value(), std::string("A")},
          {Value(), decimal("1.50"), 4.0, Value()}};
}

TEST(SqlAggregate, OfAGroup) {
  const std::pair<const char*, const char*> kCases[] = {
      {"COUNT(*)", "4"},
      {"COUNT(i)", "3"},
      {"COUNT(DISTINCT i)", "2"},
      {"COUNT(DISTINCT i, t)", "2"},
      {"SUM(i)", "7"},
      {"SUM(DISTINCT i)", "4"},
      {"SUM(d)", "2.75"},
      {"SUM(DISTINCT d)", "1.25"},
      {"SUM(r)", "6"},
      {"AVG(i)", "2.3333"},
      {"AVG(d)", "0.916667"},
      {"AVG(r)", "2"},
      {"MIN(t)", "a"},
      {"MAX(t)", "b"},
      {"MAX(d) - MIN(d)", "1.75"},
      {"BIT_AND(i)", "1"},
      {"BIT_OR(i)", "3"},
      {"BIT_XOR(i)", "1"},
      {"VAR_POP(i)", "0.888888888888889"},
      {"STDDEV_SAMP(r) > 1.8 AND STDDEV_SAMP(r) < 1.81", "1"},
      {"GROUP_CONCAT(t)", "b,a,A"},
      {"GROUP_CONCAT(DISTINCT t ORDER BY t DESC SEPARATOR '; ')", "b; a"},
      {"GROUP_CONCAT(i, ':', t ORDER BY i DESC, t)", "3:a,3:A,1:b"},
      {"SUM(i + 1) * 2", "20"},
      {"SUM(COUNT(*))", "error 1111"},
      {"SUM(x)", "error 1054"},
  };
  for (const auto& [text, expected] : kCases) {
    const std::string made = grouped(text, some_rows());
    if (std::string_view(text).starts_with("VAR_POP")) {
      EXPECT_NEAR(std::stod(made), 8.0 / 9, 1e-12);
    } else {
      EXPECT_EQ(made, expected) << text;
    }
  }
}

TEST(SqlAggregate, OfNoRows) {
  for (const char* text : {"SUM(i)", "AVG(d)", "MIN(t)", "MAX(r)", "GROUP_CONCAT(t)", "STD(i)"}) {
    EXPECT_EQ(grouped(text, {}), "NULL") << text;
  }
  EXPECT_EQ(grouped("COUNT(i)", {}), "0");
  EXPECT_EQ(grouped("BIT_AND(i)", {}), "18446744073709551615");
  EXPECT_EQ(grouped("BIT_OR(i)", {}), "0");
}

TEST(SqlAggregate, SumsLeaveBigint) {
  const Rows rows(3, {INT64_MAX, *sql::Decimal::parse("1"), 1e308, std::string()});
  EXPECT_EQ(grouped("SUM(i)", rows), "27670116110564327421");
  EXPECT_EQ(grouped("SUM(r)", rows), "error 1690");
  EXPECT_EQ(grouped("AVG(i)", rows), "9223372036854775807.0000");
}

TEST(SqlAggregate, GroupConcatIsCutAtWholeCharacters) {
  const Rows rows(3, {Value(), Value(), Value(), std::string("äb")});
  EXPECT_EQ(grouped("GROUP_CONCAT(t)", rows, 3), "äb w1260");
  EXPECT_EQ(grouped("GROUP_CONCAT(t)", rows, 5), "äb, w1260");
  EXPECT_EQ(grouped("GROUP_CONCAT(t)", rows, 11), "äb,äb,äb");
}

RC_GTEST_PROP(SqlAggregate, ManyRowsAsPlainSums, (uint64_t seed)) {
  Prng random(seed);
  Rows rows;
  int64_t sum = 0;
  int64_t count = 0;
  double squares = 0;
  std::set<int64_t> distinct;
  for (uint64_t n = random.below(60); n > 0; --n) {
    std::vector<Value> row(4);
    if (random.chance(0.8)) {
      const int64_t value = static_cast<int64_t>(random.below(40)) - 20;
      row[0] = value;
      row[1] = sql::Decimal::of(value);
      row[2] = static_cast<double>(value);
      sum += value;
      ++count;
      squares += static_cast<double>(value * value);
      distinct.insert(value);
    }
    rows.push_back(std::move(row));
  }
  RC_ASSERT(grouped("COUNT(i)", rows) == std::to_string(count));
  RC_ASSERT(grouped("COUNT(DISTINCT r)", rows) == std::to_string(distinct.size()));
  if (count == 0) return;
  RC_ASSERT(grouped("SUM(i)", rows) == std::to_string(sum));
  RC_ASSERT(grouped("SUM(d)", rows) == std::to_string(sum) + ".00");
  RC_ASSERT(grouped("MIN(r)", rows) == std::to_string(*distinct.begin()));
  RC_ASSERT(grouped("MAX(i)", rows) == std::to_string(*distinct.rbegin()));
  const double mean = static_cast<double>(sum) / static_cast<double>(count);
  const double variance = squares / static_cast<double>(count) - mean * mean;
  RC_ASSERT(std::abs(std::stod(grouped("VAR_POP(i)", rows)) - variance) < 1e-9);
}

}  // namespace
}  // namespace aftersync
