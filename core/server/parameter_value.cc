// Parameters of prepared statements.
#include "core/server/parameter_value.h"

#include "core/sql/value/charset_text.h"
#include "core/sql/value/convert.h"

namespace aftersync::server {

namespace {

using sql::TypeClass;
using wire::FieldType;

constexpr uint8_t kMicroseconds = 6;

bool is_blob(FieldType type) {
  return type == FieldType::tiny_blob || type == FieldType::blob ||
         type == FieldType::medium_blob || type == FieldType::long_blob;
}

sql::TypedValue text_value(std::string_view text, FieldType type,
                           std::optional<storage::Collation> charset) {
  sql::TypedValue typed;
  if (type == FieldType::decimal || type == FieldType::new_decimal) {
    sql::Diagnostics ignored;
    const sql::Decimal number = sql::to_decimal(std::string(text), ignored);
    typed.type.type = TypeClass::decimal;
    typed.type.decimals = static_cast<uint8_t>(number.scale());
    typed.value = number;
    return typed;
  }
  typed.type.type = TypeClass::string;
  if (is_blob(type)) {
    typed.type.collation = storage::Collation::binary;
    typed.value = std::string(text);
  } else {
    typed.value = charset ? sql::decode_text(*charset, text) : std::string(text);
  }
  return typed;
}

sql::TypedValue date_value(const wire::DateTimeCell& cell, FieldType type) {
  sql::TypedValue typed;
  sql::Temporal value;
  const bool is_date = type == FieldType::date;
  value.kind = is_date ? sql::TemporalKind::date : sql::TemporalKind::datetime;
  value.year = cell.year;
  value.month = cell.month;
  value.day = cell.day;
  if (!is_date) {
    value.hour = cell.hour;
    value.minute = cell.minute;
    value.second = cell.second;
    value.micros = cell.microsecond;
    value.decimals = cell.microsecond == 0 ? 0 : kMicroseconds;
  }
  typed.type.type = is_date ? TypeClass::date : TypeClass::datetime;
  typed.type.decimals = value.decimals;
  typed.value = value;
  return typed;
}

sql::TypedValue time_value(const wire::TimeCell& cell) {
  constexpr uint32_t kMostHours = 838;
  sql::TypedValue typed;
  sql::Temporal value;
  value.kind = sql::TemporalKind::time;
  value.negative = cell.negative;
  const bool beyond = cell.hours > kMostHours;
  value.hour = beyond ? kMostHours : cell.hours;
  value.minute = beyond ? 59 : cell.minute;
  value.second = beyond ? 59 : cell.second;
  value.micros = beyond ? 0 : cell.microsecond;
  value.decimals = value.micros == 0 ? 0 : kMicroseconds;
  typed.type.type = TypeClass::time;
  typed.type.decimals = value.decimals;
  typed.value = value;
  return typed;
}

}  // namespace

sql::TypedValue parameter_value(const wire::Parameter& parameter,
                                std::optional<storage::Collation> charset) {
  sql::TypedValue typed;
  if (const auto* number = std::get_if<int64_t>(&parameter.cell)) {
    typed.type.type = TypeClass::integer;
    typed.value = *number;
  } else if (const auto* natural = std::get_if<uint64_t>(&parameter.cell)) {
    typed.type.type = TypeClass::integer;
    typed.type.is_unsigned = true;
    typed.value = *natural;
  } else if (const auto* real = std::get_if<double>(&parameter.cell)) {
    typed.type.type = TypeClass::real;
    typed.type.decimals = sql::TypeInfo::kNotFixed;
    typed.value = *real;
  } else if (const auto* text = std::get_if<std::string_view>(&parameter.cell)) {
    return text_value(*text, parameter.type.type, charset);
  } else if (const auto* date = std::get_if<wire::DateTimeCell>(&parameter.cell)) {
    return date_value(*date, parameter.type.type);
  } else if (const auto* time = std::get_if<wire::TimeCell>(&parameter.cell)) {
    return time_value(*time);
  }
  return typed;
}

}  // namespace aftersync::server
