// BinlogReplay: what a binlog says has happened, worked out without the engine.
//
// Rows are kept as the bytes of their fields, as they stand in the events; tables are bags of rows.
// An image matches a row if the columns that it has are equal. So full and minimal images, with and
// without a primary key, mean the same here as to a replica.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/binlog/binlog.h"
#include "core/binlog/row_events.h"
#include "core/binlog/transaction_events.h"

namespace aftersync::faults {

using RowBytes = std::vector<std::optional<std::string>>;  // by column; empty: NULL

struct RowEffect {
  std::string table;
  std::optional<RowBytes> before;  // columns that the image lacks are empty, see `has_before`
  std::optional<RowBytes> after;
  binlog::ColumnSet has_before;
  binlog::ColumnSet has_after;
};

struct LoggedTransaction {
  binlog::Gtid gtid;  // number 0: anonymous
  int64_t last_committed = 0;
  int64_t sequence_number = 0;
  binlog::BinlogPlace end;
  std::vector<RowEffect> effects;
};

// All transactions in the files of `binlog` up to its durable end.
[[nodiscard]] Result<std::vector<LoggedTransaction>> read_transactions(binlog::Binlog& binlog);

// Tables by name.
class ReplayedTables {
 public:
  // Empty, or what cannot be.
  [[nodiscard]] std::string apply(const LoggedTransaction& transaction);
  // Sorted.
  [[nodiscard]] std::vector<RowBytes> rows(const std::string& table) const;

 private:
  [[nodiscard]] std::string apply_effect(const RowEffect& effect);
  std::map<std::string, std::vector<RowBytes>> tables_;
};

// For messages: the texts of a row's fields, in hex.
[[nodiscard]] std::string to_text(const RowBytes& row);

}  // namespace aftersync::faults
