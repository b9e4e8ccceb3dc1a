// TablePair: drawing schemas, and rows for two.
#include "faults/pair/table_pair.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace aftersync::faults {

namespace {

using model::Order;

bool is_text(Order order) {
  return order == Order::bytes || order == Order::padded || order == Order::ascii_ci;
}

}  // namespace

TablePair::TablePair(Prng& prng, std::string name, size_t longest_bytes)
    : longest_bytes_(longest_bytes) {
  engine_def_.name = std::move(name);
  const size_t columns = prng.between(2, 6);
  for (size_t i = 0; i < columns; ++i) columns_.push_back(draw_column(prng, i));
  choose_primary_key(prng);
  for (const PairedColumn& column : columns_) {
    engine_def_.columns.push_back(column.engine);
    model_def_.columns.push_back(column.order);
  }
  const size_t secondary = prng.below(4);
  for (size_t i = 0; i < secondary; ++i) {
    PairedIndex index = draw_index(prng, "i" + std::to_string(i));
    engine_def_.indexes.push_back(std::move(index.engine));
    model_def_.secondary.push_back(std::move(index.model));
  }
  choose_long_column();
}

void TablePair::choose_primary_key(Prng& prng) {
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  const bool is_hidden = prng.chance(0.2);
  const size_t key_columns =
      is_hidden ? 0 : prng.between(1, std::min<size_t>(2, columns_.size() - 1));
  for (uint32_t i = 0; i < key_columns; ++i) {
    columns_[i].engine.nullable = false;
    storage::KeyPart part;
    part.column = i;
    part.descending = prng.chance(0.3);
    primary.parts.push_back(part);
    model_def_.primary_key.push_back({i, part.descending});
  }
  engine_def_.indexes.push_back(primary);
}

// The last column of text that no index needs, now or ever: a key has no room for a long value.
void TablePair::choose_long_column() {
  const auto in_index = [&](size_t column) {
    return std::any_of(model_def_.secondary.begin(), model_def_.secondary.end(),
                       [&](const model::IndexDef& index) {
                         return std::any_of(
                             index.parts.begin(), index.parts.end(),
                             [&](const model::KeyPart& part) { return part.column == column; });
                       });
  };
  for (size_t c = columns_.size(); c-- > std::max<size_t>(model_def_.primary_key.size(), 1);) {
    if (is_text(columns_[c].order) && !in_index(c)) {
      long_column_ = c;
      return;
    }
  }
}

TablePair::PairedIndex TablePair::draw_index(Prng& prng, std::string name) const {
  PairedIndex index;
  index.engine.name = index.model.name = std::move(name);
  index.engine.unique = index.model.unique = prng.chance(0.3);
  const size_t parts = prng.between(1, 2);
  for (size_t i = 0; i < parts; ++i) {
    storage::KeyPart part;
    part.column = static_cast<uint32_t>(prng.below(columns_.size()));
    if (part.column == long_column_) part.column = 0;
    part.descending = prng.chance(0.3);
    index.engine.parts.push_back(part);
    index.model.parts.push_back({part.column, part.descending});
  }
  return index;
}

bool TablePair::is_key(size_t column) const { return column < model_def_.primary_key.size(); }

uint32_t TablePair::choice_of(size_t column, uint32_t key, uint32_t payload) const {
  if (is_key(column)) return column == 0 ? key % kDomain : key / kDomain;
  uint64_t state = (uint64_t{payload} << 8) + column;
  return static_cast<uint32_t>(splitmix64(state) % (2 * kDomain));
}

// Where a row stops fitting its leaf, an undo record, an overflow page; and far beyond.
size_t TablePair::long_bytes(uint32_t payload) const {
  const size_t more = payload % 1000;
  switch (payload / 4 % 8) {
    case 0: return longest_bytes_ + more;
    case 1: return 3000 + more;
    case 2: return 7700 + more;
    case 3: return 16'200 + more;
    default: return 200 + more;
  }
}

model::Row TablePair::model_row(uint32_t key, uint32_t payload) const {
  model::Row row;
  for (size_t c = 0; c < columns_.size(); ++c) {
    row.push_back(model_value(columns_[c], choice_of(c, key, payload)));
  }
  if (payload % 4 == 0 && long_column_ < row.size()) {
    if (auto* text = std::get_if<std::string>(&row[long_column_])) {
      // Every part of it different, so that no page can stand for another.
      const size_t bytes = text->size() + long_bytes(payload);
      while (text->size() < bytes) *text += std::to_string(text->size()) + ',';
    }
  }
  return row;
}

storage::Row TablePair::engine_row(uint32_t key, uint32_t payload) const {
  storage::Row row;
  for (const model::Value& value : model_row(key, payload)) {
    row.push_back(to_engine(columns_[row.size()], value));
  }
  return row;
}

model::Row TablePair::model_key(uint32_t key) const {
  CHECK(has_primary_key());
  model::Row row;
  for (const model::KeyPart& part : model_def_.primary_key) {
    row.push_back(model_value(columns_[part.column], choice_of(part.column, key, 0)));
  }
  return row;
}

Result<std::string> TablePair::engine_key(const storage::Table& table, uint32_t key) const {
  storage::Row values;
  for (const model::Value& value : model_key(key)) {
    values.push_back(to_engine(columns_[values.size()], value));
  }
  return storage::Engine::primary_key(table, values);
}

TablePair::Bound TablePair::bound(const std::vector<model::KeyPart>& parts, size_t count,
                                  uint32_t choice) const {
  Bound bound;
  for (size_t i = 0; i < count; ++i) {
    const PairedColumn& column = columns_[parts[i].column];
    bound.model.push_back(model_value(column, (choice + static_cast<uint32_t>(i)) % kDomain));
    bound.engine.push_back(to_engine(column, bound.model.back()));
  }
  return bound;
}

Result<model::Row> TablePair::to_model(const storage::Row& row) const {
  if (row.size() != columns_.size()) {
    return {Code::corruption, "row of " + std::to_string(row.size()) + " columns"};
  }
  model::Row converted;
  for (const storage::Value& value : row) {
    ASSIGN_OR_RETURN(model::Value other, faults::to_model(columns_[converted.size()], value));
    converted.push_back(std::move(other));
  }
  return converted;
}

}  // namespace aftersync::faults
