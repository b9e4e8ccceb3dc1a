// TableScan: the rows of one table, range by range.
#include "core/sql/exec/table_scan.h"

#include <utility>

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

TableScan::TableScan(StatementRun& run, const OpenTable& table, const AccessPath& path,
                     std::vector<KeyRange> ranges, RowLocking locking)
    : run_(run),
      table_(table),
      index_(path.index),
      backward_(path.backward),
      ranges_(std::move(ranges)),
      locking_(locking) {}

bool TableScan::next() {
  if (!run_.may_go_on()) return false;
  const Result<bool> found = step();
  if (found.ok()) return *found;
  return run_.fail(found.status(), table_.schema.name);
}

Result<bool> TableScan::step() {
  while (true) {
    if (plain_ || locked_) {
      ASSIGN_OR_RETURN(const bool found, plain_ ? plain_->next() : locked_->next());
      if (found) {
        row_ = plain_ ? &plain_->row() : &locked_->row();
        key_ = plain_ ? &plain_->clustered_key() : &locked_->clustered_key();
        return true;
      }
      plain_.reset();
      locked_.reset();
    }
    if (next_range_ == ranges_.size()) return false;
    const size_t at = backward_ ? ranges_.size() - 1 - next_range_ : next_range_;
    ++next_range_;
    const KeyRange& range = ranges_[at];
    if (range.is_one_row && index_ == 0) {
      ASSIGN_OR_RETURN(const bool found, look_up(range));
      if (found) return true;
    } else {
      open(range);
    }
  }
}

Result<bool> TableScan::look_up(const KeyRange& range) {
  txn::Transaction& transaction = run_.transaction();
  storage::Table& table = *table_.storage;
  std::optional<storage::Row> found;
  if (locking_.mode) {
    // A look before the lock is for scans.
    const bool looks = locking_.on_busy == txn::OnBusy::look;
    ASSIGN_OR_RETURN(found, txn::locking_get(transaction, table, range.low, *locking_.mode,
                                             looks ? txn::OnBusy::wait : locking_.on_busy));
  } else {
    ASSIGN_OR_RETURN(found, txn::plain_get(transaction, table, range.low));
  }
  if (!found) return false;
  found_ = *std::move(found);
  found_key_ = range.low;
  row_ = &found_;
  key_ = &found_key_;
  return true;
}

void TableScan::open(const KeyRange& range) {
  using txn::LockingScan;
  using txn::PlainScan;
  const auto direction = backward_ ? PlainScan::Direction::backward : PlainScan::Direction::forward;
  PlainScan::Range bounds{range.low, range.high};
  if (!locking_.mode) {
    plain_ = std::make_unique<PlainScan>(run_.transaction(), *table_.storage, index_,
                                         std::move(bounds), direction);
    return;
  }
  const bool looks = locking_.on_busy == txn::OnBusy::look && index_ == 0;
  const auto on_busy =
      locking_.on_busy == txn::OnBusy::look && !looks ? txn::OnBusy::wait : locking_.on_busy;
  locked_ = std::make_unique<LockingScan>(
      run_.transaction(), *table_.storage, index_, std::move(bounds), *locking_.mode, on_busy,
      direction, range.is_equal ? LockingScan::Match::equal : LockingScan::Match::range);
}

void TableScan::release_row() {
  if (locked_) locked_->release_row();
}

bool TableScan::lock_row() {
  if (!locked_ || locked_->is_locked()) return true;
  const Result<bool> there = locked_->lock_row();
  if (!there.ok()) return run_.fail(there.status(), table_.schema.name);
  return *there;
}

}  // namespace aftersync::sql
