// Rows: images of random tables come back, values have the bytes of MySQL's documentation, and
// damage is refused.
#include "core/binlog/row_events.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "core/binlog/decimal_field.h"
#include "core/binlog/temporal_field.h"

namespace aftersync::binlog {
namespace {

using namespace std::string_literals;

// A field, and bytes that are a value of it as far as their number goes.
struct Drawn {
  Field field;
  std::string value;
};

Drawn fixed(FieldType type, size_t bytes, uint16_t metadata = 0) {
  return {{type, metadata}, std::string(bytes, *rc::gen::arbitrary<char>())};
}

std::string with_length(size_t length_bytes, size_t size) {
  std::string value;
  for (size_t i = 0; i < length_bytes; ++i) value += static_cast<char>(size >> (8 * i));
  return value + std::string(size, 'v');
}

Drawn drawn_field() {
  const auto below = [](size_t end) { return *rc::gen::inRange<size_t>(0, end); };
  switch (below(13)) {
    case 0: return fixed(FieldType::tiny, 1);
    case 1: return fixed(FieldType::short_integer, 2);
    case 2: return fixed(FieldType::int24, 3);
    case 3: return fixed(FieldType::long_integer, 4);
    case 4: return fixed(FieldType::longlong, 8);
    case 5: return fixed(FieldType::double_number, 8, 8);
    case 6: return fixed(FieldType::date, 3);
    case 7: {
      const auto digits = static_cast<uint16_t>(below(7));
      return fixed(FieldType::datetime2, kDatetimeBytes + fraction_bytes(digits), digits);
    }
    case 8: return {{FieldType::varchar, 255}, with_length(1, below(256))};
    case 9: return {{FieldType::varchar, 256}, with_length(2, below(257))};
    case 10: {
      const auto most = static_cast<uint16_t>(below(1024));
      return {string_field(most), with_length(most > 255 ? 2 : 1, below(most + 1u))};
    }
    case 11: {
      const auto length_bytes = static_cast<uint16_t>(1 + below(4));
      return {{FieldType::blob, length_bytes}, with_length(length_bytes, below(256))};
    }
    default: {
      const size_t precision = 1 + below(65);
      const Field field = decimal_field(precision, below(std::min<size_t>(precision, 30) + 1));
      return {field, std::string(*decimal_bytes(field), 'd')};
    }
  }
}

struct DrawnTable {
  TableMap map;
  std::vector<std::string> values;

  static DrawnTable drawn() {
    DrawnTable table;
    table.map.table_id = *rc::gen::inRange<uint64_t>(0, kMaxTableId);
    table.map.database = "db";
    table.map.table = "t";
    const auto columns = *rc::gen::inRange<size_t>(1, 20);
    for (size_t i = 0; i < columns; ++i) {
      Drawn field = drawn_field();
      table.map.columns.push_back({field.field, *rc::gen::arbitrary<bool>()});
      table.values.push_back(std::move(field.value));
    }
    return table;
  }

  [[nodiscard]] ColumnSet some_columns() const {
    ColumnSet set(map.columns.size());
    for (size_t i = 0; i < set.size(); ++i) set[i] = *rc::gen::arbitrary<bool>();
    set[*rc::gen::inRange<size_t>(0, set.size())] = true;
    return set;
  }
  [[nodiscard]] RowImage image(const ColumnSet& columns) const {
    RowImage image;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i]) continue;
      const bool is_null = map.columns[i].nullable && *rc::gen::arbitrary<bool>();
      image.push_back(is_null ? std::nullopt : std::optional<std::string_view>(values[i]));
    }
    return image;
  }
};

struct DrawnRows {
  DrawnTable table = DrawnTable::drawn();
  RowsKind kind = *rc::gen::element(RowsKind::write, RowsKind::update, RowsKind::remove);
  ColumnSet before = table.some_columns();
  ColumnSet after = table.some_columns();
  std::vector<std::pair<RowImage, RowImage>> rows;
  EventType type{};
  std::string body;

  DrawnRows() {
    RowsWriter writer(kind, table.map.table_id, true, before, after);
    const auto count = *rc::gen::inRange<size_t>(0, 5);
    for (size_t i = 0; i < count; ++i) {
      auto& row = rows.emplace_back();
      if (kind != RowsKind::write) writer.append(row.first = table.image(before));
      if (kind != RowsKind::remove) writer.append(row.second = table.image(after));
    }
    type = writer.type();
    body = writer.body();
  }
};

RC_GTEST_PROP(RowEvents, TableMapComesBack, ()) {
  TableMap map = DrawnTable::drawn().map;
  map.optional_metadata = "\x01\x01x";
  const auto back = TableMap::decode(map.encode());
  RC_ASSERT(back.ok());
  RC_ASSERT(back->table_id == map.table_id);
  RC_ASSERT(back->flags == map.flags);
  RC_ASSERT(back->database == map.database);
  RC_ASSERT(back->table == map.table);
  RC_ASSERT(back->columns == map.columns);
  RC_ASSERT(back->optional_metadata == map.optional_metadata);
}

RC_GTEST_PROP(RowEvents, RowsComeBack, ()) {
  const DrawnRows drawn;
  RC_ASSERT(*RowsReader::table_id_of(drawn.body) == drawn.table.map.table_id);
  auto reader = RowsReader::open(drawn.type, drawn.body, drawn.table.map);
  RC_ASSERT(reader.ok());
  RC_ASSERT(reader->kind() == drawn.kind);
  RC_ASSERT(reader->ends_statement());
  RowImage before;
  RowImage after;
  for (const auto& [expected_before, expected_after] : drawn.rows) {
    const auto there = reader->next(before, after);
    RC_ASSERT(there.ok());
    RC_ASSERT(*there);
    RC_ASSERT(before == expected_before);
    RC_ASSERT(after == expected_after);
  }
  RC_ASSERT(!*reader->next(before, after));
}

RC_GTEST_PROP(RowEvents, DamagedRowsAreRefusedOrRead, ()) {
  const DrawnRows drawn;
  std::string body = drawn.body;
  std::string map_body = drawn.table.map.encode();
  std::string& damaged = *rc::gen::arbitrary<bool>() ? body : map_body;
  const auto at = *rc::gen::inRange<size_t>(0, damaged.size());
  if (*rc::gen::arbitrary<bool>()) {
    damaged.resize(at);
  } else {
    damaged[at] = *rc::gen::arbitrary<char>();
  }
  const auto map = TableMap::decode(map_body);
  if (!map.ok()) {
    RC_ASSERT(map.code() == Code::corruption || map.code() == Code::unsupported);
    return;
  }
  auto reader = RowsReader::open(drawn.type, body, *map);
  if (!reader.ok()) {
    RC_ASSERT(reader.code() == Code::corruption);
    return;
  }
  RowImage before;
  RowImage after;
  // Each row takes at least a byte.
  for (size_t i = 0; i <= body.size(); ++i) {
    const auto there = reader->next(before, after);
    if (!there.ok() || !*there) return;
  }
  RC_FAIL("more rows than bytes");
}

TEST(RowEvents, ImagesWithoutColumnsEnd) {
  TableMap map;
  map.columns.resize(1);
  RowsWriter writer(RowsKind::write, 0, true, {}, {false});
  auto reader = RowsReader::open(writer.type(), writer.body() + "x", map);
  ASSERT_TRUE(reader.ok());
  RowImage before;
  RowImage after;
  EXPECT_EQ(reader->next(before, after).code(), Code::corruption);
}

std::string decimal(size_t precision, size_t scale, std::string_view text) {
  std::string bytes;
  const Status status = append_decimal(bytes, decimal_field(precision, scale), text);
  return status.ok() ? bytes : status.to_string();
}

// The example of MySQL's documentation of decimal2bin.
TEST(DecimalField, BytesAreThoseOfTheManual) {
  EXPECT_EQ(decimal(14, 4, "1234567890.1234"), "\x81\x0D\xFB\x38\xD2\x04\xD2"s);
  EXPECT_EQ(decimal(14, 4, "-1234567890.1234"), "\x7E\xF2\x04\xC7\x2D\xFB\x2D"s);
}

TEST(DecimalField, RefusesWhatDoesNotFit) {
  EXPECT_EQ(decimal(3, 1, "123"), "invalid_argument: '123' is no DECIMAL(3,1)");
  EXPECT_EQ(decimal(3, 1, "1.25"), "invalid_argument: '1.25' is no DECIMAL(3,1)");
  EXPECT_EQ(decimal(3, 1, "-"), "invalid_argument: '-' is no DECIMAL(3,1)");
  EXPECT_EQ(decimal(3, 1, "1e1"), "invalid_argument: '1e1' is no DECIMAL(3,1)");
  EXPECT_EQ(decimal_text(decimal_field(9, 0), "\xff\xff\xff\xff").code(), Code::corruption);
}

RC_GTEST_PROP(DecimalField, ComesBack, ()) {
  const auto precision = *rc::gen::inRange<size_t>(1, kMaxDecimalDigits + 1);
  const auto scale = *rc::gen::inRange<size_t>(0, std::min(precision, kMaxDecimalScale) + 1);
  const auto digits = [](size_t count) {
    return *rc::gen::container<std::string>(count, rc::gen::inRange<char>('0', '9' + 1));
  };
  std::string before = digits(precision - scale);
  before.erase(0, std::min(before.find_first_not_of('0'), before.size()));
  if (before.empty()) before = "0";
  std::string text = before;
  if (scale > 0) text += "." + digits(scale);
  const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
  if (!is_zero && *rc::gen::arbitrary<bool>()) text = "-" + text;
  std::string bytes;
  RC_ASSERT(append_decimal(bytes, decimal_field(precision, scale), text).ok());
  RC_ASSERT(*decimal_text(decimal_field(precision, scale), bytes) == text);
}

CivilTime drawn_time(uint32_t hours, size_t digits) {
  CivilTime time;
  time.hour = *rc::gen::inRange<uint32_t>(0, hours);
  time.minute = *rc::gen::inRange<uint32_t>(0, 60);
  time.second = *rc::gen::inRange<uint32_t>(0, 60);
  uint32_t unit = 1'000'000;
  for (size_t i = 0; i < digits; ++i) unit /= 10;
  time.microsecond = *rc::gen::inRange<uint32_t>(0, 1'000'000) / unit * unit;
  return time;
}

RC_GTEST_PROP(TemporalField, ComesBack, ()) {
  const auto digits = *rc::gen::inRange<size_t>(0, 7);
  CivilTime time = drawn_time(839, digits);
  const bool is_zero = time == CivilTime();
  time.is_negative = !is_zero && *rc::gen::arbitrary<bool>();
  std::string bytes;
  append_time(bytes, time, digits);
  RC_ASSERT(*read_time(bytes, digits) == time);

  CivilTime moment = drawn_time(24, digits);
  moment.year = *rc::gen::inRange<uint32_t>(0, 10'000);
  moment.month = *rc::gen::inRange<uint32_t>(0, 13);
  moment.day = *rc::gen::inRange<uint32_t>(0, 32);
  bytes.clear();
  append_datetime(bytes, moment, digits);
  RC_ASSERT(*read_datetime(bytes, digits) == moment);

  bytes.clear();
  append_date(bytes, moment);
  RC_ASSERT(*read_date(bytes) == (CivilTime{moment.year, moment.month, moment.day}));

  const Timestamp stamp{*rc::gen::arbitrary<uint32_t>(), moment.microsecond};
  bytes.clear();
  append_timestamp(bytes, stamp.seconds, stamp.microsecond, digits);
  RC_ASSERT(*read_timestamp(bytes, digits) == stamp);
}

RC_GTEST_PROP(TemporalField, BytesCompareAsTimesDo, ()) {
  const auto digits = *rc::gen::inRange<size_t>(0, 7);
  const auto number = [](const CivilTime& time) {
    const int64_t distance =
        ((int64_t{time.hour} * 60 + time.minute) * 60 + time.second) * 1'000'000 + time.microsecond;
    return time.is_negative ? -distance : distance;
  };
  CivilTime a = drawn_time(839, digits);
  CivilTime b = drawn_time(839, digits);
  a.is_negative = *rc::gen::arbitrary<bool>();
  b.is_negative = *rc::gen::arbitrary<bool>();
  std::string a_bytes;
  std::string b_bytes;
  append_time(a_bytes, a, digits);
  append_time(b_bytes, b, digits);
  RC_ASSERT((a_bytes < b_bytes) == (number(a) < number(b)));
}

TEST(TemporalField, PartsOutOfRangeAreCorruption) {
  EXPECT_EQ(read_datetime("\xff\xff\xff\xff\xff", 0).code(), Code::corruption);
  EXPECT_EQ(read_time("\xff\xff\xff", 0).code(), Code::corruption);
  EXPECT_EQ(read_date("\xff\xff\xff").code(), Code::corruption);
  EXPECT_EQ(read_datetime("1234", 0).code(), Code::corruption);
  EXPECT_EQ(read_timestamp("1234\xff", 2).code(), Code::corruption);
}

}  // namespace
}  // namespace aftersync::binlog
