// What a table looks like to storage: columns, indexes, and where their trees are.
//
// To make a table, fill in its name, its columns and its indexes; of an index its name, `unique`
// and for each part `column` (a number, from 0), `descending` and `prefix_chars`. The rest of a
// part comes from its column, and ids and places of trees from the catalog.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/key_encoding.h"

namespace aftersync::storage {

struct ColumnDef {
  std::string name;
  ColumnType type = ColumnType::signed_integer;
  uint8_t width = 8;  // bytes of an integer (1, 2, 3, 4, 8) or of a packed decimal
  Collation collation = Collation::binary;
  bool nullable = true;
  uint32_t max_bytes = 0;  // of strings and bytes; 0: limits::kMaxValueBytes
};

struct IndexDef {
  IndexId id;  // given by the catalog
  std::string name;
  bool unique = false;
  std::vector<KeyPart> parts;
  TreeRoot tree;  // given by the catalog
};

struct TableDef {
  TableId id;        // given by the catalog
  SpaceId space;     // given by the catalog
  std::string name;  // "database/table"
  std::vector<ColumnDef> columns;
  // [0] is clustered: the primary key, else the first unique index over non-null columns, else a
  // hidden 8-byte row id (then it has no parts). Its columns may not be nullable nor cut.
  std::vector<IndexDef> indexes;
  std::string owner_data;  // opaque: what the SQL layer keeps with the table
};

// Copies into `part` what an index keeps of its column: type, width, collation, nullability.
void describe_part(const ColumnDef& column, KeyPart& part);

// The table of tables, rows of which are (name, definition).
[[nodiscard]] TableDef tables_definition(const TreeRoot& tree);

// A definition as the catalog stores it, and back. Code::corruption, Code::unsupported.
[[nodiscard]] std::string encode_table_def(const TableDef& def);
[[nodiscard]] Result<TableDef> decode_table_def(std::string_view bytes);

}  // namespace aftersync::storage
