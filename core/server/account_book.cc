// Accounts and grants, in the engine and in memory.
#include "core/server/account_book.h"

#include <algorithm>
#include <tuple>

#include "core/base/check.h"
#include "core/storage/row_cursor.h"
#include "core/wire/password.h"

namespace aftersync::server {

namespace {

using storage::ColumnType;

constexpr const char* kAccountsTable = "#server/accounts";
constexpr const char* kGrantsTable = "#server/grants";

constexpr uint64_t kLocked = 1;
constexpr uint64_t kSecureTransport = 2;

storage::ColumnDef text_column(const char* name) {
  storage::ColumnDef column;
  column.name = name;
  column.type = ColumnType::bytes;
  column.nullable = false;
  column.max_bytes = 1024;
  return column;
}

storage::ColumnDef number_column(const char* name) {
  storage::ColumnDef column;
  column.name = name;
  column.type = ColumnType::unsigned_integer;
  column.nullable = false;
  return column;
}

storage::IndexDef primary_key(uint32_t columns) {
  storage::IndexDef index;
  index.name = "PRIMARY";
  index.unique = true;
  for (uint32_t i = 0; i < columns; ++i) index.parts.push_back({.column = i});
  return index;
}

storage::TableDef accounts_definition() {
  storage::TableDef def;
  def.name = kAccountsTable;
  def.columns = {text_column("user"),    text_column("host"),
                 text_column("plugin"),  text_column("authentication"),
                 number_column("flags"), number_column("privileges")};
  def.indexes = {primary_key(2)};
  return def;
}

storage::TableDef grants_definition() {
  storage::TableDef def;
  def.name = kGrantsTable;
  def.columns = {text_column("user"), text_column("host"), text_column("database"),
                 text_column("table"), number_column("privileges")};
  def.indexes = {primary_key(4)};
  return def;
}

storage::Row account_row(const AccountId& account, const AccountState& state) {
  const uint64_t flags =
      (state.locked ? kLocked : 0) | (state.require_secure_transport ? kSecureTransport : 0);
  return {account.user, account.host,    state.plugin, state.authentication_string,
          flags,        state.privileges};
}

std::string text_of(const storage::Value& value) { return std::get<std::string>(value); }

Status put_row(storage::Engine& engine, storage::Transaction& trx, storage::Table& table,
               size_t key_columns, const storage::Row& row, bool remove) {
  const storage::Row key(row.begin(), row.begin() + static_cast<long>(key_columns));
  ASSIGN_OR_RETURN(const std::string clustered, storage::Engine::primary_key(table, key));
  ASSIGN_OR_RETURN(const std::optional<storage::Row> before, engine.get(table, clustered));
  if (remove) return before ? engine.remove(trx, table, clustered) : Status();
  return before ? engine.update(trx, table, clustered, row) : engine.insert(trx, table, row);
}

bool is_loopback(std::string_view host) {
  return host == "::1" || host == "::ffff:127.0.0.1" || host.starts_with("127.");
}

bool host_matches(std::string_view client, std::string_view pattern) {
  return matches_pattern(client, pattern, true) ||
         (is_loopback(client) && matches_pattern("localhost", pattern, true));
}

// What sorts the more specific account first.
std::tuple<bool, long, bool> generality(const AccountId& account) {
  const size_t wildcard = account.host.find_first_of("%_");
  const bool has_wildcard = wildcard != std::string::npos;
  return {has_wildcard, -static_cast<long>(has_wildcard ? wildcard : account.host.size()),
          account.user.empty()};
}

char folded(char c, bool ignore_case) {
  return ignore_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern, bool ignore_case) {
  size_t at = 0;
  size_t in = 0;
  size_t star = std::string_view::npos;  // behind the last %, and where the text was then
  size_t mark = 0;
  while (at < text.size()) {
    if (in < pattern.size() && pattern[in] == '%') {
      star = ++in;
      mark = at;
      continue;
    }
    const bool any = in < pattern.size() && pattern[in] == '_';
    const bool escaped = in + 1 < pattern.size() && pattern[in] == '\\';
    const size_t literal = in + (escaped ? 1 : 0);
    if (in < pattern.size() &&
        (any || folded(pattern[literal], ignore_case) == folded(text[at], ignore_case))) {
      in = literal + 1;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star;
      at = ++mark;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '%') ++in;
  return in == pattern.size();
}

PrivilegeSet AccountList::privileges_on(const AccountId& account, std::string_view database,
                                        std::string_view table) const {
  const auto found = accounts.find(account);
  PrivilegeSet set = found == accounts.end() ? 0 : found->second.privileges;
  if (database.empty()) return set;
  for (auto it = grants.lower_bound({account, "", ""});
       it != grants.end() && it->first.account == account; ++it) {
    const GrantScope& scope = it->first;
    if (scope.table.empty() ? matches_pattern(database, scope.database, false)
                            : scope.database == database && scope.table == table) {
      set |= it->second;
    }
  }
  return set;
}

PrivilegeSet AccountList::privileges_inside(const AccountId& account,
                                            std::string_view database) const {
  PrivilegeSet set = privileges_on(account, database, "");
  for (auto it = grants.lower_bound({account, std::string(database), ""});
       it != grants.end() && it->first.account == account && it->first.database == database; ++it) {
    set |= it->second;
  }
  return set;
}

Result<std::unique_ptr<AccountBook>> AccountBook::open(storage::Engine& engine) {
  std::unique_ptr<AccountBook> book(new AccountBook(engine));
  RETURN_IF_ERROR(book->open_tables());
  RETURN_IF_ERROR(book->load());
  return book;
}

Status AccountBook::open_tables() {
  const auto open = [&](storage::TableDef def, std::shared_ptr<storage::Table>& table) -> Status {
    auto found = engine_.open_table(def.name);
    if (found.code() == Code::not_found) found = engine_.create_table(std::move(def));
    ASSIGN_OR_RETURN(table, std::move(found));
    return {};
  };
  RETURN_IF_ERROR(open(accounts_definition(), accounts_));
  return open(grants_definition(), grants_);
}

Status AccountBook::load() {
  auto list = std::make_shared<AccountList>();
  storage::RowCursor accounts(engine_.rows(), *accounts_);
  ASSIGN_OR_RETURN(bool on_row, accounts.first());
  while (on_row) {
    const storage::Row& row = accounts.row();
    AccountState state{text_of(row[2]), text_of(row[3]), false, false, std::get<uint64_t>(row[5])};
    state.locked = (std::get<uint64_t>(row[4]) & kLocked) != 0;
    state.require_secure_transport = (std::get<uint64_t>(row[4]) & kSecureTransport) != 0;
    list->accounts[{text_of(row[0]), text_of(row[1])}] = std::move(state);
    ASSIGN_OR_RETURN(on_row, accounts.next());
  }
  storage::RowCursor grants(engine_.rows(), *grants_);
  ASSIGN_OR_RETURN(on_row, grants.first());
  while (on_row) {
    const storage::Row& row = grants.row();
    list->grants[{{text_of(row[0]), text_of(row[1])}, text_of(row[2]), text_of(row[3])}] =
        std::get<uint64_t>(row[4]);
    ASSIGN_OR_RETURN(on_row, grants.next());
  }
  list_ = std::move(list);
  return {};
}

std::shared_ptr<const AccountList> AccountBook::list() const {
  const MutexLock lock(mutex_);
  return list_;
}

std::optional<wire::Account> AccountBook::find(std::string_view user,
                                               std::string_view client_host) {
  if (lets_everybody_in()) {
    return wire::Account{std::string(user), "%", std::string(wire::kNativePlugin), "", false};
  }
  const std::shared_ptr<const AccountList> list = this->list();
  const std::pair<const AccountId, AccountState>* best = nullptr;
  for (const auto& one : list->accounts) {
    if (!one.first.user.empty() && one.first.user != user) continue;
    if (one.second.locked || !host_matches(client_host, one.first.host)) continue;
    if (best == nullptr || generality(one.first) < generality(best->first)) best = &one;
  }
  if (best == nullptr) return std::nullopt;
  return wire::Account{best->first.user, best->first.host, best->second.plugin,
                       best->second.authentication_string, best->second.require_secure_transport};
}

Status AccountBook::store_account(storage::Transaction& trx, const AccountId& account,
                                  const AccountState* state) {
  return put_row(engine_, trx, *accounts_, 2,
                 account_row(account, state == nullptr ? AccountState() : *state),
                 state == nullptr);
}

Status AccountBook::store_grant(storage::Transaction& trx, const GrantScope& scope,
                                PrivilegeSet privileges) {
  return put_row(engine_, trx, *grants_, 4,
                 {scope.account.user, scope.account.host, scope.database, scope.table, privileges},
                 privileges == 0);
}

// Makes the change in the engine and, when that is durable, in memory.
template <typename Change>
Status AccountBook::change(Change&& make) {
  const MutexLock changing(change_mutex_);
  auto changed = std::make_shared<AccountList>(*list());
  storage::Transaction trx;
  Status status = make(trx, *changed);
  if (status.ok()) status = engine_.commit(trx);
  if (!status.ok()) {
    RETURN_IF_ERROR(engine_.rollback(trx));
    return status;
  }
  const MutexLock lock(mutex_);
  list_ = std::move(changed);
  number_.fetch_add(1, std::memory_order_release);
  return {};
}

Status AccountBook::remove_account(storage::Transaction& trx, const AccountId& account,
                                   AccountList& changed) {
  RETURN_IF_ERROR(store_account(trx, account, nullptr));
  changed.accounts.erase(account);
  for (auto it = changed.grants.lower_bound({account, "", ""});
       it != changed.grants.end() && it->first.account == account;) {
    RETURN_IF_ERROR(store_grant(trx, it->first, 0));
    it = changed.grants.erase(it);
  }
  return {};
}

Status AccountBook::put(const AccountId& account, const std::optional<AccountState>& state) {
  return change([&](storage::Transaction& trx, AccountList& changed) -> Status {
    if (!state) return remove_account(trx, account, changed);
    RETURN_IF_ERROR(store_account(trx, account, &*state));
    changed.accounts[account] = *state;
    return {};
  });
}

Status AccountBook::rename(const AccountId& from, const AccountId& to) {
  return change([&](storage::Transaction& trx, AccountList& changed) -> Status {
    const AccountState state = changed.accounts.at(from);
    std::vector<std::pair<GrantScope, PrivilegeSet>> grants;
    for (auto it = changed.grants.lower_bound({from, "", ""});
         it != changed.grants.end() && it->first.account == from; ++it) {
      grants.push_back({{to, it->first.database, it->first.table}, it->second});
    }
    RETURN_IF_ERROR(remove_account(trx, from, changed));
    RETURN_IF_ERROR(store_account(trx, to, &state));
    changed.accounts[to] = state;
    for (const auto& [scope, privileges] : grants) {
      RETURN_IF_ERROR(store_grant(trx, scope, privileges));
      changed.grants[scope] = privileges;
    }
    return {};
  });
}

Status AccountBook::put_grant(const GrantScope& scope, PrivilegeSet privileges) {
  return change([&](storage::Transaction& trx, AccountList& changed) -> Status {
    RETURN_IF_ERROR(store_grant(trx, scope, privileges));
    if (privileges == 0) {
      changed.grants.erase(scope);
    } else {
      changed.grants[scope] = privileges;
    }
    return {};
  });
}

}  // namespace aftersync::server
