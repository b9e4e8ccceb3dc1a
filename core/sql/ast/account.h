// Accounts and privileges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/ast/names.h"

namespace aftersync::sql {

// IDENTIFIED [WITH plugin] [BY 'password' | AS 'hash']
struct Identification {
  std::string plugin;
  std::optional<std::string> password;
  std::optional<std::string> hash;
  bool operator==(const Identification&) const = default;
};

struct AccountSpec {
  AccountName name;
  std::optional<Identification> identified;
  bool operator==(const AccountSpec&) const = default;
};

// CREATE USER and ALTER USER.
struct DefineAccounts {
  bool alter = false;
  bool if_exists = false;  // of CREATE: IF NOT EXISTS
  std::vector<AccountSpec> accounts;
  std::vector<std::string> options;  // ACCOUNT LOCK, PASSWORD EXPIRE ...
  bool operator==(const DefineAccounts&) const = default;
};

struct DropAccounts {
  bool if_exists = false;
  std::vector<AccountName> accounts;
  bool operator==(const DropAccounts&) const = default;
};

struct RenameAccounts {
  std::vector<std::pair<AccountName, AccountName>> renames;
  bool operator==(const RenameAccounts&) const = default;
};

struct SetPassword {
  std::optional<AccountName> account;
  std::string password;
  bool operator==(const SetPassword&) const = default;
};

// A privilege in upper case ("SELECT", "REPLICATION SLAVE"), for some columns or for all.
struct Privilege {
  std::string name;
  std::vector<std::string> columns;
  bool operator==(const Privilege&) const = default;
};

// ON *.*, ON database.*, ON database.table; "*" as written.
struct GrantStatement {
  bool revoke = false;
  std::vector<Privilege> privileges;
  TableName on;
  std::vector<AccountName> accounts;
  bool grant_option = false;
  bool operator==(const GrantStatement&) const = default;
};

}  // namespace aftersync::sql
