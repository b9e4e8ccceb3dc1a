// ColumnCodec: values into a column of an SQL type, and back.
//
// Storing is where MySQL's types bite: what does not fit is rounded, padded, cut or clipped, and
// said, with the column's name and the row's number (manual 11.1.7, 11.2, 11.3, 7.1.11):
//
//   1264 Out of range value                 clipped to the nearest that fits
//   1265 Data truncated                     what could be understood of a text; a note where only
//                                           zeroes, spaces or a time of day were lost
//   1292 Incorrect date value: '...'        dates and times, strict; 1264 and 1265 otherwise
//   1366 Incorrect integer value: '...'     no number at all; text of another character set
//   1406 Data too long                      strict; 1265 otherwise
//   1048 Column cannot be null              otherwise the type's implicit default
//
// In strict mode they are errors; else, and with IGNORE, warnings. Rounding is no trouble: digits
// behind the point are rounded half away from zero, doubles in integer columns half to even.
//
// What is loaded is what MySQL would show; and rows order by their keys as values do in
// comparisons (proptests/sql/column_codec_test.cc).
//
// As storage holds them: integers, YEAR (its offset from 1900, or 0), FLOAT and DOUBLE as numbers;
// DECIMAL packed; texts in the column's character set, CHAR without its trailing spaces, BINARY
// padded with zeroes; DATE, TIME and DATETIME as MySQL's packed integers; TIMESTAMP as microseconds
// since 1970 UTC, 0 for the zero date.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/sql/ast/column_type.h"
#include "core/sql/sql_error.h"
#include "core/sql/value/diagnostics.h"
#include "core/sql/value/value.h"
#include "core/storage/schema.h"

namespace aftersync::sql {

// A declared type with nothing left to defaults: lengths, scale, character set and collation are
// filled in, and what is the same has one form (CHAR CHARACTER SET binary is BINARY; INT(11) is
// INT; TEXT(100000) is MEDIUMTEXT; FLOAT(30) is DOUBLE). `column` is its name, for messages;
// `table_collation` what texts have that say nothing.
// Errors: 1074, 1425, 1426, 1427, 1439, 1818 for sizes; 1115, 1253, 1273 for character sets; 1235
// for BIT, ENUM, SET and JSON.
[[nodiscard]] std::variant<ColumnTypeSpec, SqlError> complete_type(
    ColumnTypeSpec declared, std::string_view column, storage::Collation table_collation);

// What of the session and the statement storing depends on.
struct StoreMode {
  bool strict = true;           // STRICT_TRANS_TABLES or STRICT_ALL_TABLES, without IGNORE
  bool no_zero_date = true;     // NO_ZERO_DATE
  bool no_zero_in_date = true;  // NO_ZERO_IN_DATE
};

struct StoreContext {
  Diagnostics& diagnostics;
  StoreMode mode{};
  uint64_t row_number = 1;    // of the statement's rows, from 1
  int32_t zone_offset_s = 0;  // seconds east of UTC: time_zone
  Temporal now{};             // the statement's time, local: the day of a TIME made a DATETIME
};

class ColumnCodec {
 public:
  // `type` is of complete_type().
  ColumnCodec(std::string name, ColumnTypeSpec type, bool nullable);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const ColumnTypeSpec& type() const { return type_; }
  [[nodiscard]] bool nullable() const { return definition_.nullable; }
  // What expressions see.
  [[nodiscard]] const TypeInfo& type_info() const { return type_info_; }
  // What storage sees.
  [[nodiscard]] const storage::ColumnDef& definition() const { return definition_; }

  // `value` is of type `from`. Nothing: the statement has failed, and context.diagnostics says how.
  [[nodiscard]] std::optional<storage::Value> store(const Value& value, const TypeInfo& from,
                                                    StoreContext& context) const;
  [[nodiscard]] Value load(const storage::ValueView& stored, int32_t zone_offset_s) const;

  // Of a NOT NULL column without DEFAULT, where not strict: 0, '', the zero date.
  [[nodiscard]] storage::Value implicit_default() const;

 private:
  friend class Storing;

  std::string name_;
  ColumnTypeSpec type_;
  TypeInfo type_info_;
  storage::ColumnDef definition_;
};

}  // namespace aftersync::sql
