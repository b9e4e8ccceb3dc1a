// information_schema: what the dictionary, the sessions and the transactions know.
// Columns and their order: MySQL 8.0 manual, chapter 28.
#include "core/server/virtual_catalog.h"

#include <algorithm>
#include <map>

#include "core/sql/print/print.h"
#include "core/sql/schema/dictionary.h"
#include "core/sql/value/collations.h"

namespace aftersync::server {

namespace {

using Row = std::vector<sql::Value>;
using Rows = std::vector<Row>;
using sql::TypeName;

constexpr std::string_view kCatalog = "def";
const sql::Value kNull{};

std::string text(std::string_view from) { return std::string(from); }

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return text;
}

template <typename Visit>
void for_each_table(CatalogView& view, Visit&& visit) {
  sql::Dictionary& dictionary = *view.server.dictionary;
  for (const std::string& database : dictionary.databases()) {
    if (!view.privileges.sees(database)) continue;
    for (const std::string& name : dictionary.tables(database)) {
      if (!view.privileges.sees(database, name)) continue;
      const auto opened = dictionary.open_table(database, name);
      const auto* table = std::get_if<std::shared_ptr<const sql::OpenTable>>(&opened);
      if (table != nullptr) visit(**table);
    }
  }
}

void schemata(CatalogView& view, Rows& rows) {
  const auto add = [&](const std::string& name, const std::string& collation) {
    rows.push_back(
        {text(kCatalog), name, text(charset_of(collation)), collation, kNull, text("NO")});
  };
  add("information_schema", "utf8mb4_general_ci");
  add("performance_schema", "utf8mb4_general_ci");
  for (const std::string& name : view.server.dictionary->databases()) {
    if (!view.privileges.sees(name)) continue;
    add(name, view.server.dictionary->collation_of(name).value_or("utf8mb4_general_ci"));
  }
}

Row table_row(std::string_view database, std::string_view name, std::string_view type,
              const sql::TableSchema* schema) {
  const bool base = schema != nullptr;
  Row row{text(kCatalog), text(database), text(name), text(type)};
  const sql::Value count = base ? sql::Value(uint64_t{0}) : kNull;
  row.insert(row.end(),
             {base ? sql::Value(text("InnoDB")) : kNull, uint64_t{10},
              base ? sql::Value(text("Dynamic")) : kNull, kNull, count, count, count, count, count,
              kNull, kNull, kNull, kNull, base ? sql::Value(schema->collation) : kNull, kNull,
              text(""), base ? sql::Value(schema->comment) : text("")});
  return row;
}

void tables(CatalogView& view, Rows& rows) {
  for (const VirtualTableSpec& spec : schema_tables()) {
    rows.push_back(table_row(spec.database, spec.name, "SYSTEM VIEW", nullptr));
  }
  for_each_table(view, [&](const sql::OpenTable& table) {
    rows.push_back(
        table_row(table.schema.database, table.schema.name, "BASE TABLE", &table.schema));
  });
}

bool is_number(TypeName name) { return name <= TypeName::double_number; }

// As MySQL shows a type: in lower case, with its length and UNSIGNED, without character set.
std::string column_type(const sql::ColumnTypeSpec& type) {
  sql::ColumnTypeSpec plain = type;
  plain.charset.clear();
  plain.collation.clear();
  plain.binary_collation = false;
  return lower(sql::to_sql(plain));
}

uint64_t integer_digits(TypeName name, bool is_unsigned) {
  switch (name) {
    case TypeName::tinyint: return 3;
    case TypeName::smallint: return 5;
    case TypeName::mediumint: return 7;
    case TypeName::integer: return 10;
    default: return is_unsigned ? 20 : 19;
  }
}

std::string key_of(const sql::TableSchema& schema, uint32_t column) {
  std::string key;
  for (const sql::Index& index : schema.indexes) {
    if (index.is_hidden()) continue;
    for (size_t i = 0; i < index.parts.size(); ++i) {
      if (index.parts[i].column != column) continue;
      if (index.is_primary()) return "PRI";
      if (i > 0) continue;
      if (index.unique && index.parts.size() == 1) {
        key = "UNI";
      } else if (key.empty()) {
        key = "MUL";
      }
    }
  }
  return key;
}

std::string extra_of(const sql::Column& column) {
  if (column.auto_increment) return "auto_increment";
  std::string extra;
  const auto* literal =
      column.default_value ? std::get_if<sql::Literal>(&column.default_value->node) : nullptr;
  if (column.default_value && literal == nullptr) extra = "DEFAULT_GENERATED";
  if (column.on_update) {
    extra += (extra.empty() ? "on update " : " on update ") + sql::to_sql(*column.on_update);
  }
  return extra;
}

sql::Value default_of(const sql::Column& column) {
  if (!column.default_value) return {};
  if (const auto* literal = std::get_if<sql::Literal>(&column.default_value->node)) {
    if (literal->kind == sql::LiteralKind::null_value) return {};
    return literal->text;
  }
  return sql::to_sql(*column.default_value);
}

Row column_row(const sql::TableSchema& schema, uint32_t number) {
  const sql::Column& column = schema.columns[number];
  const sql::ColumnTypeSpec& type = column.type;
  const sql::CollationInfo* collation = sql::find_collation(type.collation);
  const bool is_text = collation != nullptr && type.collation != "binary";
  const bool sized =
      type.length >= 0 && type.name >= TypeName::character && type.name <= TypeName::longblob;
  const auto chars = static_cast<uint64_t>(std::max<int64_t>(type.length, 0));
  sql::Value precision;
  sql::Value scale;
  if (type.name <= TypeName::bigint) {
    precision = integer_digits(type.name, type.is_unsigned);
    scale = uint64_t{0};
  } else if (is_number(type.name) && type.length >= 0) {
    precision = chars;
    scale = static_cast<uint64_t>(std::max(type.scale, 0));
  }
  const bool fraction = type.name == TypeName::time || type.name == TypeName::datetime ||
                        type.name == TypeName::timestamp;
  return {text(kCatalog),
          schema.database,
          schema.name,
          column.name,
          uint64_t{number + 1},
          default_of(column),
          text(column.nullable ? "YES" : "NO"),
          lower(text(sql::to_string(type.name))),
          sized ? sql::Value(chars) : kNull,
          sized ? sql::Value(chars * (is_text ? collation->char_bytes : 1)) : kNull,
          precision,
          scale,
          fraction ? sql::Value(chars) : kNull,
          is_text ? sql::Value(text(collation->charset)) : kNull,
          is_text ? sql::Value(text(collation->name)) : kNull,
          column_type(type),
          key_of(schema, number),
          extra_of(column),
          text("select,insert,update,references"),
          column.comment,
          text(""),
          kNull};
}

void columns(CatalogView& view, Rows& rows) {
  for_each_table(view, [&](const sql::OpenTable& table) {
    for (uint32_t i = 0; i < table.schema.columns.size(); ++i) {
      rows.push_back(column_row(table.schema, i));
    }
  });
}

void statistics(CatalogView& view, Rows& rows) {
  for_each_table(view, [&](const sql::OpenTable& table) {
    const sql::TableSchema& schema = table.schema;
    for (const size_t number : schema.shown_indexes()) {
      const sql::Index& index = schema.indexes[number];
      for (size_t i = 0; i < index.parts.size(); ++i) {
        const sql::IndexColumn& part = index.parts[i];
        const sql::Column& column = schema.columns[part.column];
        rows.push_back({text(kCatalog), schema.database, schema.name,
                        uint64_t{index.unique ? 0u : 1u}, schema.database, index.name,
                        uint64_t{i + 1}, column.name, text(part.descending ? "D" : "A"), kNull,
                        part.prefix_chars == 0 ? kNull : sql::Value(uint64_t{part.prefix_chars}),
                        kNull, text(column.nullable ? "YES" : ""), text("BTREE"), text(""),
                        text(""), text("YES"), kNull});
      }
    }
  });
}

void key_column_usage(CatalogView& view, Rows& rows) {
  for_each_table(view, [&](const sql::OpenTable& table) {
    const sql::TableSchema& schema = table.schema;
    for (const size_t number : schema.shown_indexes()) {
      const sql::Index& index = schema.indexes[number];
      if (!index.unique) continue;
      for (size_t i = 0; i < index.parts.size(); ++i) {
        rows.push_back({text(kCatalog), schema.database, index.name, text(kCatalog),
                        schema.database, schema.name, schema.columns[index.parts[i].column].name,
                        uint64_t{i + 1}, kNull, kNull, kNull, kNull});
      }
    }
  });
}

void table_constraints(CatalogView& view, Rows& rows) {
  for_each_table(view, [&](const sql::OpenTable& table) {
    const sql::TableSchema& schema = table.schema;
    for (const size_t number : schema.shown_indexes()) {
      const sql::Index& index = schema.indexes[number];
      if (!index.unique || index.is_hidden()) continue;
      rows.push_back({text(kCatalog), schema.database, index.name, schema.database, schema.name,
                      text(index.is_primary() ? "PRIMARY KEY" : "UNIQUE"), text("YES")});
    }
  });
}

void processlist(CatalogView& view, Rows& rows) {
  const MonoTime now = view.server.node.clock().now();
  const AccountId& account = view.privileges.account();
  for (const ProcessInfo& info : view.server.sessions.list()) {
    const bool own = info.account_user == account.user && info.account_host == account.host;
    if (!own && !view.privileges.may(Privilege::process)) continue;
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - info.since);
    rows.push_back({uint64_t{info.id}, info.user, info.host,
                    info.database.empty() ? kNull : sql::Value(info.database), info.command,
                    static_cast<uint64_t>(elapsed.count()), info.state,
                    info.info.empty() ? kNull : sql::Value(info.info)});
  }
}

void engines(CatalogView&, Rows& rows) {
  rows.push_back({text("InnoDB"), text("DEFAULT"),
                  text("aftersync: transactions, row-level locking"), text("YES"), text("NO"),
                  text("YES")});
}

void character_sets(CatalogView&, Rows& rows) {
  for (const sql::CollationInfo& one : sql::all_collations()) {
    if (!one.is_default) continue;
    rows.push_back(
        {text(one.charset), text(one.name), text(one.charset), uint64_t{one.char_bytes}});
  }
}

void collations(CatalogView&, Rows& rows) {
  for (const sql::CollationInfo& one : sql::all_collations()) {
    rows.push_back({text(one.name), text(one.charset), uint64_t{one.number},
                    text(one.is_default ? "Yes" : ""), text("Yes"), uint64_t{1},
                    text(one.name == "binary" ? "NO PAD" : "PAD SPACE")});
  }
}

// Transactions that hold locks or wait for one; others leave no trace that another session can see.
void innodb_trx(CatalogView& view, Rows& rows) {
  txn::LockTable& locks = view.server.transactions->locks();
  struct Counts {
    uint64_t rows = 0;
    uint64_t tables = 0;
    bool waits = false;
  };
  std::map<uint64_t, Counts> owners;
  for (const txn::LockInfo& lock : locks.list_locks()) {
    Counts& counts = owners[lock.owner];
    ++(lock.kind == txn::LockTarget::Kind::table ? counts.tables : counts.rows);
    counts.waits |= lock.waiting;
  }
  for (const auto& [owner, counts] : owners) {
    rows.push_back({std::to_string(owner), text(counts.waits ? "LOCK WAIT" : "RUNNING"),
                    counts.tables, counts.tables + counts.rows, counts.rows});
  }
}

constexpr std::string_view kTablesColumns =
    "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE *VERSION ROW_FORMAT *TABLE_ROWS "
    "*AVG_ROW_LENGTH *DATA_LENGTH *MAX_DATA_LENGTH *INDEX_LENGTH *DATA_FREE *AUTO_INCREMENT "
    "CREATE_TIME UPDATE_TIME CHECK_TIME TABLE_COLLATION *CHECKSUM CREATE_OPTIONS +TABLE_COMMENT";
constexpr std::string_view kColumnsColumns =
    "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME *ORDINAL_POSITION +COLUMN_DEFAULT "
    "IS_NULLABLE DATA_TYPE *CHARACTER_MAXIMUM_LENGTH *CHARACTER_OCTET_LENGTH *NUMERIC_PRECISION "
    "*NUMERIC_SCALE *DATETIME_PRECISION CHARACTER_SET_NAME COLLATION_NAME +COLUMN_TYPE COLUMN_KEY "
    "EXTRA PRIVILEGES +COLUMN_COMMENT +GENERATION_EXPRESSION *SRS_ID";
constexpr std::string_view kStatisticsColumns =
    "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME *NON_UNIQUE INDEX_SCHEMA INDEX_NAME *SEQ_IN_INDEX "
    "COLUMN_NAME COLLATION *CARDINALITY *SUB_PART PACKED NULLABLE INDEX_TYPE COMMENT "
    "INDEX_COMMENT IS_VISIBLE EXPRESSION";
constexpr std::string_view kFilesColumns =
    "*FILE_ID FILE_NAME FILE_TYPE TABLESPACE_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME "
    "LOGFILE_GROUP_NAME *LOGFILE_GROUP_NUMBER ENGINE *TOTAL_EXTENTS *EXTENT_SIZE *INITIAL_SIZE "
    "EXTRA";
constexpr std::string_view kTriggersColumns =
    "TRIGGER_CATALOG TRIGGER_SCHEMA TRIGGER_NAME EVENT_MANIPULATION EVENT_OBJECT_CATALOG "
    "EVENT_OBJECT_SCHEMA EVENT_OBJECT_TABLE +ACTION_STATEMENT ACTION_TIMING CREATED SQL_MODE "
    "DEFINER CHARACTER_SET_CLIENT COLLATION_CONNECTION DATABASE_COLLATION";

constexpr VirtualTableSpec kTables[] = {
    {"information_schema", "CHARACTER_SETS",
     "CHARACTER_SET_NAME DEFAULT_COLLATE_NAME DESCRIPTION *MAXLEN", character_sets},
    {"information_schema", "COLLATIONS",
     "COLLATION_NAME CHARACTER_SET_NAME *ID IS_DEFAULT IS_COMPILED *SORTLEN PAD_ATTRIBUTE",
     collations},
    {"information_schema", "COLUMNS", kColumnsColumns, columns},
    {"information_schema", "ENGINES", "ENGINE SUPPORT COMMENT TRANSACTIONS XA SAVEPOINTS", engines},
    {"information_schema", "EVENTS",
     "EVENT_CATALOG EVENT_SCHEMA EVENT_NAME DEFINER TIME_ZONE STATUS", nullptr},
    {"information_schema", "FILES", kFilesColumns, nullptr},
    {"information_schema", "INNODB_TRX",
     "trx_id trx_state *trx_tables_locked *trx_lock_structs *trx_rows_locked", innodb_trx},
    {"information_schema", "KEY_COLUMN_USAGE",
     "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME "
     "COLUMN_NAME *ORDINAL_POSITION *POSITION_IN_UNIQUE_CONSTRAINT REFERENCED_TABLE_SCHEMA "
     "REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME",
     key_column_usage},
    {"information_schema", "PARTITIONS",
     "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME PARTITION_NAME SUBPARTITION_NAME", nullptr},
    {"information_schema", "PLUGINS", "PLUGIN_NAME PLUGIN_VERSION PLUGIN_STATUS PLUGIN_TYPE",
     nullptr},
    {"information_schema", "PROCESSLIST", "*ID USER HOST DB COMMAND *TIME STATE +INFO",
     processlist},
    {"information_schema", "REFERENTIAL_CONSTRAINTS",
     "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG "
     "UNIQUE_CONSTRAINT_SCHEMA UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE "
     "TABLE_NAME REFERENCED_TABLE_NAME",
     nullptr},
    {"information_schema", "ROUTINES",
     "SPECIFIC_NAME ROUTINE_CATALOG ROUTINE_SCHEMA ROUTINE_NAME ROUTINE_TYPE", nullptr},
    {"information_schema", "SCHEMATA",
     "CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH "
     "DEFAULT_ENCRYPTION",
     schemata},
    {"information_schema", "STATISTICS", kStatisticsColumns, statistics},
    {"information_schema", "TABLES", kTablesColumns, tables},
    {"information_schema", "TABLE_CONSTRAINTS",
     "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME "
     "CONSTRAINT_TYPE ENFORCED",
     table_constraints},
    {"information_schema", "TRIGGERS", kTriggersColumns, nullptr},
    {"information_schema", "VIEWS",
     "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME +VIEW_DEFINITION CHECK_OPTION IS_UPDATABLE", nullptr},
};

}  // namespace

std::span<const VirtualTableSpec> schema_tables() { return kTables; }

}  // namespace aftersync::server
