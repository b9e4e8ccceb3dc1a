// Rows as bytes, in both of the protocol's forms.
//
//   text     for each column 0xfb (NULL) or a lenenc string
//   binary   u8 0, bitmap of NULLs ((columns + 9) / 8 bytes, the first column at bit 2), then the
//            values that are not NULL:
//              TINY 1, SHORT and YEAR 2, LONG and INT24 4, LONGLONG 8 bytes little-endian;
//              FLOAT 4, DOUBLE 8 bytes IEEE 754;
//              DATE, DATETIME, TIMESTAMP: u8 length, then of these as many as are not all zero:
//                u16 year, u8 month, u8 day (4) | u8 hour, u8 minute, u8 second (7) | u32 micros
//                (11)
//              TIME: u8 length, then u8 negative, u32 days, u8 hour, u8 minute, u8 second (8) |
//                u32 micros (12), or nothing where it is zero;
//              everything else a lenenc string
//
// Sources: MySQL Source Code Documentation, "Text Resultset Row", "Binary Protocol Resultset".
#pragma once

#include <span>
#include <string>

#include "core/base/status.h"
#include "core/wire/column.h"

namespace aftersync::wire {

// Any cell may stand in any column as text that is formatted already; numbers and times in columns
// of their kind. Code::invalid_argument, with `to` spoilt, for a cell that its column cannot hold,
// or a row of another size.
Status append_text_row(std::string& to, std::span<const ColumnDefinition> columns,
                       std::span<const Cell> row);
// Cells must be of their column's kind: integers within its range, strings only where strings
// travel.
Status append_binary_row(std::string& to, std::span<const ColumnDefinition> columns,
                         std::span<const Cell> row);

// As MySQL prints numbers: the shortest digits that are read back as the same double (of FLOAT at
// most six), without an exponent from 1e-15 up to below 1e15. With `decimals` below kAnyDecimals:
// exactly so many digits behind the point.
void append_double_text(std::string& to, double value, bool is_float, uint8_t decimals);

}  // namespace aftersync::wire
