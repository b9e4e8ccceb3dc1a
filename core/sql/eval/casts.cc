// CAST and CONVERT (MySQL manual 14.10).
#include <algorithm>

#include "core/base/check.h"
#include "core/sql/eval/operators.h"
#include "core/sql/eval/types.h"
#include "core/sql/text/utf8.h"

namespace aftersync::sql {

namespace {

Value cast_integer(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  const Integer integer = to_integer(value, context.diagnostics);
  if (self.type.is_unsigned) return integer.bits;
  const bool clips =
      std::holds_alternative<double>(value) || std::holds_alternative<Decimal>(value);
  // A BIGINT UNSIGNED keeps its bits; what is no whole number stops at the greatest.
  if (clips && integer.is_unsigned && integer.bits > INT64_MAX) return INT64_MAX;
  return integer.as_signed();
}

Value cast_decimal(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  Decimal made = to_decimal(value, context.diagnostics).rounded(self.type.decimals);
  const auto whole = static_cast<size_t>(self.option);
  if (made.whole_digits() <= whole) return made;
  // Too large: the largest there is, with a warning.
  context.diagnostics.warn(ErrorName::truncated_wrong_value, {"DECIMAL", made.to_string()});
  std::string most = made.negative() ? "-" : "";
  most.append(std::max<size_t>(whole, 1), whole > 0 ? '9' : '0');
  if (self.type.decimals > 0) most.append(".").append(self.type.decimals, '9');
  return *Decimal::parse(most);
}

Value cast_real(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  return to_double(value, context.diagnostics);
}

Value cast_temporal(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  return converted(value, self.args[0].type, self.type, context);
}

// option: the length in characters or bytes; -1 for any.
Value cast_text(const BoundExpr& self, EvalContext& context) {
  const Value value = self.arg(0, context);
  if (is_null(value)) return {};
  std::string text = to_text(value, self.args[0].type);
  if (self.option < 0) return text;
  const auto length = static_cast<size_t>(self.option);
  const bool binary = self.type.is_binary();
  std::string_view rest = text;
  for (size_t i = 0; i < length && !rest.empty(); ++i) {
    rest.remove_prefix(binary ? 1 : std::max<size_t>(utf8_char_bytes(rest), 1));
  }
  if (!rest.empty()) {
    context.diagnostics.warn(ErrorName::truncated_wrong_value, {binary ? "BINARY" : "CHAR", text});
    text.resize(text.size() - rest.size());
  }
  if (binary && text.size() < length) text.resize(length, '\0');
  return text;
}

}  // namespace

BoundExpr bound_cast(const Cast& cast, BoundExpr operand) {
  BoundExpr made;
  made.option = cast.length;
  const bool to_number = cast.type <= CastType::float_number;
  if (to_number) operand = numeric_operand(std::move(operand));
  switch (cast.type) {
    case CastType::signed_integer:
    case CastType::unsigned_integer:
      made.type = integer_type(cast.type == CastType::unsigned_integer);
      made.function = cast_integer;
      break;
    case CastType::decimal: {
      const int precision = cast.length < 0 ? 10 : cast.length == 0 ? 10 : cast.length;
      const int scale = std::max(cast.scale, 0);
      made.type = decimal_type(static_cast<unsigned>(scale));
      made.option = std::max(precision - scale, 0);
      made.function = cast_decimal;
      break;
    }
    case CastType::double_number:
    case CastType::float_number:
      made.type = real_type();
      made.function = cast_real;
      break;
    case CastType::character:
    case CastType::binary:
      made.type = text_type(cast.type == CastType::binary || cast.charset == "binary");
      made.function = cast_text;
      break;
    case CastType::date:
    case CastType::time:
    case CastType::datetime: {
      const TypeClass kind = cast.type == CastType::date   ? TypeClass::date
                             : cast.type == CastType::time ? TypeClass::time
                                                           : TypeClass::datetime;
      made.type = temporal_type(kind, static_cast<unsigned>(std::max(cast.length, 0)));
      if (kind == TypeClass::date) made.type.decimals = 0;
      made.function = cast_temporal;
      break;
    }
  }
  made.args.push_back(std::move(operand));
  return made;
}

}  // namespace aftersync::sql
