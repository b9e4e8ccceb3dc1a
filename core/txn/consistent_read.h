// ConsistentRead: rows as a view sees them, without a lock. By clustered key, or along an index.
//
// A row's newest version is in the clustered index, older ones behind its roll pointer. The view
// says of each version's transaction whether it is seen; the first that is, going back, is the
// answer, and a deleted one is no row.
//
// Along a secondary index. Its entries carry no transaction: an entry says only that some version
// has, or had, these columns. So each entry, delete-marked or not, is looked up: the version that
// the view sees is shown if it would have exactly this entry. A row has one entry for each version,
// so it is shown once, and purge leaves the entries of every version that a view may need. (InnoDB
// spares some of these lookups by a transaction id on each page. We do not have that yet; the cost
// is one lookup a row.)
//
// READ UNCOMMITTED has no view: it sees newest versions. Own changes are always seen.
//
// Source: MySQL manual 17.3 "InnoDB Multi-Versioning".
//
// Used by the transaction's task. A scan holds no latch between rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/table.h"
#include "core/storage/tree_cursor.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

// The row with this clustered key; empty when the view sees none. Code::bad_state when the
// transaction has ended.
[[nodiscard]] Result<std::optional<storage::Row>> consistent_get(Transaction& trx,
                                                                 storage::Table& table,
                                                                 std::string_view clustered_key);

// The rows of a range of an index, in its order, forwards or backwards.
class ConsistentScan {
 public:
  enum class Direction : uint8_t { forward, backward };
  // Encoded keys, or their beginnings: `low` <= key < `high`; an empty one is no bound.
  struct Range {
    std::string low;
    std::string high;
  };

  // The view is opened by the first next(). Transaction and table outlive the scan, and the
  // statement does too: a view of READ COMMITTED ends with it.
  ConsistentScan(Transaction& trx, storage::Table& table, size_t index, Range range,
                 Direction direction = Direction::forward);

  // Whether there is another row. Code::bad_state when the transaction has ended.
  [[nodiscard]] Result<bool> next();
  // Of the row that next() has found.
  [[nodiscard]] const storage::Row& row() const { return row_; }
  [[nodiscard]] const std::string& clustered_key() const { return clustered_key_; }

 private:
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] Result<bool> start();
  [[nodiscard]] bool is_in_range(std::string_view key) const;
  [[nodiscard]] Result<bool> take_entry();
  [[nodiscard]] bool is_seen_as_it_stands(const storage::RecordView& record) const;
  [[nodiscard]] Result<bool> take_copy(const storage::RecordView& record);
  [[nodiscard]] Result<bool> take_version(const std::string& entry_key);

  Transaction& trx_;
  storage::Table& table_;
  const size_t index_;
  const Range range_;
  const Direction direction_;
  storage::TreeCursor cursor_;
  bool started_ = false;
  bool at_end_ = false;
  storage::Row row_;
  std::string clustered_key_;
};

}  // namespace aftersync::txn
