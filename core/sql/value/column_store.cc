// Storing numbers and texts.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/check.h"
#include "core/sql/text/utf8.h"
#include "core/sql/value/charset_text.h"
#include "core/sql/value/convert.h"
#include "core/sql/value/storing.h"
#include "core/storage/decimal.h"

namespace aftersync::sql {

namespace {

using storage::ColumnType;

// Beyond every integer column, and what sums of it do not leave the type by.
constexpr __int128 kBeyond = static_cast<__int128>(1) << 100;

bool only_spaces(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}
bool only_blanks(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

// Rounded half away from zero.
__int128 whole_of_decimal(const Decimal& number) {
  if (const auto fits = number.to_signed()) return *fits;
  if (const auto fits = number.to_unsigned()) return static_cast<__int128>(*fits);
  return number.negative() ? -kBeyond : kBeyond;
}

__int128 whole_of_double(double number) {
  if (std::isnan(number)) return 0;
  const double rounded = std::rint(number);
  constexpr double kTwo63 = 9223372036854775808.0;
  if (rounded >= 2 * kTwo63) return kBeyond;
  if (rounded >= kTwo63) return static_cast<__int128>(static_cast<uint64_t>(rounded));
  return rounded < -kTwo63 ? -kBeyond : static_cast<__int128>(static_cast<int64_t>(rounded));
}

uint64_t number_of_bytes(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

// The first bytes of what is no text, as MySQL shows them: "\xF0\x9F...".
std::string shown_bytes(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr size_t kShown = 6;
  std::string shown;
  for (const char c : bytes.substr(0, kShown)) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
    } else {
      shown += "\\x";
      shown += kDigits[byte >> 4];
      shown += kDigits[byte & 0xf];
    }
  }
  return bytes.size() > kShown ? shown + "..." : shown;
}

}  // namespace

void Storing::trouble(ErrorName name) {
  if (context_.mode.strict) {
    context_.diagnostics.fail(name, {column_.name_, row()});
  } else {
    context_.diagnostics.warn(name, {column_.name_, row()});
  }
}

void Storing::bad_value(std::string_view type, std::string_view shown) {
  if (context_.mode.strict) {
    context_.diagnostics.fail(ErrorName::column_bad_value, {type, shown, column_.name_, row()});
  } else {
    context_.diagnostics.warn(ErrorName::column_bad_value, {type, shown, column_.name_, row()});
  }
}

void Storing::note() {
  context_.diagnostics.note(ErrorName::column_truncated, {column_.name_, row()});
}

storage::Value Storing::null() {
  if (column_.nullable()) return {};
  if (context_.mode.strict) {
    context_.diagnostics.fail(ErrorName::bad_null, {column_.name_});
  } else {
    context_.diagnostics.warn(ErrorName::bad_null, {column_.name_});
  }
  return column_.implicit_default();
}

storage::Value Storing::run(const Value& value) {
  if (is_null(value)) return null();
  const bool is_number_column = column_.definition_.type < ColumnType::string;
  if (from_.is_hex_literal && is_number_column) {
    TypeInfo integer;
    integer.type = TypeClass::integer;
    integer.is_unsigned = true;
    return Storing(column_, integer, context_).run(number_of_bytes(std::get<std::string>(value)));
  }
  switch (column_.definition_.type) {
    case ColumnType::signed_integer:
    case ColumnType::unsigned_integer:
      return column_.type_.name == TypeName::year ? year(value) : integer(value);
    case ColumnType::float_number:
    case ColumnType::double_number: return real(value);
    case ColumnType::decimal: return decimal(value);
    case ColumnType::string: return text(value);
    case ColumnType::bytes: return bytes(value);
    case ColumnType::time: return time(value);
    case ColumnType::date:
    case ColumnType::datetime:
    case ColumnType::timestamp: return date_or_datetime(value);
  }
  CHECK(false);
  return {};
}

__int128 Storing::whole_of_text(const std::string& text, bool& in_range) {
  const ParsedDecimal parsed = decimal_prefix(text);
  if (parsed.used == 0) {
    bad_value("integer", text);
    return 0;
  }
  const __int128 number = parsed.overflow ? (parsed.value.negative() ? -kBeyond : kBeyond)
                                          : whole_of_decimal(parsed.value);
  const __int128 least = column_.type_.is_unsigned ? 0 : -kBeyond;
  in_range = number >= least;
  return number;
}

__int128 Storing::whole(const Value& value, bool& in_range) {
  if (const auto* v = std::get_if<int64_t>(&value)) return *v;
  if (const auto* v = std::get_if<uint64_t>(&value)) return static_cast<__int128>(*v);
  if (const auto* v = std::get_if<double>(&value)) return whole_of_double(*v);
  if (const auto* v = std::get_if<std::string>(&value)) return whole_of_text(*v, in_range);
  if (const auto* v = std::get_if<Temporal>(&value)) {
    return whole_of_decimal(rounded(*v, 0).value_or(*v).to_decimal().truncated(0));
  }
  const Decimal& number = std::get<Decimal>(value);
  // Of a column without a sign, -0.4 is out of range though it rounds to zero.
  in_range = !(column_.type_.is_unsigned && number.negative());
  return whole_of_decimal(number);
}

storage::Value Storing::integer(const Value& value) {
  const unsigned bits = 8u * column_.definition_.width;
  const bool is_unsigned = column_.type_.is_unsigned;
  const __int128 half = static_cast<__int128>(1) << (bits - 1);
  const __int128 least = is_unsigned ? 0 : -half;
  const __int128 most = (is_unsigned ? 2 * half : half) - 1;
  bool in_range = true;
  const __int128 number = whole(value, in_range);
  const auto* text = std::get_if<std::string>(&value);
  if (!in_range || number < least || number > most) {
    trouble(ErrorName::column_out_of_range);
  } else if (text != nullptr && number_prefix(*text) > 0 &&
             !only_blanks(std::string_view(*text).substr(number_prefix(*text)))) {
    trouble(ErrorName::column_truncated);
  }
  const __int128 stored = std::clamp(number, least, most);
  if (is_unsigned) return static_cast<uint64_t>(stored);
  return static_cast<int64_t>(stored);
}

// Two digits are of 1970 to 2069; '0' is 2000, but the number 0 and '0000' are the year 0.
storage::Value Storing::year(const Value& value) {
  constexpr int kFirst = 1901;
  constexpr int kLast = 2155;
  bool in_range = true;
  const auto* text = std::get_if<std::string>(&value);
  const __int128 number = std::holds_alternative<Temporal>(value)
                              ? static_cast<__int128>(std::get<Temporal>(value).year)
                              : whole(value, in_range);
  if (number < 0 || (number >= 100 && number < kFirst) || number > kLast) {
    trouble(ErrorName::column_out_of_range);
    return uint64_t{0};
  }
  if (text != nullptr && number_prefix(*text) == 0) return uint64_t{0};
  if (text != nullptr && !only_blanks(std::string_view(*text).substr(number_prefix(*text)))) {
    trouble(ErrorName::column_truncated);
  }
  const auto year = static_cast<uint64_t>(number);
  if (year >= kFirst) return year - 1900;
  if (year == 0 && (text == nullptr || text->size() == 4)) return uint64_t{0};
  return year < 70 ? year + 100 : year;
}

storage::Value Storing::decimal(const Value& value) {
  const auto precision = static_cast<unsigned>(column_.type_.length);
  const auto scale = static_cast<unsigned>(column_.type_.scale);
  Decimal number;
  bool beyond = false;
  if (const auto* text = std::get_if<std::string>(&value)) {
    const ParsedDecimal parsed = decimal_prefix(*text);
    const bool garbage = !only_blanks(std::string_view(*text).substr(parsed.used));
    number = parsed.value;
    beyond = parsed.overflow;
    if (parsed.used == 0 || ((garbage || beyond) && context_.mode.strict)) {
      bad_value("decimal", *text);
    } else if (garbage) {
      trouble(ErrorName::column_truncated);
    }
  } else if (const auto* real = std::get_if<double>(&value)) {
    const ParsedDecimal parsed = decimal_prefix(double_text(*real));
    number = parsed.value;
    beyond = parsed.overflow;
  } else {
    number = to_decimal(value, context_.diagnostics);
  }
  Decimal stored = number.rounded(scale);
  if (beyond || stored.whole_digits() > precision - scale) {
    trouble(ErrorName::column_out_of_range);
    std::string most = number.negative() ? "-" : "";
    most.append(precision - scale, '9').append(".").append(scale, '9');
    stored = *Decimal::parse(most);
  } else if (Decimal::compare(stored, number) != 0) {
    note();
  }
  if (column_.type_.is_unsigned && number.negative()) {
    if (!stored.is_zero()) trouble(ErrorName::column_out_of_range);
    stored = Decimal().rounded(scale);
  }
  auto packed = storage::pack_decimal(stored.to_string(), precision, scale);
  CHECK(packed.ok());
  return std::move(*packed);
}

// Into the column's range, and with its digits if it has a number of them.
double Storing::clipped_real(double value) {
  const bool is_float = column_.type_.name == TypeName::float_number;
  double most = is_float ? static_cast<double>(std::numeric_limits<float>::max())
                         : std::numeric_limits<double>::max();
  if (column_.type_.scale >= 0) {
    const auto power = [](int64_t digits) { return std::pow(10.0, static_cast<double>(digits)); };
    const double unit = power(column_.type_.scale);
    most = (power(column_.type_.length) - 1) / unit;
    if (std::abs(value) < 2 * most) value = std::rint(value * unit) / unit;
  }
  const double least = column_.type_.is_unsigned ? 0 : -most;
  if (std::isnan(value) || value < least || value > most) {
    trouble(ErrorName::column_out_of_range);
    value = std::isnan(value) ? 0 : std::clamp(value, least, most);
  }
  if (is_float) value = static_cast<double>(static_cast<float>(value));
  return value == 0 ? 0.0 : value;
}

storage::Value Storing::real(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return clipped_real(to_double(value, context_.diagnostics));
  size_t used = 0;
  const double number = double_prefix(*text, used);
  if (used < text->size() || text->empty()) trouble(ErrorName::column_truncated);
  return clipped_real(number);
}

void Storing::too_long(std::string_view rest, bool spaces_matter) {
  if (spaces_matter || !only_spaces(rest)) {
    trouble(context_.mode.strict ? ErrorName::column_too_long_value : ErrorName::column_truncated);
  } else if (column_.type_.name != TypeName::character) {
    note();
  }
}

storage::Value Storing::text(const Value& value) {
  const storage::Collation collation = column_.definition_.collation;
  const std::string given = to_text(value, from_);
  EncodedText encoded =
      from_.is_binary() ? checked_text(collation, given) : encode_text(collation, given);
  if (encoded.bad) {
    bad_value("string", shown_bytes(std::string_view(given).substr(encoded.first_bad)));
  }
  std::string& text = encoded.bytes;
  const bool counts_characters =
      column_.type_.name == TypeName::character || column_.type_.name == TypeName::varchar;
  std::string_view kept = text;
  if (counts_characters) {
    kept = storage::first_chars(collation, text, static_cast<size_t>(column_.type_.length));
  } else if (text.size() > column_.definition_.max_bytes) {
    const std::string_view front = kept.substr(0, column_.definition_.max_bytes);
    kept = kept.substr(0, checked_text(collation, front).bytes.size());
  }
  if (kept.size() < text.size()) too_long(std::string_view(text).substr(kept.size()), false);
  text.resize(kept.size());
  if (column_.type_.name == TypeName::character) {
    text.resize(text.find_last_not_of(' ') + 1);  // npos + 1 is 0
  }
  return std::move(text);
}

storage::Value Storing::bytes(const Value& value) {
  std::string bytes = to_text(value, from_);
  const auto name = column_.type_.name;
  const bool has_length = name == TypeName::binary || name == TypeName::varbinary;
  const size_t most =
      has_length ? static_cast<size_t>(column_.type_.length) : column_.definition_.max_bytes;
  if (bytes.size() > most) {
    too_long(std::string_view(bytes).substr(most), true);
    bytes.resize(most);
  }
  if (name == TypeName::binary) bytes.resize(most, '\0');
  return bytes;
}

std::optional<storage::Value> ColumnCodec::store(const Value& value, const TypeInfo& from,
                                                 StoreContext& context) const {
  storage::Value stored = Storing(*this, from, context).run(value);
  if (context.diagnostics.failed()) return std::nullopt;
  return stored;
}

}  // namespace aftersync::sql
