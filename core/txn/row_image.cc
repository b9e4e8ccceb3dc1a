// Row images: values, field by field.
#include "core/txn/row_image.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "core/base/coding.h"
#include "core/binlog/decimal_field.h"
#include "core/binlog/temporal_field.h"

namespace aftersync::txn {

using binlog::CivilTime;
using binlog::Field;
using binlog::FieldType;
using storage::ColumnType;
using storage::Value;

namespace {

constexpr int64_t kMicroseconds = 1'000'000;
constexpr int kFractionBits = 24;

Status misfit(const Field& field) {
  return {Code::unsupported, "a field of type " + std::to_string(static_cast<int>(field.type)) +
                                 " cannot hold values of the column"};
}

Status does_not_fit(std::string_view what) {
  return {Code::invalid_argument, "value does not fit " + std::string(what)};
}

// --- numbers ---

// Bytes of an integer field; 0 for other fields.
size_t integer_bytes(const Field& field) {
  switch (field.type) {
    case FieldType::tiny:
    case FieldType::year: return 1;
    case FieldType::short_integer: return 2;
    case FieldType::int24: return 3;
    case FieldType::long_integer: return 4;
    case FieldType::longlong: return 8;
    case FieldType::bit:
      return static_cast<size_t>(field.metadata >> 8) + ((field.metadata & 0xff) != 0 ? 1 : 0);
    case FieldType::enumeration:
    case FieldType::set: return field.metadata >> 8;
    case FieldType::string: {
      const auto whole = static_cast<FieldType>(field.metadata & 0xff);
      const bool is_number = whole == FieldType::enumeration || whole == FieldType::set;
      return is_number ? field.metadata >> 8 : 0;
    }
    default: return 0;
  }
}

Status append_integer(std::string& to, const Field& field, uint64_t bits, bool is_negative) {
  const size_t bytes = integer_bytes(field);
  if (bytes == 0 || bytes > 8) return misfit(field);
  const unsigned width = static_cast<unsigned>(8 * bytes);
  const bool fits = width == 64 || (is_negative ? ~bits >> (width - 1) == 0 : bits >> width == 0);
  if (!fits) return does_not_fit("an integer of " + std::to_string(bytes) + " bytes");
  char buffer[sizeof bits];
  if (field.type == FieldType::bit) {
    store_be(buffer, bits);
    to.append(buffer + sizeof bits - bytes, bytes);
  } else {
    store_le(buffer, bits);
    to.append(buffer, bytes);
  }
  return {};
}

Value integer_value(const Field& field, ColumnType type, std::string_view bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t at = field.type == FieldType::bit ? i : bytes.size() - 1 - i;
    bits = bits << 8 | static_cast<uint8_t>(bytes[at]);
  }
  if (type == ColumnType::unsigned_integer) return bits;
  const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
  const bool has_sign = field.type != FieldType::year && field.type != FieldType::bit;
  if (has_sign) return static_cast<int64_t>(bits << unused) >> unused;
  return static_cast<int64_t>(bits);
}

Status append_floating(std::string& to, const Field& field, double value) {
  if (field.type == FieldType::double_number) {
    append_le(to, std::bit_cast<uint64_t>(value));
  } else if (field.type == FieldType::float_number) {
    append_le(to, std::bit_cast<uint32_t>(static_cast<float>(value)));
  } else {
    return misfit(field);
  }
  return {};
}

// --- texts ---

// How many bytes a CHAR or BINARY has at most.
size_t string_bytes(const Field& field) {
  const unsigned high = ((field.metadata & 0x30u) ^ 0x30u) << 4;
  return high | field.metadata >> 8;
}

// Bytes of the length before a text; 0 for other fields.
size_t length_bytes(const Field& field) {
  switch (field.type) {
    case FieldType::varchar:
    case FieldType::var_string: return field.metadata > 255 ? 2 : 1;
    case FieldType::blob: return field.metadata;
    case FieldType::string:
      if (integer_bytes(field) != 0) return 0;
      return string_bytes(field) > 255 ? 2 : 1;
    default: return 0;
  }
}

Status append_text(std::string& to, const Field& field, std::string_view text) {
  const size_t bytes = length_bytes(field);
  if (bytes == 0 || bytes > 4) return misfit(field);
  if (text.size() >> (8 * bytes) != 0) {
    return does_not_fit("a length of " + std::to_string(bytes) + " bytes");
  }
  char length[sizeof(uint64_t)];
  store_le(length, uint64_t{text.size()});
  to.append(length, bytes);
  to += text;
  return {};
}

// --- times ---

int64_t packed(const CivilTime& value) {
  const uint64_t months = uint64_t{value.year} * 13 + value.month;
  const uint64_t date = months << 5 | value.day;
  const uint64_t clock =
      uint64_t{value.hour} << 12 | uint64_t{value.minute} << 6 | uint64_t{value.second};
  const auto bits = static_cast<int64_t>((date << 17 | clock) << kFractionBits | value.microsecond);
  return value.is_negative ? -bits : bits;
}

// Empty when a part is out of its range, so that nothing beyond this meets such a value.
std::optional<CivilTime> unpacked(int64_t value, bool has_date) {
  CivilTime time;
  time.is_negative = value < 0;
  const uint64_t bits = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  time.microsecond = static_cast<uint32_t>(bits & ((uint64_t{1} << kFractionBits) - 1));
  uint64_t clock = bits >> kFractionBits;
  if (has_date) {
    const uint64_t date = clock >> 17;
    clock &= (uint64_t{1} << 17) - 1;
    time.day = static_cast<uint32_t>(date & 31);
    time.month = static_cast<uint32_t>((date >> 5) % 13);
    time.year = static_cast<uint32_t>(std::min<uint64_t>((date >> 5) / 13, 10'000));
  }
  time.hour = static_cast<uint32_t>(std::min<uint64_t>(clock >> 12, 1000));
  time.minute = static_cast<uint32_t>(clock >> 6 & 63);
  time.second = static_cast<uint32_t>(clock & 63);
  const uint32_t hours = has_date ? 23 : 838;
  const bool fits = time.microsecond < kMicroseconds && time.second < 60 && time.minute < 60 &&
                    time.hour <= hours && time.year <= 9999 && !(has_date && time.is_negative);
  return fits ? std::optional(time) : std::nullopt;
}

Status append_moment(std::string& to, const Field& field, int64_t value) {
  const bool has_date = field.type == FieldType::datetime2;
  const auto time = unpacked(value, has_date);
  if (!time) return does_not_fit(has_date ? "DATETIME" : "TIME");
  if (has_date) {
    binlog::append_datetime(to, *time, field.metadata);
  } else {
    binlog::append_time(to, *time, field.metadata);
  }
  return {};
}

Status append_timestamp(std::string& to, const Field& field, int64_t value) {
  const int64_t seconds = value / kMicroseconds;
  if (value < 0 || seconds > UINT32_MAX) return does_not_fit("TIMESTAMP");
  binlog::append_timestamp(to, static_cast<uint32_t>(seconds),
                           static_cast<uint32_t>(value % kMicroseconds), field.metadata);
  return {};
}

Status append_date(std::string& to, int64_t value) {
  CivilTime date;
  date.day = static_cast<uint32_t>(value & 31);
  date.month = static_cast<uint32_t>(value >> 5 & 15);
  date.year = static_cast<uint32_t>(value >> 9);
  if (value < 0 || value >> 9 > 9999 || date.month > 12) return does_not_fit("DATE");
  binlog::append_date(to, date);
  return {};
}

Status append_signed(std::string& to, const Field& field, ColumnType type, int64_t value) {
  switch (field.type) {
    case FieldType::date: return append_date(to, value);
    case FieldType::time2:
    case FieldType::datetime2: return append_moment(to, field, value);
    case FieldType::timestamp2: return append_timestamp(to, field, value);
    default: break;
  }
  if (type != ColumnType::signed_integer) return misfit(field);
  return append_integer(to, field, static_cast<uint64_t>(value), value < 0);
}

Result<Value> read_moment(const Field& field, std::string_view bytes) {
  if (field.type == FieldType::datetime2) {
    ASSIGN_OR_RETURN(const CivilTime time, binlog::read_datetime(bytes, field.metadata));
    return Value(packed(time));
  }
  ASSIGN_OR_RETURN(const CivilTime time, binlog::read_time(bytes, field.metadata));
  return Value(packed(time));
}

}  // namespace

Status append_field(std::string& to, const Field& field, ColumnType type, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return append_signed(to, field, type, *number);
  }
  if (const auto* number = std::get_if<uint64_t>(&value)) {
    return append_integer(to, field, *number, false);
  }
  if (const auto* number = std::get_if<double>(&value)) return append_floating(to, field, *number);
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return does_not_fit("a field that is not NULL");
  if (type != ColumnType::decimal) return append_text(to, field, *text);
  if (field.type != FieldType::newdecimal) return misfit(field);
  ASSIGN_OR_RETURN(const size_t bytes, binlog::decimal_bytes(field));
  if (bytes != text->size()) return misfit(field);
  to += *text;
  return {};
}

Result<Value> read_field(const Field& field, ColumnType type, std::string_view bytes) {
  switch (type) {
    case ColumnType::signed_integer:
    case ColumnType::unsigned_integer:
      if (integer_bytes(field) != bytes.size() || bytes.empty()) return misfit(field);
      return integer_value(field, type, bytes);
    case ColumnType::float_number:
    case ColumnType::double_number:
      if (field.type == FieldType::double_number) {
        return Value(std::bit_cast<double>(load_le<uint64_t>(bytes.data())));
      }
      if (field.type != FieldType::float_number) return misfit(field);
      return Value(double{std::bit_cast<float>(load_le<uint32_t>(bytes.data()))});
    case ColumnType::decimal:
      if (field.type != FieldType::newdecimal) return misfit(field);
      return Value(std::string(bytes));
    case ColumnType::string:
    case ColumnType::bytes: {
      const size_t length = length_bytes(field);
      if (length == 0 || length > bytes.size()) return misfit(field);
      std::string text(bytes.substr(length));
      // BINARY: others leave out the zeroes at its end.
      const bool is_padded = type == ColumnType::bytes && field.type == FieldType::string;
      if (is_padded) text.resize(std::max(text.size(), string_bytes(field)));
      return Value(std::move(text));
    }
    case ColumnType::date: {
      if (field.type != FieldType::date) return misfit(field);
      ASSIGN_OR_RETURN(const CivilTime date, binlog::read_date(bytes));
      return Value(int64_t{date.year} << 9 | int64_t{date.month} << 5 | int64_t{date.day});
    }
    case ColumnType::time:
      if (field.type != FieldType::time2) return misfit(field);
      return read_moment(field, bytes);
    case ColumnType::datetime:
      if (field.type != FieldType::datetime2) return misfit(field);
      return read_moment(field, bytes);
    case ColumnType::timestamp: {
      if (field.type != FieldType::timestamp2) return misfit(field);
      ASSIGN_OR_RETURN(const binlog::Timestamp time, binlog::read_timestamp(bytes, field.metadata));
      return Value(int64_t{time.seconds} * kMicroseconds + time.microsecond);
    }
  }
  return misfit(field);
}

// --- rows ---

Result<binlog::RowImage> RowImageMaker::make(const LoggedTable& logged,
                                             const storage::TableDef& def, const storage::Row& row,
                                             const binlog::ColumnSet& columns) {
  bytes_.clear();
  std::vector<std::optional<std::pair<size_t, size_t>>> places;  // of the values, in bytes_
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]) continue;
    places.emplace_back();
    if (std::holds_alternative<std::monostate>(row[i])) continue;
    const size_t from = bytes_.size();
    RETURN_IF_ERROR(append_field(bytes_, logged.columns[i].field, def.columns[i].type, row[i])
                        .in(def.name + ", column " + def.columns[i].name));
    places.back() = {from, bytes_.size() - from};
  }
  binlog::RowImage image;
  for (const auto& place : places) {
    image.emplace_back();
    if (place) image.back() = std::string_view(bytes_).substr(place->first, place->second);
  }
  return image;
}

Status read_image(const LoggedTable& logged, const storage::TableDef& def,
                  const binlog::RowImage& image, const binlog::ColumnSet& columns,
                  storage::Row& row) {
  size_t next = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]) continue;
    const auto& bytes = image[next++];
    if (!bytes) {
      row[i] = std::monostate();
      continue;
    }
    auto value = read_field(logged.columns[i].field, def.columns[i].type, *bytes);
    RETURN_IF_ERROR(value.status().in(def.name + ", column " + def.columns[i].name));
    row[i] = std::move(value).value();
  }
  return {};
}

}  // namespace aftersync::txn
