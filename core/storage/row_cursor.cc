// RowCursor: from entries to rows.
#include "core/storage/row_cursor.h"

#include <utility>
#include <variant>

#include "core/base/check.h"

namespace aftersync::storage {

RowCursor::RowCursor(RowStore& rows, Table& table, size_t index)
    : rows_(rows), table_(table), index_(index), cursor_(table.tree(index)) {}

// Makes one step, then more in the same direction until it is on a row that counts. The table's
// latch is held for a step only: reading the row takes it again.
template <typename Move>
Result<bool> RowCursor::move(Move&& place, Way way) {
  Result<bool> on_entry = false;
  {
    const SharedLock lock(table_.latch());
    RETURN_IF_ERROR(table_.usable(rows_.store()));
    on_entry = place();
  }
  while (on_entry.ok() && *on_entry) {
    ASSIGN_OR_RETURN(const bool counts, load());
    if (counts) return true;
    const SharedLock lock(table_.latch());
    on_entry = way == Way::forwards ? cursor_.next() : cursor_.previous();
  }
  return on_entry;
}

// Reads the row of the entry it is on; false when that does not count.
Result<bool> RowCursor::load() {
  const RecordView entry = cursor_.record();
  if (entry.is_delete_marked()) return false;
  clustered_key_ = entry.key;
  if (index_ > 0) {
    ASSIGN_OR_RETURN(const std::string_view key, Table::clustered_key_of(entry));
    clustered_key_ = key;
  }
  ASSIGN_OR_RETURN(const auto version, rows_.newest(table_, clustered_key_));
  if (!version || version->delete_marked) return false;
  ASSIGN_OR_RETURN(row_, decode_row(table_.def().columns, version->row));
  if (index_ == 0) return true;
  ASSIGN_OR_RETURN(const std::string own, table_.entry_key(index_, row_, clustered_key_));
  return own == entry.key;
}

Result<bool> RowCursor::first() {
  return move([this] { return cursor_.first(); }, Way::forwards);
}

Result<bool> RowCursor::last() {
  return move([this] { return cursor_.last(); }, Way::backwards);
}

Result<bool> RowCursor::next() {
  return move([this] { return cursor_.next(); }, Way::forwards);
}

Result<bool> RowCursor::previous() {
  return move([this] { return cursor_.previous(); }, Way::backwards);
}

Result<bool> RowCursor::seek(std::span<const Value> values, Seek mode) {
  const auto& parts = table_.def().indexes[index_].parts;
  if (values.size() > parts.size()) {
    return {Code::invalid_argument, std::to_string(values.size()) + " values for an index of " +
                                        std::to_string(parts.size()) + " columns"};
  }
  std::string prefix;
  for (size_t i = 0; i < values.size(); ++i) {
    const ValueView view = std::visit([](const auto& v) { return ValueView(v); }, values[i]);
    RETURN_IF_ERROR(append_key_part(parts[i], view, prefix));
  }
  // Entries that begin with the prefix lie between it and its successor.
  const bool is_forwards = mode == Seek::at_or_after || mode == Seek::after;
  const bool is_beyond = mode == Seek::after || mode == Seek::at_or_before;
  const std::string bound = is_beyond ? key_successor(prefix) : prefix;
  const auto place = [&]() -> Result<bool> {
    if (!bound.empty()) return cursor_.seek(bound, is_forwards ? Seek::at_or_after : Seek::before);
    // The bound is an end of the index.
    ASSIGN_OR_RETURN(const bool on_entry, is_beyond ? cursor_.last() : cursor_.first());
    if (mode == Seek::at_or_after || mode == Seek::at_or_before) return on_entry;
    return is_forwards ? cursor_.next() : cursor_.previous();
  };
  return move(place, is_forwards ? Way::forwards : Way::backwards);
}

}  // namespace aftersync::storage
