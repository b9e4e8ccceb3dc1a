// Each kind makes a small table; LIKE looks at its first column, WHERE at all of them.
#include "core/sql/exec/show.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/sql/eval/compare.h"
#include "core/sql/exec/join_run.h"
#include "core/sql/schema/definition_text.h"

namespace aftersync::sql {

namespace {

TypeInfo text_column() { return TypeInfo{.type = TypeClass::string}; }
TypeInfo number_column() { return TypeInfo{.type = TypeClass::integer}; }

struct Shown {
  std::vector<std::pair<std::string, TypeInfo>> columns;
  std::vector<ValueRow> rows;
};

Value text_or_null(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

class ShowRun {
 public:
  ShowRun(StatementRun& run, const ShowStatement& statement)
      : run_(run), statement_(statement), dictionary_(run.session.dictionary()) {}

  void execute() {
    switch (statement_.kind) {
      case ShowKind::databases: return databases();
      case ShowKind::tables: return tables();
      case ShowKind::columns: return columns();
      case ShowKind::index: return index();
      case ShowKind::create_table: return create_table();
      case ShowKind::create_database: return create_database();
      case ShowKind::warnings:
      case ShowKind::errors: return warnings();
      default: run_.fail(ErrorName::not_supported_yet, {"this SHOW"});
    }
  }

 private:
  // "Tables_in_d (a%)"
  std::string headed(const std::string& name) const {
    return statement_.like ? name + " (" + statement_.like->text + ")" : name;
  }

  void databases() {
    Shown shown{{{headed("Database"), text_column()}}, {}};
    std::vector<std::string> names = dictionary_.databases();
    if (VirtualTables* computed = run_.session.services().virtual_tables) {
      for (std::string& name : computed->databases()) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (may_see({name, ""})) shown.rows.push_back({name});
    }
    send(shown);
  }

  void tables() {
    TableName name{statement_.database, ""};
    if (!run_.qualify(name) || !known(name.schema)) return;
    Shown shown{{{headed("Tables_in_" + name.schema), text_column()}}, {}};
    if (statement_.full) shown.columns.emplace_back("Table_type", text_column());
    VirtualTables* computed = run_.session.services().virtual_tables;
    const bool is_virtual = computed != nullptr && computed->has_database(name.schema);
    for (const std::string& table :
         is_virtual ? computed->tables(name.schema) : dictionary_.tables(name.schema)) {
      if (!may_see({name.schema, table})) continue;
      ValueRow row{table};
      if (statement_.full) row.emplace_back(is_virtual ? "SYSTEM VIEW" : "BASE TABLE");
      shown.rows.push_back(std::move(row));
    }
    send(shown);
  }

  void columns() {
    const auto table = open();
    if (!table) return;
    Shown shown;
    const bool full = statement_.full;
    for (const char* name : {"Field", "Type", "Collation", "Null", "Key", "Default", "Extra",
                             "Privileges", "Comment"}) {
      const std::string_view column = name;
      const bool only_full = column == "Collation" || column == "Privileges" || column == "Comment";
      if (full || !only_full) shown.columns.emplace_back(name, text_column());
    }
    const TableSchema& schema = table->schema;
    for (uint32_t i = 0; i < schema.columns.size(); ++i) {
      const Column& column = schema.columns[i];
      ValueRow row{column.name, type_text(column.type)};
      if (full) {
        row.push_back(column.type.collation.empty() ? Value() : Value(column.type.collation));
      }
      row.emplace_back(column.nullable ? "YES" : "NO");
      row.emplace_back(key_text(schema, i));
      row.push_back(text_or_null(default_text(*table, i)));
      row.emplace_back(extra_text(column));
      if (full) {
        row.emplace_back("select,insert,update,references");
        row.emplace_back(column.comment);
      }
      shown.rows.push_back(std::move(row));
    }
    send(shown);
  }

  void index() {
    const auto table = open();
    if (!table) return;
    Shown shown;
    for (const char* name : {"Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name",
                             "Collation", "Cardinality", "Sub_part", "Packed", "Null", "Index_type",
                             "Comment", "Index_comment", "Visible", "Expression"}) {
      const std::string_view column = name;
      const bool number = column == "Non_unique" || column == "Seq_in_index" ||
                          column == "Cardinality" || column == "Sub_part";
      shown.columns.emplace_back(name, number ? number_column() : text_column());
    }
    const TableSchema& schema = table->schema;
    for (const size_t i : schema.shown_indexes()) {
      const Index& index = schema.indexes[i];
      for (size_t n = 0; n < index.parts.size(); ++n) {
        const IndexColumn& part = index.parts[n];
        const Column& column = schema.columns[part.column];
        shown.rows.push_back(
            {schema.name, int64_t{!index.unique}, index.name, static_cast<int64_t>(n + 1),
             column.name, part.descending ? "D" : "A", Value(),
             part.prefix_chars == 0 ? Value() : Value(int64_t{part.prefix_chars}), Value(),
             column.nullable ? "YES" : "", "BTREE", "", "", "YES", Value()});
      }
    }
    send(shown);
  }

  void create_table() {
    const auto table = open();
    if (!table) return;
    Shown shown{{{"Table", text_column()}, {"Create Table", text_column()}}, {}};
    shown.rows.push_back({table->schema.name, create_table_text(*table)});
    send(shown);
  }

  void create_database() {
    const std::string& name = statement_.database;
    const auto collation = dictionary_.collation_of(name);
    if (!collation) {
      run_.fail(ErrorName::unknown_database, {name});
      return;
    }
    if (!run_.check(Need::any, {name, ""})) return;
    Shown shown{{{"Database", text_column()}, {"Create Database", text_column()}}, {}};
    shown.rows.push_back({name, create_database_text(name, *collation, statement_.if_not_exists)});
    send(shown);
  }

  // Of the statement before; errors come last.
  void warnings() {
    const Diagnostics& before = run_.session.diagnostics();
    const bool errors_only = statement_.kind == ShowKind::errors;
    const uint64_t failed = before.failed() ? 1 : 0;
    if (statement_.count) {
      const std::string name = errors_only ? "@@session.error_count" : "@@session.warning_count";
      const uint64_t count = failed + (errors_only ? 0 : before.warning_count());
      send({{{name, number_column()}}, {{static_cast<int64_t>(count)}}});
      return;
    }
    Shown shown{{{"Level", text_column()}, {"Code", number_column()}, {"Message", text_column()}},
                {}};
    const auto add = [&](const SqlError& one, const char* level) {
      shown.rows.push_back({level, static_cast<int64_t>(one.number), one.message});
    };
    for (const SqlError& one : before.warnings()) {
      if (!errors_only) add(one, one.severity == Severity::note ? "Note" : "Warning");
    }
    if (before.failed()) add(before.error(), "Error");
    limit(shown);
    send(shown);
  }

  void limit(Shown& shown) {
    if (!statement_.limit) return;
    uint64_t count = 0;
    uint64_t offset = 0;
    if (!run_.limit_value(statement_.limit->count, count)) return;
    if (statement_.limit->offset && !run_.limit_value(*statement_.limit->offset, offset)) return;
    auto& rows = shown.rows;
    rows.erase(rows.begin(),
               rows.begin() + static_cast<std::ptrdiff_t>(std::min<uint64_t>(offset, rows.size())));
    if (rows.size() > count) rows.resize(count);
  }

  bool known(const std::string& database) {
    VirtualTables* computed = run_.session.services().virtual_tables;
    if (computed != nullptr && computed->has_database(database)) return true;
    return dictionary_.collation_of(database).has_value() ||
           run_.fail(ErrorName::unknown_database, {database});
  }

  bool may_see(const TableName& name) {
    Privileges* privileges = run_.session.services().privileges;
    return privileges == nullptr || !privileges->check(Need::any, name.schema, name.table);
  }

  std::shared_ptr<const OpenTable> open() {
    TableName name = statement_.table;
    if (name.schema.empty()) name.schema = statement_.database;
    if (!run_.qualify(name)) return nullptr;
    return run_.open_table(name, Need::any);
  }

  bool matches(const std::string& text) {
    return !statement_.like ||
           matches_like(storage::Collation::utf8mb4_general_ci, text, statement_.like->text, "\\");
  }

  void send(const Shown& shown) {
    Source source;
    source.alias = "shown";
    for (const auto& [name, type] : shown.columns) {
      ResultColumn column;
      column.name = name;
      column.type = type;
      source.columns.push_back(std::move(column));
    }
    std::vector<Conjunct> filters;
    NameScope scope;
    scope.set_session(run_.session_answers());
    (void)scope.add(source);
    if (statement_.where) {
      scope.enter("where clause");
      auto made = conjuncts_of(*statement_.where, scope);
      if (auto* error = std::get_if<SqlError>(&made)) {
        run_.fail(std::move(*error));
        return;
      }
      filters = std::get<std::vector<Conjunct>>(std::move(made));
    }
    if (!run_.send(source.columns)) return;
    for (const ValueRow& row : shown.rows) {
      const auto* first = std::get_if<std::string>(row.data());
      if (first != nullptr && !matches(*first)) continue;
      if (passes(run_, filters, row) && !run_.send_row(row)) return;
    }
  }

  StatementRun& run_;
  const ShowStatement& statement_;
  Dictionary& dictionary_;
};

}  // namespace

void run_show(StatementRun& run, const ShowStatement& statement) {
  ShowRun(run, statement).execute();
}

}  // namespace aftersync::sql
