// AccountBook: who may log in, and what they may do.
//
// Two tables of the engine hold it: "#server/accounts", a row for each account, and
// "#server/grants", a row for each account and database or table. In memory all of it is one list
// that is never changed but replaced, so that a session checks a statement without a lock: it keeps
// the list, and takes the new one when the book's number says that there is one.
//
// A change is one transaction of the engine, durable before it counts. Statements do not run in
// their session's transaction, as in MySQL, where they commit implicitly.
//
// Hosts are patterns with % and _. Clients from the loopback are `localhost` as well as their
// address: no names are looked up, and this is the one that everybody expects. The most specific
// account wins: no wildcard before a wildcard, the longer beginning before the shorter, a name
// before the anonymous user (manual 8.2.6).
#pragma once

#include <atomic>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/server/privilege.h"
#include "core/storage/engine.h"
#include "core/wire/accounts.h"

namespace aftersync::server {

struct AccountId {
  std::string user;
  std::string host;
  friend auto operator<=>(const AccountId&, const AccountId&) = default;
  // 'user'@'host' as errors name it.
  [[nodiscard]] std::string quoted() const { return "'" + user + "'@'" + host + "'"; }
};

struct AccountState {
  std::string plugin;
  std::string authentication_string;
  bool locked = false;
  bool require_secure_transport = false;
  PrivilegeSet privileges = 0;  // everywhere
};

// Where privileges hold that do not hold everywhere; the table is empty for a whole database.
struct GrantScope {
  AccountId account;
  std::string database;  // a pattern with % and _ where the table is empty
  std::string table;
  friend auto operator<=>(const GrantScope&, const GrantScope&) = default;
};

struct AccountList {
  std::map<AccountId, AccountState> accounts;
  std::map<GrantScope, PrivilegeSet> grants;

  // What an account may do on a database, or on a table of it. Empty names: everywhere.
  [[nodiscard]] PrivilegeSet privileges_on(const AccountId& account, std::string_view database,
                                           std::string_view table) const;
  // What it may do on anything inside a database: to see that the database is there.
  [[nodiscard]] PrivilegeSet privileges_inside(const AccountId& account,
                                               std::string_view database) const;
};

// Any task.
class AccountBook : public wire::AccountStore {
 public:
  // Makes the tables when they are not there.
  [[nodiscard]] static Result<std::unique_ptr<AccountBook>> open(storage::Engine& engine);

  [[nodiscard]] std::shared_ptr<const AccountList> list() const;
  // Another number: another list.
  [[nodiscard]] uint64_t number() const { return number_.load(std::memory_order_acquire); }

  // Account::user is the account's name, which is empty for the anonymous user.
  std::optional<wire::Account> find(std::string_view user, std::string_view client_host) override;
  // --skip-grant-tables: everybody is found, and needs no password.
  void let_everybody_in() { everybody_.store(true); }
  [[nodiscard]] bool lets_everybody_in() const { return everybody_.load(); }

  // Adds, replaces or (no state) removes an account; one that goes takes its grants along.
  Status put(const AccountId& account, const std::optional<AccountState>& state);
  // Gives it another name; grants go along.
  Status rename(const AccountId& from, const AccountId& to);
  // No privileges: the grant goes.
  Status put_grant(const GrantScope& scope, PrivilegeSet privileges);

 private:
  explicit AccountBook(storage::Engine& engine) : engine_(engine) {}

  Status open_tables();
  Status load();
  Status store_account(storage::Transaction& trx, const AccountId& account,
                       const AccountState* state);
  Status store_grant(storage::Transaction& trx, const GrantScope& scope, PrivilegeSet privileges);
  Status remove_account(storage::Transaction& trx, const AccountId& account, AccountList& changed);
  template <typename Change>
  Status change(Change&& make);

  storage::Engine& engine_;
  std::shared_ptr<storage::Table> accounts_;
  std::shared_ptr<storage::Table> grants_;
  std::atomic<uint64_t> number_{0};
  std::atomic<bool> everybody_{false};
  Mutex change_mutex_;  // one change at a time
  mutable Mutex mutex_;
  // Guarded by mutex_, a leaf.
  std::shared_ptr<const AccountList> list_;
};

// % any run, _ any character, \ before either; `ignore_case` as for hosts.
[[nodiscard]] bool matches_pattern(std::string_view text, std::string_view pattern,
                                   bool ignore_case);

}  // namespace aftersync::server
