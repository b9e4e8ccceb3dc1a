// Table_map and the rows events.
#include "core/binlog/row_events.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/binlog/event_reader.h"

namespace aftersync::binlog {

namespace {

constexpr uint16_t kEndsStatement = 1;
constexpr size_t kFlagsAtInBody = 6;  // behind the table id
constexpr uint8_t kFirstOfVersion1 = 23;
constexpr uint16_t kNoExtraData = 2;  // the length's own bytes
constexpr size_t kMaxColumns = 4096;

size_t bitmap_bytes(size_t bits) { return (bits + 7) / 8; }

bool bit_of(std::string_view bitmap, size_t at) {
  return ((static_cast<uint8_t>(bitmap[at / 8]) >> (at % 8)) & 1) != 0;
}

void append_bitmap(std::string& to, const ColumnSet& bits) {
  const size_t from = to.size();
  to.append(bitmap_bytes(bits.size()), '\0');
  for (size_t i = 0; i < bits.size(); ++i) {
    if (bits[i]) to[from + i / 8] = static_cast<char>(to[from + i / 8] | 1 << (i % 8));
  }
}

ColumnSet load_bitmap(std::string_view bitmap, size_t bits) {
  ColumnSet set(bits);
  for (size_t i = 0; i < bits; ++i) set[i] = bit_of(bitmap, i);
  return set;
}

void append_table_id(std::string& to, uint64_t table_id) {
  CHECK_LE(table_id, kMaxTableId);
  append_le(to, static_cast<uint32_t>(table_id));
  append_le(to, static_cast<uint16_t>(table_id >> 32));
}

uint64_t read_table_id(EventReader& reader) {
  const uint64_t low = reader.u32("table id");
  return low | uint64_t{reader.u16("table id")} << 32;
}

void append_name(std::string& to, std::string_view name) {
  CHECK_LE(name.size(), size_t{255});
  append_le(to, static_cast<uint8_t>(name.size()));
  to += name;
  to += '\0';
}

std::string read_name(EventReader& reader, std::string_view field) {
  const uint8_t size = reader.u8(field);
  std::string name(reader.bytes(size, field));
  if (reader.u8(field) != 0) reader.reject(field, "has no zero byte behind it", 1);
  return name;
}

size_t read_column_count(EventReader& reader) {
  const uint64_t count = reader.lenenc_integer("number of columns");
  if (count > kMaxColumns) reader.reject("number of columns", "is above 4096");
  return reader.ok() ? static_cast<size_t>(count) : 0;
}

// The metadata of all columns, out of the piece of the event that holds nothing else.
Status read_fields(std::string_view types, std::string_view metadata,
                   std::vector<MappedColumn>& columns) {
  EventReader reader("Table_map event, metadata", metadata);
  for (size_t i = 0; i < types.size(); ++i) {
    Field& field = columns[i].field;
    field.type = static_cast<FieldType>(types[i]);
    ASSIGN_OR_RETURN(const size_t bytes, metadata_bytes(field.type));
    if (bytes == 1) field.metadata = reader.u8("metadata");
    if (bytes == 2) field.metadata = reader.u16("metadata");
  }
  return reader.answer(true).status();
}

}  // namespace

// --- Table_map ---

std::string TableMap::encode() const {
  std::string body;
  append_table_id(body, table_id);
  append_le(body, flags);
  append_name(body, database);
  append_name(body, table);
  append_lenenc_integer(body, columns.size());
  std::string metadata;
  ColumnSet nullable;
  for (const MappedColumn& column : columns) {
    append_le(body, static_cast<uint8_t>(column.field.type));
    const auto bytes = metadata_bytes(column.field.type);
    CHECK(bytes.ok());
    if (*bytes >= 1) append_le(metadata, static_cast<uint8_t>(column.field.metadata));
    if (*bytes == 2) append_le(metadata, static_cast<uint8_t>(column.field.metadata >> 8));
    nullable.push_back(column.nullable);
  }
  append_lenenc_string(body, metadata);
  append_bitmap(body, nullable);
  return body + optional_metadata;
}

Result<TableMap> TableMap::decode(std::string_view body) {
  EventReader reader("Table_map event", body);
  TableMap map;
  map.table_id = read_table_id(reader);
  map.flags = reader.u16("flags");
  map.database = read_name(reader, "database");
  map.table = read_name(reader, "table");
  const size_t count = read_column_count(reader);
  const std::string_view types = reader.bytes(count, "column types");
  const std::string_view metadata = reader.lenenc_string("metadata");
  const std::string_view nullable = reader.bytes(bitmap_bytes(count), "NULL bits");
  map.optional_metadata = reader.rest();
  RETURN_IF_ERROR(reader.status());
  map.columns.resize(count);
  for (size_t i = 0; i < count; ++i) map.columns[i].nullable = bit_of(nullable, i);
  RETURN_IF_ERROR(
      read_fields(types, metadata, map.columns).in("table " + map.database + "." + map.table));
  return map;
}

// --- rows ---

RowsWriter::RowsWriter(RowsKind kind, uint64_t table_id, bool ends_statement,
                       const ColumnSet& before, const ColumnSet& after)
    : kind_(kind) {
  append_table_id(body_, table_id);
  append_le(body_, ends_statement ? kEndsStatement : uint16_t{0});
  append_le(body_, kNoExtraData);
  append_lenenc_integer(body_, std::max(before.size(), after.size()));
  if (kind != RowsKind::write) append_bitmap(body_, before);
  if (kind != RowsKind::remove) append_bitmap(body_, after);
}

EventType RowsWriter::type() const {
  constexpr EventType kTypes[] = {EventType::write_rows, EventType::update_rows,
                                  EventType::delete_rows};
  return kTypes[static_cast<size_t>(kind_)];
}

void RowsWriter::end_statement() {
  store_le(body_.data() + kFlagsAtInBody, kEndsStatement);
}

void RowsWriter::append(const RowImage& image) {
  ColumnSet nulls;
  for (const auto& value : image) nulls.push_back(!value);
  append_bitmap(body_, nulls);
  for (const auto& value : image) {
    if (value) body_ += *value;
  }
}

std::optional<RowsKind> RowsReader::kind_of(EventType type) {
  const auto number = static_cast<uint8_t>(type);
  const auto first = static_cast<uint8_t>(EventType::write_rows);
  for (const uint8_t base : {kFirstOfVersion1, first}) {
    if (number >= base && number < base + 3) return static_cast<RowsKind>(number - base);
  }
  return std::nullopt;
}

Result<uint64_t> RowsReader::table_id_of(std::string_view body) {
  EventReader reader("rows event", body);
  const uint64_t table_id = read_table_id(reader);
  RETURN_IF_ERROR(reader.status());
  return table_id;
}

Result<RowsReader> RowsReader::open(EventType type, std::string_view body, const TableMap& map) {
  const auto kind = kind_of(type);
  if (!kind) return {Code::invalid_argument, to_string(type) + " is no rows event"};
  RowsReader rows(*kind, body, map);
  EventReader reader("rows event", body);
  const uint64_t table_id = read_table_id(reader);
  rows.ends_statement_ = (reader.u16("flags") & kEndsStatement) != 0;
  if (static_cast<uint8_t>(type) >= static_cast<uint8_t>(EventType::write_rows)) {
    const uint16_t extra = reader.u16("length of the extra data");
    if (extra < kNoExtraData) reader.reject("length of the extra data", "is below 2", 2);
    (void)reader.bytes(reader.ok() ? extra - kNoExtraData : 0u, "extra data");
  }
  const size_t count = read_column_count(reader);
  const std::string_view first = reader.bytes(bitmap_bytes(count), "columns");
  std::string_view second = first;
  if (*kind == RowsKind::update) second = reader.bytes(bitmap_bytes(count), "columns after");
  RETURN_IF_ERROR(reader.status());
  if (table_id != map.table_id || count != map.columns.size()) {
    return {Code::corruption, "rows event of table id " + std::to_string(table_id) + ", " +
                                  std::to_string(count) + " columns: the map is of table id " +
                                  std::to_string(map.table_id) + ", " +
                                  std::to_string(map.columns.size()) + " columns"};
  }
  if (*kind != RowsKind::write) rows.before_ = load_bitmap(first, count);
  if (*kind != RowsKind::remove) rows.after_ = load_bitmap(second, count);
  rows.at_ = reader.offset();
  return rows;
}

Status RowsReader::read_image(const ColumnSet& columns, RowImage& image) {
  image.clear();
  const auto present = static_cast<size_t>(std::count(columns.begin(), columns.end(), true));
  const size_t nulls_at = at_;
  if (body_.size() - at_ < bitmap_bytes(present)) {
    return {Code::corruption, "rows event: image cut short at offset " + std::to_string(at_)};
  }
  at_ += bitmap_bytes(present);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]) continue;
    if (bit_of(body_.substr(nulls_at), image.size())) {
      image.push_back(std::nullopt);
      continue;
    }
    const auto bytes = value_bytes(map_->columns[i].field, body_.substr(at_));
    RETURN_IF_ERROR(bytes.status().in("rows event: column " + std::to_string(i + 1) + ", offset " +
                                      std::to_string(at_)));
    image.push_back(body_.substr(at_, *bytes));
    at_ += *bytes;
  }
  return {};
}

Result<bool> RowsReader::next(RowImage& before, RowImage& after) {
  if (at_ == body_.size()) return false;
  const size_t from = at_;
  if (kind_ != RowsKind::write) RETURN_IF_ERROR(read_image(before_, before));
  if (kind_ != RowsKind::remove) RETURN_IF_ERROR(read_image(after_, after));
  // An image of no columns takes no bytes: it would never end.
  if (at_ == from) return {Code::corruption, "rows event: images without columns"};
  return true;
}

}  // namespace aftersync::binlog
