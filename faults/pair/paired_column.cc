// PairedColumn: types, their domains, and the way from one side to the other.
#include "faults/pair/paired_column.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/storage/decimal.h"

namespace aftersync::faults {

namespace {

using model::Order;
using storage::Collation;
using storage::ColumnType;

// Text comes more often than the rest: it has collations, and can be long.
constexpr std::pair<ColumnType, Order> kTypes[] = {
    {ColumnType::signed_integer, Order::integer},
    {ColumnType::unsigned_integer, Order::unsigned_integer},
    {ColumnType::float_number, Order::floating},
    {ColumnType::double_number, Order::floating},
    {ColumnType::decimal, Order::decimal},
    {ColumnType::bytes, Order::bytes},
    {ColumnType::bytes, Order::bytes},
    {ColumnType::string, Order::ascii_ci},
    {ColumnType::string, Order::ascii_ci},
    {ColumnType::string, Order::ascii_ci},
    {ColumnType::date, Order::integer},
    {ColumnType::time, Order::integer},
    {ColumnType::datetime, Order::integer},
    {ColumnType::timestamp, Order::integer},
};

constexpr std::pair<Collation, Order> kCollations[] = {
    {Collation::utf8mb4_general_ci, Order::ascii_ci},
    {Collation::latin1_general_ci, Order::ascii_ci},
    {Collation::ascii_general_ci, Order::ascii_ci},
    {Collation::utf8mb4_bin, Order::padded},
    {Collation::latin1_bin, Order::padded},
    {Collation::ascii_bin, Order::padded},
    {Collation::binary, Order::bytes},
};

constexpr std::pair<unsigned, unsigned> kDecimals[] = {{5, 2}, {10, 0}, {18, 9}, {65, 30}, {9, 9}};

// Bytes with zeroes and 0xff in them, where encodings have their edges.
std::string awkward_bytes(uint32_t choice) {
  constexpr std::string_view kPieces[] = {"", std::string_view("\0", 1), "\xff", "a", "b", "ab"};
  return std::string(kPieces[choice % 6]) + std::string(kPieces[choice / 6 % 6]);
}

// Text in mixed case: choices that differ by kDomain differ in case only.
std::string mixed_case(uint32_t choice) {
  std::string text = "word" + std::to_string(choice % kDomain);
  if (choice >= kDomain) text[0] = 'W';
  if (choice % 7 == 3) text += '\t';  // less than the space that others are padded with
  if (choice % 5 == 0) text += "  ";
  return text;
}

int64_t centred(uint32_t choice) {
  return static_cast<int64_t>(choice % kDomain) - int64_t{kDomain / 2};
}

int64_t integer_value(const PairedColumn& column, uint32_t choice) {
  const bool is_plain = column.engine.type == ColumnType::signed_integer;
  const int bits = 8 * (is_plain ? column.engine.width : 3);
  const int64_t most = std::numeric_limits<int64_t>::max() >> (64 - bits);
  if (choice % kDomain == 1) return -most - 1;
  if (choice % kDomain == 2) return most;
  return centred(choice);
}

uint64_t unsigned_value(const PairedColumn& column, uint32_t choice) {
  if (choice % kDomain != 1) return choice % kDomain;
  return std::numeric_limits<uint64_t>::max() >> (64 - 8 * column.engine.width);
}

double floating_value(const PairedColumn& column, uint32_t choice) {
  const bool is_float = column.engine.type == ColumnType::float_number;
  switch (choice % kDomain) {
    case 1: return -std::numeric_limits<double>::infinity();
    case 2: return is_float ? double{std::numeric_limits<float>::max()} : 1.7e308;
    case 3: return is_float ? double{std::numeric_limits<float>::denorm_min()} : 5e-324;
    case 4: return choice < kDomain ? 0.0 : -0.0;
    default: return static_cast<double>(centred(choice)) / 4;
  }
}

model::Decimal decimal_value(const PairedColumn& column, uint32_t choice) {
  const bool is_end = choice % kDomain == 1 || choice % kDomain == 2;
  const int64_t number = centred(choice);
  model::Decimal value;
  value.negative = number < 0 && choice % kDomain != 2;
  if (is_end) {
    value.digits.assign(column.precision, '9');
  } else if (number != 0) {
    value.digits = std::to_string(number < 0 ? -number : number);
  }
  return value;
}

std::string decimal_text(const PairedColumn& column, const model::Decimal& value) {
  std::string digits = value.digits;
  if (digits.size() <= column.scale) digits.insert(0, column.scale + 1 - digits.size(), '0');
  if (column.scale > 0) digits.insert(digits.size() - column.scale, ".");
  return (value.negative ? "-" : "") + digits;
}

Result<model::Value> decimal_of(const PairedColumn& column, const std::string& packed) {
  ASSIGN_OR_RETURN(const std::string text,
                   storage::unpack_decimal(packed, column.precision, column.scale));
  model::Decimal value;
  value.negative = text.starts_with('-');
  for (const char c : text) {
    const bool is_leading_zero = c == '0' && value.digits.empty();
    if (c >= '0' && c <= '9' && !is_leading_zero) value.digits += c;
  }
  return model::Value(value);
}

}  // namespace

PairedColumn draw_column(Prng& prng, size_t number) {
  PairedColumn column;
  column.engine.name = "c" + std::to_string(number);
  constexpr uint8_t kWidths[] = {1, 2, 3, 4, 8};
  column.engine.width = kWidths[prng.below(std::size(kWidths))];
  column.engine.nullable = prng.chance(0.5);
  std::tie(column.engine.type, column.order) = kTypes[prng.below(std::size(kTypes))];
  if (column.engine.type == ColumnType::string) {
    std::tie(column.engine.collation, column.order) =
        kCollations[prng.below(std::size(kCollations))];
  }
  if (column.engine.type == ColumnType::decimal) {
    std::tie(column.precision, column.scale) = kDecimals[prng.below(std::size(kDecimals))];
    column.engine.width =
        static_cast<uint8_t>(storage::packed_decimal_bytes(column.precision, column.scale));
  }
  return column;
}

model::Value model_value(const PairedColumn& column, uint32_t choice) {
  if (column.engine.nullable && choice % kDomain == 0) return model::Null();
  switch (column.engine.type) {
    case ColumnType::unsigned_integer: return unsigned_value(column, choice);
    case ColumnType::float_number:
    case ColumnType::double_number: return floating_value(column, choice);
    case ColumnType::decimal: return decimal_value(column, choice);
    case ColumnType::bytes: return awkward_bytes(choice);
    case ColumnType::string: return mixed_case(choice);
    default: return integer_value(column, choice);
  }
}

storage::Value to_engine(const PairedColumn& column, const model::Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return *i;
  if (const auto* u = std::get_if<uint64_t>(&value)) return *u;
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* d = std::get_if<model::Decimal>(&value)) {
    auto packed = storage::pack_decimal(decimal_text(column, *d), column.precision, column.scale);
    CHECK_OK(packed);
    return std::move(packed).value();
  }
  return std::monostate();
}

Result<model::Value> to_model(const PairedColumn& column, const storage::Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return model::Value(*i);
  if (const auto* u = std::get_if<uint64_t>(&value)) return model::Value(*u);
  if (const auto* d = std::get_if<double>(&value)) return model::Value(*d);
  if (const auto* s = std::get_if<std::string>(&value)) {
    if (column.order == Order::decimal) return decimal_of(column, *s);
    return model::Value(*s);
  }
  return model::Value(model::Null());
}

}  // namespace aftersync::faults
