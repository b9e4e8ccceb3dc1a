// Privileges of one session.
#include "core/server/session_privileges.h"

#include "core/server/server_errors.h"

namespace aftersync::server {

namespace {

using sql::Need;

struct Meaning {
  Need need;
  Privilege privilege;
  std::string_view command;
  bool writes;
};

constexpr Meaning kMeanings[] = {
    {Need::select, Privilege::select, "SELECT", false},
    {Need::insert, Privilege::insert, "INSERT", true},
    {Need::update, Privilege::update, "UPDATE", true},
    {Need::remove, Privilege::remove, "DELETE", true},
    {Need::create, Privilege::create, "CREATE", true},
    {Need::drop, Privilege::drop, "DROP", true},
    {Need::alter, Privilege::alter, "ALTER", true},
    {Need::index, Privilege::index, "INDEX", true},
    {Need::lock_tables, Privilege::lock_tables, "LOCK TABLES", false},
};

const Meaning* meaning_of(Need need) {
  for (const Meaning& one : kMeanings) {
    if (one.need == need) return &one;
  }
  return nullptr;
}

}  // namespace

bool is_virtual_database(std::string_view name) {
  return equals_ignoring_case(name, "information_schema") ||
         equals_ignoring_case(name, "performance_schema");
}

void SessionPrivileges::log_in(AccountId account) {
  account_ = std::move(account);
  seen_ = UINT64_MAX;
}

const AccountList& SessionPrivileges::list() {
  const uint64_t number = book_.number();
  if (number != seen_) {
    list_ = book_.list();
    seen_ = number;
    everywhere_ = list_->privileges_on(account_, "", "");
  }
  return *list_;
}

PrivilegeSet SessionPrivileges::everywhere() {
  if (book_.lets_everybody_in()) return ~PrivilegeSet{0};
  (void)list();
  return everywhere_;
}

PrivilegeSet SessionPrivileges::on(std::string_view database, std::string_view table) {
  const PrivilegeSet here = everywhere();
  if ((~here & all_privileges()) == 0) return here;
  return list().privileges_on(account_, database, table);
}

bool SessionPrivileges::sees(std::string_view database, std::string_view table) {
  if (is_virtual_database(database) || may(Privilege::show_databases)) return true;
  if (table.empty()) return list().privileges_inside(account_, database) != 0;
  return on(database, table) != 0;
}

std::optional<sql::SqlError> SessionPrivileges::check_use(std::string_view database) {
  if (everywhere() != 0 || sees(database)) return std::nullopt;
  return errors::database_access_denied(account_.quoted(), database);
}

std::optional<sql::SqlError> SessionPrivileges::check(Need need, std::string_view database,
                                                      std::string_view table) {
  const Meaning* meaning = meaning_of(need);
  if (meaning == nullptr) {
    if (sees(database, table)) return std::nullopt;
    if (table.empty()) return errors::database_access_denied(account_.quoted(), database);
    return errors::table_access_denied("SELECT", account_.quoted(), table);
  }
  if (is_virtual_database(database)) {
    if (!meaning->writes) return std::nullopt;
    return errors::database_access_denied(account_.quoted(), database);
  }
  if (meaning->writes) {
    if (variables_.flag(Option::super_read_only)) {
      return errors::forbidden_by_option("--super-read-only");
    }
    if (variables_.flag(Option::read_only) && !may(Privilege::super)) {
      return errors::forbidden_by_option("--read-only");
    }
  }
  if ((on(database, table) & bit(meaning->privilege)) != 0) return std::nullopt;
  if (table.empty()) return errors::database_access_denied(account_.quoted(), database);
  return errors::table_access_denied(meaning->command, account_.quoted(), table);
}

std::optional<sql::SqlError> SessionPrivileges::require(PrivilegeSet any_of,
                                                        std::string_view names) {
  if ((everywhere() & any_of) != 0) return std::nullopt;
  return errors::need_privilege(names);
}

}  // namespace aftersync::server
