// performance_schema: locks, variables and counters; and the accounts as tables of mysql.
// Columns: MySQL 8.0 manual, chapter 29, and 8.2.3 for the tables of grants.
#include "core/server/virtual_catalog.h"

#include <map>

#include "core/server/status_report.h"
#include "core/sql/schema/dictionary.h"

namespace aftersync::server {

namespace {

using Row = std::vector<sql::Value>;
using Rows = std::vector<Row>;
using txn::LockInfo;
using txn::LockTarget;

const sql::Value kNull{};

std::string text(std::string_view from) { return std::string(from); }

// What a lock's number of a table or index stands for.
struct LockedObject {
  std::string database;
  std::string table;
  std::string index;
};
struct ObjectNames {
  std::map<uint64_t, LockedObject> tables;
  std::map<uint64_t, LockedObject> indexes;
};

ObjectNames names_of_objects(CatalogView& view) {
  ObjectNames names;
  sql::Dictionary& dictionary = *view.server.dictionary;
  for (const std::string& database : dictionary.databases()) {
    for (const std::string& name : dictionary.tables(database)) {
      const auto opened = dictionary.open_table(database, name);
      const auto* table = std::get_if<std::shared_ptr<const sql::OpenTable>>(&opened);
      if (table == nullptr) continue;
      const storage::TableDef& def = (*table)->storage->def();
      names.tables[def.id.value()] = {database, name, ""};
      for (size_t i = 0; i < def.indexes.size(); ++i) {
        const bool hidden = def.indexes[i].parts.empty();
        names.indexes[def.indexes[i].id.value()] = {
            database, name, hidden ? "GEN_CLUST_INDEX" : def.indexes[i].name};
      }
    }
  }
  return names;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char c : bytes) {
    digits += kDigits[static_cast<uint8_t>(c) >> 4];
    digits += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return digits;
}

std::string lock_id(const LockInfo& lock) {
  return std::to_string(lock.owner) + ":" + std::to_string(lock.object) + ":" + hex(lock.key) +
         ":" + to_string(lock.type);
}

void data_locks(CatalogView& view, Rows& rows) {
  const ObjectNames names = names_of_objects(view);
  for (const LockInfo& lock : view.server.transactions->locks().list_locks()) {
    const bool on_table = lock.kind == LockTarget::Kind::table;
    const auto& known = on_table ? names.tables : names.indexes;
    const auto found = known.find(lock.object);
    if (found == known.end()) continue;  // the accounts' own tables
    sql::Value data;
    if (lock.kind == LockTarget::Kind::supremum) data = text("supremum pseudo-record");
    if (lock.kind == LockTarget::Kind::record) data = hex(lock.key);
    rows.push_back({text("INNODB"), lock_id(lock), lock.owner, kNull, kNull, found->second.database,
                    found->second.table, kNull, kNull,
                    on_table ? kNull : sql::Value(found->second.index), lock.object,
                    text(on_table ? "TABLE" : "RECORD"), to_string(lock.type),
                    text(lock.waiting ? "WAITING" : "GRANTED"), data});
  }
}

void data_lock_waits(CatalogView& view, Rows& rows) {
  for (const txn::LockWaitInfo& wait : view.server.transactions->locks().list_waits()) {
    rows.push_back({text("INNODB"), lock_id(wait.waits), wait.waits.owner, kNull, kNull,
                    wait.waits.object, lock_id(wait.blocked_by), wait.blocked_by.owner, kNull,
                    kNull, wait.blocked_by.object});
  }
}

void variables(CatalogView& view, Rows& rows, bool global) {
  for (size_t i = 0; i < kOptions; ++i) {
    auto value = view.variables.text(static_cast<Option>(i), global);
    if (value) rows.push_back({text(option_specs()[i].name), *std::move(value)});
  }
}

void global_variables(CatalogView& view, Rows& rows) { variables(view, rows, true); }
void session_variables(CatalogView& view, Rows& rows) { variables(view, rows, false); }

void global_status(CatalogView& view, Rows& rows) {
  for (auto& [name, value] : status_report(view.server)) {
    rows.push_back({std::move(name), std::move(value)});
  }
}

std::string yes_no(PrivilegeSet set, Privilege privilege) {
  return (set & bit(privilege)) != 0 ? "Y" : "N";
}

void users(CatalogView& view, Rows& rows) {
  if ((view.privileges.on("mysql", "user") & bit(Privilege::select)) == 0) return;
  for (const auto& [id, state] : view.privileges.list().accounts) {
    Row row{id.host, id.user};
    for (unsigned i = 0; i < kPrivileges; ++i) {
      row.emplace_back(yes_no(state.privileges, static_cast<Privilege>(i)));
    }
    row.insert(row.end(), {text(state.require_secure_transport ? "ANY" : ""), state.plugin,
                           state.authentication_string, text(state.locked ? "Y" : "N")});
    rows.push_back(std::move(row));
  }
}

void grants(CatalogView& view, Rows& rows, bool of_tables) {
  if ((view.privileges.on("mysql", "db") & bit(Privilege::select)) == 0) return;
  for (const auto& [scope, set] : view.privileges.list().grants) {
    if (scope.table.empty() == of_tables) continue;
    Row row{scope.account.host, scope.database, scope.account.user};
    if (of_tables) row.emplace_back(scope.table);
    const PrivilegeSet all = of_tables ? table_privileges() : database_privileges();
    row.emplace_back(privileges_text(set, all));
    rows.push_back(std::move(row));
  }
}

void database_grants(CatalogView& view, Rows& rows) { grants(view, rows, false); }
void table_grants(CatalogView& view, Rows& rows) { grants(view, rows, true); }

constexpr VirtualTableSpec kPerformance[] = {
    {"performance_schema", "data_lock_waits",
     "ENGINE REQUESTING_ENGINE_LOCK_ID *REQUESTING_ENGINE_TRANSACTION_ID *REQUESTING_THREAD_ID "
     "*REQUESTING_EVENT_ID *REQUESTING_OBJECT_INSTANCE_BEGIN BLOCKING_ENGINE_LOCK_ID "
     "*BLOCKING_ENGINE_TRANSACTION_ID *BLOCKING_THREAD_ID *BLOCKING_EVENT_ID "
     "*BLOCKING_OBJECT_INSTANCE_BEGIN",
     data_lock_waits},
    {"performance_schema", "data_locks",
     "ENGINE ENGINE_LOCK_ID *ENGINE_TRANSACTION_ID *THREAD_ID *EVENT_ID OBJECT_SCHEMA OBJECT_NAME "
     "PARTITION_NAME SUBPARTITION_NAME INDEX_NAME *OBJECT_INSTANCE_BEGIN LOCK_TYPE LOCK_MODE "
     "LOCK_STATUS +LOCK_DATA",
     data_locks},
    {"performance_schema", "global_status", "VARIABLE_NAME +VARIABLE_VALUE", global_status},
    {"performance_schema", "global_variables", "VARIABLE_NAME +VARIABLE_VALUE", global_variables},
    {"performance_schema", "session_status", "VARIABLE_NAME +VARIABLE_VALUE", global_status},
    {"performance_schema", "session_variables", "VARIABLE_NAME +VARIABLE_VALUE", session_variables},
};

constexpr VirtualTableSpec kAccounts[] = {
    {"mysql", "db", "Host Db User +Privileges", database_grants},
    {"mysql", "tables_priv", "Host Db User Table_name +Table_priv", table_grants},
    {"mysql", "user",
     "Host User Select_priv Insert_priv Update_priv Delete_priv Create_priv Drop_priv Reload_priv "
     "Shutdown_priv Process_priv File_priv References_priv Index_priv Alter_priv Show_db_priv "
     "Super_priv Create_tmp_table_priv Lock_tables_priv Execute_priv Repl_slave_priv "
     "Repl_client_priv Create_view_priv Show_view_priv Create_routine_priv Alter_routine_priv "
     "Create_user_priv Event_priv Trigger_priv Create_tablespace_priv Grant_priv ssl_type plugin "
     "+authentication_string account_locked",
     users},
};

}  // namespace

std::span<const VirtualTableSpec> performance_tables() { return kPerformance; }
std::span<const VirtualTableSpec> account_tables() { return kAccounts; }

}  // namespace aftersync::server
