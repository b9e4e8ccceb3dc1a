// Tables are kept by storage; here is what SQL adds to them.
#include "core/sql/schema/dictionary.h"

#include <utility>

#include "core/sql/eval/bind.h"
#include "core/sql/schema/storage_error.h"
#include "core/storage/row_cursor.h"

namespace aftersync::sql {

namespace {

constexpr std::string_view kDatabasesTable = "#sql/databases";
constexpr std::string_view kRebuilt =
    "#sql/rebuilt/";  // before the storage name of what it will be

storage::TableDef databases_definition() {
  storage::TableDef def;
  def.name = kDatabasesTable;
  for (const char* name : {"name", "collation"}) {
    storage::ColumnDef column;
    column.name = name;
    column.type = storage::ColumnType::string;
    column.collation = storage::Collation::utf8mb4_bin;
    column.nullable = false;
    def.columns.push_back(std::move(column));
  }
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.push_back({});
  def.indexes.push_back(std::move(primary));
  return def;
}

// A default names no columns.
class NoColumns : public ColumnScope {
 public:
  std::optional<std::pair<uint32_t, TypeInfo>> find(const ColumnName& /*name*/) const override {
    return {};
  }
};

// From the largest value in the counter's column.
uint64_t value_behind(const storage::Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) {
    return *whole < 1 ? 1 : static_cast<uint64_t>(*whole) + 1;
  }
  if (const auto* whole = std::get_if<uint64_t>(&value)) return *whole + 1;  // 0: used up
  if (const auto* real = std::get_if<double>(&value)) {
    constexpr double kExactWhole = 9007199254740992.0;  // behind it doubles cannot count
    if (*real >= kExactWhole) return 0;
    return *real < 1 ? 1 : static_cast<uint64_t>(*real) + 1;
  }
  return 1;
}

}  // namespace

std::optional<storage::Value> constant_default(const Column& column, const ColumnCodec& codec) {
  if (!column.default_value) return {};
  if (std::holds_alternative<Call>(column.default_value->node)) return {};
  auto bound = bind(*column.default_value, NoColumns());
  if (!std::holds_alternative<BoundExpr>(bound)) return {};
  Diagnostics ignored;
  EvalContext context{ignored, {}, {}};
  const auto& expr = std::get<BoundExpr>(bound);
  const Value value = expr.evaluate(context);
  if (is_null(value)) return storage::Value();
  StoreContext store{ignored};
  store.mode.no_zero_date = false;
  store.mode.no_zero_in_date = false;
  return codec.store(value, expr.type, store);
}

Dictionary::Dictionary(Node& node, txn::TransactionManager& transactions)
    : node_(node), transactions_(transactions), locks_(node) {}

Result<std::unique_ptr<Dictionary>> Dictionary::open(Node& node,
                                                     txn::TransactionManager& transactions) {
  std::unique_ptr<Dictionary> dictionary(new Dictionary(node, transactions));
  RETURN_IF_ERROR(dictionary->load_databases());
  RETURN_IF_ERROR(dictionary->finish_rebuilds());
  return dictionary;
}

// --- databases ---

Status Dictionary::load_databases() {
  auto table = engine().open_table(kDatabasesTable);
  if (table.code() == Code::not_found) table = engine().create_table(databases_definition());
  RETURN_IF_ERROR(table.status());
  databases_table_ = *table;
  storage::RowCursor cursor(engine().rows(), *databases_table_);
  ASSIGN_OR_RETURN(bool on_row, cursor.first());
  while (on_row) {
    const storage::Row& row = cursor.row();
    databases_[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
    ASSIGN_OR_RETURN(on_row, cursor.next());
  }
  return {};
}

// Null: there is no such database any more.
Status Dictionary::write_database(const std::string& name, const std::string* collation) {
  storage::Transaction trx;
  const auto change = [&]() -> Status {
    ASSIGN_OR_RETURN(const std::string key,
                     storage::Engine::primary_key(*databases_table_, storage::Row{name}));
    if (databases_.contains(name)) RETURN_IF_ERROR(engine().remove(trx, *databases_table_, key));
    if (collation == nullptr) return {};
    return engine().insert(trx, *databases_table_, {name, *collation});
  };
  const Status changed = change();
  if (changed.ok()) return engine().commit(trx);
  RETURN_IF_ERROR(engine().rollback(trx));
  return changed;
}

std::vector<std::string> Dictionary::databases() {
  const MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, collation] : databases_) names.push_back(name);
  return names;
}

std::optional<std::string> Dictionary::collation_of(std::string_view database) {
  const MutexLock lock(mutex_);
  const auto it = databases_.find(database);
  if (it == databases_.end()) return {};
  return it->second;
}

std::optional<SqlError> Dictionary::create_database(const std::string& name,
                                                    const std::string& collation) {
  const MutexLock lock(mutex_);
  if (databases_.contains(name)) return make_error(ErrorName::database_exists, {name});
  const Status written = write_database(name, &collation);
  if (!written.ok()) return storage_error(written, name);
  databases_[name] = collation;
  return {};
}

std::optional<SqlError> Dictionary::alter_database(const std::string& name,
                                                   const std::string& collation) {
  const MutexLock lock(mutex_);
  if (!databases_.contains(name)) return make_error(ErrorName::unknown_database, {name});
  const Status written = write_database(name, &collation);
  if (!written.ok()) return storage_error(written, name);
  databases_[name] = collation;
  return {};
}

// Its tables go first, one by one: a crash in between leaves a database with fewer tables.
Dictionary::Answer<size_t> Dictionary::drop_database(const std::string& name) {
  if (!collation_of(name)) return make_error(ErrorName::database_missing, {name});
  const std::vector<std::string> names = tables(name);
  for (const std::string& table : names) {
    if (auto error = drop_table({name, table})) return std::move(*error);
  }
  const MutexLock lock(mutex_);
  const Status written = write_database(name, nullptr);
  if (!written.ok()) return storage_error(written, name);
  databases_.erase(name);
  return names.size();
}

// --- tables ---

std::vector<std::string> Dictionary::tables(std::string_view database) {
  std::vector<std::string> names;
  for (const std::string& stored : engine().list_tables()) {
    auto name = table_name_of(stored);
    if (name && name->schema == database) names.push_back(std::move(name->table));
  }
  return names;
}

bool Dictionary::has_table(std::string_view database, std::string_view table) {
  return engine().open_table(storage_name(database, table)).code() != Code::not_found;
}

Dictionary::Answer<std::shared_ptr<const OpenTable>> Dictionary::open_table(
    std::string_view database, std::string_view table) {
  const std::string name = storage_name(database, table);
  const MutexLock lock(mutex_);
  if (const auto it = open_.find(name); it != open_.end()) return it->second;
  auto found = engine().open_table(name);
  if (found.code() == Code::not_found) {
    return make_error(ErrorName::no_such_table, {database, table});
  }
  if (!found.ok()) return storage_error(found.status(), table);
  auto made = decode(*found);
  if (auto* opened = std::get_if<std::shared_ptr<const OpenTable>>(&made)) open_[name] = *opened;
  return made;
}

Dictionary::Answer<std::shared_ptr<const OpenTable>> Dictionary::decode(
    const std::shared_ptr<storage::Table>& table) {
  Result<TableSchema> schema = schema_of(table->def());
  if (!schema.ok()) return storage_error(schema.status(), table->def().name);
  auto made = std::make_shared<OpenTable>();
  made->schema = *std::move(schema);
  made->storage = table;
  for (const Column& column : made->schema.columns) {
    made->codecs.emplace_back(column.name, column.type, column.nullable);
    made->defaults.push_back(constant_default(column, made->codecs.back()));
  }
  if (made->schema.auto_increment_column()) {
    const Result<uint64_t> next = next_auto_increment(*made);
    if (!next.ok()) return storage_error(next.status(), made->schema.name);
    made->counter = std::make_shared<AutoIncrement>(*next);
  }
  return std::shared_ptr<const OpenTable>(std::move(made));
}

Result<uint64_t> Dictionary::next_auto_increment(const OpenTable& table) {
  const uint32_t column = *table.schema.auto_increment_column();
  size_t index = 0;
  const auto leads = [&](const Index& one) {
    return !one.is_hidden() && one.parts[0].column == column;
  };
  while (index < table.schema.indexes.size() && !leads(table.schema.indexes[index])) ++index;
  if (index == table.schema.indexes.size()) return table.schema.first_auto_increment;
  storage::RowCursor cursor(engine().rows(), *table.storage, index);
  const bool descends = table.schema.indexes[index].parts[0].descending;
  ASSIGN_OR_RETURN(const bool on_row, descends ? cursor.first() : cursor.last());
  if (!on_row) return table.schema.first_auto_increment;
  const uint64_t next = value_behind(cursor.row()[column]);
  return next == 0 ? next : std::max(next, table.schema.first_auto_increment);
}

void Dictionary::forget(std::string_view storage_name) {
  const MutexLock lock(mutex_);
  const auto it = open_.find(storage_name);
  if (it != open_.end()) open_.erase(it);
}

std::optional<SqlError> Dictionary::create_table(const TableSchema& table) {
  const Status made = engine().create_table(storage_definition(table)).status();
  if (made.ok()) return {};
  if (made.code() == Code::already_exists) {
    return make_error(ErrorName::table_exists, {table.name});
  }
  return storage_error(made, table.name);
}

namespace {

std::optional<SqlError> table_error(const Status& status, const TableName& name) {
  if (status.ok()) return {};
  if (status.code() == Code::not_found) {
    return make_error(ErrorName::no_such_table, {name.schema, name.table});
  }
  return storage_error(status, name.table);
}

}  // namespace

std::optional<SqlError> Dictionary::drop_table(const TableName& name) {
  const std::string stored = storage_name(name.schema, name.table);
  forget(stored);
  return table_error(engine().drop_table(stored), name);
}

std::optional<SqlError> Dictionary::truncate_table(const TableName& name) {
  const std::string stored = storage_name(name.schema, name.table);
  forget(stored);
  return table_error(engine().truncate_table(stored), name);
}

std::optional<SqlError> Dictionary::rename_table(const TableName& from, const TableName& to) {
  const std::string stored = storage_name(from.schema, from.table);
  const Status done = engine().rename_table(stored, storage_name(to.schema, to.table));
  forget(stored);
  if (done.code() == Code::already_exists) return make_error(ErrorName::table_exists, {to.table});
  return table_error(done, from);
}

std::optional<SqlError> Dictionary::add_index(const TableName& table, const Index& index) {
  const std::string stored = storage_name(table.schema, table.table);
  const Status done = engine().add_index(stored, storage_index(index));
  forget(stored);
  if (done.code() == Code::duplicate_key) {
    return make_error(ErrorName::duplicate_entry, {"", table.table + "." + index.name});
  }
  return table_error(done, table);
}

std::optional<SqlError> Dictionary::drop_index(const TableName& table, const std::string& index) {
  const std::string stored = storage_name(table.schema, table.table);
  const Status done = engine().drop_index(stored, index);
  forget(stored);
  return table_error(done, table);
}

// The new table is made under another name; then the old one goes, and the new one gets its name.
// After a crash in between it is seen from the names how far that had come.
std::optional<SqlError> Dictionary::rebuild_table(const TableSchema& table,
                                                  const storage::RowSource& rows) {
  storage::TableDef def = storage_definition(table);
  const std::string stored = def.name;
  def.name = std::string(kRebuilt) + stored;
  const std::string rebuilt = def.name;
  Status status = engine().create_filled_table(std::move(def), rows).status();
  if (status.code() == Code::duplicate_key) {
    return make_error(ErrorName::duplicate_entry,
                      {"", table.name + "." + std::string(status.message())});
  }
  if (status.ok()) status = engine().drop_table(stored);
  if (status.ok()) status = engine().rename_table(rebuilt, stored);
  forget(stored);
  if (!status.ok()) return storage_error(status, table.name);
  return {};
}

Status Dictionary::finish_rebuilds() {
  for (const std::string& name : engine().list_tables()) {
    if (!name.starts_with(kRebuilt)) continue;
    const std::string stored = name.substr(kRebuilt.size());
    const bool old_is_there = engine().open_table(stored).code() != Code::not_found;
    RETURN_IF_ERROR(old_is_there ? engine().drop_table(name) : engine().rename_table(name, stored));
  }
  return {};
}

}  // namespace aftersync::sql
