// From a definition as it is written to a schema: what was left out is decided, what cannot be is
// refused.
#include <algorithm>
#include <string>

#include "core/base/limits.h"
#include "core/sql/schema/table_schema.h"
#include "core/sql/text/utf8.h"
#include "core/sql/value/collations.h"
#include "core/sql/value/column_codec.h"

namespace aftersync::sql {

namespace {

constexpr std::string_view kHiddenIndex = "GEN_CLUST_INDEX";  // InnoDB's name for it

SqlError unsupported(std::string_view what) {
  return make_error(ErrorName::not_supported_yet, {what});
}

bool is_blob(TypeName type) {
  return (type >= TypeName::tinytext && type <= TypeName::longtext) ||
         (type >= TypeName::tinyblob && type <= TypeName::longblob);
}

bool is_string(TypeName type) { return type >= TypeName::character && type <= TypeName::longblob; }

bool can_count(TypeName type) {
  return type <= TypeName::bigint || type == TypeName::float_number ||
         type == TypeName::double_number;
}

// NOW(n) of a default, or of ON UPDATE: n must be the column's own.
bool is_now_of(const Expr& expr, const ColumnTypeSpec& type) {
  const auto* call = std::get_if<Call>(&expr.node);
  if (call == nullptr || call->name != "NOW") return false;
  if (type.name != TypeName::datetime && type.name != TypeName::timestamp) return false;
  std::string digits = "0";
  if (!call->args.empty()) {
    const auto* literal = std::get_if<Literal>(&call->args[0].node);
    if (literal == nullptr) return false;
    digits = literal->text;
  }
  return digits == std::to_string(std::max<int64_t>(type.length, 0));
}

bool is_null_literal(const Expr& expr) {
  const auto* literal = std::get_if<Literal>(&expr.node);
  return literal != nullptr && literal->kind == LiteralKind::null_value;
}

bool is_constant(const Expr& expr) {
  if (const auto* unary = std::get_if<Unary>(&expr.node)) {
    return unary->op == UnaryOp::minus && is_constant(*unary->operand);
  }
  return std::holds_alternative<Literal>(expr.node);
}

std::optional<SqlError> check_name(std::string_view name, ErrorName error) {
  const std::optional<size_t> chars = utf8_length(name);
  if (chars && *chars > limits::kMaxIdentifierChars) {
    return make_error(ErrorName::identifier_too_long, {name});
  }
  if (name.empty() || name.back() == ' ') return make_error(error, {name});
  return {};
}

std::optional<SqlError> check_default(const Column& column) {
  if (column.on_update && !is_now_of(*column.on_update, column.type)) {
    return make_error(ErrorName::invalid_on_update, {column.name});
  }
  if (!column.default_value) return {};
  const Expr& value = *column.default_value;
  if (is_null_literal(value)) {
    if (column.nullable) return {};
    return make_error(ErrorName::invalid_default, {column.name});
  }
  if (is_blob(column.type.name)) return make_error(ErrorName::blob_default, {column.name});
  if (column.auto_increment) return make_error(ErrorName::invalid_default, {column.name});
  if (is_constant(value) || is_now_of(value, column.type)) return {};
  if (const auto* call = std::get_if<Call>(&value.node); call != nullptr && call->name == "NOW") {
    return make_error(ErrorName::invalid_default, {column.name});
  }
  return unsupported("DEFAULT (expression)");
}

// What MySQL puts on the name of an index that has none: its first column, and a number where that
// is taken.
std::string free_index_name(const TableSchema& table, const std::string& column) {
  std::string name = column;
  for (int i = 2; table.find_index(name) || same_name(name, "PRIMARY"); ++i) {
    name = column + "_" + std::to_string(i);
  }
  return name;
}

std::optional<SqlError> resolve_part(const IndexPart& part, const TableSchema& table,
                                     Index& index) {
  const std::optional<uint32_t> column = table.find_column(part.column);
  if (!column) return make_error(ErrorName::key_column_missing, {part.column});
  const bool twice = std::any_of(index.parts.begin(), index.parts.end(),
                                 [&](const IndexColumn& other) { return other.column == *column; });
  if (twice) return make_error(ErrorName::duplicate_column, {part.column});
  const ColumnTypeSpec& type = table.columns[*column].type;
  if (part.prefix_chars == 0 && is_blob(type.name)) {
    return make_error(ErrorName::blob_key_without_length, {part.column});
  }
  uint32_t prefix = part.prefix_chars;
  if (prefix != 0) {
    const bool too_long = type.length >= 0 && !is_blob(type.name) && prefix > type.length;
    if (!is_string(type.name) || too_long) return make_error(ErrorName::wrong_prefix, {});
    if (!is_blob(type.name) && prefix == type.length) prefix = 0;  // all of it
  }
  index.parts.push_back({*column, prefix, part.descending});
  return {};
}

// The longest that an index's keys can be, in bytes as MySQL counts them.
size_t key_bytes(const TableSchema& table, const Index& index) {
  size_t bytes = 0;
  for (const IndexColumn& part : index.parts) {
    const ColumnTypeSpec& type = table.columns[part.column].type;
    if (!is_string(type.name)) {
      bytes += 8;
      continue;
    }
    const CollationInfo* collation = find_collation(type.collation);
    const size_t chars =
        part.prefix_chars != 0 ? part.prefix_chars : static_cast<size_t>(type.length);
    bytes += chars * (collation == nullptr ? 1 : collation->char_bytes);
  }
  return bytes;
}

class TableResolver {
 public:
  explicit TableResolver(TableSchema& table) : table_(table) {}

  std::optional<SqlError> options(const Options& options) {
    for (const auto& [name, value] : options) {
      if (auto error = option(name, value)) return error;
    }
    return {};
  }

  std::optional<SqlError> operator()(const ColumnSpec& spec) {
    if (table_.find_column(spec.name)) {
      return make_error(ErrorName::duplicate_column, {spec.name});
    }
    auto made = resolve_column(spec, table_.collation);
    if (auto* error = std::get_if<SqlError>(&made)) return std::move(*error);
    table_.columns.push_back(std::get<Column>(std::move(made)));
    IndexSpec index;
    index.parts.push_back({spec.name, 0, false});
    if (spec.primary_key) {
      index.kind = IndexKind::primary;
      indexes_.push_back(index);
    }
    if (spec.unique_key) {
      index.kind = IndexKind::unique;
      indexes_.push_back(index);
    }
    return {};
  }
  std::optional<SqlError> operator()(const IndexSpec& spec) {
    indexes_.push_back(spec);
    return {};
  }
  std::optional<SqlError> operator()(const ForeignKeySpec& /*spec*/) {
    return unsupported("FOREIGN KEY");
  }
  std::optional<SqlError> operator()(const CheckSpec& /*spec*/) { return unsupported("CHECK"); }

  // Indexes may name columns that come after them. Names that are given come before names that are
  // found.
  std::optional<SqlError> finish() {
    std::stable_partition(indexes_.begin(), indexes_.end(), [](const IndexSpec& spec) {
      return spec.kind == IndexKind::primary || !spec.name.empty();
    });
    for (const IndexSpec& spec : indexes_) {
      auto made = resolve_index(spec, table_);
      if (auto* error = std::get_if<SqlError>(&made)) return std::move(*error);
      table_.indexes.push_back(std::get<Index>(std::move(made)));
    }
    return arrange_indexes(table_);
  }

 private:
  std::optional<SqlError> option(const std::string& name, const std::string& value) {
    if (name == "ENGINE") {
      if (same_name(value, "InnoDB")) return {};
      return make_error(ErrorName::unknown_engine, {value});
    }
    if (name == "AUTO_INCREMENT") {
      const uint64_t first = std::strtoull(value.c_str(), nullptr, 10);
      table_.first_auto_increment = std::max<uint64_t>(first, 1);
      return {};
    }
    if (name == "CHARACTER SET") {
      const CollationInfo* found = default_collation(value);
      if (found == nullptr) return make_error(ErrorName::unknown_charset, {value});
      const CollationInfo* chosen = find_collation(table_.collation);
      // COLLATE may have come first.
      if (!collated_ || chosen->charset != found->charset) table_.collation = found->name;
      return {};
    }
    if (name == "COLLATE") {
      const CollationInfo* found = find_collation(value);
      if (found == nullptr) return make_error(ErrorName::unknown_collation, {value});
      table_.collation = found->name;
      collated_ = true;
      return {};
    }
    if (name == "COMMENT") {
      table_.comment = value;
      return {};
    }
    table_.options.emplace_back(name, value);
    return {};
  }

  TableSchema& table_;
  std::vector<IndexSpec> indexes_;
  bool collated_ = false;
};

}  // namespace

std::variant<Column, SqlError> resolve_column(const ColumnSpec& spec, std::string_view collation) {
  if (auto error = check_name(spec.name, ErrorName::wrong_column_name)) return std::move(*error);
  auto type = complete_type(spec.type, spec.name, find_collation(collation)->id);
  if (auto* error = std::get_if<SqlError>(&type)) return std::move(*error);
  Column column;
  column.name = spec.name;
  column.type = std::get<ColumnTypeSpec>(std::move(type));
  column.nullable = spec.nullability != Nullability::not_null && !spec.auto_increment;
  if (spec.primary_key) column.nullable = false;
  column.auto_increment = spec.auto_increment;
  column.default_value = spec.default_value;
  column.on_update = spec.on_update;
  column.comment = spec.comment;
  if (column.auto_increment && !can_count(column.type.name)) {
    return make_error(ErrorName::bad_column_specifier, {column.name});
  }
  if (spec.primary_key && spec.nullability == Nullability::null) {
    return make_error(ErrorName::nullable_primary_key, {});
  }
  if (auto error = check_default(column)) return std::move(*error);
  return column;
}

std::variant<Index, SqlError> resolve_index(const IndexSpec& spec, TableSchema& table) {
  if (!spec.comment.empty()) return unsupported("COMMENT of an index");
  Index index;
  index.unique = spec.kind != IndexKind::plain;
  for (const IndexPart& part : spec.parts) {
    if (auto error = resolve_part(part, table, index)) return std::move(*error);
  }
  if (index.parts.size() > limits::kMaxKeyParts) {
    return make_error(ErrorName::too_many_key_parts, {std::to_string(limits::kMaxKeyParts)});
  }
  if (key_bytes(table, index) > limits::kMaxKeyBytes) {
    return make_error(ErrorName::key_too_long, {std::to_string(limits::kMaxKeyBytes)});
  }
  if (spec.kind == IndexKind::primary) {
    if (table.find_index("PRIMARY")) return make_error(ErrorName::multiple_primary_key, {});
    index.name = "PRIMARY";
    for (const IndexColumn& part : index.parts) {
      if (part.prefix_chars != 0) return unsupported("a PRIMARY KEY of prefixes");
      table.columns[part.column].nullable = false;
    }
    return index;
  }
  index.name = spec.name.empty() ? free_index_name(table, table.columns[index.parts[0].column].name)
                                 : spec.name;
  if (auto error = check_name(index.name, ErrorName::wrong_index_name)) return std::move(*error);
  if (same_name(index.name, "PRIMARY")) {
    return make_error(ErrorName::wrong_index_name, {index.name});
  }
  if (table.find_index(index.name)) return make_error(ErrorName::duplicate_index, {index.name});
  return index;
}

std::optional<SqlError> arrange_indexes(TableSchema& table) {
  std::erase_if(table.indexes, [](const Index& index) { return index.is_hidden(); });
  const auto can_cluster = [&](const Index& index) {
    return index.unique &&
           std::all_of(index.parts.begin(), index.parts.end(), [&](const IndexColumn& part) {
             return part.prefix_chars == 0 && !table.columns[part.column].nullable;
           });
  };
  const auto primary = std::find_if(table.indexes.begin(), table.indexes.end(),
                                    [](const Index& index) { return index.is_primary(); });
  const auto clustered =
      primary != table.indexes.end()
          ? primary
          : std::find_if(table.indexes.begin(), table.indexes.end(), can_cluster);
  if (clustered == table.indexes.end()) {
    table.indexes.insert(table.indexes.begin(), Index{std::string(kHiddenIndex), false, {}});
  } else {
    std::rotate(table.indexes.begin(), clustered, clustered + 1);
  }
  size_t counters = 0;
  for (uint32_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].auto_increment) continue;
    ++counters;
    const bool leads = std::any_of(
        table.indexes.begin(), table.indexes.end(),
        [&](const Index& index) { return !index.is_hidden() && index.parts[0].column == i; });
    if (!leads || counters > 1) return make_error(ErrorName::wrong_auto_key, {});
  }
  return {};
}

std::variant<TableSchema, SqlError> resolve_table(const CreateTable& definition,
                                                  std::string_view collation, Indexes indexes) {
  if (auto error = check_name(definition.name.table, ErrorName::wrong_table_name)) {
    return std::move(*error);
  }
  TableSchema table;
  table.database = definition.name.schema;
  table.name = definition.name.table;
  table.collation = collation;
  TableResolver resolver(table);
  if (auto error = resolver.options(definition.options)) return std::move(*error);
  for (const TableElement& element : definition.elements) {
    if (auto error = std::visit(resolver, element)) return std::move(*error);
  }
  if (table.columns.empty()) return make_error(ErrorName::no_columns, {});
  if (table.columns.size() > limits::kMaxColumns)
    return make_error(ErrorName::too_many_columns, {});
  if (indexes == Indexes::left_out) return table;
  if (auto error = resolver.finish()) return std::move(*error);
  return table;
}

}  // namespace aftersync::sql
