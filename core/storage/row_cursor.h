// RowCursor: the rows of a table in the order of one of its indexes, both ways.
//
//   storage::RowCursor cursor(engine->rows(), *table);
//   ASSIGN_OR_RETURN(bool on_row, cursor.first());
//   while (on_row) {
//     use(cursor.row());
//     ASSIGN_OR_RETURN(on_row, cursor.next());
//   }
//
// Shows the newest versions, as Engine::get does: rows that are delete-marked are passed over, rows
// of transactions still running are shown. Like the TreeCursor under it, it holds no latch and no
// pin between calls, so it may be kept for as long as one likes, and rows may be changed meanwhile,
// those it shows included. What it does not bear is a change of the table's definition.
//
// An entry of a secondary index whose row has gone, or has come to have another entry, between the
// reading of one and of the other is passed over.
//
// Use by one task.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/row_store.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::storage {

class RowCursor {
 public:
  // `index` as numbered in the table's definition; 0 is the clustered index. CHECK: it exists.
  RowCursor(RowStore& rows, Table& table, size_t index = 0);

  // Each returns whether the cursor is on a row afterwards. A cursor that has run off one end comes
  // back by a step in the other direction. After an error it has to be placed anew.
  [[nodiscard]] Result<bool> first();
  [[nodiscard]] Result<bool> last();
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] Result<bool> previous();
  // To the nearest row whose first columns in the index are at, after or before `values`: one value
  // for each of the index's first columns, in the index's own order (where a column descends,
  // "after" means smaller). Code::invalid_argument for more values than columns, or unfit ones.
  [[nodiscard]] Result<bool> seek(std::span<const Value> values, Seek mode);

  // Of the row it is on. Valid until the cursor moves.
  [[nodiscard]] const Row& row() const { return row_; }
  // For Engine::update and remove.
  [[nodiscard]] std::string_view clustered_key() const { return clustered_key_; }

 private:
  enum class Way : uint8_t { forwards, backwards };

  template <typename Move>
  [[nodiscard]] Result<bool> move(Move&& place, Way way);
  [[nodiscard]] Result<bool> load();

  RowStore& rows_;
  Table& table_;
  const size_t index_;
  TreeCursor cursor_;
  std::string clustered_key_;
  Row row_;
};

}  // namespace aftersync::storage
