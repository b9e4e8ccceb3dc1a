// RowStore: rows changed step by step, by transactions that lock.
#include "core/storage/row_store.h"

namespace aftersync::storage {

Status RowStore::insert_record(UndoLog& log, Table& table, std::string_view clustered_key,
                               const Row& row, KeyGuard& guard) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return insert_under_latch(log, table, clustered_key, row, &guard);
}

Result<Row> RowStore::update_record(UndoLog& log, Table& table, std::string_view clustered_key,
                                    const Row& row, KeyGuard& guard) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return update_under_latch(log, table, clustered_key, row, &guard);
}

Result<Row> RowStore::remove_record(UndoLog& log, Table& table, std::string_view clustered_key,
                                    KeyGuard& guard) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return remove_under_latch(log, table, clustered_key, &guard);
}

Status RowStore::enter(Table& table, size_t index, std::string_view entry_key,
                       std::string_view clustered_key, KeyGuard& guard) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return put_entry(table, index, entry_key, clustered_key, &guard);
}

Status RowStore::leave(Table& table, size_t index, std::string_view entry_key, KeyGuard& guard) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  return mark_entry(table, index, entry_key, &guard);
}

// A version that is there, and has the entry, wants it unmarked; any other wants it marked, or not
// there at all. The running transaction has changed the entry if one of the versions that it
// replaced wants it otherwise than it is.
Result<TrxId> RowStore::writer_of_entry(Table& table, size_t index, std::string_view entry_key,
                                        std::string_view clustered_key, bool marked,
                                        const IsRunning& is_running) {
  const SharedLock lock(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  const SharedLock chain(chains_);
  ASSIGN_OR_RETURN(std::optional<RowVersion> version, newest_under_latch(table, clustered_key));
  if (!version || !is_running(version->system.trx)) return TrxId();
  const TrxId writer = version->system.trx;
  while (version && version->system.trx == writer) {
    ASSIGN_OR_RETURN(version, older(table, clustered_key, *version));
    bool wants_it = false;
    if (version && !version->delete_marked) {
      ASSIGN_OR_RETURN(const Row row, decode_row(table.def().columns, version->row));
      ASSIGN_OR_RETURN(const std::string own, table.entry_key(index, row, clustered_key));
      wants_it = own == entry_key;
    }
    if (wants_it == marked) return writer;
  }
  return TrxId();
}

}  // namespace aftersync::storage
