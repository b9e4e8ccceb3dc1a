// Statements that need no table.
#include "core/server/tableless.h"

#include "core/server/server_errors.h"
#include "core/sql/eval/bind.h"
#include "core/sql/value/convert.h"

namespace aftersync::server {

namespace {

class NoColumns : public sql::ColumnScope {
 public:
  std::optional<std::pair<uint32_t, sql::TypeInfo>> find(const sql::ColumnName&) const override {
    return std::nullopt;
  }
};

std::variant<sql::TypedValue, sql::SqlError> evaluate(const sql::Expr& expr,
                                                      sql::SystemVariables& variables) {
  if (const auto* variable = std::get_if<sql::SystemVariable>(&expr.node)) {
    return variables.get(*variable);
  }
  const auto bound = sql::bind(expr, NoColumns());
  if (const auto* error = std::get_if<sql::SqlError>(&bound)) return *error;
  const auto& tree = std::get<sql::BoundExpr>(bound);
  sql::Diagnostics diagnostics;
  sql::EvalContext context{diagnostics, {}, {}};
  sql::TypedValue value{tree.evaluate(context), tree.type};
  if (diagnostics.failed()) return diagnostics.error();
  return value;
}

}  // namespace

std::variant<Listing, sql::SqlError> select_without_table(const sql::Query& query,
                                                          sql::SystemVariables& variables) {
  const auto* select = std::get_if<sql::Select>(&query.terms.front().body);
  if (query.terms.size() != 1 || select == nullptr || !select->from.empty()) {
    return errors::not_supported("SELECT ... FROM");
  }
  Listing listing;
  listing.rows.emplace_back();
  for (const sql::SelectItem& item : select->items) {
    if (!item.expr) return sql::make_error(sql::ErrorName::parse, {"No tables used", "*", "1"});
    auto value = evaluate(*item.expr, variables);
    if (auto* error = std::get_if<sql::SqlError>(&value)) return std::move(*error);
    auto& typed = std::get<sql::TypedValue>(value);
    sql::ResultColumn column;
    column.name = item.alias.empty() ? item.text : item.alias;
    column.type = typed.type;
    listing.columns.push_back(std::move(column));
    listing.rows.front().push_back(std::move(typed.value));
  }
  return listing;
}

std::optional<sql::SqlError> set_variables(const sql::SetStatement& set,
                                           sql::SystemVariables& variables) {
  for (const sql::SetItem& item : set.items) {
    if (const auto* charset = std::get_if<sql::SetCharset>(&item)) {
      if (auto error = variables.set_charset(*charset)) return error;
      continue;
    }
    const auto* assignment = std::get_if<sql::SetSystemVariable>(&item);
    if (assignment == nullptr) return errors::not_supported("user variables");
    if (std::holds_alternative<sql::DefaultValue>(assignment->value.node)) {
      if (auto error = variables.set(assignment->variable, nullptr)) return error;
      continue;
    }
    sql::TypedValue value;
    if (const auto* word = std::get_if<sql::ColumnRef>(&assignment->value.node)) {
      value = {word->name.column, {.type = sql::TypeClass::string}};
    } else {
      auto computed = evaluate(assignment->value, variables);
      if (auto* error = std::get_if<sql::SqlError>(&computed)) return std::move(*error);
      value = std::get<sql::TypedValue>(std::move(computed));
    }
    if (auto error = variables.set(assignment->variable, &value)) return error;
  }
  return std::nullopt;
}

}  // namespace aftersync::server
