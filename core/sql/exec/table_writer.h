// TableWriter: changes to the rows of one table, with the errors that a client is told, and the log
// of changes told of each.
//
// A row that is in the way. Where the statement goes on after a duplicate (IGNORE, REPLACE, ON
// DUPLICATE KEY UPDATE), what the failed change has done so far is taken back to a savepoint of the
// row's own; the row in the way has been locked by then (row_writer.h), and can be had.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/sql/exec/statement_run.h"
#include "core/txn/row_writer.h"

namespace aftersync::sql {

// Name of the savepoint: no statement can say it.
inline constexpr std::string_view kRowSavepoint = "\x01row";

class TableWriter {
 public:
  // `goes_on`: duplicates do not end the statement.
  TableWriter(StatementRun& run, const OpenTable& table, bool goes_on,
              txn::LockMode on_duplicate = txn::LockMode::s);

  enum class Outcome : uint8_t { done, duplicate, failed };
  // `duplicate` only where the statement goes on: error() is 1062, and nothing has been changed.
  [[nodiscard]] Outcome insert(const storage::Row& row);
  [[nodiscard]] Outcome update(const std::string& clustered_key, const storage::Row& before,
                               const storage::Row& after);
  [[nodiscard]] bool remove(const std::string& clustered_key, const storage::Row& before);

  // The row that is in the way of `row`, after a duplicate: its clustered key and the row.
  using Found = std::pair<std::string, storage::Row>;
  [[nodiscard]] std::optional<Found> row_in_the_way(const storage::Row& row);
  [[nodiscard]] const SqlError& error() const { return error_; }

 private:
  [[nodiscard]] Outcome finish(const Status& status, const storage::Row& row);
  [[nodiscard]] SqlError duplicate_error(const storage::Row& row, size_t index);
  [[nodiscard]] Result<std::optional<Found>> find_in_the_way(const storage::Row& row);

  StatementRun& run_;
  const OpenTable& table_;
  const bool goes_on_;
  txn::RowWriter writer_;
  size_t duplicate_index_ = 0;
  SqlError error_;
};

}  // namespace aftersync::sql
