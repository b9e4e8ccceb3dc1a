// Agreement: scans on both sides, and the checkers of structure.
#include "faults/pair/agreement.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/storage/row_cursor.h"
#include "core/storage/table_check.h"
#include "core/storage/undo_check.h"

namespace aftersync::faults {

namespace {

using storage::Engine;
using storage::RowCursor;
using storage::Seek;
using storage::Table;

const std::vector<model::KeyPart>& parts_of(const model::TableDef& def, const std::string& index) {
  const auto it = std::find_if(def.secondary.begin(), def.secondary.end(),
                               [&](const model::IndexDef& i) { return i.name == index; });
  return it == def.secondary.end() ? def.primary_key : it->parts;
}

// Steps through the rows that follow; each must be the next of those expected, to the end.
Result<std::string> walk(const TablePair& pair, RowCursor& cursor, Result<bool> on_row,
                         const std::vector<model::Row>& expected, Direction direction) {
  size_t seen = 0;
  RETURN_IF_ERROR(on_row.status());
  while (*on_row) {
    ASSIGN_OR_RETURN(const model::Row found, pair.to_model(cursor.row()));
    if (seen == expected.size() || found != expected[seen]) {
      return "row " + std::to_string(seen) + ": found " + model::to_string(found) + ", expected " +
             (seen == expected.size() ? "none" : model::to_string(expected[seen]));
    }
    ++seen;
    on_row = direction == Direction::forwards ? cursor.next() : cursor.previous();
    RETURN_IF_ERROR(on_row.status());
  }
  if (seen == expected.size()) return std::string();
  return std::to_string(seen) + " rows, expected " + std::to_string(expected.size());
}

std::string in(const std::string& index, Direction direction, const std::string& difference) {
  if (difference.empty()) return {};
  return "index " + index + (direction == Direction::forwards ? "" : " backwards") + ": " +
         difference;
}

// A failure of the device is none of the table.
Result<std::string> in_words(const Status& failure) {
  if (failure.code() == Code::io_error) return failure;
  return failure.to_string();
}

}  // namespace

Result<std::string> scan_difference(const TablePair& pair, Engine& engine,
                                    const model::TableModel& model, const std::string& index,
                                    Direction direction) {
  ASSIGN_OR_RETURN(const auto table, engine.open_table(pair.name()));
  ASSIGN_OR_RETURN(const size_t number, table->find_index(index));
  std::vector<model::Row> expected = model.scan(index);
  if (direction == Direction::backwards) std::reverse(expected.begin(), expected.end());
  RowCursor cursor(engine.rows(), *table, number);
  const auto start = direction == Direction::forwards ? cursor.first() : cursor.last();
  ASSIGN_OR_RETURN(const std::string wrong, walk(pair, cursor, start, expected, direction));
  return in(index, direction, wrong);
}

Result<std::string> range_difference(const TablePair& pair, Engine& engine,
                                     const model::TableModel& model, const std::string& index,
                                     uint32_t choice, Direction direction) {
  const auto& parts = parts_of(model.def(), index);
  if (parts.empty()) return std::string();
  const size_t count = choice % 2 == 0 ? 1 : parts.size();
  const TablePair::Bound bound = pair.bound(parts, count, choice);
  ASSIGN_OR_RETURN(const auto table, engine.open_table(pair.name()));
  ASSIGN_OR_RETURN(const size_t number, table->find_index(index));
  RowCursor cursor(engine.rows(), *table, number);
  const bool forwards = direction == Direction::forwards;
  std::vector<model::Row> from = forwards ? model.scan(index, bound.model, std::nullopt)
                                          : model.scan(index, std::nullopt, bound.model);
  const std::vector<model::Row> others = forwards ? model.scan(index, std::nullopt, bound.model)
                                                  : model.scan(index, bound.model, std::nullopt);
  // What both hold is at the bound.
  const size_t at_bound = from.size() + others.size() - model.size();
  if (!forwards) std::reverse(from.begin(), from.end());
  auto start = cursor.seek(bound.engine, forwards ? Seek::at_or_after : Seek::at_or_before);
  ASSIGN_OR_RETURN(std::string wrong, walk(pair, cursor, std::move(start), from, direction));
  if (wrong.empty()) {
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(at_bound));
    start = cursor.seek(bound.engine, forwards ? Seek::after : Seek::before);
    ASSIGN_OR_RETURN(wrong, walk(pair, cursor, std::move(start), from, direction));
    if (!wrong.empty()) wrong = "not at it, " + wrong;
  }
  if (!wrong.empty()) wrong = "from " + model::to_string(bound.model) + " on, " + wrong;
  return in(index, direction, wrong);
}

Result<std::string> table_difference(const TablePair& pair, Engine& engine,
                                     const std::optional<model::TableModel>& state) {
  const auto table = engine.open_table(pair.name());
  if (table.code() == Code::not_found) return std::string(state ? "it is not there" : "");
  RETURN_IF_ERROR(table.status());
  if (!state) return std::string("it is there");
  if ((*table)->indexes() != state->def().secondary.size() + 1) {
    return std::to_string((*table)->indexes()) + " indexes, expected " +
           std::to_string(state->def().secondary.size() + 1);
  }
  for (const storage::IndexDef& index : (*table)->def().indexes) {
    ASSIGN_OR_RETURN(std::string wrong,
                     scan_difference(pair, engine, *state, index.name, Direction::forwards));
    if (!wrong.empty()) return wrong;
  }
  return std::string();
}

Result<std::string> damage(Engine& engine, const Table& table, bool is_purged) {
  storage::PoolReader reader(engine.pages().pool());
  const auto report = storage::check_table(reader, table.def());
  if (!report.ok()) return in_words(report.status());
  for (size_t i = 0; is_purged && i < report->trees.size(); ++i) {
    if (report->trees[i].delete_marked == 0) continue;
    return "index " + table.def().indexes[i].name + ": " +
           std::to_string(report->trees[i].delete_marked) +
           " delete marks after everything was purged";
  }
  return std::string();
}

Result<std::string> damage(Engine& engine) {
  storage::PoolReader reader(engine.pages().pool());
  const auto catalog = storage::check_catalog(reader);
  if (!catalog.ok()) return in_words(catalog.status());
  const auto undo = storage::check_undo(reader);
  return undo.ok() ? std::string() : in_words(undo.status());
}

}  // namespace aftersync::faults
