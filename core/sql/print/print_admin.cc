// Statements about server, replication and accounts as SQL.
#include "core/sql/print/printer.h"

namespace aftersync::sql {

void Printer::statement(const UseStatement& s) { word("USE ").name(s.database); }

void Printer::statement(const DoStatement& s) { word("DO ").exprs(s.values); }

void Printer::statement(const KillStatement& s) {
  word(s.query_only ? "KILL QUERY " : "KILL CONNECTION ");
  expr(s.id);
}

void Printer::statement(const FlushStatement& s) {
  static constexpr std::string_view kWords[] = {
      "TABLES",       "TABLES",    "LOGS",          "BINARY LOGS", "ERROR LOGS",
      "GENERAL LOGS", "SLOW LOGS", "ENGINE LOGS",   "RELAY LOGS",  "PRIVILEGES",
      "STATUS",       "HOSTS",     "USER_RESOURCES"};
  word(s.local ? "FLUSH LOCAL " : "FLUSH ");
  list(s.what, [this](FlushWhat what) { raw(kWords[static_cast<size_t>(what)]); });
  if (!s.tables.empty()) word("").list(s.tables, [this](const TableName& name) { table(name); });
  if (s.what.front() == FlushWhat::tables_with_read_lock) word("WITH READ LOCK");
}

void Printer::statement(const ExplainStatement& s) {
  word("EXPLAIN");
  if (!s.format.empty()) word("FORMAT = ").name(s.format);
  if (s.analyze) word("ANALYZE");
  word("");
  std::visit([this](const auto& inner) { statement(inner); }, s.statement);
}

void Printer::statement(const TableMaintenance& s) {
  static constexpr std::string_view kWords[] = {"ANALYZE", "CHECK", "CHECKSUM", "OPTIMIZE",
                                                "REPAIR"};
  word(kWords[static_cast<size_t>(s.action)]);
  if (s.local) word("NO_WRITE_TO_BINLOG");
  word("TABLE ").list(s.tables, [this](const TableName& name) { table(name); });
  for (const std::string& option : s.options) word(option);
}

void Printer::statement(const PrepareStatement& s) {
  word("PREPARE ").name(s.name).raw(" FROM ");
  expr(s.text);
}

void Printer::statement(const ExecuteStatement& s) {
  word("EXECUTE ").name(s.name);
  if (!s.variables.empty()) word("USING ").variables(s.variables);
}

void Printer::statement(const DeallocateStatement& s) { word("DEALLOCATE PREPARE ").name(s.name); }

void Printer::statement(const ChangeSource& s) {
  word("CHANGE REPLICATION SOURCE TO ").list(s.options, [this](const auto& option) {
    name(option.first).raw(" = ");
    literal(option.second);
  });
  channel(s.channel);
}

void Printer::statement(const ReplicaThreads& s) {
  word(s.start ? "START REPLICA" : "STOP REPLICA");
  if (s.io_thread) word("IO_THREAD");
  if (s.io_thread && s.sql_thread) raw(",");
  if (s.sql_thread) word("SQL_THREAD");
  channel(s.channel);
}

void Printer::statement(const ResetStatement& s) {
  word(s.what == ResetWhat::source ? "RESET MASTER" : "RESET REPLICA");
  if (s.what == ResetWhat::replica_all) word("ALL");
  channel(s.channel);
}

void Printer::statement(const PurgeLogs& s) {
  word("PURGE BINARY LOGS ");
  if (!s.before) {
    raw("TO ").text(s.to);
    return;
  }
  raw("BEFORE ");
  expr(*s.before);
}

void Printer::statement(const DefineAccounts& s) {
  word(s.alter ? "ALTER USER" : "CREATE USER");
  if (s.if_exists) word(s.alter ? "IF EXISTS" : "IF NOT EXISTS");
  raw(" ").list(s.accounts, [this](const AccountSpec& spec) {
    account(spec.name);
    if (!spec.identified) return;
    word("IDENTIFIED");
    if (!spec.identified->plugin.empty()) word("WITH ").name(spec.identified->plugin);
    if (spec.identified->password) word("BY ").text(*spec.identified->password);
    if (spec.identified->hash) word("AS ").text(*spec.identified->hash);
  });
  for (const std::string& option : s.options) word(option);
}

void Printer::statement(const DropAccounts& s) {
  word(s.if_exists ? "DROP USER IF EXISTS " : "DROP USER ");
  list(s.accounts, [this](const AccountName& name) { account(name); });
}

void Printer::statement(const RenameAccounts& s) {
  word("RENAME USER ").list(s.renames, [this](const auto& rename) {
    account(rename.first);
    word("TO");
    account(rename.second);
  });
}

void Printer::statement(const SetPassword& s) {
  word("SET PASSWORD");
  if (s.account) {
    word("FOR");
    account(*s.account);
  }
  raw(" = ").text(s.password);
}

void Printer::statement(const GrantStatement& s) {
  word(s.revoke ? "REVOKE " : "GRANT ");
  list(s.privileges, [this](const Privilege& privilege) {
    raw(privilege.name);
    if (!privilege.columns.empty()) raw(" (").names(privilege.columns).raw(")");
  });
  if (s.revoke && s.grant_option) {
    raw(", GRANT OPTION");
  } else {
    word("ON ");
    const auto name_or_star = [this](const std::string& one) { one == "*" ? raw("*") : name(one); };
    if (!s.on.schema.empty()) name_or_star(s.on.schema);
    if (!s.on.schema.empty()) raw(".");
    name_or_star(s.on.table);
  }
  word(s.revoke ? "FROM " : "TO ");
  list(s.accounts, [this](const AccountName& name) { account(name); });
  if (!s.revoke && s.grant_option) word("WITH GRANT OPTION");
}

}  // namespace aftersync::sql
