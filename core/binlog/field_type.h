// Field types: how a column's values stand in the rows of a binlog.
//
// A table map gives each column a type and, for some types, one or two bytes of metadata; together
// they say how many bytes a value takes. Integers are little-endian unless it says otherwise.
//
//   type               metadata                        value
//   tiny, year         -                               1
//   short              -                               2
//   int24              -                               3
//   long               -                               4
//   longlong           -                               8
//   float              4                               4, IEEE 754
//   double             8                               8
//   newdecimal         precision, scale                decimal_field.h
//   date               -                               3: day (5 bits), month (4), year (15)
//   timestamp2         digits of the fraction          temporal_field.h
//   datetime2          digits                          temporal_field.h
//   time2              digits                          temporal_field.h
//   varchar            most bytes (2)                  length (1, or 2 above 255), bytes
//   string             type, bytes: see below          length (1 or 2), bytes
//   blob               bytes of the length (1..4)      length, bytes
//   bit                bits below a byte, whole bytes  big-endian
//   enumeration, set   as string                       1 or 2; 1..8
//
// The two metadata bytes of `string` hold a type (string, enumeration, set) and a length that may
// need ten bits: bits 8 and 9 of it are in bits 4 and 5 of the first byte, inverted, so that a
// length below 256 leaves the type as it is.
//
// Sources: MySQL internals, "TABLE_MAP_EVENT", "ROWS_EVENT"; MySQL 8.0 source documentation, "Table
// table_map event column types".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::binlog {

enum class FieldType : uint8_t {
  tiny = 1,
  short_integer = 2,
  long_integer = 3,
  float_number = 4,
  double_number = 5,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  newdecimal = 246,
  enumeration = 247,
  set = 248,
  blob = 252,
  var_string = 253,
  string = 254,
};

// The metadata of a field: its bytes in a table map, the first one lowest.
struct Field {
  FieldType type = FieldType::tiny;
  uint16_t metadata = 0;
  friend bool operator==(const Field&, const Field&) = default;
};

// How many metadata bytes a type has: 0, 1 or 2. Code::unsupported, naming the type.
[[nodiscard]] Result<size_t> metadata_bytes(FieldType type);

// How many of `bytes` the value at their front takes. Code::corruption when there are fewer, or the
// metadata cannot be; Code::unsupported.
[[nodiscard]] Result<size_t> value_bytes(const Field& field, std::string_view bytes);

// CHAR and BINARY of at most `max_bytes` (below 1024).
[[nodiscard]] Field string_field(uint16_t max_bytes);

}  // namespace aftersync::binlog
