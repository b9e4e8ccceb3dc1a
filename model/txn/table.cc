// Indexes by linear search: a table of the model holds a few rows.
#include "model/txn/table.h"

#include <algorithm>

namespace aftersync::model::txn {
namespace {

Schema with_key(Schema schema) {
  if (schema.hidden_key()) {
    schema.def.primary_key = {{schema.def.columns.size(), false}};
    schema.def.columns.push_back(Order::integer);
  }
  return schema;
}

template <typename Map>
std::optional<Row> first_key(const Map& map, const Row& from, bool inclusive, const Table& table,
                             size_t index) {
  for (const auto& [key, value] : map) {
    const auto order = table.compare_prefix(index, key, from);
    if (order > 0 || (inclusive && order == 0)) return key;
  }
  return std::nullopt;
}

template <typename Map>
std::optional<Row> last_key(const Map& map, const Row& to, bool inclusive, const Table& table,
                            size_t index) {
  for (auto at = map.rbegin(); at != map.rend(); ++at) {
    const auto order = table.compare_prefix(index, at->first, to);
    if (order < 0 || (inclusive && order == 0)) return at->first;
  }
  return std::nullopt;
}

}  // namespace

size_t Schema::column(std::string_view column_name) const {
  const auto found = std::ranges::find(columns, column_name);
  CHECK(found != columns.end());
  return static_cast<size_t>(found - columns.begin());
}

Table::Table(TableId id, Schema schema, LockTable& locks)
    : id_(id), schema_(with_key(std::move(schema))), clustered_(order_of(schema_.def.primary_key)) {
  const bool hidden = schema_.columns.size() < schema_.def.columns.size();
  add_index({hidden ? "GEN_CLUST_INDEX" : "PRIMARY", schema_.def.primary_key, true}, locks);
  for (const IndexDef& def : schema_.def.secondary) add_index(def, locks);
}

void Table::add_index(const IndexDef& def, LockTable& locks) {
  std::vector<KeyPart> parts = def.parts;
  for (const KeyPart& part : schema_.def.primary_key) {
    const auto same = [&](const KeyPart& other) { return other.column == part.column; };
    if (std::ranges::none_of(parts, same)) parts.push_back(part);
  }
  const KeyLess order = order_of(parts);
  indexes_.push_back({def.name, def.unique, def.parts.size(), std::move(parts),
                      locks.add_index(order), std::map<Row, SecondaryEntry, KeyLess>(order)});
}

KeyLess Table::order_of(const std::vector<KeyPart>& parts) const {
  std::vector<std::pair<Order, bool>> orders;
  for (const KeyPart& part : parts) {
    orders.emplace_back(schema_.def.columns[part.column], part.descending);
  }
  return KeyLess(std::move(orders));
}

size_t Table::index_named(std::string_view name) const {
  if (name == "PRIMARY") return kClustered;
  for (size_t i = 1; i < indexes_.size(); ++i) {
    if (indexes_[i].name == name) return i;
  }
  CHECK(false);
  return kClustered;
}

bool Table::covering(size_t index) const {
  for (size_t column = 0; column < schema_.columns.size(); ++column) {
    const auto has = [&](const KeyPart& part) { return part.column == column; };
    if (std::ranges::none_of(parts(index), has)) return false;
  }
  return true;
}

Row Table::key_of(size_t index, const Row& row) const {
  Row key;
  for (const KeyPart& part : parts(index)) key.push_back(row.at(part.column));
  return key;
}

Row Table::clustered_key(size_t index, const Row& key) const {
  Row found;
  for (const KeyPart& wanted : parts(kClustered)) {
    for (size_t i = 0; i < parts(index).size(); ++i) {
      if (parts(index)[i].column == wanted.column) found.push_back(key.at(i));
    }
  }
  return found;
}

Row Table::covered_row(size_t index, const Row& key) const {
  Row row(schema_.def.columns.size());
  for (size_t i = 0; i < key.size(); ++i) row[parts(index)[i].column] = key[i];
  return row;
}

Row Table::with_row_id(Row row) {
  if (schema_.columns.size() < schema_.def.columns.size()) row.emplace_back(next_row_id_++);
  return row;
}

std::weak_ordering Table::compare_prefix(size_t index, const Row& a, const Row& b) const {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const KeyPart& part = parts(index)[i];
    const auto order = compare(schema_.def.columns[part.column], a[i], b[i]);
    if (order != 0) return part.descending ? 0 <=> order : order;
  }
  return std::weak_ordering::equivalent;
}

std::optional<size_t> Table::index_of(IndexId id) const {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    if (indexes_[i].id == id) return i;
  }
  return std::nullopt;
}

std::optional<Row> Table::first(size_t index, const Row& from, bool inclusive) const {
  if (index == kClustered) return first_key(clustered_, from, inclusive, *this, index);
  return first_key(entries(index), from, inclusive, *this, index);
}

std::optional<Row> Table::last(size_t index, const Row& to, bool inclusive) const {
  if (index == kClustered) return last_key(clustered_, to, inclusive, *this, index);
  return last_key(entries(index), to, inclusive, *this, index);
}

bool Table::contains(size_t index, const Row& key) const {
  return index == kClustered ? clustered_.contains(key) : entries(index).contains(key);
}

Versions* Table::versions(const Row& key) {
  const auto found = clustered_.find(key);
  return found == clustered_.end() ? nullptr : &found->second;
}

SecondaryEntry* Table::entry(size_t index, const Row& key) {
  const auto found = indexes_[index].entries.find(key);
  return found == indexes_[index].entries.end() ? nullptr : &found->second;
}

void Table::insert_record(const Row& key, Version version, LockTable& locks) {
  CHECK(clustered_.emplace(key, Versions{std::move(version)}).second);
  inherit(kClustered, key, locks);
}

void Table::insert_entry(size_t index, const Row& key, SecondaryEntry entry, LockTable& locks) {
  CHECK(indexes_[index].entries.emplace(key, entry).second);
  inherit(index, key, locks);
}

void Table::inherit(size_t index, const Row& key, LockTable& locks) const {
  locks.record_inserted(record(index, key), record(index, first(index, key, false)));
}

void Table::remove(size_t index, const Row& key, LockTable& locks) {
  const Row gone = key;  // the caller's may be part of what is erased
  if (index == kClustered) {
    CHECK(clustered_.erase(gone) == 1);
  } else {
    CHECK(indexes_[index].entries.erase(gone) == 1);
  }
  locks.record_removed(record(index, gone), record(index, first(index, gone, false)));
}

}  // namespace aftersync::model::txn
