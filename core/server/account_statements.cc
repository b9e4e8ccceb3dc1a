// Statements about accounts.
#include "core/server/account_statements.h"

#include "core/server/server_errors.h"
#include "core/sql/print/print.h"
#include "core/wire/password.h"

namespace aftersync::server {

namespace {

// What is stored of a password under a plugin. The salt is printable, and without '$'.
std::string stored_password(Rng& rng, std::string_view plugin, std::string_view password) {
  if (plugin == wire::kNativePlugin) return wire::native_authentication_string(password);
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";
  std::string salt;
  for (size_t i = 0; i < wire::kSha2SaltBytes; ++i) salt += kLetters[rng.next() % kLetters.size()];
  return wire::sha2_authentication_string(password, salt);
}

std::string quoted(const AccountId& account) {
  return sql::quoted_name(account.user) + "@" + sql::quoted_name(account.host);
}

// The set that a list of privileges names at a level; 1235 for what is not there.
std::variant<PrivilegeSet, sql::SqlError> set_of(const sql::GrantStatement& statement,
                                                 PrivilegeSet all) {
  PrivilegeSet set = 0;
  for (const sql::Privilege& named : statement.privileges) {
    if (!named.columns.empty()) return errors::not_supported("privileges on columns");
    if (equals_ignoring_case(named.name, "ALL") ||
        equals_ignoring_case(named.name, "ALL PRIVILEGES")) {
      set |= all;
    } else if (!equals_ignoring_case(named.name, "USAGE")) {
      const std::optional<Privilege> privilege = find_privilege(named.name);
      if (!privilege) return errors::not_supported("privilege " + named.name);
      set |= bit(*privilege);
    }
  }
  if (statement.grant_option) set |= bit(Privilege::grant_option);
  return set;
}

}  // namespace

AccountId AccountStatements::id_of(const sql::AccountName& name) const {
  // CURRENT_USER is written without a name and a host.
  if (name.user.empty() && name.host.empty()) return privileges_.account();
  return {name.user, name.host};
}

AccountStatements::Error AccountStatements::put(const AccountId& account,
                                                const std::optional<AccountState>& state) {
  const Status status = server_.accounts->put(account, state);
  if (!status.ok()) return errors::from_status(status);
  return std::nullopt;
}

AccountStatements::Error AccountStatements::identify(const sql::Identification& how,
                                                     AccountState& state) {
  if (!how.plugin.empty()) state.plugin = how.plugin;
  if (state.plugin != wire::kNativePlugin && state.plugin != wire::kCachingSha2Plugin) {
    const wire::ServerError error = wire::errors::plugin_not_loaded(state.plugin);
    return errors::from_wire(error);
  }
  if (how.hash) {
    state.authentication_string = *how.hash;
  } else if (how.password) {
    state.authentication_string = stored_password(server_.node.rng(), state.plugin, *how.password);
  } else if (!how.plugin.empty()) {
    state.authentication_string.clear();
  }
  return std::nullopt;
}

AccountStatements::Error AccountStatements::apply_options(const std::vector<std::string>& options,
                                                          AccountState& state) {
  for (const std::string& option : options) {
    if (option == "ACCOUNT LOCK") {
      state.locked = true;
    } else if (option == "ACCOUNT UNLOCK") {
      state.locked = false;
    } else if (option == "REQUIRE SSL") {
      state.require_secure_transport = true;
    } else if (option == "REQUIRE NONE") {
      state.require_secure_transport = false;
    } else if (option != "PASSWORD EXPIRE NEVER" && option != "PASSWORD EXPIRE DEFAULT") {
      return errors::not_supported(option);
    }
  }
  return std::nullopt;
}

AccountStatements::Error AccountStatements::define_one(const sql::DefineAccounts& statement,
                                                       const sql::AccountSpec& spec) {
  const AccountId account = id_of(spec.name);
  const auto& known = privileges_.list().accounts;
  const auto found = known.find(account);
  if ((found != known.end()) != statement.alter) {
    if (statement.if_exists) return std::nullopt;
    return errors::account_failed(statement.alter ? "ALTER USER" : "CREATE USER", account.quoted());
  }
  AccountState state;
  state.plugin = server_.variables.text(Option::default_authentication_plugin);
  if (statement.alter) state = found->second;
  if (spec.identified) {
    if (auto error = identify(*spec.identified, state)) return error;
  }
  if (auto error = apply_options(statement.options, state)) return error;
  return put(account, state);
}

StatementReply AccountStatements::define(const sql::DefineAccounts& statement) {
  // Everybody may change the own password.
  const bool own = statement.alter && statement.options.empty() && statement.accounts.size() == 1 &&
                   id_of(statement.accounts.front().name) == privileges_.account();
  if (!own) {
    if (auto error = privileges_.require(bit(Privilege::create_user), "CREATE USER")) {
      return *std::move(error);
    }
  }
  for (const sql::AccountSpec& spec : statement.accounts) {
    if (auto error = define_one(statement, spec)) return *std::move(error);
  }
  return Done();
}

StatementReply AccountStatements::drop(const sql::DropAccounts& statement) {
  if (auto error = privileges_.require(bit(Privilege::create_user), "CREATE USER")) {
    return *std::move(error);
  }
  for (const sql::AccountName& name : statement.accounts) {
    const AccountId account = id_of(name);
    if (!privileges_.list().accounts.contains(account)) {
      if (statement.if_exists) continue;
      return errors::account_failed("DROP USER", account.quoted());
    }
    if (auto error = put(account, std::nullopt)) return *std::move(error);
  }
  return Done();
}

StatementReply AccountStatements::rename(const sql::RenameAccounts& statement) {
  if (auto error = privileges_.require(bit(Privilege::create_user), "CREATE USER")) {
    return *std::move(error);
  }
  for (const auto& [from, to] : statement.renames) {
    const auto& known = privileges_.list().accounts;
    if (!known.contains(id_of(from)) || known.contains(id_of(to))) {
      return errors::account_failed("RENAME USER", id_of(from).quoted());
    }
    const Status status = server_.accounts->rename(id_of(from), id_of(to));
    if (!status.ok()) return errors::from_status(status);
  }
  return Done();
}

StatementReply AccountStatements::set_password(const sql::SetPassword& statement) {
  sql::DefineAccounts define;
  define.alter = true;
  sql::AccountSpec spec;
  if (statement.account) spec.name = *statement.account;
  spec.identified = sql::Identification{"", statement.password, std::nullopt};
  define.accounts.push_back(std::move(spec));
  return this->define(define);
}

AccountStatements::Error AccountStatements::grant_one(const sql::GrantStatement& statement,
                                                      const AccountId& account,
                                                      const GrantScope& scope, PrivilegeSet set) {
  const AccountList& list = privileges_.list();
  const auto known = list.accounts.find(account);
  if (known == list.accounts.end()) {
    if (statement.revoke) return errors::no_such_grant(account.user, account.host);
    return errors::no_permission_to_grant();
  }
  if (scope.database.empty()) {
    AccountState state = known->second;
    state.privileges = statement.revoke ? state.privileges & ~set : state.privileges | set;
    return put(account, state);
  }
  const GrantScope whole{account, scope.database, scope.table};
  const auto found = list.grants.find(whole);
  const PrivilegeSet before = found == list.grants.end() ? 0 : found->second;
  if (statement.revoke && before == 0) return errors::no_such_grant(account.user, account.host);
  const Status status =
      server_.accounts->put_grant(whole, statement.revoke ? before & ~set : before | set);
  if (!status.ok()) return errors::from_status(status);
  return std::nullopt;
}

StatementReply AccountStatements::grant(const sql::GrantStatement& statement,
                                        const std::string& database) {
  GrantScope scope;
  if (statement.on.schema != "*") {
    scope.database = statement.on.schema.empty() ? database : statement.on.schema;
    if (scope.database.empty()) {
      return errors::no_database_selected();
    }
    if (statement.on.table != "*") scope.table = statement.on.table;
  }
  const PrivilegeSet all = scope.database.empty() ? all_privileges()
                           : scope.table.empty()  ? database_privileges()
                                                  : table_privileges();
  auto named = set_of(statement, all);
  if (auto* error = std::get_if<sql::SqlError>(&named)) return std::move(*error);
  const PrivilegeSet set = std::get<PrivilegeSet>(named);
  if ((set & ~all & ~bit(Privilege::grant_option)) != 0) return errors::wrong_grant_level();
  // Who grants has what is granted, and may pass it on.
  const PrivilegeSet own = privileges_.on(scope.database, scope.table);
  if ((own & bit(Privilege::grant_option)) == 0 || (set & ~own) != 0) {
    return scope.database.empty()
               ? errors::access_denied(privileges_.account().quoted())
               : errors::database_access_denied(privileges_.account().quoted(), scope.database);
  }
  for (const sql::AccountName& name : statement.accounts) {
    if (auto error = grant_one(statement, id_of(name), scope, set)) return *std::move(error);
  }
  return Done();
}

StatementReply AccountStatements::show_grants(const std::optional<sql::AccountName>& account) {
  const AccountId id = account ? id_of(*account) : privileges_.account();
  if (id != privileges_.account() &&
      (privileges_.on("mysql", "user") & bit(Privilege::select)) == 0) {
    return errors::database_access_denied(privileges_.account().quoted(), "mysql");
  }
  const AccountList& list = privileges_.list();
  const auto found = list.accounts.find(id);
  if (found == list.accounts.end()) return errors::no_such_grant(id.user, id.host);
  Listing listing;
  listing.text("Grants for " + id.user + "@" + id.host, 1024);
  const auto add = [&](PrivilegeSet set, PrivilegeSet all, const std::string& on) {
    const bool passes_on = (set & bit(Privilege::grant_option)) != 0;
    listing.rows.push_back({"GRANT " + privileges_text(set, all) + " ON " + on + " TO " +
                            quoted(id) + (passes_on ? " WITH GRANT OPTION" : "")});
  };
  add(found->second.privileges, all_privileges(), "*.*");
  for (const auto& [scope, set] : list.grants) {
    if (scope.account != id) continue;
    const bool whole = scope.table.empty();
    add(set, whole ? database_privileges() : table_privileges(),
        sql::quoted_name(scope.database) + "." + (whole ? "*" : sql::quoted_name(scope.table)));
  }
  return listing;
}

}  // namespace aftersync::server
