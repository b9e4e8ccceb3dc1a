// Value: what an expression yields; TypeInfo: what is known of it before it is
// computed.
//
// MySQL decides by the static types of operands how an operator works
// (manual 14.3), so both are needed: '1' + 1 is a DOUBLE for every row.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/sql/value/decimal.h"
#include "core/sql/value/temporal.h"
#include "core/storage/collation.h"

namespace aftersync::sql {

enum class TypeClass : uint8_t { null_type, integer, decimal, real, string, date, time, datetime };

[[nodiscard]] constexpr bool is_temporal(TypeClass type) { return type >= TypeClass::date; }

struct TypeInfo {
  TypeClass type = TypeClass::null_type;
  bool is_unsigned = false;
  bool is_boolean_like = false;  // a comparison's 0 or 1
  // Digits behind the point of a decimal, or of a second; kNotFixed for a
  // double as it comes.
  uint8_t decimals = 0;
  // Shown with six significant digits: of a FLOAT column.
  bool is_float = false;
  // x'41', 0x41, b'1': bytes, and a number where a number is wanted.
  bool is_hex_literal = false;
  // Shown with zeroes in front, up to so many digits: ZEROFILL, YEAR.
  uint8_t zero_fill = 0;
  // Bytes, not text: BINARY, or under the collation `binary`.
  storage::Collation collation = storage::Collation::utf8mb4_general_ci;

  static constexpr uint8_t kNotFixed = 31;

  [[nodiscard]] bool is_binary() const {
    return type == TypeClass::string && collation == storage::Collation::binary;
  }
};

// monostate is NULL.
using Value =
    std::variant<std::monostate, int64_t, uint64_t, Decimal, double, std::string, Temporal>;

[[nodiscard]] inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

}  // namespace aftersync::sql
