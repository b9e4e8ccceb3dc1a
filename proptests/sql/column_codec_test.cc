// Columns: what is stored of a value, what is said about it, and what comes back.
//
// The tables of cases are MySQL's rules, one a line. The properties hold for every column type and
// any value: what was stored comes back as the same value, storing that again changes nothing and
// says nothing, and keys order as comparisons do.
#include "core/sql/value/column_codec.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/prng.h"
#include "core/sql/ast/ddl.h"
#include "core/sql/eval/compare.h"
#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "core/storage/key_encoding.h"

namespace aftersync {
namespace {

using sql::ColumnCodec;
using sql::TypeClass;

std::variant<sql::ColumnTypeSpec, sql::SqlError> completed(const std::string& type) {
  const auto parsed = sql::parse("CREATE TABLE t (c " + type + ")");
  const auto& create = std::get<sql::CreateTable>(std::get<sql::Parsed>(parsed).statement);
  return sql::complete_type(std::get<sql::ColumnSpec>(create.elements.at(0)).type, "c",
                            storage::Collation::utf8mb4_general_ci);
}

ColumnCodec column_of(const std::string& type, bool nullable = true) {
  return {"c", std::get<sql::ColumnTypeSpec>(completed(type)), nullable};
}

sql::TypeInfo type_of(TypeClass type, unsigned decimals = 0) {
  sql::TypeInfo made;
  made.type = type;
  made.decimals = static_cast<uint8_t>(decimals);
  return made;
}

// A literal: 'text', X'bytes', 12, 1.5, 1e3, D'...', T'...', NULL.
std::pair<sql::Value, sql::TypeInfo> literal(std::string_view text) {
  const auto inner = [&](size_t from) {
    return std::string(text.substr(from, text.size() - from - 1));
  };
  if (text == "NULL") return {};
  if (text[0] == '\'') return {inner(1), type_of(TypeClass::string)};
  if (text[0] == 'B') {
    sql::TypeInfo bytes = type_of(TypeClass::string);
    bytes.collation = storage::Collation::binary;
    return {inner(2), bytes};
  }
  if (text[0] == 'D') {
    const sql::Temporal value = sql::parse_datetime(inner(2))->value;
    const bool date = value.kind == sql::TemporalKind::date;
    return {value, type_of(date ? TypeClass::date : TypeClass::datetime, value.decimals)};
  }
  if (text[0] == 'T') {
    const sql::Temporal value = sql::parse_time(inner(2))->value;
    return {value, type_of(TypeClass::time, value.decimals)};
  }
  const std::string number(text);
  if (number.find('e') != std::string::npos) {
    return {std::stod(number), type_of(TypeClass::real, sql::TypeInfo::kNotFixed)};
  }
  const sql::Decimal decimal = *sql::Decimal::parse(number);
  if (decimal.scale() > 0) return {decimal, type_of(TypeClass::decimal, decimal.scale())};
  if (const auto fits = decimal.to_signed()) return {*fits, type_of(TypeClass::integer)};
  sql::TypeInfo big = type_of(TypeClass::integer);
  big.is_unsigned = true;
  return {*decimal.to_unsigned(), big};
}

storage::ValueView view(const storage::Value& value) {
  return std::visit([](const auto& v) { return storage::ValueView(v); }, value);
}

std::string shown(const ColumnCodec& column, const storage::Value& stored) {
  const sql::Value value = column.load(view(stored), 0);
  return sql::is_null(value) ? "NULL" : sql::to_text(value, column.type_info());
}

// "what is shown afterwards", and the numbers of what was said: "w1264", "n1265", or "e1406".
std::string outcome(const std::string& type, std::string_view value, bool strict) {
  const ColumnCodec column = column_of(type, value != "NULL");
  const auto [given, from] = literal(value);
  sql::Diagnostics diagnostics;
  sql::StoreContext context{diagnostics, {.strict = strict}};
  context.now = sql::parse_datetime("2024-02-29 12:34:56")->value;
  const auto stored = column.store(given, from, context);
  if (!stored) return "e" + std::to_string(diagnostics.error().number);
  std::string made = shown(column, *stored);
  for (const sql::SqlError& one : diagnostics.warnings()) {
    made += one.severity == sql::Severity::note ? " n" : " w";
    made += std::to_string(one.number);
  }
  return made;
}

struct Case {
  std::string type;
  std::string_view value;
  std::string strict;
  std::string lax;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(outcome(one.type, one.value, true), one.strict) << one.type << " " << one.value;
    EXPECT_EQ(outcome(one.type, one.value, false), one.lax) << one.type << " " << one.value;
  }
}

TEST(SqlColumn, StoresWholeNumbers) {
  check({
      {"TINYINT", "127", "127", "127"},
      {"TINYINT", "128", "e1264", "127 w1264"},
      {"TINYINT", "-129", "e1264", "-128 w1264"},
      {"TINYINT UNSIGNED", "-1", "e1264", "0 w1264"},
      {"TINYINT UNSIGNED", "255.4", "255", "255"},
      {"SMALLINT", "1.5", "2", "2"},
      {"SMALLINT", "2.5e0", "2", "2"},
      {"MEDIUMINT UNSIGNED", "16777216", "e1264", "16777215 w1264"},
      {"INT", "' 12 '", "12", "12"},
      {"INT", "'12abc'", "e1265", "12 w1265"},
      {"INT", "'abc'", "e1366", "0 w1366"},
      {"INT", "''", "e1366", "0 w1366"},
      {"INT", "'1.5e1'", "15", "15"},
      {"INT", "'99999999999'", "e1264", "2147483647 w1264"},
      {"BIGINT", "1e300", "e1264", "9223372036854775807 w1264"},
      {"BIGINT", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
      {"BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615", "18446744073709551615"},
      {"BIGINT", "D'2024-01-31 23:59:59.5'", "20240201000000", "20240201000000"},
      {"INT", "NULL", "e1048", "0 w1048"},
      {"INT(5) ZEROFILL", "42", "00042", "00042"},
      {"YEAR", "24", "2024", "2024"},
      {"YEAR", "'0'", "2000", "2000"},
      {"YEAR", "0", "0000", "0000"},
      {"YEAR", "1900", "e1264", "0000 w1264"},
      {"YEAR", "2155", "2155", "2155"},
  });
}

TEST(SqlColumn, StoresNumbersWithAFraction) {
  check({
      {"DECIMAL(5,2)", "123.456", "123.46 n1265", "123.46 n1265"},
      {"DECIMAL(5,2)", "1000", "e1264", "999.99 w1264"},
      {"DECIMAL(5,2)", "999.999", "e1264", "999.99 w1264"},
      {"DECIMAL(5,2)", "-1e10", "e1264", "-999.99 w1264"},
      {"DECIMAL(5,2)", "'abc'", "e1366", "0.00 w1366"},
      {"DECIMAL(5,2)", "'1.5abc'", "e1366", "1.50 w1265"},
      {"DECIMAL(5,2) UNSIGNED", "-1", "e1264", "0.00 w1264"},
      {"DECIMAL(65,30)", "'1e400'", "e1366",
       "99999999999999999999999999999999999.999999999999999999999999999999 w1264"},
      {"FLOAT", "16777217", "16777200", "16777200"},
      {"FLOAT", "0.1", "0.1", "0.1"},
      {"FLOAT", "1e39", "e1264", "3.40282e38 w1264"},
      {"FLOAT(5,2)", "1234.5", "e1264", "999.99 w1264"},
      {"DOUBLE", "0.1", "0.1", "0.1"},
      {"DOUBLE", "'1e2x'", "e1265", "100 w1265"},
      {"DOUBLE", "'abc'", "e1265", "0 w1265"},
      {"DOUBLE UNSIGNED", "-0.5", "e1264", "0 w1264"},
  });
}

TEST(SqlColumn, StoresTexts) {
  check({
      {"CHAR(3)", "'abc'", "abc", "abc"},
      {"CHAR(3)", "'ab  '", "ab", "ab"},
      {"CHAR(3)", "'abcd'", "e1406", "abc w1265"},
      {"VARCHAR(3)", "'ab   '", "ab  n1265", "ab  n1265"},
      {"VARCHAR(3)", "'äöüß'", "e1406", "äöü w1265"},
      {"VARCHAR(3)", "1.50", "e1406", "1.5 w1265"},
      {"VARCHAR(20)", "D'2024-01-31'", "2024-01-31", "2024-01-31"},
      {"VARCHAR(3) CHARACTER SET latin1", "'ä€ß'", "ä€ß", "ä€ß"},
      {"VARCHAR(3) CHARACTER SET latin1", "'aж'", "e1366", "a? w1366"},
      {"VARCHAR(3) CHARACTER SET ascii", "'ä'", "e1366", "? w1366"},
      {"VARCHAR(9)",
       "B'a\xff"
       "b'",
       "e1366", "a w1366"},
      {"TINYTEXT", "'short'", "short", "short"},
      {"BINARY(3)", "'a'", std::string("a\0\0", 3), std::string("a\0\0", 3)},
      {"BINARY(3)", "'abcd'", "e1406", "abc w1265"},
      {"VARBINARY(3)", "'a   '", "e1406", "a   w1265"},
      {"BLOB", "'a '", "a ", "a "},
  });
}

TEST(SqlColumn, StoresDatesAndTimes) {
  check({
      {"DATE", "'2024-02-29'", "2024-02-29", "2024-02-29"},
      {"DATE", "'2023-02-29'", "e1292", "0000-00-00 w1264"},
      {"DATE", "'2023-13-01'", "e1292", "0000-00-00 w1265"},
      {"DATE", "'2024-01-01x'", "e1292", "2024-01-01 w1265"},
      {"DATE", "'0000-00-00'", "e1292", "0000-00-00 w1264"},
      {"DATE", "'2024-00-01'", "e1292", "0000-00-00 w1264"},
      {"DATE", "20240131", "2024-01-31", "2024-01-31"},
      {"DATE", "'2024-01-31 23:59:59.9'", "2024-02-01 n1265", "2024-02-01 n1265"},
      {"DATE", "D'2024-01-31 00:00:00'", "2024-01-31", "2024-01-31"},
      {"DATETIME", "'2024-01-31 23:59:59.5'", "2024-02-01 00:00:00", "2024-02-01 00:00:00"},
      {"DATETIME(3)", "'2024-01-31 23:59:59.0005'", "2024-01-31 23:59:59.001",
       "2024-01-31 23:59:59.001"},
      {"DATETIME(1)", "20240131235959.26", "2024-01-31 23:59:59.3", "2024-01-31 23:59:59.3"},
      {"DATETIME", "'9999-12-31 23:59:59.9'", "e1292", "0000-00-00 00:00:00 w1264"},
      {"DATETIME", "T'01:02:03'", "2024-02-29 01:02:03", "2024-02-29 01:02:03"},
      {"TIMESTAMP", "'1970-01-01 00:00:01'", "1970-01-01 00:00:01", "1970-01-01 00:00:01"},
      {"TIMESTAMP", "'1970-01-01 00:00:00'", "e1292", "0000-00-00 00:00:00 w1264"},
      {"TIMESTAMP(6)", "'2038-01-19 03:14:07.999999'", "2038-01-19 03:14:07.999999",
       "2038-01-19 03:14:07.999999"},
      {"TIMESTAMP", "'2038-01-19 03:14:08'", "e1292", "0000-00-00 00:00:00 w1264"},
      {"TIME", "'-838:59:59'", "-838:59:59", "-838:59:59"},
      {"TIME", "'839:00:00'", "e1292", "838:59:59 w1264"},
      {"TIME", "'abc'", "e1292", "00:00:00 w1265"},
      {"TIME(2)", "'1 01:02:03.456'", "25:02:03.46", "25:02:03.46"},
      {"TIME", "-10203", "-01:02:03", "-01:02:03"},
      {"TIME", "9000000", "e1292", "838:59:59 w1264"},
      {"TIME", "D'2024-01-31 10:20:30'", "10:20:30 n1265", "10:20:30 n1265"},
  });
}

TEST(SqlColumn, MessagesNameColumnAndRow) {
  const ColumnCodec column = column_of("INT", false);
  sql::Diagnostics diagnostics;
  sql::StoreContext context{diagnostics};
  context.row_number = 7;
  const auto [value, type] = literal("'abc'");
  EXPECT_FALSE(column.store(value, type, context).has_value());
  EXPECT_EQ(diagnostics.error().message, "Incorrect integer value: 'abc' for column 'c' at row 7");
}

TEST(SqlColumn, TimestampsFollowTheTimeZone) {
  const ColumnCodec column = column_of("TIMESTAMP");
  sql::Diagnostics diagnostics;
  sql::StoreContext context{diagnostics};
  context.zone_offset_s = 7200;
  const auto [value, type] = literal("'2024-01-01 02:00:00'");
  const auto stored = column.store(value, type, context);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(std::get<int64_t>(*stored), 1'704'067'200'000'000);
  EXPECT_EQ(shown(column, *stored), "2024-01-01 00:00:00");
  EXPECT_EQ(sql::to_text(column.load(view(*stored), -3600)), "2023-12-31 23:00:00");
}

TEST(SqlColumn, TypesAreCompleted) {
  const auto text_of = [](const std::string& type) {
    const auto made = completed(type);
    if (const auto* error = std::get_if<sql::SqlError>(&made)) {
      return "e" + std::to_string(error->number);
    }
    sql::CreateTable create;
    create.name.table = "t";
    sql::ColumnSpec column;
    column.name = "c";
    column.type = std::get<sql::ColumnTypeSpec>(made);
    create.elements.emplace_back(column);
    const std::string text = sql::to_sql(sql::Statement(create));
    const size_t begin = text.find("`c` ") + 4;
    return text.substr(begin, text.rfind(')') - begin);
  };
  EXPECT_EQ(text_of("INT(11)"), "INT");
  EXPECT_EQ(text_of("BOOL"), "TINYINT(1)");
  EXPECT_EQ(text_of("INT ZEROFILL"), "INT(10) UNSIGNED ZEROFILL");
  EXPECT_EQ(text_of("DECIMAL"), "DECIMAL(10, 0)");
  EXPECT_EQ(text_of("DECIMAL(66,2)"), "e1426");
  EXPECT_EQ(text_of("DECIMAL(40,31)"), "e1425");
  EXPECT_EQ(text_of("DECIMAL(2,3)"), "e1427");
  EXPECT_EQ(text_of("FLOAT(30)"), "DOUBLE");
  EXPECT_EQ(text_of("CHAR(256)"), "e1074");
  EXPECT_EQ(text_of("VARCHAR(16384)"), "e1074");
  EXPECT_EQ(text_of("VARCHAR(16384) CHARACTER SET latin1 COLLATE latin1_bin").substr(0, 14),
            "VARCHAR(16384)");
  EXPECT_EQ(text_of("CHAR(3) CHARACTER SET binary"), "BINARY(3)");
  EXPECT_EQ(text_of("BLOB(70000)"), "MEDIUMBLOB");
  EXPECT_EQ(text_of("TIME(7)"), "e1426");
  EXPECT_EQ(text_of("CHAR(3) CHARACTER SET klingon"), "e1115");
  EXPECT_EQ(text_of("JSON"), "e1235");
}

constexpr const char* kTypes[] = {"TINYINT",
                                  "SMALLINT UNSIGNED",
                                  "MEDIUMINT",
                                  "INT UNSIGNED",
                                  "BIGINT",
                                  "BIGINT UNSIGNED",
                                  "YEAR",
                                  "DECIMAL(7,3)",
                                  "DECIMAL(65,30)",
                                  "FLOAT",
                                  "FLOAT(7,2)",
                                  "DOUBLE",
                                  "CHAR(4)",
                                  "VARCHAR(5)",
                                  "VARCHAR(5) CHARACTER SET latin1",
                                  "CHAR(4) CHARACTER SET ascii",
                                  "TEXT",
                                  "VARCHAR(4) BINARY",
                                  "BINARY(3)",
                                  "VARBINARY(4)",
                                  "BLOB",
                                  "DATE",
                                  "TIME",
                                  "TIME(3)",
                                  "DATETIME",
                                  "DATETIME(6)",
                                  "TIMESTAMP",
                                  "TIMESTAMP(4)"};

std::string some_text(Prng& random) {
  static constexpr std::string_view kPieces[] = {"a", "B", "b",  " ",    "ä",        "Ä",
                                                 "€", "0", "1",  "12",   "-",        ".",
                                                 ":", "e", "\t", "\x01", "2024-01-0"};
  std::string made;
  for (uint64_t n = random.below(5); n > 0; --n) made += kPieces[random.below(std::size(kPieces))];
  return made;
}

std::pair<sql::Value, sql::TypeInfo> some_value(Prng& random) {
  switch (random.below(8)) {
    case 0: return literal("NULL");
    case 1:
      return {static_cast<int64_t>(random.next() >> random.below(64)), type_of(TypeClass::integer)};
    case 2: return {-static_cast<int64_t>(random.below(1000)), type_of(TypeClass::integer)};
    case 3: {
      const std::string text =
          std::to_string(random.below(100'000)) + "." + std::to_string(random.below(100'000));
      return literal((random.chance(0.5) ? "-" : "") + text);
    }
    case 4:
      return {(static_cast<double>(random.below(1u << 30)) / (1 << 30) - 0.5) *
                  static_cast<double>(uint64_t{1} << random.below(63)),
              type_of(TypeClass::real, sql::TypeInfo::kNotFixed)};
    case 5: {
      sql::Temporal value = sql::datetime_of_ordinal(
          static_cast<int64_t>(random.between(719'500, 745'000)) * 86'400'000'000 +
          static_cast<int64_t>(random.below(86'400'000'000)));
      value.decimals = 6;
      return {value, type_of(TypeClass::datetime, 6)};
    }
    case 6: {
      sql::Temporal value = sql::time_of_ordinal(
          static_cast<int64_t>(random.below(3'020'399'000'000)) * (random.chance(0.5) ? 1 : -1));
      value.decimals = 6;
      return {value, type_of(TypeClass::time, 6)};
    }
    default: return {some_text(random), type_of(TypeClass::string)};
  }
}

struct Stored {
  storage::Value stored;
  sql::Value value;
  std::string key;
};

Stored store_some(const ColumnCodec& column, Prng& random) {
  sql::Diagnostics diagnostics;
  sql::StoreContext context{diagnostics, {.strict = false}};
  context.zone_offset_s = 3600;
  context.now = sql::parse_datetime("2024-02-29 12:34:56")->value;
  const auto [value, type] = some_value(random);
  Stored made;
  made.stored = *column.store(value, type, context);
  made.value = column.load(view(made.stored), context.zone_offset_s);
  // Again: what a column holds fits it.
  sql::Diagnostics again;
  sql::StoreContext plain{again, {.strict = true, .no_zero_date = false, .no_zero_in_date = false}};
  plain.zone_offset_s = context.zone_offset_s;
  const auto twice = column.store(made.value, column.type_info(), plain);
  RC_ASSERT(twice.has_value());
  RC_ASSERT(*twice == made.stored);
  RC_ASSERT(again.warning_count() == 0u);
  storage::KeyPart part;
  storage::describe_part(column.definition(), part);
  const Status appended = storage::append_key_part(part, view(made.stored), made.key);
  RC_ASSERT(appended.ok());
  return made;
}

RC_GTEST_PROP(SqlColumn, WhatIsStoredComesBackAndSortsAsItCompares, (uint64_t seed)) {
  Prng random(seed);
  for (const char* type : kTypes) {
    RC_LOG() << type << "\n";
    const ColumnCodec column = column_of(type);
    const Stored a = store_some(column, random);
    const Stored b = store_some(column, random);
    if (sql::is_null(a.value) || sql::is_null(b.value)) {
      RC_ASSERT((a.key < b.key) == (sql::is_null(a.value) && !sql::is_null(b.value)));
      continue;
    }
    sql::Diagnostics diagnostics;
    sql::EvalContext context{diagnostics, {}, {}};
    const sql::TypeInfo& info = column.type_info();
    const auto order = sql::compare_values(sql::compare_mode(info, info), info.collation, a.value,
                                           b.value, context);
    RC_ASSERT(order.has_value());
    const int keys = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
    RC_LOG() << sql::to_text(a.value, info) << " and " << sql::to_text(b.value, info) << "\n";
    RC_ASSERT(keys == *order);
  }
}

}  // namespace
}  // namespace aftersync
