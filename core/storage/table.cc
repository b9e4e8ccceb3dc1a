// Table: keys of rows.
#include "core/storage/table.h"

#include "core/base/check.h"
#include "core/base/coding.h"

namespace aftersync::storage {

Table::Table(PageStore& store, TableDef def) : id_(def.id) { redefine(store, std::move(def)); }

void Table::redefine(PageStore& store, TableDef def) {
  CHECK_EQ(def.id, id_);
  def_ = std::move(def);
  layout_ = RowLayout(def_.columns);
  trees_.clear();
  has_unique_secondary_ = false;
  for (const IndexDef& index : def_.indexes) {
    has_unique_secondary_ |= index.unique && &index != &def_.indexes[0];
    trees_.push_back(std::make_unique<BTree>(store, index.tree));
  }
}

Status Table::usable(PageStore& store) const {
  if (!lost_.ok()) return lost_.in("table '" + def_.name + "'");
  const auto space = store.spaces().find(def_.space);
  if (!space.ok()) return space.status().in("table '" + def_.name + "'");
  return (*space)->usable().in("table '" + def_.name + "'");
}

Result<size_t> Table::find_index(std::string_view name) const {
  for (size_t i = 0; i < def_.indexes.size(); ++i) {
    if (def_.indexes[i].name == name) return i;
  }
  return {Code::not_found, "table '" + def_.name + "' has no index '" + std::string(name) + "'"};
}

Status append_index_key(const TableDef& def, size_t index, const Row& row, std::string& key,
                        bool* has_null) {
  if (has_null != nullptr) *has_null = false;
  for (const KeyPart& part : def.indexes[index].parts) {
    const Value& value = row.at(part.column);
    if (has_null != nullptr && std::holds_alternative<std::monostate>(value)) *has_null = true;
    const ValueView view = std::visit([](const auto& v) { return ValueView(v); }, value);
    const Status appended = append_key_part(part, view, key);
    if (!appended.ok()) return appended.in("column '" + def.columns[part.column].name + "'");
  }
  return {};
}

Result<std::string> Table::entry_key(size_t index, const Row& row,
                                     std::string_view clustered_key) const {
  std::string key;
  RETURN_IF_ERROR(append_key(index, row, key));
  key += clustered_key;
  return key;
}

std::string Table::entry_value(std::string_view clustered_key) {
  std::string value;
  append_be(value, static_cast<uint16_t>(clustered_key.size()));
  return value;
}

Result<std::string_view> Table::clustered_key_of(const RecordView& entry) {
  if (entry.value.size() != 2 || load_be<uint16_t>(entry.value.data()) > entry.key.size()) {
    return {Code::corruption, "secondary entry: malformed value"};
  }
  return entry.key.substr(entry.key.size() - load_be<uint16_t>(entry.value.data()));
}

}  // namespace aftersync::storage
