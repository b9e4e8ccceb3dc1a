// Names of privileges.
#include "core/server/privilege.h"

#include <iterator>

#include "core/server/option_spec.h"

namespace aftersync::server {

namespace {

constexpr std::string_view kNames[] = {
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "RELOAD",
    "SHUTDOWN",
    "PROCESS",
    "FILE",
    "REFERENCES",
    "INDEX",
    "ALTER",
    "SHOW DATABASES",
    "SUPER",
    "CREATE TEMPORARY TABLES",
    "LOCK TABLES",
    "EXECUTE",
    "REPLICATION SLAVE",
    "REPLICATION CLIENT",
    "CREATE VIEW",
    "SHOW VIEW",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "CREATE USER",
    "EVENT",
    "TRIGGER",
    "CREATE TABLESPACE",
    "GRANT OPTION",
};
static_assert(std::size(kNames) == kPrivileges);

// MySQL's dynamic privileges and MariaDB's names, where one of ours means as much.
struct OtherName {
  std::string_view name;
  Privilege privilege;
};
constexpr OtherName kOtherNames[] = {
    {"REPLICATION REPLICA", Privilege::replication_slave},
    {"BINLOG MONITOR", Privilege::replication_client},
    {"SYSTEM_VARIABLES_ADMIN", Privilege::super},
    {"CONNECTION_ADMIN", Privilege::super},
    {"REPLICATION_SLAVE_ADMIN", Privilege::super},
    {"BINLOG_ADMIN", Privilege::super},
};

}  // namespace

PrivilegeSet all_privileges() { return bit(Privilege::grant_option) - 1; }

PrivilegeSet table_privileges() {
  return bit(Privilege::select) | bit(Privilege::insert) | bit(Privilege::update) |
         bit(Privilege::remove) | bit(Privilege::create) | bit(Privilege::drop) |
         bit(Privilege::references) | bit(Privilege::index) | bit(Privilege::alter) |
         bit(Privilege::create_view) | bit(Privilege::show_view) | bit(Privilege::trigger);
}

PrivilegeSet database_privileges() {
  return table_privileges() | bit(Privilege::create_temporary_tables) |
         bit(Privilege::lock_tables) | bit(Privilege::execute) | bit(Privilege::create_routine) |
         bit(Privilege::alter_routine) | bit(Privilege::event);
}

std::optional<Privilege> find_privilege(std::string_view name) {
  for (unsigned i = 0; i < kPrivileges; ++i) {
    if (equals_ignoring_case(kNames[i], name)) return static_cast<Privilege>(i);
  }
  for (const OtherName& other : kOtherNames) {
    if (equals_ignoring_case(other.name, name)) return other.privilege;
  }
  return std::nullopt;
}

std::string_view to_string(Privilege privilege) { return kNames[static_cast<unsigned>(privilege)]; }

std::string privileges_text(PrivilegeSet set, PrivilegeSet all) {
  set &= ~bit(Privilege::grant_option);
  if (set == 0) return "USAGE";
  if (set == all) return "ALL PRIVILEGES";
  std::string text;
  for (unsigned i = 0; i < kPrivileges; ++i) {
    if ((set >> i & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += kNames[i];
  }
  return text;
}

}  // namespace aftersync::server
