// TableModel: the rules, one by one.
#include "model/table/table_model.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace aftersync::model {

namespace {

// Compares the first `count` parts of two keys.
std::weak_ordering compare_keys(const std::vector<std::pair<Order, bool>>& parts, size_t count,
                                const Row& a, const Row& b) {
  for (size_t i = 0; i < count; ++i) {
    const auto [order, descending] = parts[i];
    const auto result = descending ? compare(order, b[i], a[i]) : compare(order, a[i], b[i]);
    if (result != 0) return result;
  }
  return std::weak_ordering::equivalent;
}

}  // namespace

bool KeyLess::operator()(const Row& a, const Row& b) const {
  return compare_keys(parts_, parts_.size(), a, b) < 0;
}

TableModel::TableModel(TableDef def)
    : def_(std::move(def)),
      clustered_(KeyLess(def_.primary_key.empty()
                             ? std::vector{std::pair{Order::unsigned_integer, false}}
                             : orders_of(def_.primary_key))) {}

std::vector<std::pair<Order, bool>> TableModel::orders_of(const std::vector<KeyPart>& parts) const {
  std::vector<std::pair<Order, bool>> orders;
  for (const KeyPart& part : parts) {
    orders.emplace_back(def_.columns.at(part.column), part.descending);
  }
  return orders;
}

Row TableModel::project(const std::vector<KeyPart>& parts, const Row& row) const {
  Row key;
  for (const KeyPart& part : parts) key.push_back(row.at(part.column));
  return key;
}

Row TableModel::clustered_key(const Row& row) const {
  CHECK(!def_.primary_key.empty());
  return project(def_.primary_key, row);
}

const std::vector<KeyPart>& TableModel::parts_of(const std::string& index) const {
  if (index == "PRIMARY") return def_.primary_key;
  const auto it = std::find_if(def_.secondary.begin(), def_.secondary.end(),
                               [&](const IndexDef& i) { return i.name == index; });
  CHECK(it != def_.secondary.end());
  return it->parts;
}

bool TableModel::clashes(const IndexDef& index, const Row& a, const Row& b) const {
  if (!index.unique) return false;
  return std::all_of(index.parts.begin(), index.parts.end(), [&](const KeyPart& part) {
    const Value& x = a[part.column];
    const Value& y = b[part.column];
    if (std::holds_alternative<Null>(x) || std::holds_alternative<Null>(y)) return false;
    return compare(def_.columns[part.column], x, y) == 0;
  });
}

std::optional<std::string> TableModel::violates(const Row& row, const Row* except) const {
  const KeyLess less = clustered_.key_comp();
  const auto is_excepted = [&](const Row& key) {
    return except != nullptr && !less(key, *except) && !less(*except, key);
  };
  if (!def_.primary_key.empty()) {
    const auto it = clustered_.find(clustered_key(row));
    if (it != clustered_.end() && !is_excepted(it->first)) return "PRIMARY";
  }
  for (const IndexDef& index : def_.secondary) {
    for (const auto& [key, present] : clustered_) {
      if (!is_excepted(key) && clashes(index, row, present)) return index.name;
    }
  }
  return std::nullopt;
}

Outcome TableModel::insert(const Row& row, std::string* violated) {
  CHECK_EQ(row.size(), def_.columns.size());
  if (const auto index = violates(row, nullptr)) {
    if (violated != nullptr) *violated = *index;
    return Outcome::duplicate_key;
  }
  const Row key = def_.primary_key.empty() ? Row{next_row_id_++} : clustered_key(row);
  clustered_.emplace(key, row);
  return Outcome::done;
}

Outcome TableModel::update(const Row& key, const Row& new_row, std::string* violated) {
  const auto it = clustered_.find(key);
  if (it == clustered_.end()) return Outcome::not_found;
  if (const auto index = violates(new_row, &key)) {
    if (violated != nullptr) *violated = *index;
    return Outcome::duplicate_key;
  }
  const Row new_key = def_.primary_key.empty() ? it->first : clustered_key(new_row);
  clustered_.erase(it);
  clustered_.emplace(new_key, new_row);
  return Outcome::done;
}

Outcome TableModel::remove(const Row& key) {
  return clustered_.erase(key) == 1 ? Outcome::done : Outcome::not_found;
}

std::optional<Row> TableModel::get(const Row& key) const {
  const auto it = clustered_.find(key);
  if (it == clustered_.end()) return std::nullopt;
  return it->second;
}

std::optional<Row> TableModel::key_at(size_t place) const {
  if (place >= clustered_.size()) return std::nullopt;
  return std::next(clustered_.begin(), static_cast<std::ptrdiff_t>(place))->first;
}

std::vector<Row> TableModel::scan(const std::string& index) const {
  return scan(index, std::nullopt, std::nullopt);
}

std::vector<Row> TableModel::scan(const std::string& index, const std::optional<Row>& low,
                                  const std::optional<Row>& high) const {
  const std::vector<KeyPart>& parts = parts_of(index);
  const auto orders = orders_of(parts);
  std::vector<Row> rows;
  for (const auto& [key, row] : clustered_) {
    const Row index_key = project(parts, row);
    const bool above = !low || compare_keys(orders, low->size(), index_key, *low) >= 0;
    const bool below = !high || compare_keys(orders, high->size(), index_key, *high) <= 0;
    if (above && below) rows.push_back(row);
  }
  // clustered_ is in clustered order, so a stable sort leaves ties in it.
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return compare_keys(orders, orders.size(), project(parts, a), project(parts, b)) < 0;
  });
  return rows;
}

Outcome TableModel::add_index(const IndexDef& index) {
  for (auto a = clustered_.begin(); a != clustered_.end(); ++a) {
    for (auto b = std::next(a); b != clustered_.end(); ++b) {
      if (clashes(index, a->second, b->second)) return Outcome::duplicate_key;
    }
  }
  def_.secondary.push_back(index);
  return Outcome::done;
}

Outcome TableModel::drop_index(const std::string& name) {
  const auto removed =
      std::erase_if(def_.secondary, [&](const IndexDef& index) { return index.name == name; });
  return removed == 0 ? Outcome::not_found : Outcome::done;
}

void TableModel::truncate() { clustered_.clear(); }

}  // namespace aftersync::model
