// SELECT of system variables.
#include "core/server/variable_select.h"

namespace aftersync::server {

namespace {

bool is_only_variables(const sql::Query& query) {
  if (query.terms.size() != 1 || !query.into.empty()) return false;
  const auto* select = std::get_if<sql::Select>(&query.terms.front().body);
  if (select == nullptr || !select->from.empty() || select->where || select->having ||
      !select->group_by.empty()) {
    return false;
  }
  for (const sql::SelectItem& item : select->items) {
    if (!item.expr || !std::holds_alternative<sql::SystemVariable>(item.expr->node)) return false;
  }
  if (!query.limit) return true;
  const auto* count = std::get_if<sql::Literal>(&query.limit->count.node);
  return !query.limit->offset && count != nullptr && count->text == "1";
}

}  // namespace

std::optional<StatementReply> select_variables(const sql::Query& query,
                                               VariableService& variables) {
  if (!is_only_variables(query)) return std::nullopt;
  Listing listing;
  listing.rows.emplace_back();
  for (const sql::SelectItem& item : std::get<sql::Select>(query.terms.front().body).items) {
    auto value = variables.get(std::get<sql::SystemVariable>(item.expr->node));
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

}  // namespace aftersync::server
