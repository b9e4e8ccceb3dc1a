// What the server answers itself.
#include "core/server/server_statements.h"

#include "core/server/server_errors.h"
#include "core/server/status_report.h"
#include "core/sql/value/convert.h"

namespace aftersync::server {

namespace {

using sql::ShowKind;

StatementReply filtered(Listing listing, const sql::ShowStatement& show, size_t like_column = 0) {
  if (auto error = filter(listing, show, like_column)) return *std::move(error);
  return listing;
}

// The columns of `from` that stand at `places`, under SHOW's names.
Listing narrowed(const Listing& from,
                 std::initializer_list<std::pair<size_t, const char*>> places) {
  Listing to;
  for (const auto& [place, name] : places) {
    to.columns.push_back(from.columns[place]);
    to.columns.back().name = to.columns.back().original_name = name;
  }
  for (const auto& row : from.rows) {
    to.rows.emplace_back();
    for (const auto& [place, name] : places) to.rows.back().push_back(row[place]);
  }
  return to;
}

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

std::optional<StatementReply> ServerStatements::answer(const sql::Statement& statement) {
  using Answer = std::optional<StatementReply>;
  const auto committed = [&](auto&& then) -> Answer {
    if (auto error = commit_before(session_)) return *std::move(error);
    return then();
  };
  return std::visit(
      Overloaded{
          [&](const sql::ShowStatement& one) -> Answer { return show(one); },
          [&](const sql::KillStatement& one) -> Answer { return kill(one); },
          [&](const sql::FlushStatement& one) -> Answer {
            return committed([&] { return flush(one); });
          },
          [&](const sql::DefineAccounts& one) -> Answer {
            return committed([&] { return accounts_.define(one); });
          },
          [&](const sql::DropAccounts& one) -> Answer {
            return committed([&] { return accounts_.drop(one); });
          },
          [&](const sql::RenameAccounts& one) -> Answer {
            return committed([&] { return accounts_.rename(one); });
          },
          [&](const sql::SetPassword& one) -> Answer {
            return committed([&] { return accounts_.set_password(one); });
          },
          [&](const sql::GrantStatement& one) -> Answer {
            return committed([&] { return accounts_.grant(one, session_.database()); });
          },
          [&](const sql::ChangeSource&) -> Answer {
            return errors::not_supported("CHANGE REPLICATION SOURCE");
          },
          [&](const sql::ReplicaThreads&) -> Answer {
            return errors::not_supported("START and STOP REPLICA");
          },
          // LOCK TABLES is refused where it is executed, so there is nothing to give back; and
          // without locked tables this commits nothing (manual 15.3.6).
          [&](const sql::UnlockTables&) -> Answer { return Done(); },
          [&](const sql::ResetStatement&) -> Answer { return errors::no_binary_log(); },
          [&](const sql::PurgeLogs&) -> Answer { return errors::no_binary_log(); },
          [&](const auto&) -> Answer { return std::nullopt; },
      },
      statement);
}

std::optional<StatementReply> ServerStatements::show(const sql::ShowStatement& show) {
  if (auto reply = show_server(show)) return reply;
  return show_empty(show);
}

std::optional<StatementReply> ServerStatements::show_server(const sql::ShowStatement& show) {
  switch (show.kind) {
    case ShowKind::variables: return show_variables(show);
    case ShowKind::status: return show_status(show);
    case ShowKind::processlist: return show_processlist(show);
    case ShowKind::grants: return accounts_.show_grants(show.account);
    case ShowKind::engines: return show_virtual(show, "ENGINES");
    case ShowKind::engine_status: return show_engine_status(show);
    case ShowKind::plugins: return show_virtual(show, "PLUGINS");
    case ShowKind::table_status: return show_table_status(show);
    case ShowKind::character_set: return show_virtual(show, "CHARACTER_SETS");
    case ShowKind::collation: return show_virtual(show, "COLLATIONS");
    default: return std::nullopt;
  }
}

// What there is none of.
std::optional<StatementReply> ServerStatements::show_empty(const sql::ShowStatement& show) {
  Listing none;
  switch (show.kind) {
    case ShowKind::triggers:
      for (const char* name :
           {"Trigger", "Event", "Table", "Statement", "Timing", "Created", "sql_mode", "Definer",
            "character_set_client", "collation_connection", "Database Collation"}) {
        none.text(name);
      }
      return none;
    case ShowKind::open_tables:
      return none.text("Database").text("Table").number("In_use").number("Name_locked");
    case ShowKind::master_status:
      return none.text("File")
          .number("Position")
          .text("Binlog_Do_DB")
          .text("Binlog_Ignore_DB")
          .text("Executed_Gtid_Set");
    case ShowKind::slave_status: return none.text("Slave_IO_State").text("Master_Host");
    case ShowKind::slave_hosts:
      return none.number("Server_id").text("Host").number("Port").number("Master_id");
    case ShowKind::binary_logs:
    case ShowKind::binlog_events:
    case ShowKind::relaylog_events: return errors::no_binary_log();
    case ShowKind::create_view: return errors::not_supported("SHOW CREATE VIEW");
    case ShowKind::engine_mutex: return errors::not_supported("SHOW ENGINE MUTEX");
    case ShowKind::privileges: return errors::not_supported("SHOW PRIVILEGES");
    default: return std::nullopt;
  }
}

StatementReply ServerStatements::show_variables(const sql::ShowStatement& show) {
  const bool global = show.scope == sql::VariableScope::global;
  Listing listing;
  listing.text("Variable_name").text("Value", 1024);
  for (size_t i = 0; i < kOptions; ++i) {
    auto text = variables_.text(static_cast<Option>(i), global);
    if (!text) continue;
    listing.rows.push_back({std::string(option_specs()[i].name), *std::move(text)});
  }
  return filtered(std::move(listing), show);
}

StatementReply ServerStatements::show_status(const sql::ShowStatement& show) {
  Listing listing;
  listing.text("Variable_name").text("Value", 1024);
  for (auto& [name, value] : status_report(server_)) {
    listing.rows.push_back({std::move(name), std::move(value)});
  }
  return filtered(std::move(listing), show);
}

StatementReply ServerStatements::show_virtual(const sql::ShowStatement& show,
                                              std::string_view table) {
  CatalogView view{server_, privileges_, variables_};
  const Listing all = listing_of(*find_virtual_table("information_schema", table), view);
  if (table == "ENGINES") {
    return narrowed(all, {{0, "Engine"},
                          {1, "Support"},
                          {2, "Comment"},
                          {3, "Transactions"},
                          {4, "XA"},
                          {5, "Savepoints"}});
  }
  if (table == "CHARACTER_SETS") {
    return filtered(
        narrowed(all,
                 {{0, "Charset"}, {2, "Description"}, {1, "Default collation"}, {3, "Maxlen"}}),
        show);
  }
  if (table == "COLLATIONS") {
    return filtered(narrowed(all, {{0, "Collation"},
                                   {1, "Charset"},
                                   {2, "Id"},
                                   {3, "Default"},
                                   {4, "Compiled"},
                                   {5, "Sortlen"},
                                   {6, "Pad_attribute"}}),
                    show);
  }
  return narrowed(all, {{0, "Name"}, {2, "Status"}, {3, "Type"}});
}

StatementReply ServerStatements::show_processlist(const sql::ShowStatement& show) {
  constexpr size_t kShortInfo = 100;  // of SHOW PROCESSLIST without FULL
  CatalogView view{server_, privileges_, variables_};
  Listing listing = listing_of(*find_virtual_table("information_schema", "PROCESSLIST"), view);
  listing = narrowed(listing, {{0, "Id"},
                               {1, "User"},
                               {2, "Host"},
                               {3, "db"},
                               {4, "Command"},
                               {5, "Time"},
                               {6, "State"},
                               {7, "Info"}});
  for (auto& row : listing.rows) {
    auto* info = std::get_if<std::string>(&row.back());
    if (!show.full && info != nullptr && info->size() > kShortInfo) info->resize(kShortInfo);
  }
  return listing;
}

StatementReply ServerStatements::show_table_status(const sql::ShowStatement& show) {
  const std::string database = show.database.empty() ? session_.database() : show.database;
  if (database.empty()) return errors::no_database_selected();
  CatalogView view{server_, privileges_, variables_};
  Listing all = listing_of(*find_virtual_table("information_schema", "TABLES"), view);
  std::erase_if(all.rows, [&](const std::vector<sql::Value>& row) {
    return std::get<std::string>(row[1]) != database;
  });
  return filtered(narrowed(all, {{2, "Name"},
                                 {4, "Engine"},
                                 {5, "Version"},
                                 {6, "Row_format"},
                                 {7, "Rows"},
                                 {8, "Avg_row_length"},
                                 {9, "Data_length"},
                                 {10, "Max_data_length"},
                                 {11, "Index_length"},
                                 {12, "Data_free"},
                                 {13, "Auto_increment"},
                                 {14, "Create_time"},
                                 {15, "Update_time"},
                                 {16, "Check_time"},
                                 {17, "Collation"},
                                 {18, "Checksum"},
                                 {19, "Create_options"},
                                 {20, "Comment"}}),
                  show);
}

StatementReply ServerStatements::show_engine_status(const sql::ShowStatement& show) {
  if (auto error = privileges_.require(bit(Privilege::process), "PROCESS")) {
    return *std::move(error);
  }
  if (!equals_ignoring_case(show.name, "innodb")) return errors::unknown_engine(show.name);
  Listing listing;
  listing.text("Type").text("Name").long_text("Status");
  listing.rows.push_back({std::string("InnoDB"), std::string(), engine_status_text(server_)});
  return listing;
}

StatementReply ServerStatements::flush(const sql::FlushStatement& statement) {
  if (auto error = privileges_.require(bit(Privilege::reload), "RELOAD")) {
    return *std::move(error);
  }
  for (const sql::FlushWhat what : statement.what) {
    switch (what) {
      case sql::FlushWhat::tables_with_read_lock:
        return errors::not_supported("FLUSH TABLES WITH READ LOCK");
      case sql::FlushWhat::relay_logs: return errors::not_supported("FLUSH RELAY LOGS");
      case sql::FlushWhat::user_resources: return errors::not_supported("FLUSH USER_RESOURCES");
      case sql::FlushWhat::privileges: server_.fast->clear(); break;
      // Of all else nothing is kept that could be out of date: tables are closed by nobody, logs
      // are appended to where they are.
      default: break;
    }
  }
  return Done();
}

StatementReply ServerStatements::kill(const sql::KillStatement& statement) {
  auto value = evaluate(session_, statement.id);
  if (auto* error = std::get_if<sql::SqlError>(&value)) return std::move(*error);
  sql::Diagnostics diagnostics;
  const sql::Integer id = sql::to_integer(std::get<sql::TypedValue>(value).value, diagnostics);
  if (diagnostics.warning_count() > 0 || id.negative()) return errors::unknown_thread(0);
  return reply_of(kill(id.bits, statement.query_only));
}

std::optional<sql::SqlError> ServerStatements::kill(uint64_t id, bool query_only) {
  const std::shared_ptr<SessionEntry> target =
      id > UINT32_MAX ? nullptr : server_.sessions.find(static_cast<uint32_t>(id));
  if (!target) return errors::unknown_thread(id);
  const ProcessInfo info = target->info();
  const AccountId& account = privileges_.account();
  const bool own = info.account_user == account.user && info.account_host == account.host;
  if (!own && !privileges_.may(Privilege::super)) return errors::not_owner_of_thread(id);
  if (query_only) {
    target->kill_query();
  } else {
    target->kill_connection();
  }
  return std::nullopt;
}

}  // namespace aftersync::server
