// Parsing, binding and evaluating an expression, and showing the result.
#include "proptests/sql/evaluate_text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/sql/eval/bind.h"
#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "proptests/sql/fixed_session.h"

namespace aftersync {

namespace {

class NoColumns final : public sql::ColumnScope {
 public:
  [[nodiscard]] std::optional<std::pair<uint32_t, sql::TypeInfo>> find(
      const sql::ColumnName& /*name*/) const override {
    return std::nullopt;
  }
};

std::string error_text(const sql::SqlError& error) {
  return "error " + std::to_string(error.number);
}

std::string shown(const sql::Value& value, const sql::TypeInfo& type) {
  if (sql::is_null(value)) return "NULL";
  const std::string text = sql::to_text(value, type);
  switch (type.type) {
    case sql::TypeClass::null_type: return "null_type " + text;
    case sql::TypeClass::integer: return "integer " + text;
    case sql::TypeClass::decimal: return "decimal " + text;
    case sql::TypeClass::real: return "real " + text;
    case sql::TypeClass::string:
      return (type.is_binary() ? "binary " : "text ") + sql::quoted_text(text);
    case sql::TypeClass::date: return "date " + text;
    case sql::TypeClass::time: return "time " + text;
    case sql::TypeClass::datetime: return "datetime " + text;
  }
  return {};
}

}  // namespace

std::string evaluate_text(std::string_view expression) {
  const auto parsed = sql::parse("SELECT " + std::string(expression));
  if (const auto* error = std::get_if<sql::SqlError>(&parsed)) return error_text(*error);
  const auto& query = std::get<sql::Query>(std::get<sql::Parsed>(parsed).statement);
  const auto& select = std::get<sql::Select>(query.terms.at(0).body);
  FixedSession session;
  const auto bound = sql::bind(*select.items.at(0).expr, NoColumns(), &session);
  if (const auto* error = std::get_if<sql::SqlError>(&bound)) return error_text(*error);
  sql::Diagnostics diagnostics;
  sql::EvalContext context{diagnostics, {}, session.now, &session};
  const auto& expr = std::get<sql::BoundExpr>(bound);
  const sql::Value value = expr.evaluate(context);
  if (diagnostics.failed()) return error_text(diagnostics.error());
  return shown(value, expr.type);
}

bool same_result(const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (!a.starts_with("real ") || !b.starts_with("real ")) return false;
  const double left = std::strtod(a.c_str() + 5, nullptr);
  const double right = std::strtod(b.c_str() + 5, nullptr);
  return std::abs(left - right) <= 1e-14 * std::max(std::abs(left), std::abs(right));
}

}  // namespace aftersync
