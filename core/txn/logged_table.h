// LoggedTable: a table as the row events of a binlog describe it.
//
// Storage knows how a value is kept, MySQL's events say what type the column was declared with, and
// only the layer of SQL knows both. So it says, for each column of a table, as what its values go
// into the binlog; names included, as storage has them in one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/binlog/row_events.h"
#include "core/storage/table.h"

namespace aftersync::txn {

struct LoggedTable {
  std::string database;
  std::string name;
  std::vector<binlog::MappedColumn> columns;  // one for each column of the table, in its order
  std::string optional_metadata;              // of the table map
};

// Tables by the names in a binlog, for those who apply its events.
class LoggedTables {
 public:
  struct Found {
    std::shared_ptr<storage::Table> table;
    std::shared_ptr<const LoggedTable> logged;
  };

  virtual ~LoggedTables() = default;
  // Code::not_found; errors of opening a table.
  [[nodiscard]] virtual Result<Found> find(std::string_view database, std::string_view table) = 0;
};

}  // namespace aftersync::txn
