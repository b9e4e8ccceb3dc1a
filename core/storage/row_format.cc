// Rows to bytes and back.
#include "core/storage/row_format.h"

#include <bit>
#include <cstring>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/limits.h"

namespace aftersync::storage {

namespace {

enum class Shape : uint8_t { integer, number, text };

Shape shape_of(ColumnType type) {
  switch (type) {
    case ColumnType::signed_integer:
    case ColumnType::unsigned_integer:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp: return Shape::integer;
    case ColumnType::float_number:
    case ColumnType::double_number: return Shape::number;
    case ColumnType::decimal:
    case ColumnType::string:
    case ColumnType::bytes: return Shape::text;
  }
  CHECK(false);
  return Shape::text;
}

// Bytes that an integer takes.
size_t integer_bytes(const ColumnDef& column) {
  const bool is_plain =
      column.type == ColumnType::signed_integer || column.type == ColumnType::unsigned_integer;
  return is_plain ? column.width : 8;
}

Status refuse(const ColumnDef& column, std::string_view why) {
  return {Code::invalid_argument, "column '" + column.name + "': " + std::string(why)};
}

Status append_integer(const ColumnDef& column, const Value& value, std::string& to) {
  const size_t width = integer_bytes(column);
  uint64_t bits;
  if (column.type == ColumnType::unsigned_integer) {
    const auto* number = std::get_if<uint64_t>(&value);
    if (number == nullptr) return refuse(column, "expected an unsigned integer");
    if (width < 8 && *number >> (8 * width) != 0) return refuse(column, "out of range");
    bits = *number;
  } else {
    const auto* number = std::get_if<int64_t>(&value);
    if (number == nullptr) return refuse(column, "expected a signed integer");
    const int64_t limit = width < 8 ? int64_t{1} << (8 * width - 1) : 0;
    if (width < 8 && (*number < -limit || *number >= limit)) {
      return refuse(column, "out of range");
    }
    bits = std::bit_cast<uint64_t>(*number);
  }
  char bytes[8];
  store_be(bytes, bits);
  to.append(bytes + 8 - width, width);
  return {};
}

Status append_value(const ColumnDef& column, const Value& value, std::string& to) {
  switch (shape_of(column.type)) {
    case Shape::integer: return append_integer(column, value, to);
    case Shape::number: {
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) return refuse(column, "expected a floating-point number");
      append_be(to, std::bit_cast<uint64_t>(*number));
      return {};
    }
    case Shape::text: {
      const auto* text = std::get_if<std::string>(&value);
      if (text == nullptr) return refuse(column, "expected bytes");
      const size_t most = column.max_bytes == 0 ? limits::kMaxValueBytes : column.max_bytes;
      if (text->size() > most) {
        return {Code::too_large, "column '" + column.name + "': " + std::to_string(text->size()) +
                                     " bytes, at most " + std::to_string(most)};
      }
      append_length_prefixed(to, *text);
      return {};
    }
  }
  return {};
}

Value read_integer(const ColumnDef& column, Reader& reader) {
  const size_t width = integer_bytes(column);
  uint64_t bits = 0;
  for (const char c : reader.bytes(width)) bits = (bits << 8) | static_cast<uint8_t>(c);
  if (column.type == ColumnType::unsigned_integer) return bits;
  const auto shift = 64 - 8 * width;
  return std::bit_cast<int64_t>(bits << shift) >> shift;
}

Value read_value(const ColumnDef& column, Reader& reader) {
  switch (shape_of(column.type)) {
    case Shape::integer: return read_integer(column, reader);
    case Shape::number: return std::bit_cast<double>(reader.be<uint64_t>());
    case Shape::text: return std::string(reader.length_prefixed());
  }
  return {};
}

bool is_null_in(std::string_view bitmap, size_t column) {
  return (static_cast<uint8_t>(bitmap[column / 8]) >> (column % 8) & 1) != 0;
}

}  // namespace

void store_system_columns(char* to, const SystemColumns& columns) {
  CHECK_EQ(columns.trx.value() >> 48, uint64_t{0});
  char id[8];
  store_be(id, columns.trx.value());
  std::memcpy(to, id + 2, kSystemTrxBytes);
  store_be(to + kSystemTrxBytes, columns.roll.value());
}

SystemColumns load_system_columns(const char* from) {
  const uint64_t high = load_be<uint16_t>(from);
  const uint64_t low = load_be<uint32_t>(from + 2);
  return {TrxId((high << 32) | low), RollPtr(load_be<uint64_t>(from + kSystemTrxBytes))};
}

Status append_row(std::span<const ColumnDef> columns, const Row& row, std::string& to) {
  if (row.size() != columns.size()) {
    return {Code::invalid_argument, std::to_string(row.size()) + " values for " +
                                        std::to_string(columns.size()) + " columns"};
  }
  append_varint(to, columns.size());
  const size_t bitmap = to.size();
  to.append((columns.size() + 7) / 8, '\0');
  for (size_t c = 0; c < columns.size(); ++c) {
    if (std::holds_alternative<std::monostate>(row[c])) {
      if (!columns[c].nullable) return refuse(columns[c], "must not be NULL");
      char& byte = to[bitmap + c / 8];
      byte = static_cast<char>(byte | (1 << (c % 8)));
    } else {
      RETURN_IF_ERROR(append_value(columns[c], row[c], to));
    }
  }
  return {};
}

Result<Row> decode_row(std::span<const ColumnDef> columns, std::string_view bytes) {
  Reader reader(bytes);
  const uint64_t count = reader.varint();
  if (!reader.ok() || count > columns.size()) {
    return {Code::corruption, "row of " + std::to_string(count) + " columns in a table of " +
                                  std::to_string(columns.size())};
  }
  const std::string_view bitmap = reader.bytes((count + 7) / 8);
  Row row(columns.size());
  for (size_t c = 0; reader.ok() && c < count; ++c) {
    if (!is_null_in(bitmap, c)) row[c] = read_value(columns[c], reader);
  }
  if (!reader.ok() || !reader.at_end()) {
    return {Code::corruption, "malformed row at byte " + std::to_string(reader.offset())};
  }
  return row;
}

// --- RowLayout ---

namespace {

// Takes a varint off the front of `bytes`: nearly always a single byte.
bool take_varint(std::string_view& bytes, uint64_t& value) {
  if (!bytes.empty() && static_cast<uint8_t>(bytes.front()) < 0x80) [[likely]] {
    value = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    return true;
  }
  Reader reader(bytes);
  value = reader.varint();
  bytes = reader.rest();
  return reader.ok();
}

}  // namespace

RowLayout::RowLayout(std::span<const ColumnDef> columns) {
  for (const ColumnDef& column : columns) {
    switch (shape_of(column.type)) {
      case Shape::integer: widths_.push_back(static_cast<uint8_t>(integer_bytes(column))); break;
      case Shape::number: widths_.push_back(sizeof(double)); break;
      case Shape::text: widths_.push_back(kLengthPrefixed); break;
    }
  }
}

Result<std::string_view> RowLayout::find(std::string_view row, size_t column) const {
  std::string_view rest = row;
  uint64_t count = 0;
  bool is_sound = take_varint(rest, count) && count <= widths_.size();
  const size_t bitmap_bytes = (count + 7) / 8;
  is_sound = is_sound && bitmap_bytes <= rest.size();
  if (is_sound && column >= count) return std::string_view();
  const std::string_view bitmap = rest;
  if (is_sound) rest.remove_prefix(bitmap_bytes);
  for (size_t c = 0; is_sound; ++c) {
    uint64_t bytes = 0;
    const bool is_null = is_null_in(bitmap, c);
    if (!is_null) {
      bytes = widths_[c];
      if (bytes == kLengthPrefixed) is_sound = take_varint(rest, bytes);
      is_sound = is_sound && bytes <= rest.size();
    }
    if (!is_sound) break;
    if (c == column) return is_null ? std::string_view() : rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  return {Code::corruption, "malformed row at byte " + std::to_string(row.size() - rest.size())};
}

}  // namespace aftersync::storage
