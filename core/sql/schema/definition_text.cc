// In MySQL 8.0's spelling, which programs parse.
#include "core/sql/schema/definition_text.h"

#include <algorithm>

#include "core/sql/print/print.h"
#include "core/sql/value/collations.h"
#include "core/sql/value/convert.h"

namespace aftersync::sql {

namespace {

bool is_blob(TypeName type) {
  return (type >= TypeName::tinytext && type <= TypeName::longtext) ||
         (type >= TypeName::tinyblob && type <= TypeName::longblob);
}

std::string now_text(const Expr& now) {
  const auto& call = std::get<Call>(now.node);
  if (call.args.empty()) return "CURRENT_TIMESTAMP";
  return "CURRENT_TIMESTAMP(" + std::get<Literal>(call.args[0].node).text + ")";
}

bool is_now(const Box<Expr>& value) { return value && std::holds_alternative<Call>(value->node); }

std::string column_line(const OpenTable& table, uint32_t number) {
  const Column& column = table.schema.columns[number];
  std::string line = "  " + quoted_name(column.name) + " " + type_text(column.type);
  if (!column.type.collation.empty() && column.type.collation != table.schema.collation) {
    line += " CHARACTER SET " + column.type.charset + " COLLATE " + column.type.collation;
  }
  if (!column.nullable) {
    line += " NOT NULL";
  } else if (column.type.name == TypeName::timestamp) {
    line += " NULL";
  }
  const auto text = default_text(table, number);
  if (text) {
    line += " DEFAULT " + (is_now(column.default_value) ? *text : quoted_text(*text));
  } else if (column.nullable && !is_blob(column.type.name)) {
    line += " DEFAULT NULL";
  }
  if (column.on_update) line += " ON UPDATE " + now_text(*column.on_update);
  if (column.auto_increment) line += " AUTO_INCREMENT";
  if (!column.comment.empty()) line += " COMMENT " + quoted_text(column.comment);
  return line;
}

std::string index_line(const TableSchema& table, const Index& index) {
  std::string line = index.is_primary() ? "  PRIMARY KEY"
                     : index.unique     ? "  UNIQUE KEY " + quoted_name(index.name)
                                        : "  KEY " + quoted_name(index.name);
  line += " (";
  for (size_t i = 0; i < index.parts.size(); ++i) {
    const IndexColumn& part = index.parts[i];
    if (i > 0) line += ",";
    line += quoted_name(table.columns[part.column].name);
    if (part.prefix_chars != 0) line += "(" + std::to_string(part.prefix_chars) + ")";
    if (part.descending) line += " DESC";
  }
  return line + ")";
}

std::string charset_text(const std::string& collation) {
  return std::string(find_collation(collation)->charset) + " COLLATE";
}

}  // namespace

std::string type_text(const ColumnTypeSpec& type) {
  std::string text(to_string(type.name));
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  if (type.length >= 0) {
    text += "(" + std::to_string(type.length);
    if (type.scale >= 0) text += "," + std::to_string(type.scale);
    text += ")";
  }
  if (type.is_unsigned) text += " unsigned";
  if (type.zerofill) text += " zerofill";
  return text;
}

std::optional<std::string> default_text(const OpenTable& table, uint32_t column) {
  const Column& definition = table.schema.columns[column];
  if (is_now(definition.default_value)) return now_text(*definition.default_value);
  const auto& stored = table.defaults[column];
  if (!stored || std::holds_alternative<std::monostate>(*stored)) return {};
  const storage::ValueView view =
      std::visit([](const auto& held) -> storage::ValueView { return held; }, *stored);
  const ColumnCodec& codec = table.codecs[column];
  return to_text(codec.load(view, 0), codec.type_info());
}

std::string extra_text(const Column& column) {
  std::string text;
  if (column.auto_increment) text = "auto_increment";
  if (is_now(column.default_value)) text = "DEFAULT_GENERATED";
  if (column.on_update) {
    text += (text.empty() ? "" : " ") + std::string("on update ") + now_text(*column.on_update);
  }
  return text;
}

std::string key_text(const TableSchema& table, uint32_t column) {
  std::string best;
  for (const Index& index : table.indexes) {
    if (index.is_hidden()) continue;
    const bool in_it = std::any_of(index.parts.begin(), index.parts.end(),
                                   [&](const IndexColumn& part) { return part.column == column; });
    if (index.is_primary() && in_it) return "PRI";
    if (index.parts[0].column != column) continue;
    const bool alone = index.unique && index.parts.size() == 1;
    if (alone) best = "UNI";
    if (best.empty()) best = "MUL";
  }
  return best;
}

std::string create_table_text(const OpenTable& table) {
  const TableSchema& schema = table.schema;
  std::string text = "CREATE TABLE " + quoted_name(schema.name) + " (\n";
  for (uint32_t i = 0; i < schema.columns.size(); ++i) {
    if (i > 0) text += ",\n";
    text += column_line(table, i);
  }
  for (const size_t i : schema.shown_indexes()) {
    text += ",\n" + index_line(schema, schema.indexes[i]);
  }
  text += "\n) ENGINE=InnoDB";
  if (table.counter != nullptr && table.counter->next() > 1) {
    text += " AUTO_INCREMENT=" + std::to_string(table.counter->next());
  }
  text += " DEFAULT CHARSET=" + charset_text(schema.collation) + "=" + schema.collation;
  for (const auto& [name, value] : schema.options) text += " " + name + "=" + value;
  if (!schema.comment.empty()) text += " COMMENT=" + quoted_text(schema.comment);
  return text;
}

std::string create_database_text(const std::string& name, const std::string& collation,
                                 bool if_not_exists) {
  return std::string("CREATE DATABASE ") + (if_not_exists ? "/*!32312 IF NOT EXISTS*/ " : "") +
         quoted_name(name) + " /*!40100 DEFAULT CHARACTER SET " + charset_text(collation) + " " +
         collation + " */ /*!80016 DEFAULT ENCRYPTION='N' */";
}

}  // namespace aftersync::sql
