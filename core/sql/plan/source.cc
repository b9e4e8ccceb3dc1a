// Columns of stored tables, as results describe them.
#include "core/sql/plan/source.h"

namespace aftersync::sql {

namespace {

void mark_keys(const TableSchema& table, std::vector<ResultColumn>& columns) {
  for (const Index& index : table.indexes) {
    if (index.is_hidden()) continue;
    for (const IndexColumn& part : index.parts) {
      if (index.is_primary()) columns[part.column].primary_key = true;
    }
    ResultColumn& first = columns[index.parts[0].column];
    if (index.unique && index.parts.size() == 1 && !index.is_primary()) {
      first.unique_key = true;
    } else if (!index.is_primary()) {
      first.multiple_key = true;
    }
  }
}

}  // namespace

std::vector<ResultColumn> result_columns(const OpenTable& table, const std::string& alias) {
  std::vector<ResultColumn> columns;
  for (size_t i = 0; i < table.schema.columns.size(); ++i) {
    const Column& column = table.schema.columns[i];
    ResultColumn made;
    made.schema = table.schema.database;
    made.table = alias;
    made.original_table = table.schema.name;
    made.name = column.name;
    made.original_name = column.name;
    made.type = table.codecs[i].type_info();
    made.declared = column.type;
    made.not_null = !column.nullable;
    made.auto_increment = column.auto_increment;
    made.no_default = !column.nullable && !column.default_value && !column.auto_increment;
    columns.push_back(std::move(made));
  }
  mark_keys(table.schema, columns);
  return columns;
}

}  // namespace aftersync::sql
