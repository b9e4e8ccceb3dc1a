// ScriptTable: definitions, rows, keys and ranges in two forms.
#include "faults/pair/script_table.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::faults {

namespace {

using storage::ColumnType;

storage::IndexDef index_on(const storage::TableDef& def, std::string name, bool unique,
                           const std::vector<model::KeyPart>& parts) {
  storage::IndexDef index;
  index.name = std::move(name);
  index.unique = unique;
  for (const model::KeyPart& part : parts) {
    storage::KeyPart described;
    described.column = static_cast<uint32_t>(part.column);
    described.descending = part.descending;
    storage::describe_part(def.columns[part.column], described);
    index.parts.push_back(described);
  }
  return index;
}

storage::TableDef definition_of(const std::string& name, const model::txn::Schema& schema) {
  storage::TableDef def;
  def.name = name;
  const auto& key = schema.def.primary_key;
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    storage::ColumnDef column;
    column.name = schema.columns[i];
    const bool is_text = schema.def.columns[i] == model::Order::bytes;
    column.type = is_text ? ColumnType::string : ColumnType::signed_integer;
    column.nullable =
        std::ranges::none_of(key, [i](const model::KeyPart& part) { return part.column == i; });
    def.columns.push_back(std::move(column));
  }
  def.indexes.push_back(
      index_on(def, schema.hidden_key() ? "GEN_CLUST_INDEX" : "PRIMARY", true, key));
  for (const model::IndexDef& secondary : schema.def.secondary) {
    def.indexes.push_back(index_on(def, secondary.name, secondary.unique, secondary.parts));
  }
  return def;
}

storage::Value engine_value(const model::Value& value) {
  if (const auto* const number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  CHECK(std::holds_alternative<model::Null>(value));
  return std::monostate();
}

model::Value model_value(const storage::Value& value) {
  if (const auto* const number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  CHECK(std::holds_alternative<std::monostate>(value));
  return model::Null();
}

}  // namespace

Result<std::unique_ptr<ScriptTable>> ScriptTable::create(storage::Engine& engine,
                                                         const std::string& name,
                                                         model::txn::TableId id,
                                                         const model::txn::Schema& schema) {
  ASSIGN_OR_RETURN(auto table, engine.create_table(definition_of(name, schema)));
  return std::unique_ptr<ScriptTable>(new ScriptTable(std::move(table), id, schema));
}

storage::Row ScriptTable::to_engine(const model::Row& row) {
  storage::Row found;
  for (const model::Value& value : row) found.push_back(engine_value(value));
  return found;
}

model::Row ScriptTable::to_model(const storage::Row& row) {
  model::Row found;
  for (const storage::Value& value : row) found.push_back(model_value(value));
  return found;
}

std::string ScriptTable::encode(size_t index, const model::Row& beginning) const {
  const storage::IndexDef& def = table_->def().indexes[index];
  std::string key;
  for (size_t i = 0; i < beginning.size(); ++i) {
    const storage::Value value = engine_value(beginning[i]);
    std::visit([&](const auto& one) { CHECK_OK(storage::append_key_part(def.parts[i], one, key)); },
               value);
  }
  return key;
}

bool ScriptTable::begins_behind_null(size_t index, const model::txn::Range& range) const {
  if (range.low.empty() || !std::holds_alternative<model::Null>(range.low.back())) return false;
  if (table_->def().indexes[index].parts[range.low.size() - 1].nullable) return false;
  CHECK(!range.low_inclusive && !range.high.empty());
  return true;
}

// What follows a whole clustered key is not the successor of its bytes: that may be a key, too.
txn::LockingScan::Range ScriptTable::range_of(size_t index, const model::txn::Range& range) const {
  const auto after = [&](const model::Row& beginning) {
    const std::string key = encode(index, beginning);
    const bool is_whole = index == 0 && beginning.size() == table_->def().indexes[0].parts.size();
    return is_whole ? key + '\0' : storage::key_successor(key);
  };
  txn::LockingScan::Range found;
  if (begins_behind_null(index, range)) {  // which is not in the index: at its beginning then
    const model::Row prefix(range.low.begin(), range.low.end() - 1);
    found.low = encode(index, prefix);
    found.high = range.high_inclusive ? after(range.high) : encode(index, range.high);
    return found;
  }
  found.low =
      range.low_inclusive || range.low.empty() ? encode(index, range.low) : after(range.low);
  if (range.high.empty()) return found;
  found.high = range.high_inclusive ? after(range.high) : encode(index, range.high);
  return found;
}

txn::LockingScan::Match ScriptTable::match_of(size_t index, const model::txn::Range& range) const {
  using Match = txn::LockingScan::Match;
  if (!range.exact) return Match::range;
  const bool has_null = std::ranges::any_of(range.low, [](const model::Value& value) {
    return std::holds_alternative<model::Null>(value);
  });
  const bool is_whole = range.low.size() == shape_.own_parts(index);
  return shape_.unique(index) && is_whole && !has_null ? Match::unique : Match::equal;
}

std::optional<size_t> ScriptTable::find_index(IndexId index) const {
  for (size_t i = 0; i < table_->def().indexes.size(); ++i) {
    if (table_->def().indexes[i].id == index) return i;
  }
  return std::nullopt;
}

int64_t ScriptTable::row_number(std::string_view encoded) {
  const auto at = row_ids_.emplace(encoded).first;
  return std::distance(row_ids_.begin(), at) + 1;
}

// The engine's key has the clustered columns at its end, also those that the index has itself.
model::Row ScriptTable::key_of(size_t index, std::string_view encoded) {
  std::vector<model::Value> columns(shape_.schema().def.columns.size());
  for (const size_t part_of : {index, size_t{0}}) {
    for (const storage::KeyPart& part : table_->def().indexes[part_of].parts) {
      auto value = storage::take_key_part(part, encoded);
      CHECK_OK(value);
      columns[part.column] = model_value(*value);
    }
    if (index == 0) break;
  }
  if (table_->has_hidden_row_id()) columns.back() = row_number(encoded);
  model::Row key;
  for (const model::KeyPart& part : shape_.parts(index)) key.push_back(columns[part.column]);
  return key;
}

Status ScriptTable::see_row_ids() {
  if (!table_->has_hidden_row_id()) return {};
  storage::TreeCursor cursor(table_->tree(0));
  ASSIGN_OR_RETURN(bool found, cursor.first());
  while (found) {
    row_ids_.emplace(cursor.record().key);
    ASSIGN_OR_RETURN(found, cursor.next());
  }
  return {};
}

}  // namespace aftersync::faults
