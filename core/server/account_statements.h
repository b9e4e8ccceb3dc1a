// Statements about accounts: CREATE, ALTER, DROP and RENAME USER, SET PASSWORD, GRANT, REVOKE, SHOW
// GRANTS.
#pragma once

#include <string>

#include "core/server/server_context.h"
#include "core/server/session_privileges.h"
#include "core/server/statement_reply.h"
#include "core/sql/ast/account.h"

namespace aftersync::server {

// One session's; one task. Statements are durable when they return; nothing of one that fails is
// there, but of several accounts those before the one that failed (as MySQL before 8.0).
class AccountStatements {
 public:
  // Both outlive it.
  AccountStatements(ServerContext& server, SessionPrivileges& privileges)
      : server_(server), privileges_(privileges) {}

  StatementReply define(const sql::DefineAccounts& statement);
  StatementReply drop(const sql::DropAccounts& statement);
  StatementReply rename(const sql::RenameAccounts& statement);
  StatementReply set_password(const sql::SetPassword& statement);
  // `database`: the current one, for ON table.
  StatementReply grant(const sql::GrantStatement& statement, const std::string& database);
  StatementReply show_grants(const std::optional<sql::AccountName>& account);

 private:
  using Error = std::optional<sql::SqlError>;

  [[nodiscard]] AccountId id_of(const sql::AccountName& name) const;
  [[nodiscard]] Error identify(const sql::Identification& how, AccountState& state);
  [[nodiscard]] Error apply_options(const std::vector<std::string>& options, AccountState& state);
  [[nodiscard]] Error define_one(const sql::DefineAccounts& statement,
                                 const sql::AccountSpec& spec);
  [[nodiscard]] Error grant_one(const sql::GrantStatement& statement, const AccountId& account,
                                const GrantScope& scope, PrivilegeSet set);
  [[nodiscard]] Error put(const AccountId& account, const std::optional<AccountState>& state);

  ServerContext& server_;
  SessionPrivileges& privileges_;
};

}  // namespace aftersync::server
