// What a schema answers; and its form in storage.
#include "core/sql/schema/table_schema.h"

#include <algorithm>

#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "core/sql/value/column_codec.h"

namespace aftersync::sql {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

template <typename Things>
auto position_of(const Things& things, std::string_view name) {
  return std::find_if(things.begin(), things.end(),
                      [&](const auto& one) { return same_name(one.name, name); });
}

// MySQL manual 11.2.4: @ and four hexadecimal digits for what cannot stand in a file's name. (# is
// for names that no statement can say.)
struct Escape {
  char character;
  std::string_view text;
};
constexpr Escape kEscapes[] = {{'/', "@002f"}, {'@', "@0040"}, {'#', "@0023"}};

std::string escaped(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const auto* found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                     [c](const Escape& one) { return one.character == c; });
    if (found == std::end(kEscapes)) {
      made += c;
    } else {
      made += found->text;
    }
  }
  return made;
}

std::string unescaped(std::string_view name) {
  std::string made;
  while (!name.empty()) {
    const auto* found =
        std::find_if(std::begin(kEscapes), std::end(kEscapes),
                     [name](const Escape& one) { return name.starts_with(one.text); });
    const bool escaped = found != std::end(kEscapes);
    made += escaped ? found->character : name[0];
    name.remove_prefix(escaped ? found->text.size() : 1);
  }
  return made;
}

bool allows_null(const TableSchema& table, const Index& index) {
  return std::any_of(index.parts.begin(), index.parts.end(),
                     [&](const IndexColumn& part) { return table.columns[part.column].nullable; });
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<uint32_t> TableSchema::find_column(std::string_view column) const {
  const auto found = position_of(columns, column);
  if (found == columns.end()) return {};
  return static_cast<uint32_t>(found - columns.begin());
}

std::optional<size_t> TableSchema::find_index(std::string_view index) const {
  const auto found = position_of(indexes, index);
  if (found == indexes.end() || found->is_hidden()) return {};
  return static_cast<size_t>(found - indexes.begin());
}

std::optional<uint32_t> TableSchema::auto_increment_column() const {
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i].auto_increment) return i;
  }
  return {};
}

std::vector<size_t> TableSchema::shown_indexes() const {
  const auto rank = [this](size_t i) {
    const Index& index = indexes[i];
    if (index.is_primary()) return 0;
    if (!index.unique) return 3;
    return allows_null(*this, index) ? 2 : 1;
  };
  std::vector<size_t> shown;
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (!indexes[i].is_hidden()) shown.push_back(i);
  }
  std::stable_sort(shown.begin(), shown.end(),
                   [&](size_t a, size_t b) { return rank(a) < rank(b); });
  return shown;
}

ColumnSpec spec_of(const Column& column) {
  ColumnSpec spec;
  spec.name = column.name;
  spec.type = column.type;
  spec.nullability = column.nullable ? Nullability::null : Nullability::not_null;
  spec.default_value = column.default_value;
  spec.on_update = column.on_update;
  spec.auto_increment = column.auto_increment;
  spec.comment = column.comment;
  return spec;
}

IndexSpec spec_of(const TableSchema& table, const Index& index) {
  IndexSpec spec;
  spec.kind = index.is_primary() ? IndexKind::primary
              : index.unique     ? IndexKind::unique
                                 : IndexKind::plain;
  if (!index.is_primary()) spec.name = index.name;
  for (const IndexColumn& part : index.parts) {
    spec.parts.push_back({table.columns[part.column].name, part.prefix_chars, part.descending});
  }
  return spec;
}

CreateTable definition_of(const TableSchema& table) {
  CreateTable made;
  made.name = {table.database, table.name};
  for (const Column& column : table.columns) made.elements.emplace_back(spec_of(column));
  for (const size_t i : table.shown_indexes()) {
    made.elements.emplace_back(spec_of(table, table.indexes[i]));
  }
  made.options = table.options;
  if (table.first_auto_increment > 1) {
    made.options.emplace_back("AUTO_INCREMENT", std::to_string(table.first_auto_increment));
  }
  made.options.emplace_back("COLLATE", table.collation);
  if (!table.comment.empty()) made.options.emplace_back("COMMENT", table.comment);
  return made;
}

std::string storage_name(std::string_view database, std::string_view table) {
  return escaped(database) + "/" + escaped(table);
}

std::optional<TableName> table_name_of(std::string_view storage_name) {
  const size_t slash = storage_name.find('/');
  if (slash == std::string_view::npos) return {};
  return TableName{unescaped(storage_name.substr(0, slash)),
                   unescaped(storage_name.substr(slash + 1))};
}

storage::IndexDef storage_index(const Index& index) {
  storage::IndexDef def;
  def.name = index.name;
  def.unique = index.unique;
  for (const IndexColumn& part : index.parts) {
    storage::KeyPart key_part;
    key_part.column = part.column;
    key_part.descending = part.descending;
    key_part.prefix_chars = part.prefix_chars;
    def.parts.push_back(key_part);
  }
  return def;
}

storage::TableDef storage_definition(const TableSchema& table) {
  storage::TableDef def;
  def.name = storage_name(table.database, table.name);
  for (const Column& column : table.columns) {
    def.columns.push_back(ColumnCodec(column.name, column.type, column.nullable).definition());
  }
  for (const Index& index : table.indexes) def.indexes.push_back(storage_index(index));
  CreateTable text = definition_of(table);
  text.name = {"", table.name};  // the storage's own name is the truth after a rename
  std::erase_if(text.elements, [](const TableElement& element) {
    return std::holds_alternative<IndexSpec>(element);
  });
  def.owner_data = to_sql(Statement(std::move(text)));
  return def;
}

Result<TableSchema> schema_of(const storage::TableDef& def) {
  const auto refuse = [&](const std::string& why) {
    return Result<TableSchema>(Code::corruption, "definition of '" + def.name + "': " + why);
  };
  const std::optional<TableName> name = table_name_of(def.name);
  if (!name) return refuse("its name has no database");
  auto parsed = parse(def.owner_data);
  if (const auto* error = std::get_if<SqlError>(&parsed)) return refuse(error->message);
  const auto* text = std::get_if<CreateTable>(&std::get<Parsed>(parsed).statement);
  if (text == nullptr) return refuse("no CREATE TABLE");
  auto resolved = resolve_table(*text, "utf8mb4_general_ci", Indexes::left_out);
  if (const auto* error = std::get_if<SqlError>(&resolved)) return refuse(error->message);
  auto& table = std::get<TableSchema>(resolved);
  if (table.columns.size() != def.columns.size()) return refuse("another number of columns");
  table.database = name->schema;
  table.name = name->table;
  table.indexes.clear();
  for (const storage::IndexDef& index : def.indexes) {
    Index made;
    made.name = index.name;
    made.unique = index.unique;
    for (const storage::KeyPart& part : index.parts) {
      made.parts.push_back({part.column, part.prefix_chars, part.descending});
    }
    table.indexes.push_back(std::move(made));
  }
  return std::move(table);
}

}  // namespace aftersync::sql
