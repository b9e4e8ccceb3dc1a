// What a column is to expressions and to storage, and values from storage.
#include "core/sql/value/column_codec.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/sql/value/charset_text.h"
#include "core/sql/value/collations.h"
#include "core/storage/decimal.h"

namespace aftersync::sql {

namespace {

using storage::ColumnType;

storage::Collation collation_of(const ColumnTypeSpec& type) {
  return type.collation.empty() ? storage::Collation::binary : find_collation(type.collation)->id;
}

TypeInfo describe(const ColumnTypeSpec& type) {
  TypeInfo made;
  made.is_unsigned = type.is_unsigned;
  made.collation = collation_of(type);
  switch (type.name) {
    case TypeName::year:
      made.is_unsigned = true;
      made.zero_fill = 4;
      [[fallthrough]];
    case TypeName::tinyint:
    case TypeName::smallint:
    case TypeName::mediumint:
    case TypeName::integer:
    case TypeName::bigint: made.type = TypeClass::integer; break;
    case TypeName::decimal:
      made.type = TypeClass::decimal;
      made.decimals = static_cast<uint8_t>(type.scale);
      break;
    case TypeName::float_number:
    case TypeName::double_number:
      made.type = TypeClass::real;
      made.is_float = type.name == TypeName::float_number;
      made.decimals = type.scale < 0 ? TypeInfo::kNotFixed : static_cast<uint8_t>(type.scale);
      break;
    case TypeName::date: made.type = TypeClass::date; break;
    case TypeName::time: made.type = TypeClass::time; break;
    case TypeName::datetime:
    case TypeName::timestamp: made.type = TypeClass::datetime; break;
    default: made.type = TypeClass::string; break;
  }
  if (is_temporal(made.type)) {
    made.decimals = static_cast<uint8_t>(std::max<int64_t>(type.length, 0));
  }
  if (type.zerofill && made.type == TypeClass::integer) {
    made.zero_fill = static_cast<uint8_t>(type.length);
  }
  if (made.type != TypeClass::string) made.collation = TypeInfo().collation;
  return made;
}

uint32_t most_bytes(const ColumnTypeSpec& type) {
  switch (type.name) {
    case TypeName::tinytext:
    case TypeName::tinyblob: return 0xff;
    case TypeName::text:
    case TypeName::blob: return 0xffff;
    case TypeName::mediumtext:
    case TypeName::mediumblob:
    case TypeName::longtext:
    case TypeName::longblob: return limits::kMaxValueBytes;
    default: return static_cast<uint32_t>(type.length) * info_of(collation_of(type)).char_bytes;
  }
}

uint8_t integer_width(TypeName name) {
  switch (name) {
    case TypeName::year:
    case TypeName::tinyint: return 1;
    case TypeName::smallint: return 2;
    case TypeName::mediumint: return 3;
    case TypeName::integer: return 4;
    default: return 8;
  }
}

ColumnType storage_type(const ColumnTypeSpec& type) {
  switch (type.name) {
    case TypeName::tinyint:
    case TypeName::smallint:
    case TypeName::mediumint:
    case TypeName::integer:
    case TypeName::bigint:
      return type.is_unsigned ? ColumnType::unsigned_integer : ColumnType::signed_integer;
    case TypeName::year: return ColumnType::unsigned_integer;
    case TypeName::decimal: return ColumnType::decimal;
    case TypeName::float_number: return ColumnType::float_number;
    case TypeName::double_number: return ColumnType::double_number;
    case TypeName::date: return ColumnType::date;
    case TypeName::time: return ColumnType::time;
    case TypeName::datetime: return ColumnType::datetime;
    case TypeName::timestamp: return ColumnType::timestamp;
    default: return type.collation.empty() ? ColumnType::bytes : ColumnType::string;
  }
}

storage::ColumnDef stored_as(const std::string& name, const ColumnTypeSpec& type, bool nullable) {
  storage::ColumnDef made;
  made.name = name;
  made.type = storage_type(type);
  made.nullable = nullable;
  made.width = integer_width(type.name);
  if (made.type == ColumnType::decimal) {
    made.width = static_cast<uint8_t>(storage::packed_decimal_bytes(
        static_cast<unsigned>(type.length), static_cast<unsigned>(type.scale)));
  }
  made.collation = collation_of(type);
  if (made.type == ColumnType::string || made.type == ColumnType::bytes) {
    made.max_bytes = std::max<uint32_t>(most_bytes(type), 1);  // 0 would be: no limit
  }
  return made;
}

}  // namespace

ColumnCodec::ColumnCodec(std::string name, ColumnTypeSpec type, bool nullable)
    : name_(std::move(name)),
      type_(std::move(type)),
      type_info_(describe(type_)),
      definition_(stored_as(name_, type_, nullable)) {}

Value ColumnCodec::load(const storage::ValueView& stored, int32_t zone_offset_s) const {
  if (std::holds_alternative<std::monostate>(stored)) return {};
  const auto* bytes = std::get_if<std::string_view>(&stored);
  const auto* number = std::get_if<int64_t>(&stored);
  switch (definition_.type) {
    case ColumnType::signed_integer: return *number;
    case ColumnType::unsigned_integer: {
      const uint64_t value = std::get<uint64_t>(stored);
      return type_.name == TypeName::year && value > 0 ? value + 1900 : value;
    }
    case ColumnType::float_number:
    case ColumnType::double_number: return std::get<double>(stored);
    case ColumnType::decimal: {
      const auto text = storage::unpack_decimal(*bytes, static_cast<unsigned>(type_.length),
                                                static_cast<unsigned>(type_.scale));
      CHECK(text.ok());  // rows are checked by their pages
      return *Decimal::parse(*text);
    }
    case ColumnType::string: return decode_text(definition_.collation, *bytes);
    case ColumnType::bytes: return std::string(*bytes);
    case ColumnType::date: return unpacked_date(*number);
    case ColumnType::time: return unpacked_time(*number, type_info_.decimals);
    case ColumnType::datetime: return unpacked_datetime(*number, type_info_.decimals);
    case ColumnType::timestamp: {
      Temporal made = datetime_of_unix(*number, zone_offset_s);
      made.decimals = type_info_.decimals;
      return made;
    }
  }
  CHECK(false);
  return {};
}

storage::Value ColumnCodec::implicit_default() const {
  switch (definition_.type) {
    case ColumnType::unsigned_integer: return uint64_t{0};
    case ColumnType::float_number:
    case ColumnType::double_number: return 0.0;
    case ColumnType::decimal: {
      auto packed = storage::pack_decimal("0", static_cast<unsigned>(type_.length),
                                          static_cast<unsigned>(type_.scale));
      CHECK(packed.ok());
      return std::move(*packed);
    }
    case ColumnType::string: return std::string();
    case ColumnType::bytes:
      return type_.name == TypeName::binary ? std::string(definition_.max_bytes, '\0')
                                            : std::string();
    default: return int64_t{0};
  }
}

}  // namespace aftersync::sql
