// Rows of storage and their images in the binlog: what goes in comes out, for every kind of field,
// and what does not fit is refused.
#include "core/txn/row_image.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/prng.h"
#include "core/binlog/decimal_field.h"
#include "core/storage/decimal.h"

namespace aftersync::txn {
namespace {

using binlog::Field;
using binlog::FieldType;
using storage::ColumnType;
using storage::Value;

std::string bytes_of(const Field& field, ColumnType type, const Value& value) {
  std::string bytes;
  const Status status = append_field(bytes, field, type, value);
  return status.ok() ? bytes : status.to_string();
}

void expect_round_trip(const Field& field, ColumnType type, const Value& value) {
  std::string bytes;
  const Status status = append_field(bytes, field, type, value);
  ASSERT_TRUE(status.ok()) << status.to_string();
  const auto length = binlog::value_bytes(field, bytes + "more");
  ASSERT_TRUE(length.ok()) << length.status().to_string();
  EXPECT_EQ(*length, bytes.size());
  const auto back = read_field(field, type, bytes);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_TRUE(*back == value) << "field type " << static_cast<int>(field.type);
}

int64_t datetime(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                 int64_t second, int64_t micros) {
  const int64_t date = (year * 13 + month) << 5 | day;
  return (date << 17 | hour << 12 | minute << 6 | second) << 24 | micros;
}

TEST(RowImage, IntegersOfEveryWidth) {
  const Field fields[] = {{FieldType::tiny, 0},
                          {FieldType::short_integer, 0},
                          {FieldType::int24, 0},
                          {FieldType::long_integer, 0},
                          {FieldType::longlong, 0}};
  const int bits[] = {8, 16, 24, 32, 64};
  for (size_t i = 0; i < std::size(fields); ++i) {
    const int64_t least = bits[i] == 64 ? INT64_MIN : -(int64_t{1} << (bits[i] - 1));
    const int64_t most = -(least + 1);
    for (const int64_t value : {least, int64_t{-1}, int64_t{0}, int64_t{1}, most}) {
      expect_round_trip(fields[i], ColumnType::signed_integer, Value(value));
    }
    const uint64_t top = bits[i] == 64 ? UINT64_MAX : (uint64_t{1} << bits[i]) - 1;
    expect_round_trip(fields[i], ColumnType::unsigned_integer, Value(top));
    if (bits[i] == 64) continue;
    std::string bytes;
    EXPECT_EQ(append_field(bytes, fields[i], ColumnType::signed_integer, Value(least - 1)).code(),
              Code::invalid_argument);
    EXPECT_EQ(append_field(bytes, fields[i], ColumnType::unsigned_integer, Value(top + 1)).code(),
              Code::invalid_argument);
  }
}

TEST(RowImage, OtherNumbers) {
  expect_round_trip({FieldType::bit, 0x0102}, ColumnType::unsigned_integer, Value(uint64_t{0x3ff}));
  EXPECT_EQ(
      bytes_of({FieldType::bit, 0x0102}, ColumnType::unsigned_integer, Value(uint64_t{0x301})),
      "\x03\x01");
  expect_round_trip({FieldType::year, 0}, ColumnType::unsigned_integer, Value(uint64_t{255}));
  expect_round_trip({FieldType::year, 0}, ColumnType::unsigned_integer, Value(uint64_t{0}));
  const auto enumeration = static_cast<uint16_t>(0x0200 | static_cast<int>(FieldType::enumeration));
  expect_round_trip({FieldType::string, enumeration}, ColumnType::unsigned_integer,
                    Value(uint64_t{700}));
  expect_round_trip({FieldType::double_number, 8}, ColumnType::double_number, Value(-1.0e300));
  expect_round_trip({FieldType::float_number, 4}, ColumnType::float_number, Value(0.25));
  const auto packed = storage::pack_decimal("-1234.50", 10, 2);
  ASSERT_TRUE(packed.ok());
  expect_round_trip(binlog::decimal_field(10, 2), ColumnType::decimal, Value(*packed));
}

TEST(RowImage, Texts) {
  const std::string text(300, 'x');
  expect_round_trip({FieldType::varchar, 255}, ColumnType::string, Value(std::string("abc")));
  expect_round_trip({FieldType::varchar, 1200}, ColumnType::string, Value(text));
  expect_round_trip({FieldType::blob, 3}, ColumnType::bytes, Value(std::string("a\0b", 3)));
  expect_round_trip(binlog::string_field(480), ColumnType::string, Value(text));
  expect_round_trip(binlog::string_field(20), ColumnType::string, Value(std::string()));
  const auto binary = read_field(binlog::string_field(4), ColumnType::bytes, "\2ab");
  ASSERT_TRUE(binary.ok());
  EXPECT_TRUE(*binary == Value(std::string("ab\0\0", 4)));
  std::string bytes;
  EXPECT_EQ(append_field(bytes, {FieldType::varchar, 255}, ColumnType::string, Value(text)).code(),
            Code::invalid_argument);
}

TEST(RowImage, DatesAndTimes) {
  const int64_t noon = datetime(2024, 2, 29, 23, 59, 58, 123456);
  expect_round_trip({FieldType::datetime2, 6}, ColumnType::datetime, Value(noon));
  expect_round_trip({FieldType::datetime2, 0}, ColumnType::datetime,
                    Value(datetime(9999, 12, 31, 0, 0, 0, 0)));
  expect_round_trip({FieldType::date, 0}, ColumnType::date,
                    Value(int64_t{2024 << 9 | 2 << 5 | 29}));
  expect_round_trip({FieldType::timestamp2, 6}, ColumnType::timestamp,
                    Value(int64_t{1'700'000'000'654'321}));
  const int64_t time = (int64_t{838} << 12 | 59 << 6 | 59) << 24 | 500'000;
  expect_round_trip({FieldType::time2, 6}, ColumnType::time, Value(time));
  expect_round_trip({FieldType::time2, 2}, ColumnType::time, Value(-time));
  std::string bytes;
  for (const int64_t bad : {INT64_MIN, INT64_MAX, int64_t{-1}, noon | 63 << 24}) {
    EXPECT_EQ(
        append_field(bytes, {FieldType::datetime2, 6}, ColumnType::datetime, Value(bad)).code(),
        Code::invalid_argument);
  }
}

TEST(RowImage, FieldsThatDoNotFitTheColumn) {
  std::string bytes;
  EXPECT_EQ(append_field(bytes, {FieldType::blob, 2}, ColumnType::signed_integer, Value(int64_t{1}))
                .code(),
            Code::unsupported);
  EXPECT_EQ(read_field({FieldType::varchar, 10}, ColumnType::date, "\x01x").code(),
            Code::unsupported);
}

}  // namespace
}  // namespace aftersync::txn
