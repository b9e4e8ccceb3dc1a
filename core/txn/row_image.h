// Row images: a row of storage as the bytes in a binlog's row events, and back.
//
//   storage                     field in the binlog (field_type.h)
//   integers                    tiny, short, int24, long, longlong; enumeration, set: their
//   numbers;
//                               bit, year (as storage has it)
//   double                      double, float
//   decimal (packed)            newdecimal: the same bytes
//   string, bytes               varchar, string (CHAR), blob: a length before them
//   date                        date
//   time, datetime              time2, datetime2: digits beyond the field's are cut off
//   timestamp                   timestamp2
//
// Temporal values are MySQL's packed integers in storage: year * 13 + month, 5 bits of day, of
// hour, 6 bits of minute, of second, 24 bits of microseconds; a date is year, 4 bits of month, 5 of
// day.
//
// Errors: Code::invalid_argument for a value that the field cannot hold; Code::corruption for bytes
// that are no such value; Code::unsupported for a field that does not fit the column's type.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/field_type.h"
#include "core/binlog/row_events.h"
#include "core/storage/row_format.h"
#include "core/txn/logged_table.h"

namespace aftersync::txn {

// Appends a value that is not NULL.
Status append_field(std::string& to, const binlog::Field& field, storage::ColumnType type,
                    const storage::Value& value);
// `bytes` are those of the value, no more.
[[nodiscard]] Result<storage::Value> read_field(const binlog::Field& field,
                                                storage::ColumnType type, std::string_view bytes);

// Images of rows, one after the other; each holds until the next.
class RowImageMaker {
 public:
  // The columns of `row` that are in `columns`. Messages name the column.
  [[nodiscard]] Result<binlog::RowImage> make(const LoggedTable& logged,
                                              const storage::TableDef& def, const storage::Row& row,
                                              const binlog::ColumnSet& columns);

 private:
  std::string bytes_;
};

// Puts the values of an image in their places in `row`, which has all columns.
Status read_image(const LoggedTable& logged, const storage::TableDef& def,
                  const binlog::RowImage& image, const binlog::ColumnSet& columns,
                  storage::Row& row);

}  // namespace aftersync::txn
