// One method a kind of statement.
#include "core/sql/exec/definitions.h"

#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/limits.h"
#include "core/sql/exec/alter.h"
#include "core/sql/exec/transactions.h"
#include "core/sql/print/print.h"
#include "core/sql/text/utf8.h"
#include "core/sql/value/collations.h"

namespace aftersync::sql {

namespace {

constexpr std::string_view kServerCollation = "utf8mb4_general_ci";

class DefinitionRun {
 public:
  DefinitionRun(StatementRun& run, const Statement& statement)
      : run_(run), statement_(statement), dictionary_(run.session.dictionary()) {}

  void operator()(const CreateDatabase& s) {
    if (!check_database_name(s.name) || !run_.check(Need::create, {s.name, ""})) return;
    const auto collation = collation_of(s.options, std::string(kServerCollation));
    if (!collation) return;
    locked({database_lock(s.name)}, s.name, [&] {
      if (s.if_not_exists && dictionary_.collation_of(s.name)) {
        run_.diagnostics.note(ErrorName::database_exists, {s.name});
        return true;
      }
      run_.completed.affected_rows = 1;
      return done(dictionary_.create_database(s.name, *collation));
    });
  }

  void operator()(const AlterDatabase& s) {
    TableName name{s.name, ""};
    if (!run_.qualify(name) || !run_.check(Need::alter, name)) return;
    const auto before = dictionary_.collation_of(name.schema);
    if (!before) {
      run_.fail(ErrorName::unknown_database, {name.schema});
      return;
    }
    const auto collation = collation_of(s.options, *before);
    if (!collation) return;
    locked({database_lock(name.schema)}, name.schema, [&] {
      run_.completed.affected_rows = 1;
      return done(dictionary_.alter_database(name.schema, *collation));
    });
  }

  void operator()(const DropDatabase& s) {
    if (!run_.check(Need::drop, {s.name, ""})) return;
    if (!TransactionControl(run_).commit_implicitly()) return;
    std::vector<std::string> names{database_lock(s.name)};
    for (const std::string& table : dictionary_.tables(s.name)) {
      names.push_back(storage_name(s.name, table));
    }
    locked(std::move(names), s.name, [&] {
      if (s.if_exists && !dictionary_.collation_of(s.name)) {
        run_.diagnostics.note(ErrorName::database_missing, {s.name});
        return true;
      }
      auto dropped = dictionary_.drop_database(s.name);
      if (auto* error = std::get_if<SqlError>(&dropped)) return run_.fail(std::move(*error));
      run_.completed.affected_rows = std::get<size_t>(dropped);
      run_.session.forget_database(s.name);
      return true;
    });
  }

  void operator()(const CreateTable& s) {
    if (s.temporary) return refuse("TEMPORARY tables");
    if (s.query) return refuse("CREATE TABLE ... SELECT");
    TableName name = s.name;
    if (!run_.qualify(name) || !run_.check(Need::create, name)) return;
    const auto collation = dictionary_.collation_of(name.schema);
    if (!collation) {
      run_.fail(ErrorName::unknown_database, {name.schema});
      return;
    }
    std::optional<TableSchema> table = s.like.table.empty() ? resolve(s, *collation) : like(s);
    if (!table) return;
    table->database = name.schema;
    table->name = name.table;
    // The database's, too: it must not be dropped meanwhile.
    locked({database_lock(name.schema), storage_name(name.schema, name.table)}, name.schema, [&] {
      if (!known_database(name)) return false;
      if (s.if_not_exists && dictionary_.has_table(name.schema, name.table)) {
        run_.diagnostics.note(ErrorName::table_exists, {name.table});
        return true;
      }
      return done(dictionary_.create_table(*table));
    });
  }

  void operator()(const DropTable& s) {
    if (s.temporary) return refuse("TEMPORARY tables");
    std::vector<TableName> names = s.names;
    if (!qualify_all(names, Need::drop)) return;
    locked(locks_of(names), names[0].schema, [&] {
      std::string missing;
      for (const TableName& name : names) {
        if (dictionary_.has_table(name.schema, name.table)) continue;
        missing += (missing.empty() ? "" : ",") + name.schema + "." + name.table;
      }
      if (!missing.empty() && !s.if_exists) return run_.fail(ErrorName::unknown_tables, {missing});
      if (!missing.empty()) run_.diagnostics.note(ErrorName::unknown_tables, {missing});
      for (const TableName& name : names) {
        if (!dictionary_.has_table(name.schema, name.table)) continue;
        if (!done(dictionary_.drop_table(name))) return false;
      }
      return true;
    });
  }

  void operator()(const TruncateTable& s) {
    TableName name = s.name;
    if (!run_.qualify(name) || !run_.check(Need::drop, name)) return;
    locked({storage_name(name.schema, name.table)}, name.schema,
           [&] { return known_database(name) && done(dictionary_.truncate_table(name)); });
  }

  void operator()(const RenameTable& s) {
    auto renames = s.renames;
    std::vector<TableName> names;
    for (auto& [from, to] : renames) {
      if (!run_.qualify(from) || !run_.qualify(to)) return;
      if (!run_.check(Need::alter, from) || !run_.check(Need::create, to)) return;
      names.push_back(from);
      names.push_back(to);
    }
    for (const auto& [from, to] : renames) names.push_back({to.schema, ""});
    locked(locks_of(names), names[0].schema, [&] { return rename_all(renames); });
  }

  void operator()(const CreateIndex& s) {
    AlterTable alter;
    alter.name = s.table;
    alter.actions.emplace_back(AddIndex{s.index});
    (*this)(alter);
  }

  void operator()(const DropIndex& s) {
    AlterTable alter;
    alter.name = s.table;
    alter.actions.emplace_back(same_name(s.name, "PRIMARY") ? DropElement{DropWhat::primary_key, ""}
                                                            : DropElement{DropWhat::index, s.name});
    (*this)(alter);
  }

  void operator()(const AlterTable& s) {
    TableName name = s.name;
    if (!run_.qualify(name) || !run_.check(Need::alter, name)) return;
    std::vector<TableName> names{name};
    for (const AlterAction& action : s.actions) {
      const auto* rename = std::get_if<RenameTo>(&action);
      if (rename == nullptr) continue;
      TableName to = rename->name;
      if (to.schema.empty()) to.schema = name.schema;
      if (!run_.check(Need::create, to)) return;
      names.push_back(std::move(to));
    }
    locked(locks_of(names), name.schema, [&] {
      return std::all_of(names.begin(), names.end(),
                         [this](const TableName& one) { return known_database(one); }) &&
             alter_table(run_, name, s);
    });
  }

  template <typename Other>
  void operator()(const Other& /*statement*/) {
    refuse("this statement");
  }

 private:
  static std::string database_lock(const std::string& name) { return storage_name(name, ""); }

  void refuse(std::string_view what) { run_.fail(ErrorName::not_supported_yet, {what}); }
  bool done(std::optional<SqlError> error) { return error ? run_.fail(*std::move(error)) : true; }

  bool known_database(const TableName& name) {
    return dictionary_.collation_of(name.schema).has_value() ||
           run_.fail(ErrorName::unknown_database, {name.schema});
  }

  bool check_database_name(const std::string& name) {
    const std::optional<size_t> chars = utf8_length(name);
    if (chars && *chars > limits::kMaxIdentifierChars) {
      return run_.fail(ErrorName::identifier_too_long, {name});
    }
    if (!name.empty() && name.back() != ' ') return true;
    return run_.fail(ErrorName::wrong_database_name, {name});
  }

  std::optional<std::string> collation_of(const Options& options, const std::string& otherwise) {
    std::string chosen = otherwise;
    for (const auto& [name, value] : options) {
      const bool is_charset = name == "CHARACTER SET";
      const CollationInfo* found = is_charset ? default_collation(value) : find_collation(value);
      if (found == nullptr) {
        run_.fail(is_charset ? ErrorName::unknown_charset : ErrorName::unknown_collation, {value});
        return {};
      }
      chosen = found->name;
    }
    return chosen;
  }

  bool qualify_all(std::vector<TableName>& names, Need need) {
    std::set<std::string> seen;
    for (TableName& name : names) {
      if (!run_.qualify(name) || !run_.check(need, name)) return false;
      if (!seen.insert(storage_name(name.schema, name.table)).second) {
        return run_.fail(ErrorName::not_unique_table, {name.table});
      }
    }
    return true;
  }

  static std::vector<std::string> locks_of(const std::vector<TableName>& names) {
    std::set<std::string> all;
    for (const TableName& name : names) all.insert(storage_name(name.schema, name.table));
    return {all.begin(), all.end()};
  }

  // Commits, takes the locks, changes, and has it logged.
  void locked(std::vector<std::string> names, const std::string& database,
              const std::function<bool()>& change) {
    if (!TransactionControl(run_).commit_implicitly() || !run_.lock_definitions(names)) return;
    const bool changed = change();
    ChangeLog* changes = run_.session.services().changes;
    if (changed && changes != nullptr) {
      if (auto error = changes->definition(database, to_sql(statement_))) {
        run_.fail(*std::move(error));
      }
    }
    dictionary_.locks().unlock_exclusive(names);
  }

  std::optional<TableSchema> resolve(const CreateTable& s, const std::string& collation) {
    auto made = resolve_table(s, collation);
    if (auto* error = std::get_if<SqlError>(&made)) {
      run_.fail(std::move(*error));
      return {};
    }
    return std::get<TableSchema>(std::move(made));
  }

  std::optional<TableSchema> like(const CreateTable& s) {
    TableName name = s.like;
    if (!run_.qualify(name)) return {};
    if (!TransactionControl(run_).commit_implicitly()) return {};
    const auto other = run_.open_table(name, Need::select);
    if (!other) return {};
    TableSchema table = other->schema;
    table.first_auto_increment = 1;
    return table;
  }

  // One after another: if one cannot be done, those before it are taken back.
  bool rename_all(const std::vector<std::pair<TableName, TableName>>& renames) {
    for (size_t i = 0; i < renames.size(); ++i) {
      const auto& [from, to] = renames[i];
      if (known_database(to) && done(dictionary_.rename_table(from, to))) continue;
      while (i-- > 0) (void)dictionary_.rename_table(renames[i].second, renames[i].first);
      return false;
    }
    return true;
  }

  StatementRun& run_;
  const Statement& statement_;
  Dictionary& dictionary_;
};

}  // namespace

bool is_definition(const Statement& statement) {
  return std::visit(
      [](const auto& s) {
        using S = std::decay_t<decltype(s)>;
        return std::is_same_v<S, CreateDatabase> || std::is_same_v<S, AlterDatabase> ||
               std::is_same_v<S, DropDatabase> || std::is_same_v<S, CreateTable> ||
               std::is_same_v<S, DropTable> || std::is_same_v<S, TruncateTable> ||
               std::is_same_v<S, RenameTable> || std::is_same_v<S, AlterTable> ||
               std::is_same_v<S, CreateIndex> || std::is_same_v<S, DropIndex>;
      },
      statement);
}

void run_definition(StatementRun& run, const Statement& statement) {
  std::visit(DefinitionRun(run, statement), statement);
}

}  // namespace aftersync::sql
