// Words, names, texts, and what many statements share.
#include "core/sql/print/printer.h"

#include "core/sql/print/print.h"

namespace aftersync::sql {

std::string quoted_name(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c;
    if (c == '`') quoted += c;
  }
  return quoted + '`';
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    switch (c) {
      case '\0': quoted += "\\0"; break;
      case '\n': quoted += "\\n"; break;
      case '\r': quoted += "\\r"; break;
      case '\x1a': quoted += "\\Z"; break;
      case '\'': quoted += "\\'"; break;
      case '\\': quoted += "\\\\"; break;
      default: quoted += c;
    }
  }
  return quoted + '\'';
}

std::string to_sql(const Expr& expr) {
  Printer printer;
  printer.expr(expr);
  return printer.out;
}

std::string to_sql(const Query& query) {
  Printer printer;
  printer.query(query);
  return printer.out;
}

std::string to_sql(const Statement& statement) {
  Printer printer;
  std::visit([&printer](const auto& one) { printer.statement(one); }, statement);
  return printer.out;
}

std::string to_sql(const ColumnTypeSpec& type) {
  Printer printer;
  printer.type(type);
  return printer.out;
}

Printer& Printer::word(std::string_view text) {
  const bool spaced = !out.empty() && out.back() != ' ' && out.back() != '(' && out.back() != '.';
  if (spaced) out += ' ';
  out += text;
  return *this;
}

Printer& Printer::raw(std::string_view text) {
  out += text;
  return *this;
}

Printer& Printer::name(std::string_view text) { return raw(quoted_name(text)); }
Printer& Printer::text(std::string_view text) { return raw(quoted_text(text)); }

void Printer::table(const TableName& table) {
  word("");
  if (!table.schema.empty()) name(table.schema).raw(".");
  name(table.table);
}

void Printer::column(const ColumnName& column) {
  word("");
  if (!column.schema.empty()) name(column.schema).raw(".");
  if (!column.table.empty()) name(column.table).raw(".");
  name(column.column);
}

void Printer::account(const AccountName& account) {
  if (account.user.empty() && account.host.empty()) {
    word("CURRENT_USER");
    return;
  }
  word("").text(account.user).raw("@").text(account.host);
}

void Printer::options(const Options& options) {
  for (const auto& [option, value] : options) {
    word(option).raw(" ");
    if (option == "COMMENT") {
      text(value);
    } else if (option == "ENGINE" || option == "CHARACTER SET" || option == "COLLATE" ||
               option == "CONVERT TO CHARACTER SET") {
      name(value);
    } else {
      raw(value);
    }
  }
}

void Printer::channel(std::string_view name) {
  if (!name.empty()) word("FOR CHANNEL ").text(name);
}

void Printer::where(const Box<Expr>& condition) {
  if (!condition) return;
  word("WHERE ");
  expr(*condition);
}

void Printer::order_by(const std::vector<OrderItem>& items) {
  if (items.empty()) return;
  word("ORDER BY ");
  list(items, [this](const OrderItem& item) {
    expr(item.expr);
    if (item.descending) word("DESC");
  });
}

void Printer::limit(const std::optional<Limit>& limit) {
  if (!limit) return;
  word("LIMIT ");
  if (!limit->offset) {
    expr(limit->count);
    return;
  }
  // Parameters count in the order of the text.
  const auto* offset = std::get_if<Parameter>(&limit->offset->node);
  const auto* count = std::get_if<Parameter>(&limit->count.node);
  const bool count_first = offset != nullptr && count != nullptr && count->index < offset->index;
  expr(count_first ? limit->count : *limit->offset);
  raw(count_first ? " OFFSET " : ", ");
  expr(count_first ? *limit->offset : limit->count);
}

}  // namespace aftersync::sql
