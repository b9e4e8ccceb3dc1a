// Columns and values of SQL, in the protocol's terms.
#include "core/server/result_sink.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/sql/value/charset_text.h"
#include "core/sql/value/convert.h"

namespace aftersync::server {

namespace {

using sql::TypeClass;
using sql::TypeName;
using wire::FieldType;

constexpr uint32_t kMostDecimalWidth = 67;  // 65 digits, sign and point
constexpr uint32_t kDoubleWidth = 23;
constexpr uint32_t kTextBytes = 65535;
constexpr uint32_t kBytesOfCharacter = 4;

// Type and width of what is computed.
void describe_computed(const sql::TypeInfo& type, wire::ColumnDefinition& to) {
  const uint32_t fraction = type.decimals > 0 ? type.decimals + 1u : 0;
  switch (type.type) {
    case TypeClass::null_type: to.type = FieldType::null; break;
    case TypeClass::integer:
      to.type = FieldType::longlong;
      to.length = type.is_boolean_like ? 1 : (type.is_unsigned ? 20 : 21);
      break;
    case TypeClass::decimal:
      to.type = FieldType::new_decimal;
      to.length = kMostDecimalWidth;
      break;
    case TypeClass::real:
      to.type = FieldType::double_number;
      to.length = kDoubleWidth;
      break;
    case TypeClass::string:
      to.type = FieldType::var_string;
      to.length = kTextBytes;
      break;
    case TypeClass::date:
      to.type = FieldType::date;
      to.length = 10;
      break;
    case TypeClass::time:
      to.type = FieldType::time;
      to.length = 10 + fraction;
      break;
    case TypeClass::datetime:
      to.type = FieldType::datetime;
      to.length = 19 + fraction;
      break;
  }
  if (type.type != TypeClass::string && type.type != TypeClass::null_type) {
    to.decimals = type.decimals;
  }
}

struct DeclaredType {
  TypeName name;
  FieldType type;
  uint32_t length;  // display width in bytes; 0: it depends
  uint16_t flags;
};

constexpr uint16_t kBlob = wire::column_flag::kBlob;
constexpr DeclaredType kDeclared[] = {
    {TypeName::tinyint, FieldType::tiny, 4, 0},
    {TypeName::smallint, FieldType::short_int, 6, 0},
    {TypeName::mediumint, FieldType::int24, 9, 0},
    {TypeName::integer, FieldType::long_int, 11, 0},
    {TypeName::bigint, FieldType::longlong, 20, 0},
    {TypeName::decimal, FieldType::new_decimal, 0, 0},
    {TypeName::float_number, FieldType::float_number, 12, 0},
    {TypeName::double_number, FieldType::double_number, 22, 0},
    {TypeName::year, FieldType::year, 4, wire::column_flag::kUnsigned},
    {TypeName::character, FieldType::string, 0, 0},
    {TypeName::varchar, FieldType::var_string, 0, 0},
    {TypeName::tinytext, FieldType::blob, 255, kBlob},
    {TypeName::text, FieldType::blob, 65535, kBlob},
    {TypeName::mediumtext, FieldType::blob, 16777215, kBlob},
    {TypeName::longtext, FieldType::blob, UINT32_MAX, kBlob},
    {TypeName::binary, FieldType::string, 0, 0},
    {TypeName::varbinary, FieldType::var_string, 0, 0},
    {TypeName::tinyblob, FieldType::blob, 255, kBlob},
    {TypeName::blob, FieldType::blob, 65535, kBlob},
    {TypeName::mediumblob, FieldType::blob, 16777215, kBlob},
    {TypeName::longblob, FieldType::blob, UINT32_MAX, kBlob},
    {TypeName::date, FieldType::date, 10, 0},
    {TypeName::time, FieldType::time, 10, 0},
    {TypeName::datetime, FieldType::datetime, 19, 0},
    {TypeName::timestamp, FieldType::timestamp, 19, wire::column_flag::kTimestamp},
};

// Digits behind the point, of times too.
uint8_t decimals_of(const sql::ColumnTypeSpec& declared, const sql::TypeInfo& type) {
  if (declared.name == TypeName::float_number || declared.name == TypeName::double_number) {
    return declared.scale < 0 ? wire::kAnyDecimals : static_cast<uint8_t>(declared.scale);
  }
  return type.type == TypeClass::string ? uint8_t{0} : type.decimals;
}

void describe_declared(const sql::ColumnTypeSpec& declared, const sql::TypeInfo& type,
                       wire::ColumnDefinition& to) {
  const auto* found = std::ranges::find(kDeclared, declared.name, &DeclaredType::name);
  if (found == std::end(kDeclared)) return describe_computed(type, to);
  to.type = found->type;
  to.flags |= found->flags;
  to.decimals = decimals_of(declared, type);
  to.length = found->length;
  const auto length = static_cast<uint32_t>(std::clamp<int64_t>(declared.length, 0, UINT16_MAX));
  if (declared.name == TypeName::decimal) {
    to.length = (declared.length < 0 ? 10 : length) + (declared.scale > 0 ? 2 : 1);
  } else if (to.length == 0) {
    to.length = type.is_binary() ? length : length * kBytesOfCharacter;
  } else if (sql::is_temporal(type.type) && to.decimals > 0) {
    to.length += to.decimals + 1u;
  }
}

uint16_t flags_of(const sql::ResultColumn& column) {
  using namespace wire::column_flag;
  uint16_t flags = 0;
  if (column.not_null) flags |= kNotNull;
  if (column.primary_key) flags |= kPrimaryKey;
  if (column.unique_key) flags |= kUniqueKey;
  if (column.multiple_key) flags |= kMultipleKey;
  if (column.auto_increment) flags |= kAutoIncrement;
  if (column.no_default) flags |= kNoDefaultValue;
  if (column.type.is_unsigned) flags |= kUnsigned;
  if (column.declared && column.declared->zerofill) flags |= kZerofill;
  if (column.type.type != TypeClass::string || column.type.is_binary()) flags |= kBinary;
  return flags;
}

}  // namespace

wire::ColumnDefinition column_definition(const sql::ResultColumn& column, uint16_t collation) {
  wire::ColumnDefinition to;
  to.schema = column.schema;
  to.table = column.table;
  to.original_table = column.original_table;
  to.name = column.name;
  to.original_name = column.original_name;
  to.flags = flags_of(column);
  const bool is_text = column.type.type == TypeClass::string && !column.type.is_binary();
  to.collation = is_text ? collation : wire::kBinaryCollation;
  if (column.declared) {
    describe_declared(*column.declared, column.type, to);
  } else {
    describe_computed(column.type, to);
  }
  return to;
}

Status ResultSink::begin(std::span<const sql::ResultColumn> columns) {
  CHECK(!begun());
  columns_ = columns;
  for (const sql::ResultColumn& column : columns) {
    definitions_.push_back(column_definition(column, charset_.number));
  }
  cells_.resize(columns.size());
  texts_.resize(columns.size());
  broken_ = writer_.begin(definitions_, status_);
  return broken_;
}

wire::Cell ResultSink::cell(size_t column, const sql::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<uint64_t>(&value)) return *number;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (!charset_.encoding || columns_[column].type.is_binary()) return std::string_view(*text);
    texts_[column] = sql::encode_text(*charset_.encoding, *text).bytes;
    return std::string_view(texts_[column]);
  }
  if (const auto* time = std::get_if<sql::Temporal>(&value)) {
    if (time->kind == sql::TemporalKind::time) {
      return wire::TimeCell{time->negative, time->hour, static_cast<uint8_t>(time->minute),
                            static_cast<uint8_t>(time->second), time->micros};
    }
    return wire::DateTimeCell{static_cast<uint16_t>(time->year),
                              static_cast<uint8_t>(time->month),
                              static_cast<uint8_t>(time->day),
                              static_cast<uint8_t>(time->hour),
                              static_cast<uint8_t>(time->minute),
                              static_cast<uint8_t>(time->second),
                              time->micros};
  }
  if (sql::is_null(value)) return {};
  texts_[column] = sql::to_text(value, columns_[column].type);
  return std::string_view(texts_[column]);
}

Status ResultSink::row(std::span<const sql::Value> values) {
  CHECK_EQ(values.size(), cells_.size());
  for (size_t i = 0; i < values.size(); ++i) cells_[i] = cell(i, values[i]);
  ++rows_;
  broken_ = writer_.row(cells_);
  return broken_;
}

}  // namespace aftersync::server
