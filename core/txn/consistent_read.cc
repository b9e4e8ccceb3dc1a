// ConsistentRead: finding the version.
#include "core/txn/consistent_read.h"

#include <utility>

#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::txn {

namespace {

using storage::Row;
using storage::RowVersion;

Result<std::optional<RowVersion>> version_seen(Transaction& trx, storage::Table& table,
                                               std::string_view key) {
  const ReadView* const view = trx.view_for_read();
  const TrxId self = trx.id();
  return trx.manager().engine().rows().version_for(
      table, key, [view, self](TrxId id) { return view == nullptr || view->sees(id, self); });
}

}  // namespace

Result<std::optional<Row>> consistent_get(Transaction& trx, storage::Table& table,
                                          std::string_view clustered_key) {
  RETURN_IF_ERROR(trx.check_active("read"));
  ASSIGN_OR_RETURN(const auto version, version_seen(trx, table, clustered_key));
  if (!version || version->delete_marked) return std::optional<Row>();
  ASSIGN_OR_RETURN(Row row, storage::decode_row(table.def().columns, version->row));
  return std::optional<Row>(std::move(row));
}

ConsistentScan::ConsistentScan(Transaction& trx, storage::Table& table, size_t index, Range range,
                               Direction direction)
    : trx_(trx),
      table_(table),
      index_(index),
      range_(std::move(range)),
      direction_(direction),
      cursor_(table.tree(index)) {}

Result<bool> ConsistentScan::next() {
  RETURN_IF_ERROR(trx_.check_active("read"));
  (void)trx_.view_for_read();  // before the first leaf is read
  while (!at_end_) {
    ASSIGN_OR_RETURN(const bool on_entry, step());
    if (!on_entry || !is_in_range(cursor_.record().key)) {
      at_end_ = true;
      break;
    }
    ASSIGN_OR_RETURN(const bool found, take_entry());
    if (found) return true;
  }
  return false;
}

Result<bool> ConsistentScan::step() {
  const SharedLock latch(table_.latch());
  RETURN_IF_ERROR(table_.usable(trx_.manager().engine().pages()));
  if (!std::exchange(started_, true)) return start();
  return direction_ == Direction::forward ? cursor_.next() : cursor_.previous();
}

Result<bool> ConsistentScan::start() {
  if (direction_ == Direction::forward) {
    return range_.low.empty() ? cursor_.first()
                              : cursor_.seek(range_.low, storage::Seek::at_or_after);
  }
  return range_.high.empty() ? cursor_.last() : cursor_.seek(range_.high, storage::Seek::before);
}

bool ConsistentScan::is_in_range(std::string_view key) const {
  if (direction_ == Direction::forward) return range_.high.empty() || key < range_.high;
  return key >= range_.low;
}

// Whether the entry under the cursor stands for a row that is seen.
Result<bool> ConsistentScan::take_entry() {
  const storage::RecordView entry = cursor_.record();
  if (index_ == 0) {
    clustered_key_ = entry.key;
    return is_seen_as_it_stands(entry) ? take_copy(entry) : take_version({});
  }
  if (entry.is_delete_marked() && AFTERSYNC_FAULT("bug/index-entry-missing")) return false;
  ASSIGN_OR_RETURN(const std::string_view key, storage::Table::clustered_key_of(entry));
  clustered_key_ = key;
  return take_version(std::string(entry.key));
}

// What the view sees cannot have been replaced, since the leaf was copied, by anything that it sees
// as well; save by the transaction's own later changes.
bool ConsistentScan::is_seen_as_it_stands(const storage::RecordView& record) const {
  if (record.is_overflow() || record.value.size() < storage::kSystemBytes) return false;
  const TrxId writer = storage::load_system_columns(record.value.data()).trx;
  const ReadView* const view = trx_.open_view();
  return view != nullptr && writer != trx_.id() && view->sees(writer, {});
}

Result<bool> ConsistentScan::take_copy(const storage::RecordView& record) {
  if (record.is_delete_marked()) return false;
  const SharedLock latch(table_.latch());
  ASSIGN_OR_RETURN(
      row_, storage::decode_row(table_.def().columns, record.value.substr(storage::kSystemBytes)));
  return true;
}

Result<bool> ConsistentScan::take_version(const std::string& entry_key) {
  ASSIGN_OR_RETURN(const auto version, version_seen(trx_, table_, clustered_key_));
  if (!version || version->delete_marked) return false;
  const SharedLock latch(table_.latch());
  ASSIGN_OR_RETURN(row_, storage::decode_row(table_.def().columns, version->row));
  if (index_ == 0) return true;
  ASSIGN_OR_RETURN(const std::string its_entry, table_.entry_key(index_, row_, clustered_key_));
  if (its_entry != entry_key) PROBE("consistent-read/entry-of-another-version");
  return its_entry == entry_key;
}

}  // namespace aftersync::txn
