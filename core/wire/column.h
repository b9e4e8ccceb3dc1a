// Columns and cells: what a result is made of, before it is text or binary.
//
// Sources: MySQL Source Code Documentation, "enum_field_types", "Column Definition Flags",
// "Protocol::ColumnDefinition41".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace aftersync::wire {

// The protocol's numbers (enum_field_types).
enum class FieldType : uint8_t {
  decimal = 0,
  tiny = 1,
  short_int = 2,
  long_int = 3,
  float_number = 4,
  double_number = 5,
  null = 6,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  varchar = 15,
  bit = 16,
  json = 245,
  new_decimal = 246,
  enumeration = 247,
  set = 248,
  tiny_blob = 249,
  medium_blob = 250,
  long_blob = 251,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

namespace column_flag {

inline constexpr uint16_t kNotNull = 1 << 0;
inline constexpr uint16_t kPrimaryKey = 1 << 1;
inline constexpr uint16_t kUniqueKey = 1 << 2;
inline constexpr uint16_t kMultipleKey = 1 << 3;
inline constexpr uint16_t kBlob = 1 << 4;
inline constexpr uint16_t kUnsigned = 1 << 5;
inline constexpr uint16_t kZerofill = 1 << 6;
inline constexpr uint16_t kBinary = 1 << 7;
inline constexpr uint16_t kEnum = 1 << 8;
inline constexpr uint16_t kAutoIncrement = 1 << 9;
inline constexpr uint16_t kTimestamp = 1 << 10;
inline constexpr uint16_t kSet = 1 << 11;
inline constexpr uint16_t kNoDefaultValue = 1 << 12;
inline constexpr uint16_t kOnUpdateNow = 1 << 13;
inline constexpr uint16_t kNumber = 1 << 15;

}  // namespace column_flag

inline constexpr uint16_t kBinaryCollation = 63;  // of numbers, dates and bytes
// `decimals` where the number of digits behind the point is not fixed (NOT_FIXED_DEC).
inline constexpr uint8_t kAnyDecimals = 31;

// One column of a result. As bytes (ColumnDefinition41): lenenc strings "def", schema, table,
// org_table, name, org_name; 0x0c; u16 collation, u32 length, u8 type, u16 flags, u8 decimals, u16
// 0; for COM_FIELD_LIST the default value behind it, a lenenc string or 0xfb.
struct ColumnDefinition {
  std::string schema{};
  std::string table{};           // alias
  std::string original_table{};  // empty for expressions
  std::string name{};            // alias
  std::string original_name{};
  uint16_t collation = kBinaryCollation;
  // Display width in bytes. libmariadb 3.3.20 takes rows for malformed whose DECIMAL column says
  // more than 121, or whose FLOAT or DOUBLE says more than 255.
  uint32_t length = 0;
  FieldType type = FieldType::var_string;
  uint16_t flags = 0;
  uint8_t decimals = 0;  // digits behind the point, of times too
};

struct DateTimeCell {
  uint16_t year = 0;
  uint8_t month = 0;
  uint8_t day = 0;
  uint8_t hour = 0;
  uint8_t minute = 0;
  uint8_t second = 0;
  uint32_t microsecond = 0;

  friend bool operator==(const DateTimeCell&, const DateTimeCell&) = default;
};

// Up to 838:59:59.000000, either way; as a parameter, whatever fits the fields.
struct TimeCell {
  bool negative = false;
  uint32_t hours = 0;
  uint8_t minute = 0;
  uint8_t second = 0;
  uint32_t microsecond = 0;

  friend bool operator==(const TimeCell&, const TimeCell&) = default;
};

// One value of a row, or of a parameter. monostate is NULL. Text, bytes, decimals, and all types
// that travel as strings, are views into somebody's memory.
using Cell = std::variant<std::monostate, int64_t, uint64_t, double, std::string_view, DateTimeCell,
                          TimeCell>;

void append_column_definition(std::string& to, const ColumnDefinition& column);

}  // namespace aftersync::wire
