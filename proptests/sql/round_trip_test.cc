// parse(print(tree)) == tree, for random trees and for written statements.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "proptests/sql/random_tree.h"

namespace aftersync {
namespace {

using sql::parse;
using sql::Parsed;
using sql::SqlError;

std::string error_of(const std::variant<Parsed, SqlError>& result) {
  const auto* error = std::get_if<SqlError>(&result);
  return error == nullptr ? "" : std::to_string(error->number) + ": " + error->message;
}

RC_GTEST_PROP(SqlRoundTrip, PrintedTreesParseToThemselves, (uint64_t seed)) {
  Prng random(seed);
  const sql::Statement statement = RandomTree(random).statement();
  const std::string text = sql::to_sql(statement);
  RC_LOG() << text << "\n";
  const auto again = parse(text);
  RC_LOG() << error_of(again) << "\n";
  RC_ASSERT(std::holds_alternative<Parsed>(again));
  const auto& parsed = std::get<Parsed>(again);
  RC_LOG() << sql::to_sql(parsed.statement) << "\n";
  RC_ASSERT(parsed.statement == statement);
  RC_ASSERT(parsed.length == text.size());
}

RC_GTEST_PROP(SqlRoundTrip, AnsiQuotesAndPlainBackslashesMeanTheSame, (uint64_t seed)) {
  // What is printed has no double quotes outside texts, and its texts need backslashes: under
  // ANSI_QUOTES it is the same statement.
  Prng random(seed);
  const sql::Statement statement = RandomTree(random).statement();
  sql::ParseOptions options;
  options.ansi_quotes = true;
  const auto again = parse(sql::to_sql(statement), options);
  RC_ASSERT(std::holds_alternative<Parsed>(again));
  RC_ASSERT(std::get<Parsed>(again).statement == statement);
}

}  // namespace
}  // namespace aftersync
