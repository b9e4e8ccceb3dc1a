// Encoders of columns and rows; layouts in column.h and row_encoding.h.
#include "core/wire/row_encoding.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/wire/packet_format.h"

namespace aftersync::wire {

namespace {

constexpr size_t kNullBitmapOffset = 2;  // of rows; parameters begin at bit 0
constexpr int kMaxPlainExponent = 15;    // DBL_DIG

// Where the column's values go by kind.
enum class Kind : uint8_t { integer, floating, datetime, time, string, null };

Kind kind_of(FieldType type) {
  switch (type) {
    case FieldType::tiny:
    case FieldType::short_int:
    case FieldType::long_int:
    case FieldType::longlong:
    case FieldType::int24:
    case FieldType::year: return Kind::integer;
    case FieldType::float_number:
    case FieldType::double_number: return Kind::floating;
    case FieldType::date:
    case FieldType::datetime:
    case FieldType::timestamp: return Kind::datetime;
    case FieldType::time: return Kind::time;
    case FieldType::null: return Kind::null;
    default: return Kind::string;
  }
}

size_t integer_bytes(FieldType type) {
  switch (type) {
    case FieldType::tiny: return 1;
    case FieldType::short_int:
    case FieldType::year: return 2;
    case FieldType::long_int:
    case FieldType::int24: return 4;
    default: return 8;
  }
}

void append_padded(std::string& to, uint64_t value, size_t digits) {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  const auto size = static_cast<size_t>(end - text);
  if (size < digits) to.append(digits - size, '0');
  to.append(text, size);
}

template <typename Integer>
void append_integer(std::string& to, Integer value) {
  char text[20];
  to.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

void append_fraction(std::string& to, uint32_t microsecond, uint8_t decimals) {
  if (decimals == 0) return;
  std::string digits;
  append_padded(digits, microsecond, 6);
  to.push_back('.');
  to.append(digits, 0, std::min<size_t>(decimals, 6));
}

void append_clock(std::string& to, uint64_t hours, uint8_t minute, uint8_t second,
                  uint32_t microsecond, uint8_t decimals) {
  append_padded(to, hours, 2);
  to.push_back(':');
  append_padded(to, minute, 2);
  to.push_back(':');
  append_padded(to, second, 2);
  append_fraction(to, microsecond, decimals);
}

void append_datetime_text(std::string& to, const DateTimeCell& cell,
                          const ColumnDefinition& column) {
  append_padded(to, cell.year, 4);
  to.push_back('-');
  append_padded(to, cell.month, 2);
  to.push_back('-');
  append_padded(to, cell.day, 2);
  if (column.type == FieldType::date) return;
  to.push_back(' ');
  append_clock(to, cell.hour, cell.minute, cell.second, cell.microsecond, column.decimals);
}

void append_time_text(std::string& to, const TimeCell& cell, const ColumnDefinition& column) {
  if (cell.negative) to.push_back('-');
  append_clock(to, cell.hours, cell.minute, cell.second, cell.microsecond, column.decimals);
}

// The text of a cell that is not NULL; false when the column cannot hold it.
bool append_cell_text(std::string& to, const Cell& cell, const ColumnDefinition& column) {
  const Kind kind = kind_of(column.type);
  if (const auto* value = std::get_if<int64_t>(&cell)) {
    append_integer(to, *value);
  } else if (const auto* natural = std::get_if<uint64_t>(&cell)) {
    append_integer(to, *natural);
  } else if (const auto* real = std::get_if<double>(&cell)) {
    append_double_text(to, *real, column.type == FieldType::float_number, column.decimals);
  } else if (const auto* moment = std::get_if<DateTimeCell>(&cell)) {
    if (kind != Kind::datetime) return false;
    append_datetime_text(to, *moment, column);
  } else {
    if (kind != Kind::time) return false;
    append_time_text(to, std::get<TimeCell>(cell), column);
  }
  return true;
}

bool fits(const Cell& cell, size_t bytes, bool is_unsigned, uint64_t& bits) {
  const int spare = static_cast<int>(64 - 8 * bytes);
  if (const auto* value = std::get_if<int64_t>(&cell)) {
    bits = static_cast<uint64_t>(*value);
    if (is_unsigned) return *value >= 0 && bits << spare >> spare == bits;
    return static_cast<int64_t>(bits << spare) >> spare == *value;
  }
  const auto* natural = std::get_if<uint64_t>(&cell);
  if (natural == nullptr) return false;
  bits = *natural;
  return bits << spare >> spare == bits && (is_unsigned || bits << spare >> 63 == 0);
}

bool append_binary_integer(std::string& to, const Cell& cell, const ColumnDefinition& column) {
  const size_t bytes = integer_bytes(column.type);
  uint64_t bits = 0;
  if (!fits(cell, bytes, (column.flags & column_flag::kUnsigned) != 0, bits)) return false;
  char little[sizeof bits];
  store_le(little, bits);
  to.append(little, bytes);
  return true;
}

bool append_binary_floating(std::string& to, const Cell& cell, const ColumnDefinition& column) {
  const auto* value = std::get_if<double>(&cell);
  if (value == nullptr) return false;
  if (column.type == FieldType::float_number) {
    append_le(to, std::bit_cast<uint32_t>(static_cast<float>(*value)));
  } else {
    append_le(to, std::bit_cast<uint64_t>(*value));
  }
  return true;
}

bool append_binary_datetime(std::string& to, const Cell& cell, const ColumnDefinition& column) {
  const auto* value = std::get_if<DateTimeCell>(&cell);
  if (value == nullptr) return false;
  const bool has_micros = value->microsecond != 0;
  const bool has_clock = has_micros || value->hour != 0 || value->minute != 0 || value->second != 0;
  const bool has_date = has_clock || value->year != 0 || value->month != 0 || value->day != 0;
  if (column.type == FieldType::date && has_clock) return false;
  to.push_back(has_micros ? 11 : has_clock ? 7 : has_date ? 4 : 0);
  if (!has_date) return true;
  append_le(to, value->year);
  to.push_back(static_cast<char>(value->month));
  to.push_back(static_cast<char>(value->day));
  if (!has_clock) return true;
  to.push_back(static_cast<char>(value->hour));
  to.push_back(static_cast<char>(value->minute));
  to.push_back(static_cast<char>(value->second));
  if (has_micros) append_le(to, value->microsecond);
  return true;
}

bool append_binary_time(std::string& to, const Cell& cell) {
  const auto* value = std::get_if<TimeCell>(&cell);
  if (value == nullptr) return false;
  if (*value == TimeCell{.negative = value->negative}) {
    to.push_back(0);
    return true;
  }
  const bool has_micros = value->microsecond != 0;
  to.push_back(has_micros ? 12 : 8);
  to.push_back(value->negative ? 1 : 0);
  append_le(to, value->hours / 24);
  to.push_back(static_cast<char>(value->hours % 24));
  to.push_back(static_cast<char>(value->minute));
  to.push_back(static_cast<char>(value->second));
  if (has_micros) append_le(to, value->microsecond);
  return true;
}

bool append_binary_cell(std::string& to, const Cell& cell, const ColumnDefinition& column) {
  switch (kind_of(column.type)) {
    case Kind::integer: return append_binary_integer(to, cell, column);
    case Kind::floating: return append_binary_floating(to, cell, column);
    case Kind::datetime: return append_binary_datetime(to, cell, column);
    case Kind::time: return append_binary_time(to, cell);
    case Kind::string: {
      const auto* text = std::get_if<std::string_view>(&cell);
      if (text != nullptr) append_lenenc_string(to, *text);
      return text != nullptr;
    }
    case Kind::null: break;
  }
  return false;
}

Status misfit(size_t i, const ColumnDefinition& column) {
  return {Code::invalid_argument,
          "column " + std::to_string(i) + " (" + column.name + ") of type " +
              std::to_string(static_cast<unsigned>(column.type)) + " cannot hold its value"};
}

Status check_size(std::span<const ColumnDefinition> columns, std::span<const Cell> row) {
  if (columns.size() == row.size()) return {};
  return {Code::invalid_argument, "a row of " + std::to_string(row.size()) + " values for " +
                                      std::to_string(columns.size()) + " columns"};
}

}  // namespace

void append_column_definition(std::string& to, const ColumnDefinition& column) {
  constexpr uint8_t kFixedBytes = 12;
  append_lenenc_string(to, "def");
  append_lenenc_string(to, column.schema);
  append_lenenc_string(to, column.table);
  append_lenenc_string(to, column.original_table);
  append_lenenc_string(to, column.name);
  append_lenenc_string(to, column.original_name);
  to.push_back(kFixedBytes);
  append_le(to, column.collation);
  append_le(to, column.length);
  to.push_back(static_cast<char>(column.type));
  append_le(to, column.flags);
  to.push_back(static_cast<char>(column.decimals));
  to.append(2, '\0');
}

Status append_text_row(std::string& to, std::span<const ColumnDefinition> columns,
                       std::span<const Cell> row) {
  RETURN_IF_ERROR(check_size(columns, row));
  for (size_t i = 0; i < row.size(); ++i) {
    if (std::holds_alternative<std::monostate>(row[i])) {
      to.push_back(static_cast<char>(kLenencNull));
    } else if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      append_lenenc_string(to, *text);
    } else {
      // Numbers and times are shorter than 251 characters: one byte of length, filled in later.
      const size_t at = to.size();
      to.push_back('\0');
      if (!append_cell_text(to, row[i], columns[i])) return misfit(i, columns[i]);
      to[at] = static_cast<char>(to.size() - at - 1);
    }
  }
  return {};
}

Status append_binary_row(std::string& to, std::span<const ColumnDefinition> columns,
                         std::span<const Cell> row) {
  RETURN_IF_ERROR(check_size(columns, row));
  to.push_back('\0');
  const size_t bitmap = to.size();
  to.append((row.size() + kNullBitmapOffset + 7) / 8, '\0');
  for (size_t i = 0; i < row.size(); ++i) {
    if (std::holds_alternative<std::monostate>(row[i])) {
      const size_t bit = i + kNullBitmapOffset;
      to[bitmap + bit / 8] = static_cast<char>(to[bitmap + bit / 8] | 1 << bit % 8);
    } else if (!append_binary_cell(to, row[i], columns[i])) {
      return misfit(i, columns[i]);
    }
  }
  return {};
}

void append_double_text(std::string& to, double value, bool is_float, uint8_t decimals) {
  constexpr int kFloatDigits = 6;  // FLT_DIG
  constexpr double kMaxFixed = 1e100;
  char text[200];
  if (decimals < kAnyDecimals && std::fabs(value) < kMaxFixed) {
    const auto end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr;
    to.append(text, end);
    return;
  }
  const auto end =
      is_float ? std::to_chars(text, text + sizeof text, value, std::chars_format::scientific,
                               kFloatDigits - 1)
                     .ptr
               : std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const std::string_view scientific(text, static_cast<size_t>(end - text));
  const size_t e = scientific.find('e');
  if (e == std::string_view::npos) {  // inf, nan: no column holds them
    to.append(scientific);
    return;
  }
  int exponent = 0;
  const size_t sign_skip = scientific[e + 1] == '+' ? 2 : 1;
  std::from_chars(text + e + sign_skip, end, exponent);
  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (c != '.' && c != '-') digits.push_back(c);
  }
  digits.resize(std::max<size_t>(1, digits.find_last_not_of('0') + 1));
  if (scientific.front() == '-') to.push_back('-');
  if (exponent < -kMaxPlainExponent || exponent >= kMaxPlainExponent) {
    to.push_back(digits[0]);
    if (digits.size() > 1) to.append(".").append(digits, 1);
    to.push_back('e');
    append_integer(to, int64_t{exponent});
  } else if (exponent < 0) {
    to.append("0.").append(static_cast<size_t>(-exponent - 1), '0').append(digits);
  } else {
    const size_t whole = static_cast<size_t>(exponent) + 1;
    if (digits.size() <= whole) {
      to.append(digits).append(whole - digits.size(), '0');
    } else {
      to.append(digits, 0, whole).append(".").append(digits, whole);
    }
  }
}

}  // namespace aftersync::wire
