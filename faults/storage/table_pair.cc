// TablePair: drawing schemas, and values for two.
#include "faults/storage/table_pair.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace aftersync::faults {

namespace {

using model::Order;
using storage::Collation;
using storage::ColumnType;

constexpr uint32_t kDomain = 24;  // distinct values of a column
constexpr size_t kLongBytes = 40'000;

PairedColumn draw_column(Prng& prng, size_t number) {
  PairedColumn column;
  column.engine.name = "c" + std::to_string(number);
  constexpr uint8_t kWidths[] = {1, 2, 3, 4, 8};
  column.engine.width = kWidths[prng.below(5)];
  column.engine.nullable = prng.chance(0.5);
  constexpr std::pair<ColumnType, Order> kTypes[] = {
      {ColumnType::signed_integer, Order::integer},
      {ColumnType::unsigned_integer, Order::unsigned_integer},
      {ColumnType::double_number, Order::floating},
      {ColumnType::bytes, Order::bytes},
      {ColumnType::string, Order::ascii_ci},
      {ColumnType::datetime, Order::integer},
  };
  std::tie(column.engine.type, column.order) = kTypes[prng.below(std::size(kTypes))];
  if (column.engine.type == ColumnType::string) {
    column.engine.collation = Collation::utf8mb4_general_ci;
  }
  return column;
}

// Bytes with zeroes and 0xff in them, where encodings have their edges.
std::string awkward_bytes(uint32_t choice) {
  constexpr std::string_view kPieces[] = {"", std::string_view("\0", 1), "\xff", "a", "b", "ab"};
  return std::string(kPieces[choice % 6]) + std::string(kPieces[choice / 6 % 6]);
}

// Text in mixed case: choices that differ by kDomain differ in case only.
std::string mixed_case(uint32_t choice) {
  std::string text = "word" + std::to_string(choice % kDomain);
  if (choice >= kDomain) text[0] = 'W';
  if (choice % 5 == 0) text += "  ";
  return text;
}

model::Value value_of(const PairedColumn& column, uint32_t choice) {
  if (column.engine.nullable && choice % kDomain == 0) return model::Null();
  const auto centred = static_cast<int64_t>(choice % kDomain) - kDomain / 2;
  switch (column.order) {
    case Order::integer: return centred;
    case Order::unsigned_integer: return uint64_t{choice % kDomain};
    case Order::floating: return static_cast<double>(centred) / 4;
    case Order::bytes: return awkward_bytes(choice);
    case Order::ascii_ci: return mixed_case(choice);
    case Order::decimal: break;
  }
  CHECK(false);
  return model::Null();
}

storage::Value to_engine(const model::Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return *i;
  if (const auto* u = std::get_if<uint64_t>(&value)) return *u;
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  return std::monostate();
}

}  // namespace

TablePair::TablePair(Prng& prng, std::string name) {
  engine_def_.name = std::move(name);
  const size_t columns = prng.between(2, 6);
  for (size_t i = 0; i < columns; ++i) columns_.push_back(draw_column(prng, i));
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  const size_t key_columns = prng.between(1, std::min<size_t>(2, columns - 1));
  for (uint32_t i = 0; i < key_columns; ++i) {
    columns_[i].engine.nullable = false;
    storage::KeyPart part;
    part.column = i;
    part.descending = prng.chance(0.3);
    primary.parts.push_back(part);
    model_def_.primary_key.push_back({i, part.descending});
  }
  for (const PairedColumn& column : columns_) {
    engine_def_.columns.push_back(column.engine);
    model_def_.columns.push_back(column.order);
  }
  engine_def_.indexes.push_back(primary);
  const size_t secondary = prng.below(4);
  for (size_t i = 0; i < secondary; ++i) {
    PairedIndex index = draw_index(prng, "i" + std::to_string(i));
    engine_def_.indexes.push_back(std::move(index.engine));
    model_def_.secondary.push_back(std::move(index.model));
  }
  choose_long_column();
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
  for (size_t c = columns_.size(); c-- > model_def_.primary_key.size();) {
    const Order order = columns_[c].order;
    if ((order == Order::bytes || order == Order::ascii_ci) && !in_index(c)) {
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

model::Row TablePair::model_row(uint32_t key, uint32_t payload) const {
  model::Row row;
  for (size_t c = 0; c < columns_.size(); ++c) {
    row.push_back(value_of(columns_[c], choice_of(c, key, payload)));
  }
  if (payload % 16 == 0 && long_column_ < row.size()) {
    if (auto* text = std::get_if<std::string>(&row[long_column_])) {
      text->append(kLongBytes + payload % 1000, 'x');
    }
  }
  return row;
}

storage::Row TablePair::engine_row(uint32_t key, uint32_t payload) const {
  storage::Row row;
  for (const model::Value& value : model_row(key, payload)) row.push_back(to_engine(value));
  return row;
}

model::Row TablePair::model_key(uint32_t key) const {
  model::Row row;
  for (const model::KeyPart& part : model_def_.primary_key) {
    row.push_back(value_of(columns_[part.column], choice_of(part.column, key, 0)));
  }
  return row;
}

Result<std::string> TablePair::engine_key(const storage::Table& table, uint32_t key) const {
  storage::Row values;
  for (const model::Value& value : model_key(key)) values.push_back(to_engine(value));
  return storage::Engine::primary_key(table, values);
}

Result<model::Row> TablePair::to_model(const storage::Row& row) const {
  if (row.size() != columns_.size()) {
    return {Code::corruption, "row of " + std::to_string(row.size()) + " columns"};
  }
  model::Row converted;
  for (const storage::Value& value : row) {
    if (const auto* i = std::get_if<int64_t>(&value)) {
      converted.emplace_back(*i);
    } else if (const auto* u = std::get_if<uint64_t>(&value)) {
      converted.emplace_back(*u);
    } else if (const auto* d = std::get_if<double>(&value)) {
      converted.emplace_back(*d);
    } else if (const auto* s = std::get_if<std::string>(&value)) {
      converted.emplace_back(*s);
    } else {
      converted.emplace_back(model::Null());
    }
  }
  return converted;
}

}  // namespace aftersync::faults
