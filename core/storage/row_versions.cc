// RowStore: the version of a row that a reader may see.
//
// Most rows have not been changed lately: then the newest version is the one, and it is read under
// its leaf's latch alone. Only where that one may not be seen, or lies on overflow pages (a
// rollback may give those back), the reader takes `chains` and walks.
#include "core/base/probe.h"
#include "core/storage/row_store.h"

namespace aftersync::storage {

// Empty: it is not that simple.
Result<std::optional<RowVersion>> RowStore::newest_if_short(Table& table, std::string_view key,
                                                            const Sees& sees) {
  std::optional<RowVersion> version;
  ASSIGN_OR_RETURN(const bool found, table.tree(0).get(key, [&](const RecordView& record) {
    if (record.is_overflow() || record.value.size() < kSystemBytes) return;
    const SystemColumns system = load_system_columns(record.value.data());
    if (!sees(system.trx)) return;
    version = RowVersion{system, record.is_delete_marked(),
                         std::string(record.value.substr(kSystemBytes))};
  }));
  (void)found;
  return version;
}

Result<std::optional<RowVersion>> RowStore::version_for(Table& table,
                                                        std::string_view clustered_key,
                                                        const Sees& sees) {
  const SharedLock latch(table.latch());
  RETURN_IF_ERROR(table.usable(store_));
  ASSIGN_OR_RETURN(auto version, newest_if_short(table, clustered_key, sees));
  if (version) return version;
  const SharedLock chain(chains_);
  ASSIGN_OR_RETURN(version, newest_under_latch(table, clustered_key));
  while (version && !sees(version->system.trx)) {
    PROBE("row-store/older-version-read");
    ASSIGN_OR_RETURN(version, older(table, clustered_key, *version));
  }
  return version;
}

}  // namespace aftersync::storage
