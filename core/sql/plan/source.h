// Source: one table in FROM, and where its columns stand in the joined row.
//
// A query works on one row of values, in which each of its tables has some neighbouring slots, and
// behind them the select list has its own. Whoever reads a table fills that table's slots;
// expressions are bound to slot numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/sql/exec/row_sink.h"
#include "core/sql/schema/dictionary.h"

namespace aftersync::sql {

using ValueRow = std::vector<Value>;

struct Source {
  std::string database{};  // empty: a derived table
  std::string alias{};     // what it is called in the statement
  // Rows come from storage, or have been computed before.
  std::shared_ptr<const OpenTable> table{};
  std::shared_ptr<const std::vector<ValueRow>> rows{};
  std::vector<ResultColumn> columns{};
  std::vector<IndexHint> hints{};
  uint32_t first_slot = 0;
  // Columns that somebody looks at; others need not be decoded.
  std::vector<bool> needed{};

  [[nodiscard]] uint32_t slots() const { return static_cast<uint32_t>(columns.size()); }
  [[nodiscard]] bool has_slot(uint32_t slot) const {
    return slot >= first_slot && slot < first_slot + slots();
  }
};

// What a client is told of a stored table's columns.
[[nodiscard]] std::vector<ResultColumn> result_columns(const OpenTable& table,
                                                       const std::string& alias);

}  // namespace aftersync::sql
