// RowSink: where the rows of a result go, one by one, as they come to be.
//
// What takes them is the client's connection, or a test. A sink that cannot take any more (the
// client has gone) says so, and the statement ends; what it has changed is taken back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/status.h"
#include "core/sql/ast/column_type.h"
#include "core/sql/value/value.h"

namespace aftersync::sql {

// One column of a result. The protocol's definition of a column is made from it.
struct ResultColumn {
  std::string schema{};
  std::string table{};           // alias
  std::string original_table{};  // empty for expressions
  std::string name{};            // alias
  std::string original_name{};
  TypeInfo type{};
  // Of a column of a table as it is; nothing for what is computed.
  std::optional<ColumnTypeSpec> declared{};
  bool not_null = false;
  bool primary_key = false;
  bool unique_key = false;    // the first column of a unique index
  bool multiple_key = false;  // the first column of another index
  bool auto_increment = false;
  bool no_default = false;
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  // Once for each result, before its rows; at least one column. `columns` live until the end of the
  // statement.
  [[nodiscard]] virtual Status begin(std::span<const ResultColumn> columns) = 0;
  // As many values as there are columns, of their types' classes or NULL.
  [[nodiscard]] virtual Status row(std::span<const Value> values) = 0;
};

}  // namespace aftersync::sql
