// RowApplier: finding rows, and changing them.
#include "core/txn/row_applier.h"

#include <algorithm>
#include <utility>

#include "core/base/probe.h"
#include "core/storage/row_cursor.h"
#include "core/txn/locking_read.h"
#include "core/txn/row_image.h"
#include "core/txn/row_writer.h"

namespace aftersync::txn {

using binlog::ColumnSet;
using binlog::EventType;
using binlog::EventView;
using binlog::RowImage;
using binlog::RowsKind;
using binlog::RowsReader;
using storage::Row;

namespace {

std::string name_of(const binlog::TableMap& map) { return map.database + "." + map.table; }

bool agrees(const Row& row, const Row& wanted, const ColumnSet& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] && row[i] != wanted[i]) return false;
  }
  return true;
}

Status no_row(const binlog::TableMap& map) {
  return {Code::not_found, "Can't find record in '" + name_of(map) + "'"};
}

}  // namespace

Status RowApplier::apply(Transaction& trx, const EventView& event) {
  if (event.header.type == EventType::table_map) return map(event);
  ASSIGN_OR_RETURN(const uint64_t id, RowsReader::table_id_of(event.body));
  const auto mapped = maps_.find(id);
  if (mapped == maps_.end()) {
    return {Code::corruption, "rows event of table id " + std::to_string(id) + " without its map"};
  }
  Statement statement(trx);
  RETURN_IF_ERROR(apply_rows(trx, event, mapped->second).in(name_of(mapped->second.map)));
  statement.end();
  return {};
}

Status RowApplier::map(const EventView& event) {
  ASSIGN_OR_RETURN(binlog::TableMap map, binlog::TableMap::decode(event.body));
  auto found = tables_.find(map.database, map.table);
  RETURN_IF_ERROR(found.status().in(name_of(map)));
  const auto& here = found->logged->columns;
  const bool same = here.size() == map.columns.size() &&
                    std::equal(here.begin(), here.end(), map.columns.begin(),
                               [](const auto& a, const auto& b) { return a.field == b.field; });
  if (!same) {
    return {Code::unsupported, name_of(map) +
                                   ": its columns are of other types, or another "
                                   "number of them, than those in the binlog"};
  }
  const uint64_t id = map.table_id;
  maps_.insert_or_assign(id, Mapped{std::move(map), std::move(found).value()});
  return {};
}

Status RowApplier::apply_rows(Transaction& trx, const EventView& event, Mapped& mapped) {
  ASSIGN_OR_RETURN(RowsReader rows, RowsReader::open(event.header.type, event.body, mapped.map));
  RowImage before;
  RowImage after;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.next(before, after));
    if (!more) return {};
    RETURN_IF_ERROR(apply_row(trx, rows, mapped, before, after));
  }
}

// Told to the binlog of this server too, if the transaction has one.
Status RowApplier::apply_row(Transaction& trx, const RowsReader& rows, Mapped& mapped,
                             const RowImage& before, const RowImage& after) {
  storage::Table& table = *mapped.found.table;
  const LoggedTable& logged = *mapped.found.logged;
  const storage::TableDef& def = table.def();
  BinlogCache* const log = trx.binlog();
  RowWriter writer(trx, table);
  if (rows.kind() == RowsKind::write) {
    Row row(def.columns.size());
    RETURN_IF_ERROR(read_image(logged, def, after, rows.after(), row));
    RETURN_IF_ERROR(writer.insert(row));
    return log != nullptr ? log->insert(logged, table, row) : Status();
  }
  ASSIGN_OR_RETURN(const Place old, find(trx, mapped, before, rows.before()));
  if (rows.kind() == RowsKind::remove) {
    RETURN_IF_ERROR(writer.remove(old.key));
    return log != nullptr ? log->remove(logged, table, old.row) : Status();
  }
  Row row = old.row;
  RETURN_IF_ERROR(read_image(logged, def, after, rows.after(), row));
  RETURN_IF_ERROR(writer.update(old.key, row));
  return log != nullptr ? log->update(logged, table, old.row, row) : Status();
}

// --- finding ---

Result<RowApplier::Place> RowApplier::find(Transaction& trx, const Mapped& mapped,
                                           const RowImage& image, const ColumnSet& columns) {
  const storage::TableDef& def = mapped.found.table->def();
  Row wanted(def.columns.size());
  RETURN_IF_ERROR(read_image(*mapped.found.logged, def, image, columns, wanted));
  const auto& parts = def.indexes[0].parts;
  const bool has_key = !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](auto& part) {
    return columns[part.column];
  });
  return has_key ? find_by_key(trx, mapped, wanted, columns)
                 : find_by_all(trx, mapped, wanted, columns);
}

Result<RowApplier::Place> RowApplier::find_by_key(Transaction& trx, const Mapped& mapped,
                                                  const Row& wanted, const ColumnSet& columns) {
  storage::Table& table = *mapped.found.table;
  Place place;
  RETURN_IF_ERROR(table.append_key(0, wanted, place.key));
  ASSIGN_OR_RETURN(auto row, locking_get(trx, table, place.key, LockMode::x));
  if (!row) return no_row(mapped.map);
  if (exact_ && !agrees(*row, wanted, columns)) {
    return {Code::corruption, "the row is not what it was when the binlog was written"};
  }
  place.row = *std::move(row);
  return place;
}

Result<RowApplier::Place> RowApplier::find_by_all(Transaction& trx, const Mapped& mapped,
                                                  const Row& wanted, const ColumnSet& columns) {
  PROBE("row-applier/row-found-by-comparing");
  storage::Table& table = *mapped.found.table;
  storage::RowCursor cursor(trx.manager().engine().rows(), table);
  ASSIGN_OR_RETURN(bool is_on_row, cursor.first());
  while (is_on_row) {
    if (agrees(cursor.row(), wanted, columns)) {
      return Place{std::string(cursor.clustered_key()), cursor.row()};
    }
    ASSIGN_OR_RETURN(is_on_row, cursor.next());
  }
  return no_row(mapped.map);
}

}  // namespace aftersync::txn
