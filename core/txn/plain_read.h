// PlainRead: SELECT without FOR UPDATE or FOR SHARE. By a view, without a lock; under SERIALIZABLE,
// unless the statement is the whole transaction, with shared locks, as if FOR SHARE stood there.
//
// Source: MySQL manual 17.7.2.1 "Transaction Isolation Levels".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/txn/consistent_read.h"
#include "core/txn/locking_read.h"

namespace aftersync::txn {

[[nodiscard]] inline Result<std::optional<storage::Row>> plain_get(Transaction& trx,
                                                                   storage::Table& table,
                                                                   std::string_view clustered_key) {
  if (!trx.reads_lock()) return consistent_get(trx, table, clustered_key);
  return locking_get(trx, table, clustered_key, LockMode::s);
}

// A range of an index.
class PlainScan {
 public:
  using Direction = ConsistentScan::Direction;
  using Range = ConsistentScan::Range;

  PlainScan(Transaction& trx, storage::Table& table, size_t index, Range range,
            Direction direction = Direction::forward) {
    if (trx.reads_lock()) {
      locking_ = std::make_unique<LockingScan>(trx, table, index, std::move(range), LockMode::s,
                                               OnBusy::wait, direction);
    } else {
      consistent_ =
          std::make_unique<ConsistentScan>(trx, table, index, std::move(range), direction);
    }
  }

  [[nodiscard]] Result<bool> next() { return locking_ ? locking_->next() : consistent_->next(); }
  [[nodiscard]] const storage::Row& row() const {
    return locking_ ? locking_->row() : consistent_->row();
  }
  [[nodiscard]] const std::string& clustered_key() const {
    return locking_ ? locking_->clustered_key() : consistent_->clustered_key();
  }

 private:
  // One of the two.
  std::unique_ptr<LockingScan> locking_;
  std::unique_ptr<ConsistentScan> consistent_;
};

}  // namespace aftersync::txn
