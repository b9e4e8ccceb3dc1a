// TableModel: what a table with indexes is, without pages, logs or locks.
//
// The reference for the storage engine: rows in ordered maps, one for the clustered index and one
// for each secondary. It is deliberately naive; every rule is a line or two, to be checked by eye:
//   - a primary key is unique and NOT NULL; without one, rows are kept in order of insertion;
//   - a unique secondary index admits many rows that hold a NULL in one of its columns (MySQL
//     manual 13.1.15), otherwise each combination of values once;
//   - a secondary index is ordered by its columns, then by the clustered key.
//
// A snapshot is a copy. That makes transactions trivial: roll back by restoring it, and after a
// crash compare with each snapshot that would be legal.
//
// Shares only core/base with the engine.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/table/value.h"

namespace aftersync::model {

struct KeyPart {
  size_t column = 0;
  bool descending = false;
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

struct IndexDef {
  std::string name;
  std::vector<KeyPart> parts;
  bool unique = false;
  friend bool operator==(const IndexDef&, const IndexDef&) = default;
};

struct TableDef {
  std::vector<Order> columns;
  std::vector<KeyPart> primary_key;  // empty: hidden row id
  std::vector<IndexDef> secondary;
};

// Compares keys part by part.
class KeyLess {
 public:
  explicit KeyLess(std::vector<std::pair<Order, bool>> parts) : parts_(std::move(parts)) {}
  bool operator()(const Row& a, const Row& b) const;

 private:
  std::vector<std::pair<Order, bool>> parts_;  // order, descending
};

enum class Outcome : uint8_t { done, duplicate_key, not_found };

class TableModel {
 public:
  explicit TableModel(TableDef def);

  [[nodiscard]] const TableDef& def() const { return def_; }
  [[nodiscard]] size_t size() const { return clustered_.size(); }

  // On duplicate_key, `violated` (may be null) names the index: "PRIMARY" or a secondary's name.
  // Nothing changes unless the outcome is done.
  Outcome insert(const Row& row, std::string* violated = nullptr);
  // Replaces the row whose clustered key is `key` (may change the key itself).
  Outcome update(const Row& key, const Row& new_row, std::string* violated = nullptr);
  Outcome remove(const Row& key);
  [[nodiscard]] std::optional<Row> get(const Row& key) const;
  // The clustered key of the row at a place (from 0) in clustered order; a hidden row id is one
  // number. Empty when there are no so many rows.
  [[nodiscard]] std::optional<Row> key_at(size_t place) const;

  // All rows in the order of an index: "PRIMARY" or a secondary's name. CHECK: it exists.
  [[nodiscard]] std::vector<Row> scan(const std::string& index) const;
  // Rows with low <= key prefix <= high in the index's own order; an absent bound is open. Bounds
  // may be shorter than the key.
  [[nodiscard]] std::vector<Row> scan(const std::string& index, const std::optional<Row>& low,
                                      const std::optional<Row>& high) const;

  // Fails (duplicate_key) when the rows present violate a new unique index.
  Outcome add_index(const IndexDef& index);
  Outcome drop_index(const std::string& name);
  void truncate();

  // The clustered key of a row; only for tables with a primary key.
  [[nodiscard]] Row clustered_key(const Row& row) const;

 private:
  using RowMap = std::map<Row, Row, KeyLess>;  // clustered key -> row

  [[nodiscard]] Row project(const std::vector<KeyPart>& parts, const Row& row) const;
  [[nodiscard]] std::vector<std::pair<Order, bool>> orders_of(
      const std::vector<KeyPart>& parts) const;
  [[nodiscard]] const std::vector<KeyPart>& parts_of(const std::string& index) const;
  // The index that `row` would violate beside the rows present, the one at `except` left out.
  [[nodiscard]] std::optional<std::string> violates(const Row& row, const Row* except) const;
  [[nodiscard]] bool clashes(const IndexDef& index, const Row& a, const Row& b) const;

  TableDef def_;
  RowMap clustered_;
  uint64_t next_row_id_ = 0;
};

}  // namespace aftersync::model
