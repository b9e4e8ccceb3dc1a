// Functions that ask the session, with one whose answers are known (fixed_session.h); and what the
// golden file cannot hold, as MariaDB is no oracle for it.
#include <utility>

#include <gtest/gtest.h>

#include "core/sql/eval/bind.h"
#include "core/sql/parser/parse.h"
#include "proptests/sql/evaluate_text.h"
#include "proptests/sql/fixed_session.h"

namespace aftersync {
namespace {

TEST(SqlSession, FunctionsAskTheSession) {
  const std::pair<const char*, const char*> kCases[] = {
      {"CONNECTION_ID()", "integer 7"},
      {"USER()", "text 'ann@host'"},
      {"CURRENT_USER()", "text 'ann@%'"},
      {"DATABASE()", "text 'test'"},
      {"ROW_COUNT()", "integer -1"},
      {"FOUND_ROWS()", "integer 3"},
      {"LAST_INSERT_ID(41) + LAST_INSERT_ID()", "integer 82"},
      {"NOW()", "datetime 2024-02-29 12:34:56"},
      {"NOW(3)", "datetime 2024-02-29 12:34:56.000"},
      {"CURDATE()", "date 2024-02-29"},
      {"CURRENT_TIME", "time 12:34:56"},
      {"UTC_TIMESTAMP()", "datetime 2024-02-29 12:34:56"},
      {"SYSDATE()", "datetime 2024-02-29 12:34:56"},
      {"UNIX_TIMESTAMP()", "integer 1709210096"},
      {"RAND()", "real 0.25"},
      {"SLEEP(0.5)", "integer 0"},
      {"@unset", "NULL"},
      {"@a := 5", "integer 5"},
      {"?", "error 1210"},
      {"COUNT(*)", "error 1111"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(evaluate_text(text), expected) << text;
}

// The manual's own numbers (14.6.2, RAND).
TEST(SqlSession, SeedsGiveMysqlsNumbers) {
  EXPECT_TRUE(same_result(evaluate_text("RAND(1)"), "real 0.40540353712197724"));
  EXPECT_TRUE(same_result(evaluate_text("RAND(3)"), "real 0.9057697559760601"));
}

TEST(SqlSession, HexadecimalLiteralsAreNumbersBesideNumbers) {
  EXPECT_EQ(evaluate_text("x'41' + 1"), "integer 66");
  EXPECT_EQ(evaluate_text("0x41 = 65"), "integer 1");
  EXPECT_EQ(evaluate_text("CAST(0x0141 AS SIGNED)"), "integer 321");
  EXPECT_EQ(evaluate_text("CONCAT(0x41)"), "binary 'A'");
  EXPECT_EQ(evaluate_text("CAST(1e300 AS SIGNED)"), "integer 9223372036854775807");
}

TEST(SqlSession, ArgumentsOfAnySizeAreNoTrouble) {
  const std::string digits(65, '9');
  EXPECT_EQ(evaluate_text("MAKETIME(1, 2, " + digits + ")"), "NULL");
  EXPECT_EQ(evaluate_text("SEC_TO_TIME(" + digits + ")"), "time 838:59:59");
  EXPECT_EQ(evaluate_text("CONV(1, -9223372036854775808, 10)"), "NULL");
  EXPECT_EQ(evaluate_text("STR_TO_DATE('2024 ', '%Y%%')"), "NULL");
  EXPECT_EQ(evaluate_text("INET_NTOA(18446744073709551615)"), "NULL");
}

class NoColumns final : public sql::ColumnScope {
 public:
  std::optional<std::pair<uint32_t, sql::TypeInfo>> find(
      const sql::ColumnName& /*name*/) const override {
    return std::nullopt;
  }
};

sql::Value evaluated(const std::string& text, FixedSession& session) {
  const auto parsed = sql::parse("SELECT " + text);
  const auto& query = std::get<sql::Query>(std::get<sql::Parsed>(parsed).statement);
  const auto& select = std::get<sql::Select>(query.terms.at(0).body);
  const auto bound = sql::bind(*select.items.at(0).expr, NoColumns(), &session);
  sql::Diagnostics diagnostics;
  sql::EvalContext context{diagnostics, {}, session.now, &session};
  return std::get<sql::BoundExpr>(bound).evaluate(context);
}

TEST(SqlSession, VariablesKeepValueAndType) {
  FixedSession session;
  EXPECT_EQ(std::get<int64_t>(evaluated("@a := 6 * 7", session)), 42);
  EXPECT_EQ(std::get<int64_t>(evaluated("@a + 1", session)), 43);
  (void)evaluated("@a := x'41'", session);
  EXPECT_EQ(sql::to_text(evaluated("@a", session)), "A");
  session.parameters.push_back(session.user_variable("a"));
  EXPECT_EQ(sql::to_text(evaluated("CONCAT(?, 'b')", session)), "Ab");
}

TEST(SqlSession, TimeFollowsTheZone) {
  FixedSession session;
  session.zone_s = 3600;
  EXPECT_EQ(sql::to_text(evaluated("UTC_TIMESTAMP()", session)), "2024-02-29 11:34:56");
  EXPECT_EQ(sql::to_text(evaluated("FROM_UNIXTIME(0)", session)), "1970-01-01 01:00:00");
  EXPECT_EQ(sql::to_text(evaluated("UNIX_TIMESTAMP('1970-01-01 02:00:00')", session)), "3600");
  EXPECT_EQ(
      sql::to_text(evaluated("CONVERT_TZ('2024-01-01 00:00:00', '+00:00', '-05:30')", session)),
      "2023-12-31 18:30:00");
}

}  // namespace
}  // namespace aftersync
