// Databases, tables and indexes: CREATE, ALTER, DROP, RENAME, TRUNCATE.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/sql/ast/column_type.h"
#include "core/sql/ast/query.h"

namespace aftersync::sql {

// (name, value) in the order written, names in upper case and as canonical SQL has them: ENGINE,
// AUTO_INCREMENT, CHARACTER SET, COLLATE, COMMENT, ROW_FORMAT, ...
using Options = std::vector<std::pair<std::string, std::string>>;

enum class Nullability : uint8_t { unspecified, null, not_null };

struct ColumnSpec {
  std::string name;
  ColumnTypeSpec type;
  Nullability nullability = Nullability::unspecified;
  Box<Expr> default_value;
  Box<Expr> on_update;
  bool auto_increment = false;
  bool primary_key = false;
  bool unique_key = false;
  std::string comment;
  bool operator==(const ColumnSpec&) const = default;
};

enum class IndexKind : uint8_t { plain, unique, primary };

struct IndexPart {
  std::string column;
  uint32_t prefix_chars = 0;  // 0: the whole column
  bool descending = false;
  bool operator==(const IndexPart&) const = default;
};

struct IndexSpec {
  IndexKind kind = IndexKind::plain;
  std::string name;
  std::vector<IndexPart> parts;
  std::string comment;
  bool operator==(const IndexSpec&) const = default;
};

enum class ReferenceAction : uint8_t { unspecified, restrict, cascade, set_null, no_action };

struct ForeignKeySpec {
  std::string name;
  std::vector<std::string> columns;
  TableName table;
  std::vector<std::string> referenced;
  ReferenceAction on_delete = ReferenceAction::unspecified;
  ReferenceAction on_update = ReferenceAction::unspecified;
  bool operator==(const ForeignKeySpec&) const = default;
};

struct CheckSpec {
  std::string name;
  Box<Expr> condition;
  bool operator==(const CheckSpec&) const = default;
};

using TableElement = std::variant<ColumnSpec, IndexSpec, ForeignKeySpec, CheckSpec>;

struct CreateDatabase {
  std::string name;
  bool if_not_exists = false;
  Options options;
  bool operator==(const CreateDatabase&) const = default;
};

struct AlterDatabase {
  std::string name;  // empty: the current one
  Options options;
  bool operator==(const AlterDatabase&) const = default;
};

struct DropDatabase {
  std::string name;
  bool if_exists = false;
  bool operator==(const DropDatabase&) const = default;
};

// Elements, or LIKE another table. `query`: CREATE TABLE ... AS SELECT.
struct CreateTable {
  TableName name;
  bool temporary = false;
  bool if_not_exists = false;
  TableName like;
  std::vector<TableElement> elements;
  Options options;
  Box<Query> query;
  bool operator==(const CreateTable&) const = default;
};

struct DropTable {
  std::vector<TableName> names;
  bool temporary = false;
  bool if_exists = false;
  bool operator==(const DropTable&) const = default;
};

struct TruncateTable {
  TableName name;
  bool operator==(const TruncateTable&) const = default;
};

struct RenameTable {
  std::vector<std::pair<TableName, TableName>> renames;
  bool operator==(const RenameTable&) const = default;
};

// Where a new or changed column goes. Both empty: at the end, or where it was.
struct ColumnPlace {
  bool first = false;
  std::string after;
  bool operator==(const ColumnPlace&) const = default;
};

struct AddColumn {
  ColumnSpec column;
  ColumnPlace place;
  bool operator==(const AddColumn&) const = default;
};

// MODIFY (old_name is the new one) and CHANGE.
struct ChangeColumn {
  std::string old_name;
  ColumnSpec column;
  ColumnPlace place;
  bool operator==(const ChangeColumn&) const = default;
};

struct RenameColumn {
  std::string from;
  std::string to;
  bool operator==(const RenameColumn&) const = default;
};

// ALTER COLUMN SET DEFAULT, or DROP DEFAULT: then `value` is empty.
struct AlterDefault {
  std::string column;
  Box<Expr> value;
  bool operator==(const AlterDefault&) const = default;
};

struct AddIndex {
  IndexSpec index;
  bool operator==(const AddIndex&) const = default;
};

struct AddForeignKey {
  ForeignKeySpec key;
  bool operator==(const AddForeignKey&) const = default;
};

struct AddCheck {
  CheckSpec check;
  bool operator==(const AddCheck&) const = default;
};

enum class DropWhat : uint8_t { column, index, primary_key, foreign_key, check };

struct DropElement {
  DropWhat what = DropWhat::column;
  std::string name;
  bool operator==(const DropElement&) const = default;
};

struct RenameIndex {
  std::string from;
  std::string to;
  bool operator==(const RenameIndex&) const = default;
};

struct RenameTo {
  TableName name;
  bool operator==(const RenameTo&) const = default;
};

// DISABLE KEYS and ENABLE KEYS.
struct EnableKeys {
  bool enable = true;
  bool operator==(const EnableKeys&) const = default;
};

// Table options, and ALGORITHM= and LOCK=.
struct SetTableOptions {
  Options options;
  bool operator==(const SetTableOptions&) const = default;
};

using AlterAction =
    std::variant<AddColumn, ChangeColumn, RenameColumn, AlterDefault, AddIndex, AddForeignKey,
                 AddCheck, DropElement, RenameIndex, RenameTo, EnableKeys, SetTableOptions>;

struct AlterTable {
  TableName name;
  std::vector<AlterAction> actions;
  bool operator==(const AlterTable&) const = default;
};

struct CreateIndex {
  TableName table;
  IndexSpec index;
  Options options;
  bool operator==(const CreateIndex&) const = default;
};

struct DropIndex {
  TableName table;
  std::string name;
  Options options;
  bool operator==(const DropIndex&) const = default;
};

}  // namespace aftersync::sql
