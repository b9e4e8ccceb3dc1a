// Rows and table definitions survive the trip through bytes; what does not fit its column is named;
// bytes that are neither are refused and never read past.
#include "core/storage/row_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/storage/schema.h"

namespace aftersync::storage {
namespace {

ColumnDef column(std::string name, ColumnType type, uint8_t width = 8) {
  ColumnDef def;
  def.name = std::move(name);
  def.type = type;
  def.width = width;
  return def;
}

ColumnDef arbitrary_column() {
  ColumnDef def;
  def.name = "c" + std::to_string(*rc::gen::inRange(0, 1000));
  def.type = static_cast<ColumnType>(*rc::gen::inRange(0, 11));
  def.width = *rc::gen::element<uint8_t>(1, 2, 3, 4, 8);
  def.nullable = *rc::gen::arbitrary<bool>();
  return def;
}

Value arbitrary_value(const ColumnDef& def) {
  if (def.nullable && *rc::gen::inRange(0, 4) == 0) return std::monostate();
  const int spare_bits = 64 - 8 * def.width;
  switch (def.type) {
    case ColumnType::signed_integer: return *rc::gen::arbitrary<int64_t>() >> spare_bits;
    case ColumnType::unsigned_integer: return *rc::gen::arbitrary<uint64_t>() >> spare_bits;
    case ColumnType::float_number:
    case ColumnType::double_number: return *rc::gen::arbitrary<double>();
    case ColumnType::decimal:
    case ColumnType::string:
    case ColumnType::bytes: return *rc::gen::string<std::string>();
    default: return *rc::gen::arbitrary<int64_t>();
  }
}

std::vector<ColumnDef> arbitrary_columns() {
  std::vector<ColumnDef> columns;
  const auto count = *rc::gen::inRange(1, 20);
  for (int i = 0; i < count; ++i) columns.push_back(arbitrary_column());
  return columns;
}

RC_GTEST_PROP(RowFormat, RowsAreReadBack, ()) {
  const std::vector<ColumnDef> columns = arbitrary_columns();
  Row row;
  for (const ColumnDef& def : columns) row.push_back(arbitrary_value(def));
  std::string bytes;
  RC_ASSERT(append_row(columns, row, bytes).ok());
  RC_ASSERT(decode_row(columns, bytes).value() == row);
  // A table that has grown since: the new columns are NULL.
  std::vector<ColumnDef> grown = columns;
  grown.push_back(column("added", ColumnType::signed_integer));
  row.emplace_back();
  RC_ASSERT(decode_row(grown, bytes).value() == row);
}

// Each column found in place is what it is in a row of that column alone, behind count and bitmap.
RC_GTEST_PROP(RowFormat, ColumnsAreFoundInPlace, ()) {
  constexpr size_t kHeadBytes = 2;
  const std::vector<ColumnDef> columns = arbitrary_columns();
  Row row;
  for (const ColumnDef& def : columns) row.push_back(arbitrary_value(def));
  std::string bytes;
  RC_ASSERT(append_row(columns, row, bytes).ok());
  const RowLayout layout(columns);
  for (size_t c = 0; c < columns.size(); ++c) {
    const std::string_view found = layout.find(bytes, c).value();
    const bool is_null = std::holds_alternative<std::monostate>(row[c]);
    RC_ASSERT((found.data() == nullptr) == is_null);
    if (is_null) continue;
    std::string alone;
    RC_ASSERT(append_row({&columns[c], 1}, {row[c]}, alone).ok());
    if (const auto* text = std::get_if<std::string>(&row[c]); text != nullptr) {
      RC_ASSERT(found == *text);
    } else {
      RC_ASSERT(found == std::string_view(alone).substr(kHeadBytes));
    }
  }
  // A column added since is NULL.
  std::vector<ColumnDef> grown = columns;
  grown.push_back(column("added", ColumnType::signed_integer));
  RC_ASSERT(RowLayout(grown).find(bytes, columns.size()).value().data() == nullptr);
}

RC_GTEST_PROP(RowFormat, EveryTruncationIsRefused, ()) {
  const std::vector<ColumnDef> columns = arbitrary_columns();
  Row row;
  for (const ColumnDef& def : columns) row.push_back(arbitrary_value(def));
  std::string bytes;
  RC_ASSERT(append_row(columns, row, bytes).ok());
  for (size_t length = 0; length < bytes.size(); ++length) {
    RC_ASSERT(decode_row(columns, bytes.substr(0, length)).code() == Code::corruption);
  }
  // The last column ends where the row does; without its last byte it is not there.
  const bool ends_in_column = !std::holds_alternative<std::monostate>(row.back());
  if (ends_in_column) {
    const auto found = RowLayout(columns).find(std::string_view(bytes).substr(0, bytes.size() - 1),
                                               columns.size() - 1);
    RC_ASSERT(found.code() == Code::corruption);
  }
}

RC_GTEST_PROP(RowFormat, ArbitraryBytesNeverLeadOutside, (const std::string& bytes)) {
  (void)decode_row(arbitrary_columns(), bytes);
  (void)RowLayout(arbitrary_columns()).find(bytes, 3);
  (void)decode_table_def(bytes);
}

TEST(RowFormat, SystemColumnsStandInFront) {
  char bytes[kSystemBytes];
  store_system_columns(bytes, {TrxId(0x123456789abc), RollPtr(0xfedcba9876543210)});
  const SystemColumns read = load_system_columns(bytes);
  EXPECT_EQ(read.trx, TrxId(0x123456789abc));
  EXPECT_EQ(read.roll, RollPtr(0xfedcba9876543210));
}

TEST(RowFormat, WhatDoesNotFitIsNamed) {
  std::vector<ColumnDef> columns = {column("tiny", ColumnType::signed_integer, 1),
                                    column("text", ColumnType::string)};
  columns[0].nullable = false;
  columns[1].max_bytes = 3;
  std::string bytes;
  const auto refused = [&](const Row& row) { return append_row(columns, row, bytes); };
  EXPECT_TRUE(refused({int64_t{-128}, "abc"}).ok());
  EXPECT_EQ(refused({int64_t{128}, "abc"}).message(), "column 'tiny': out of range");
  EXPECT_EQ(refused({std::monostate(), "abc"}).message(), "column 'tiny': must not be NULL");
  EXPECT_EQ(refused({uint64_t{1}, "abc"}).message(), "column 'tiny': expected a signed integer");
  EXPECT_EQ(refused({int64_t{1}, "abcd"}).code(), Code::too_large);
  EXPECT_EQ(refused({int64_t{1}}).message(), "1 values for 2 columns");
}

TEST(Schema, DefinitionsAreReadBack) {
  TableDef def;
  def.id = TableId(7);
  def.space = SpaceId(17);
  def.name = "bank/accounts";
  def.columns = {column("id", ColumnType::unsigned_integer, 4), column("who", ColumnType::string)};
  def.columns[1].collation = Collation::utf8mb4_general_ci;
  IndexDef primary;
  primary.id = IndexId(40);
  primary.name = "PRIMARY";
  primary.unique = true;
  KeyPart part;
  part.column = 1;
  part.descending = true;
  part.prefix_chars = 10;
  describe_part(def.columns[1], part);
  primary.parts = {part};
  primary.tree = {primary.id, def.space, PageNo(5), SegmentNo(0), SegmentNo(1), SegmentNo(2)};
  def.indexes = {primary};
  def.owner_data = std::string("opaque\0bytes", 12);
  const std::string bytes = encode_table_def(def);
  const TableDef read = decode_table_def(bytes).value();
  EXPECT_EQ(encode_table_def(read), bytes);
  EXPECT_EQ(read.indexes[0].parts[0].collation, Collation::utf8mb4_general_ci);
  EXPECT_EQ(read.indexes[0].tree.root, PageNo(5));
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_table_def(std::string_view(bytes).substr(0, length)).ok()) << length;
  }
}

}  // namespace
}  // namespace aftersync::storage
