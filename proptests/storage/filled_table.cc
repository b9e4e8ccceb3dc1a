// A table that is made with rows in it.
#include "proptests/storage/filled_table.h"

#include <memory>

#include "core/storage/long_value.h"
#include "core/storage/tree_check.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::storage {

namespace {

enum Column : uint32_t { kId, kCode, kText };

// What the clustered tree holds, row by row, against what it should.
std::string wrong_row(const FilledTable& filled, Engine& engine, Table& table) {
  TreeCursor cursor(table.tree(0));
  auto on_row = cursor.first();
  for (uint64_t n = 0; n < filled.rows; ++n, on_row = cursor.next()) {
    if (!on_row.ok()) return on_row.status().to_string();
    if (!*on_row) return "rows end before row " + std::to_string(n);
    const auto row = engine.get(table, cursor.record().key);
    if (!row.ok()) return row.status().to_string();
    if (!row->has_value() || **row != filled.row(n)) return "row " + std::to_string(n);
  }
  return on_row.ok() && !*on_row ? "" : "more rows than there should be";
}

}  // namespace

IndexDef index_on(uint32_t column, const std::string& name, bool unique) {
  IndexDef index;
  index.name = name;
  index.unique = unique;
  index.parts.resize(1);
  index.parts[0].column = column;
  return index;
}

TableDef FilledTable::definition() const {
  TableDef def;
  def.name = "test/filled";
  def.columns.resize(3);
  def.columns[kId] = {.name = "id", .type = ColumnType::unsigned_integer, .nullable = false};
  def.columns[kCode] = {.name = "code", .type = ColumnType::signed_integer};
  def.columns[kText] = {.name = "text", .type = ColumnType::bytes, .nullable = false};
  IndexDef clustered = index_on(kId, "PRIMARY", true);
  if (!has_primary_key) clustered.parts.clear();
  IndexDef text = index_on(kText, "text", false);
  text.parts[0].prefix_chars = 20;
  def.indexes = {clustered, index_on(kCode, "code", true), text};
  return def;
}

Row FilledTable::row(uint64_t n) const {
  // An odd multiplier permutes: codes are unique, and in another order than the rows.
  const auto code = static_cast<int64_t>(static_cast<uint32_t>(n * 2654435761u));
  const std::string text(n == long_row ? 40'000 : n % 50, static_cast<char>('a' + n % 17));
  return {n, n % 7 == 0 ? Value() : Value(code), text};
}

RowSource FilledTable::source() const {
  return [this, n = uint64_t{0}](Row& to) mutable -> Result<bool> {
    if (n == rows) return false;
    to = row(n++);
    return true;
  };
}

std::string FilledTable::differences(Engine& engine) const {
  const auto table = engine.open_table(definition().name);
  if (!table.ok()) return table.status().to_string();
  std::string wrong = wrong_row(*this, engine, **table);
  for (size_t i = 0; wrong.empty() && i < (*table)->indexes(); ++i) {
    const auto report = check_tree(engine.pages(), (*table)->tree(i).root());
    if (!report.ok()) return report.status().to_string();
    if (report->records != rows) {
      wrong = "index " + std::to_string(i) + ": " + std::to_string(report->records) + " entries";
    }
  }
  return wrong;
}

}  // namespace aftersync::storage
