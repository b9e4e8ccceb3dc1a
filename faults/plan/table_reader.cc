// TableReader: see the header.
#include "faults/plan/table_reader.h"

#include <algorithm>
#include <cstdio>

namespace aftersync::faults {

namespace {

std::string at_line(const std::string& file, toml::source_index line) {
  return line == 0 ? file + ": " : file + ":" + std::to_string(line) + ": ";
}

std::string plain(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

std::string between(double min, double max) { return plain(min) + " to " + plain(max); }

}  // namespace

Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Status(Code::invalid_argument,
                  at_line(file, error.source().begin.line) + std::string(error.description()));
  }
}

void TomlErrors::report(const toml::node* where, const std::string& field,
                        const std::string& what) {
  if (!status_.ok()) return;
  const toml::source_index line = where == nullptr ? 0 : where->source().begin.line;
  status_ = Status(Code::invalid_argument,
                   at_line(file_, line) + (field.empty() ? "" : field + ": ") + what);
}

std::string TableReader::field(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const toml::node* TableReader::take(std::string_view key) {
  asked_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

void TableReader::mistake(std::string_view key, const std::string& what) {
  const toml::node* where = table_ == nullptr ? nullptr : table_->get(key);
  errors_.report(where == nullptr ? table_ : where, field(key), what);
}

int64_t TableReader::integer(std::string_view key, int64_t fallback, int64_t min, int64_t max) {
  const toml::node* const node = take(key);
  if (node == nullptr) return fallback;
  const auto value = node->value_exact<int64_t>();
  if (value && *value >= min && *value <= max) return *value;
  mistake(key, "expected a whole number of " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

double TableReader::number(std::string_view key, double fallback, double min, double max) {
  const toml::node* const node = take(key);
  if (node == nullptr) return fallback;
  const auto value = node->value<double>();
  if (node->is_number() && value && *value >= min && *value <= max) return *value;
  mistake(key, "expected a number of " + between(min, max));
  return fallback;
}

bool TableReader::flag(std::string_view key, bool fallback) {
  const toml::node* const node = take(key);
  if (node == nullptr) return fallback;
  if (const auto value = node->value_exact<bool>()) return *value;
  mistake(key, "expected true or false");
  return fallback;
}

std::string TableReader::text(std::string_view key, std::string_view fallback) {
  const toml::node* const node = take(key);
  if (node == nullptr) return std::string(fallback);
  if (const auto value = node->value_exact<std::string>()) return *value;
  mistake(key, "expected a text in quotes");
  return std::string(fallback);
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> found;
  const toml::node* const node = take(key);
  if (node == nullptr) return found;
  if (const toml::array* const array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (const auto value = element.value_exact<std::string>()) found.push_back(*value);
    }
    if (found.size() == array->size()) return found;
  }
  mistake(key, "expected a list of texts in quotes");
  return found;
}

TableReader::Range TableReader::range(std::string_view key, Range fallback, double min,
                                      double max) {
  const toml::node* const node = take(key);
  if (node == nullptr) return fallback;
  const auto in_bounds = [&](const toml::node& n) {
    const auto value = n.value<double>();
    return n.is_number() && value && *value >= min && *value <= max;
  };
  if (in_bounds(*node)) return {*node->value<double>(), *node->value<double>()};
  if (const toml::array* const pair = node->as_array();
      pair != nullptr && pair->size() == 2 && in_bounds((*pair)[0]) && in_bounds((*pair)[1])) {
    const Range range{*(*pair)[0].value<double>(), *(*pair)[1].value<double>()};
    if (range.low <= range.high) return range;
  }
  mistake(key, "expected a number or [low, high], of " + between(min, max));
  return fallback;
}

TableReader TableReader::table(std::string_view key) {
  const toml::node* const node = take(key);
  if (node != nullptr && !node->is_table()) mistake(key, "expected a table");
  return {node == nullptr ? nullptr : node->as_table(), field(key), errors_};
}

std::vector<std::string> TableReader::keys() const {
  std::vector<std::string> found;
  if (table_ == nullptr) return found;
  for (const auto& [key, value] : *table_) found.emplace_back(key.str());
  return found;
}

void TableReader::finish() {
  for (const std::string& key : keys()) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    std::string known;
    for (const std::string& name : asked_) known += (known.empty() ? "" : ", ") + name;
    mistake(key, known.empty() ? "unknown key" : "unknown key; known here: " + known);
    return;
  }
}

}  // namespace aftersync::faults
