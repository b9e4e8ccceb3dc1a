// From each record the version that the reader may see.
#include "model/txn/consistent_read.h"

#include <algorithm>

#include "model/txn/where.h"

namespace aftersync::model::txn {
namespace {

const Version* visible_version(const Database& database, const Transaction& reader,
                               const Versions& versions, uint64_t view) {
  if (reader.isolation == Isolation::read_uncommitted) return &versions.back();
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->writer == reader.id || database.commits.visible(version->writer, view)) {
      return &*version;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<Row> consistent_read(Database& database, Transaction& reader, const Table& table,
                                 const Select& select) {
  const bool keeps_view = reader.isolation >= Isolation::repeatable_read;
  const uint64_t view = keeps_view && reader.view ? *reader.view : database.commits.last();
  if (keeps_view) reader.view = view;

  const size_t index = choose_access(table, select.where, select.index, select.descending).index;
  std::vector<Row> rows;
  for (const auto& [key, versions] : table.clustered()) {
    const Version* version = visible_version(database, reader, versions, view);
    if (version == nullptr || version->deleted) continue;
    // READ UNCOMMITTED: its writer may wait and not have come to enter it.
    if (!table.contains(index, table.key_of(index, version->row))) continue;
    if (matches(table, select.where, version->row)) rows.push_back(version->row);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return table.compare_prefix(index, table.key_of(index, a), table.key_of(index, b)) < 0;
  });
  if (select.descending) std::reverse(rows.begin(), rows.end());
  if (select.limit && rows.size() > *select.limit) rows.resize(*select.limit);
  return rows;
}

}  // namespace aftersync::model::txn
