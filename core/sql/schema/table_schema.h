// TableSchema: a table as SQL sees it; and how it is kept in storage.
//
// The definition is kept as SQL: TableDef::owner_data holds the CREATE TABLE statement in canonical
// form, with everything that was left open decided (lengths, character sets, NULL or not, names of
// indexes). Printing and parsing are tested to be inverses, so there is no second format to keep
// compatible, and what is on disk can be read by people. Indexes come and go without rewriting a
// table, so they are not part of that text: storage's own list is the truth, and says everything of
// them that SQL wants to know.
//
// Columns stand in storage in the order that SQL has them in, indexes with the clustered one first:
// `indexes[i]` is index number i of the storage::Table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/sql/ast/ddl.h"
#include "core/sql/sql_error.h"
#include "core/storage/schema.h"

namespace aftersync::sql {

struct Column {
  std::string name;
  ColumnTypeSpec type;  // complete: complete_type()
  bool nullable = true;
  bool auto_increment = false;
  Box<Expr> default_value;  // a literal, or NOW(n); empty: none
  Box<Expr> on_update;      // NOW(n), or empty
  std::string comment;
};

struct IndexColumn {
  uint32_t column = 0;
  uint32_t prefix_chars = 0;  // 0: the whole value
  bool descending = false;
};

struct Index {
  std::string name;
  bool unique = false;
  std::vector<IndexColumn> parts;  // none: the hidden clustered index of a table without a key

  [[nodiscard]] bool is_primary() const { return name == "PRIMARY"; }
  [[nodiscard]] bool is_hidden() const { return parts.empty(); }
};

struct TableSchema {
  std::string database;
  std::string name;
  std::vector<Column> columns;
  std::vector<Index> indexes;
  std::string collation;
  std::string comment;
  uint64_t first_auto_increment = 1;
  Options options;  // those that are kept to be shown: ROW_FORMAT ...

  // By name, without regard to case.
  [[nodiscard]] std::optional<uint32_t> find_column(std::string_view column) const;
  [[nodiscard]] std::optional<size_t> find_index(std::string_view index) const;
  [[nodiscard]] std::optional<uint32_t> auto_increment_column() const;
  // Index numbers in the order in which SHOW lists them: the primary key, unique ones without
  // NULLs, other unique ones, the rest.
  [[nodiscard]] std::vector<size_t> shown_indexes() const;
};

// Whether two names of columns, indexes or functions are the same: ASCII letters in any case.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

// The schema that a definition asks for. `collation`: the database's. Errors as complete_type()
// (column_codec.h), and 1060, 1061, 1063, 1067, 1068, 1072, 1073, 1075, 1089, 1101, 1113, 1170,
// 1171, 1280, 1286, 1294; 1235 by name for what there is not.
// `left_out`: of the definition that storage keeps, which has none.
enum class Indexes : uint8_t { part_of_it, left_out };
[[nodiscard]] std::variant<TableSchema, SqlError> resolve_table(
    const CreateTable& definition, std::string_view collation,
    Indexes indexes = Indexes::part_of_it);

// A column, or an index, as it would stand in the table: for ALTER as well. resolve_index() takes
// the table's columns, makes those of a primary key NOT NULL, and gives it a name if it has none.
[[nodiscard]] std::variant<Column, SqlError> resolve_column(const ColumnSpec& spec,
                                                            std::string_view collation);
[[nodiscard]] std::variant<Index, SqlError> resolve_index(const IndexSpec& spec,
                                                          TableSchema& table);
// Puts indexes in storage's order, adding a hidden one where no other can be the clustered one;
// checks what concerns columns and indexes together (1068, 1075).
[[nodiscard]] std::optional<SqlError> arrange_indexes(TableSchema& table);

// The statement that makes this table.
[[nodiscard]] CreateTable definition_of(const TableSchema& table);
[[nodiscard]] ColumnSpec spec_of(const Column& column);
[[nodiscard]] IndexSpec spec_of(const TableSchema& table, const Index& index);

// "database/table", both escaped as MySQL escapes names of files.
[[nodiscard]] std::string storage_name(std::string_view database, std::string_view table);
// Back; nothing for a name that is none of ours.
[[nodiscard]] std::optional<TableName> table_name_of(std::string_view storage_name);

[[nodiscard]] storage::TableDef storage_definition(const TableSchema& table);
// An index as storage is told of it.
[[nodiscard]] storage::IndexDef storage_index(const Index& index);
// Code::corruption for owner data that is no definition, or does not fit `def`.
[[nodiscard]] Result<TableSchema> schema_of(const storage::TableDef& def);

}  // namespace aftersync::sql
