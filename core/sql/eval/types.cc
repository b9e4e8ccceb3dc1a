// Rules for types of results.
#include "core/sql/eval/types.h"

#include <algorithm>
#include <utility>

namespace aftersync::sql {

TypeInfo integer_type(bool is_unsigned) {
  TypeInfo type;
  type.type = TypeClass::integer;
  type.is_unsigned = is_unsigned;
  return type;
}

TypeInfo boolean_type() { return integer_type(); }

TypeInfo real_type(unsigned decimals) {
  TypeInfo type;
  type.type = TypeClass::real;
  type.decimals = static_cast<uint8_t>(std::min<unsigned>(decimals, TypeInfo::kNotFixed));
  return type;
}

TypeInfo decimal_type(unsigned scale, bool is_unsigned) {
  TypeInfo type;
  type.type = TypeClass::decimal;
  type.decimals = static_cast<uint8_t>(std::min(scale, kDecimalScale));
  type.is_unsigned = is_unsigned;
  return type;
}

TypeInfo text_type(bool binary) {
  TypeInfo type;
  type.type = TypeClass::string;
  if (binary) type.collation = storage::Collation::binary;
  return type;
}

TypeInfo temporal_type(TypeClass type, unsigned decimals) {
  TypeInfo made;
  made.type = type;
  made.decimals = static_cast<uint8_t>(std::min(decimals, 6u));
  return made;
}

TypeInfo text_of(const std::vector<BoundExpr>& args) {
  TypeInfo made = text_type();
  for (const BoundExpr& arg : args) {
    if (arg.type.type != TypeClass::string) continue;
    made.collation = arg.type.collation;
    if (arg.type.is_binary()) break;
  }
  return made;
}

TypeInfo numeric_type(const TypeInfo& type) {
  switch (type.type) {
    case TypeClass::integer:
    case TypeClass::decimal:
    case TypeClass::real: return type;
    case TypeClass::null_type:
    case TypeClass::string: return real_type();
    case TypeClass::date: return integer_type();
    case TypeClass::time:
    case TypeClass::datetime:
      return type.decimals > 0 ? decimal_type(type.decimals) : integer_type();
  }
  return type;
}

TypeInfo common_type(const std::vector<BoundExpr>& args, size_t first, size_t step) {
  TypeInfo made;
  for (size_t i = first; i < args.size(); i += step) {
    const TypeInfo& next = args[i].type;
    if (next.type == TypeClass::null_type) continue;
    if (made.type == TypeClass::null_type) {
      made = next;
      made.is_hex_literal = false;
      continue;
    }
    const uint8_t decimals = std::max(made.decimals, next.decimals);
    if (made.type == next.type) {
      // Signed and unsigned together need a decimal to hold both.
      const bool both = made.type == TypeClass::integer && made.is_unsigned != next.is_unsigned;
      if (both) made = decimal_type(0);
      if (next.is_binary()) made.collation = next.collation;
      made.decimals = decimals;
    } else if (is_temporal(made.type) && is_temporal(next.type)) {
      made = temporal_type(TypeClass::datetime, decimals);
    } else if (is_temporal(made.type) || is_temporal(next.type) || made.type == TypeClass::string ||
               next.type == TypeClass::string) {
      made = text_type(made.is_binary() || next.is_binary());
    } else if (made.type == TypeClass::real || next.type == TypeClass::real) {
      made = real_type(decimals);
    } else {
      made = decimal_type(decimals);
    }
  }
  return made;
}

BoundExpr numeric_operand(BoundExpr operand) {
  const auto* bytes = std::get_if<std::string>(&operand.constant);
  if (!operand.type.is_hex_literal || bytes == nullptr) return operand;
  uint64_t number = 0;
  for (const char c : *bytes) {
    number = number << 8 | static_cast<uint8_t>(c);
  }
  operand.constant = number;
  operand.type = integer_type(true);
  return operand;
}

Value converted(Value value, const TypeInfo& from, const TypeInfo& type, EvalContext& context) {
  if (is_null(value)) return value;
  Diagnostics& diagnostics = context.diagnostics;
  switch (type.type) {
    case TypeClass::null_type: return value;
    case TypeClass::integer: {
      if (std::holds_alternative<int64_t>(value) || std::holds_alternative<uint64_t>(value)) {
        return value;
      }
      const Integer integer = to_integer(value, diagnostics);
      if (type.is_unsigned) return integer.bits;
      return integer.as_signed();
    }
    case TypeClass::decimal: return to_decimal(value, diagnostics);
    case TypeClass::real: return to_double(value, diagnostics);
    case TypeClass::string: return to_text(value, from);
    case TypeClass::date:
    case TypeClass::time:
    case TypeClass::datetime: {
      std::optional<Temporal> made = type.type == TypeClass::time ? to_time(value, diagnostics)
                                                                  : to_datetime(value, diagnostics);
      if (!made) return {};
      if (type.type == TypeClass::date) made = as_date(as_datetime(*made, context.now));
      if (type.type == TypeClass::datetime) made = as_datetime(*made, context.now);
      made->decimals = type.decimals;
      return *made;
    }
  }
  return value;
}

}  // namespace aftersync::sql
