// A row as bytes: what stands after the system columns in a clustered record.
//
//   column count (varint)
//   null bitmap: bit c of byte c / 8 set = column c is NULL
//   for each column that is not NULL:
//     integers                      big-endian two's complement, as many bytes as the column's
//     width float, double                 8 bytes, IEEE 754, big-endian date, time, datetime,
//     timestamp  8 bytes, big-endian two's complement decimal, string, bytes        length
//     (varint), bytes
//
// A row may have fewer columns than its table: it was written before the rest were added, and the
// rest are NULL. Key columns stand here too, because a key under a case-insensitive collation
// cannot be turned back into its value.
//
// The system columns come first in every clustered record, so that they can be patched in place:
//        0     6  id of the transaction that wrote this version
//        6     8  roll pointer to the version before
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/key_encoding.h"
#include "core/storage/schema.h"
#include "core/storage/undo_format.h"

namespace aftersync::storage {

using Row = std::vector<Value>;

inline constexpr size_t kSystemTrxBytes = 6;
inline constexpr size_t kSystemBytes = kSystemTrxBytes + 8;

struct SystemColumns {
  TrxId trx;
  RollPtr roll;
};

// Writes kSystemBytes.
void store_system_columns(char* to, const SystemColumns& columns);
[[nodiscard]] SystemColumns load_system_columns(const char* from);

// Appends the row. Code::invalid_argument when a value does not fit its column (count, type, width,
// NULL), naming the column; Code::too_large for one longer than the column allows.
Status append_row(std::span<const ColumnDef> columns, const Row& row, std::string& to);

// Code::corruption when the bytes are no such row.
[[nodiscard]] Result<Row> decode_row(std::span<const ColumnDef> columns, std::string_view bytes);

// Finds single columns in rows, without decoding, copying or allocating: for scans that want one
// column of many. Made once for a table, it knows of each column no more than how far to step.
class RowLayout {
 public:
  RowLayout() = default;
  explicit RowLayout(std::span<const ColumnDef> columns);

  // The column's bytes as they stand in `row` (a text's without their length); valid as long as
  // those. data() is null when the column is NULL, or was added after the row was written.
  // Code::corruption when the bytes are no such row, as far as they had to be looked at.
  [[nodiscard]] Result<std::string_view> find(std::string_view row, size_t column) const;

 private:
  static constexpr uint8_t kLengthPrefixed = 0;
  std::vector<uint8_t> widths_;  // by column
};

}  // namespace aftersync::storage
