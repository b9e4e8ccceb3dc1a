// Table definitions as the catalog keeps them: a version, then the fields in order, with varint
// lengths. Unknown versions are refused, so that an older program does not misread a newer catalog.
#include "core/storage/schema.h"

#include "core/base/coding.h"
#include "core/storage/catalog_format.h"
#include "core/storage/space.h"

namespace aftersync::storage {

namespace {

constexpr uint64_t kDefinitionVersion = 1;

void append_column(std::string& to, const ColumnDef& column) {
  append_length_prefixed(to, column.name);
  append_be(to, static_cast<uint8_t>(column.type));
  append_be(to, column.width);
  append_be(to, static_cast<uint8_t>(column.collation));
  append_be(to, static_cast<uint8_t>(column.nullable));
  append_varint(to, column.max_bytes);
}

ColumnDef read_column(Reader& reader) {
  ColumnDef column;
  column.name = reader.length_prefixed();
  column.type = static_cast<ColumnType>(reader.be<uint8_t>());
  column.width = reader.be<uint8_t>();
  column.collation = static_cast<Collation>(reader.be<uint8_t>());
  column.nullable = reader.be<uint8_t>() != 0;
  column.max_bytes = static_cast<uint32_t>(reader.varint());
  return column;
}

void append_part(std::string& to, const KeyPart& part) {
  append_varint(to, part.column);
  append_be(to, static_cast<uint8_t>(part.descending));
  append_varint(to, part.prefix_chars);
}

// Type, width, collation and nullability are those of the column.
KeyPart read_part(Reader& reader, const std::vector<ColumnDef>& columns) {
  KeyPart part;
  part.column = static_cast<uint32_t>(reader.varint());
  part.descending = reader.be<uint8_t>() != 0;
  part.prefix_chars = static_cast<uint32_t>(reader.varint());
  if (part.column < columns.size()) describe_part(columns[part.column], part);
  return part;
}

void append_index(std::string& to, const IndexDef& index) {
  append_varint(to, index.id.value());
  append_length_prefixed(to, index.name);
  append_be(to, static_cast<uint8_t>(index.unique));
  append_varint(to, index.parts.size());
  for (const KeyPart& part : index.parts) append_part(to, part);
  append_varint(to, index.tree.root.value());
  append_varint(to, index.tree.leaves.value());
  append_varint(to, index.tree.inner.value());
  append_varint(to, index.tree.overflow.value());
}

IndexDef read_index(Reader& reader, const TableDef& def) {
  IndexDef index;
  index.id = IndexId(reader.varint());
  index.name = reader.length_prefixed();
  index.unique = reader.be<uint8_t>() != 0;
  for (uint64_t n = reader.varint(); reader.ok() && n > 0; --n) {
    index.parts.push_back(read_part(reader, def.columns));
  }
  const auto number = [&] { return static_cast<uint32_t>(reader.varint()); };
  index.tree.index = index.id;
  index.tree.space = def.space;
  index.tree.root = PageNo(number());
  index.tree.leaves = SegmentNo(number());
  index.tree.inner = SegmentNo(number());
  index.tree.overflow = SegmentNo(number());
  return index;
}

}  // namespace

void describe_part(const ColumnDef& column, KeyPart& part) {
  part.type = column.type;
  part.width = column.width;
  part.collation = column.collation;
  part.nullable = column.nullable;
}

TableDef tables_definition(const TreeRoot& tree) {
  TableDef def;
  def.id = catalog_format::kTablesTable;
  def.space = kSystemSpace;
  def.name = "(tables)";
  ColumnDef name;
  name.name = "name";
  name.type = ColumnType::bytes;
  name.nullable = false;
  ColumnDef definition = name;
  definition.name = "definition";
  def.columns = {name, definition};
  IndexDef primary;
  primary.id = catalog_format::kTablesIndex;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.resize(1);
  describe_part(def.columns[0], primary.parts[0]);
  primary.tree = tree;
  def.indexes = {primary};
  return def;
}

std::string encode_table_def(const TableDef& def) {
  std::string bytes;
  append_varint(bytes, kDefinitionVersion);
  append_varint(bytes, def.id.value());
  append_varint(bytes, def.space.value());
  append_length_prefixed(bytes, def.name);
  append_varint(bytes, def.columns.size());
  for (const ColumnDef& column : def.columns) append_column(bytes, column);
  append_varint(bytes, def.indexes.size());
  for (const IndexDef& index : def.indexes) append_index(bytes, index);
  append_length_prefixed(bytes, def.owner_data);
  return bytes;
}

Result<TableDef> decode_table_def(std::string_view bytes) {
  Reader reader(bytes);
  if (const uint64_t version = reader.varint(); version != kDefinitionVersion) {
    return {Code::unsupported, "table definition of version " + std::to_string(version) +
                                   ", expected " + std::to_string(kDefinitionVersion)};
  }
  TableDef def;
  def.id = TableId(reader.varint());
  def.space = SpaceId(static_cast<uint32_t>(reader.varint()));
  def.name = reader.length_prefixed();
  for (uint64_t n = reader.varint(); reader.ok() && n > 0; --n) {
    def.columns.push_back(read_column(reader));
  }
  for (uint64_t n = reader.varint(); reader.ok() && n > 0; --n) {
    def.indexes.push_back(read_index(reader, def));
  }
  def.owner_data = reader.length_prefixed();
  if (!reader.ok() || !reader.at_end()) {
    return {Code::corruption,
            "malformed table definition at byte " + std::to_string(reader.offset())};
  }
  return def;
}

}  // namespace aftersync::storage
