// Sample tables: definitions, and statements of one row.
#include "faults/txn/logged_tables.h"

#include <algorithm>

#include "core/storage/row_cursor.h"
#include "core/txn/row_image.h"
#include "core/txn/row_writer.h"

namespace aftersync::faults {

namespace {

using binlog::Field;
using binlog::FieldType;
using storage::ColumnDef;
using storage::ColumnType;

constexpr uint16_t kNoteBytes = 300;

ColumnDef integer(const char* name, uint8_t width, bool nullable = false) {
  ColumnDef column;
  column.name = name;
  column.width = width;
  column.nullable = nullable;
  return column;
}

ColumnDef text(const char* name) {
  ColumnDef column;
  column.name = name;
  column.type = ColumnType::string;
  column.nullable = false;
  column.max_bytes = kNoteBytes;
  return column;
}

Field field_of(const ColumnDef& column) {
  if (column.type == ColumnType::string) return {FieldType::varchar, kNoteBytes};
  return {column.width == 8 ? FieldType::longlong : FieldType::long_integer, 0};
}

storage::IndexDef index_on(const storage::TableDef& def, uint32_t column, bool unique) {
  storage::IndexDef index;
  index.name = def.columns[column].name;
  index.unique = unique;
  index.parts.resize(1);
  index.parts[0].column = column;
  storage::describe_part(def.columns[column], index.parts[0]);
  return index;
}

storage::TableDef definition_of(std::string_view name) {
  storage::TableDef def;
  def.name = name;
  if (name == "db/journal") {
    def.columns = {integer("id", 8), integer("session", 4)};
    def.indexes = {index_on(def, 0, true)};
  } else if (name == "db/accounts") {
    def.columns = {integer("k", 4), integer("v", 8, true), text("note")};
    def.indexes = {index_on(def, 0, true), index_on(def, 1, false)};
  } else {
    def.columns = {integer("k", 4), text("note")};
    def.indexes.resize(1);
    def.indexes[0].name = "rows";
  }
  return def;
}

txn::LoggedTable logged_of(const storage::TableDef& def) {
  txn::LoggedTable logged;
  logged.database = def.name.substr(0, def.name.find('/'));
  logged.name = def.name.substr(def.name.find('/') + 1);
  for (const ColumnDef& column : def.columns) {
    logged.columns.push_back({field_of(column), column.nullable});
  }
  return logged;
}

}  // namespace

Result<std::unique_ptr<SampleTables>> SampleTables::open(storage::Engine& engine) {
  auto tables = std::make_unique<SampleTables>();
  for (const std::string_view name : kNames) {
    auto table = engine.open_table(name);
    if (table.code() == Code::not_found) table = engine.create_table(definition_of(name));
    RETURN_IF_ERROR(table.status());
    Found found;
    found.logged = std::make_shared<const txn::LoggedTable>(logged_of((*table)->def()));
    found.table = *std::move(table);
    tables->tables_.emplace(name, std::move(found));
  }
  return tables;
}

Result<txn::LoggedTables::Found> SampleTables::find(std::string_view database,
                                                    std::string_view table) {
  const auto found = tables_.find(std::string(database) + "/" + std::string(table));
  if (found == tables_.end()) return {Code::not_found, "no such table"};
  return found->second;
}

Result<std::vector<RowBytes>> SampleTables::rows(storage::Engine& engine,
                                                 std::string_view name) const {
  const Found& found = at(name);
  const storage::TableDef& def = found.table->def();
  const binlog::ColumnSet all(def.columns.size(), true);
  std::vector<RowBytes> rows;
  txn::RowImageMaker maker;
  storage::RowCursor cursor(engine.rows(), *found.table);
  ASSIGN_OR_RETURN(bool is_on_row, cursor.first());
  while (is_on_row) {
    ASSIGN_OR_RETURN(const auto image, maker.make(*found.logged, def, cursor.row(), all));
    RowBytes& row = rows.emplace_back();
    for (const auto& value : image) {
      row.emplace_back();
      if (value) row.back() = std::string(*value);
    }
    ASSIGN_OR_RETURN(is_on_row, cursor.next());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

Status insert_row(txn::Transaction& trx, const txn::LoggedTables::Found& in,
                  const storage::Row& row) {
  txn::Statement statement(trx);
  RETURN_IF_ERROR(txn::RowWriter(trx, *in.table).insert(row));
  if (trx.binlog() != nullptr) RETURN_IF_ERROR(trx.binlog()->insert(*in.logged, *in.table, row));
  statement.end();
  return {};
}

Status update_row(txn::Transaction& trx, const txn::LoggedTables::Found& in, std::string_view key,
                  const storage::Row& before, const storage::Row& after) {
  txn::Statement statement(trx);
  RETURN_IF_ERROR(txn::RowWriter(trx, *in.table).update(key, after));
  if (trx.binlog() != nullptr) {
    RETURN_IF_ERROR(trx.binlog()->update(*in.logged, *in.table, before, after));
  }
  statement.end();
  return {};
}

Status remove_row(txn::Transaction& trx, const txn::LoggedTables::Found& in, std::string_view key,
                  const storage::Row& before) {
  txn::Statement statement(trx);
  RETURN_IF_ERROR(txn::RowWriter(trx, *in.table).remove(key));
  if (trx.binlog() != nullptr) RETURN_IF_ERROR(trx.binlog()->remove(*in.logged, *in.table, before));
  statement.end();
  return {};
}

}  // namespace aftersync::faults
