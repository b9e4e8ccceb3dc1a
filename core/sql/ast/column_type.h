// A column's type as it is written in CREATE TABLE.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aftersync::sql {

enum class TypeName : uint8_t {
  tinyint,
  smallint,
  mediumint,
  integer,
  bigint,
  decimal,
  float_number,
  double_number,
  bit,
  year,
  character,
  varchar,
  tinytext,
  text,
  mediumtext,
  longtext,
  binary,
  varbinary,
  tinyblob,
  blob,
  mediumblob,
  longblob,
  date,
  time,
  datetime,
  timestamp,
  enumeration,
  set,
  json,
};
inline constexpr int kTypeNames = 29;

// As canonical SQL spells it: "INT", "VARCHAR".
[[nodiscard]] std::string_view to_string(TypeName type);

// -1 where a number was left out. For date and time types `length` is the digits of a second.
struct ColumnTypeSpec {
  TypeName name = TypeName::integer;
  int64_t length = -1;
  int32_t scale = -1;
  bool is_unsigned = false;
  bool zerofill = false;
  bool binary_collation = false;  // the attribute BINARY of a character type
  std::string charset;
  std::string collation;
  std::vector<std::string> values;  // of ENUM and SET
  bool operator==(const ColumnTypeSpec&) const = default;
};

}  // namespace aftersync::sql
