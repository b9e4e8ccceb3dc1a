// Transactions, locks, SET and SHOW as SQL.
#include "core/base/check.h"
#include "core/sql/print/printer.h"

namespace aftersync::sql {

namespace {

std::string_view access_words(AccessMode access) {
  return access == AccessMode::read_only ? "READ ONLY" : "READ WRITE";
}

void print_completion(Printer& p, Completion value, std::string_view yes, std::string_view no) {
  if (value == Completion::yes) p.word(yes);
  if (value == Completion::no) p.word(no);
}

std::string_view scope_words(VariableScope scope) {
  static constexpr std::string_view kWords[] = {"", "GLOBAL", "SESSION", "PERSIST", "PERSIST_ONLY"};
  return kWords[static_cast<size_t>(scope)];
}

std::string_view show_words(ShowKind kind) {
  switch (kind) {
    case ShowKind::databases: return "DATABASES";
    case ShowKind::tables: return "TABLES";
    case ShowKind::table_status: return "TABLE STATUS";
    case ShowKind::open_tables: return "OPEN TABLES";
    case ShowKind::triggers: return "TRIGGERS";
    case ShowKind::columns: return "COLUMNS FROM";
    case ShowKind::index: return "INDEX FROM";
    case ShowKind::create_table: return "CREATE TABLE";
    case ShowKind::create_view: return "CREATE VIEW";
    case ShowKind::create_database: return "CREATE DATABASE";
    case ShowKind::variables: return "VARIABLES";
    case ShowKind::status: return "STATUS";
    case ShowKind::processlist: return "PROCESSLIST";
    case ShowKind::warnings: return "WARNINGS";
    case ShowKind::errors: return "ERRORS";
    case ShowKind::grants: return "GRANTS";
    case ShowKind::engines: return "ENGINES";
    case ShowKind::engine_status:
    case ShowKind::engine_mutex: return "ENGINE";
    case ShowKind::plugins: return "PLUGINS";
    case ShowKind::privileges: return "PRIVILEGES";
    case ShowKind::character_set: return "CHARACTER SET";
    case ShowKind::collation: return "COLLATION";
    case ShowKind::master_status: return "MASTER STATUS";
    case ShowKind::slave_status: return "REPLICA STATUS";
    case ShowKind::slave_hosts: return "REPLICAS";
    case ShowKind::binary_logs: return "BINARY LOGS";
    case ShowKind::binlog_events: return "BINLOG EVENTS";
    case ShowKind::relaylog_events: return "RELAYLOG EVENTS";
  }
  CHECK(false);
  return {};
}

void print_show_name(Printer& p, const ShowStatement& s) {
  if (s.name.empty()) return;
  if (s.kind == ShowKind::slave_status) {
    p.word("FOR CHANNEL ").text(s.name);
  } else if (s.kind == ShowKind::binlog_events || s.kind == ShowKind::relaylog_events) {
    p.word("IN ").text(s.name);
  } else {
    p.word("").name(s.name);
  }
}

}  // namespace

void Printer::statement(const BeginStatement& s) {
  word("START TRANSACTION");
  if (s.consistent_snapshot) word("WITH CONSISTENT SNAPSHOT");
  if (s.access == AccessMode::unspecified) return;
  raw(s.consistent_snapshot ? ", " : " ").raw(access_words(s.access));
}

void Printer::statement(const EndStatement& s) {
  word(s.commit ? "COMMIT" : "ROLLBACK");
  print_completion(*this, s.chain, "AND CHAIN", "AND NO CHAIN");
  print_completion(*this, s.release, "RELEASE", "NO RELEASE");
}

void Printer::statement(const SavepointStatement& s) {
  static constexpr std::string_view kWords[] = {"SAVEPOINT ", "ROLLBACK TO SAVEPOINT ",
                                                "RELEASE SAVEPOINT "};
  word(kWords[static_cast<size_t>(s.action)]).name(s.name);
}

void Printer::statement(const SetTransaction& s) {
  static constexpr std::string_view kLevels[] = {"", "READ UNCOMMITTED", "READ COMMITTED",
                                                 "REPEATABLE READ", "SERIALIZABLE"};
  word("SET");
  if (s.scope != VariableScope::unspecified) word(scope_words(s.scope));
  word("TRANSACTION");
  const bool level = s.isolation != IsolationName::unspecified;
  if (level) word("ISOLATION LEVEL").word(kLevels[static_cast<size_t>(s.isolation)]);
  if (s.access != AccessMode::unspecified) raw(level ? ", " : " ").raw(access_words(s.access));
}

void Printer::statement(const LockTables& s) {
  word("LOCK TABLES ").list(s.locks, [this](const TableLock& lock) {
    table(lock.table);
    if (!lock.alias.empty()) word("AS ").name(lock.alias);
    word(lock.write ? "WRITE" : lock.local ? "READ LOCAL" : "READ");
  });
}

void Printer::statement(const UnlockTables& /*s*/) { word("UNLOCK TABLES"); }

void Printer::set_item(const SetItem& item) {
  if (const auto* user = std::get_if<SetUserVariable>(&item)) {
    raw("@").name(user->name).raw(" = ");
    expr(user->value);
  } else if (const auto* system = std::get_if<SetSystemVariable>(&item)) {
    expr(Expr(system->variable));
    raw(" = ");
    const auto* column = std::get_if<ColumnRef>(&system->value.node);
    const bool word_value = column != nullptr && column->name.table.empty();
    // ON and ALL are words here, and nowhere names without quotes.
    if (word_value && (column->name.column == "ON" || column->name.column == "ALL")) {
      raw(column->name.column);
    } else {
      expr(system->value);
    }
  } else {
    const auto& charset = std::get<SetCharset>(item);
    raw(charset.names ? "NAMES " : "CHARACTER SET ");
    if (charset.charset.empty()) raw("DEFAULT");
    if (!charset.charset.empty()) name(charset.charset);
    if (!charset.collation.empty()) raw(" COLLATE ").name(charset.collation);
  }
}

void Printer::statement(const SetStatement& s) {
  word("SET ").list(s.items, [this](const SetItem& item) { set_item(item); });
}

void Printer::statement(const ShowStatement& s) {
  word("SHOW");
  if (s.full) word("FULL");
  if (s.scope != VariableScope::unspecified) word(scope_words(s.scope));
  if (s.count) word("COUNT(*)");
  word(show_words(s.kind));
  if (s.if_not_exists) word("IF NOT EXISTS");
  if (!s.table.table.empty()) table(s.table);
  if (s.kind == ShowKind::create_database) {
    word("").name(s.database);
  } else if (!s.database.empty()) {
    word("FROM ").name(s.database);
  }
  if (s.account) {
    word("FOR");
    account(*s.account);
  }
  print_show_name(*this, s);
  if (s.kind == ShowKind::engine_status) word("STATUS");
  if (s.kind == ShowKind::engine_mutex) word("MUTEX");
  if (!s.position.empty()) word("FROM").word(s.position);
  if (s.like) {
    word("LIKE ");
    literal(*s.like);
  }
  where(s.where);
  limit(s.limit);
}

}  // namespace aftersync::sql
