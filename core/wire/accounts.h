// Accounts, as the protocol needs them: who may log in, and how that is proved.
//
// The server keeps them in tables; the protocol sees this interface. FastAuthentication is the
// memory of caching_sha2_password.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/platform/sync.h"

namespace aftersync::wire {

struct Account {
  std::string user{};
  std::string host{};    // the pattern that matched: CURRENT_USER() is user@host
  std::string plugin{};  // kNativePlugin or kCachingSha2Plugin; others are refused by name
  std::string authentication_string{};
  bool require_secure_transport = false;  // REQUIRE SSL
};

// Implementations may be asked by any task.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  // The account that `user` connecting from `client_host` is, by MySQL's order of matching.
  [[nodiscard]] virtual std::optional<Account> find(std::string_view user,
                                                    std::string_view client_host) = 0;
};

// SHA256(SHA256(password)) of accounts whose password has been seen since the start. An entry holds
// only for the authentication string it was made with, so a changed password needs no call here.
// One entry for each account that has logged in. Any task.
class FastAuthentication {
 public:
  [[nodiscard]] std::optional<std::string> find(const Account& account);
  void remember(const Account& account, std::string password_digest);
  void clear();  // FLUSH PRIVILEGES

 private:
  struct Entry {
    std::string authentication_string;
    std::string digest;
  };

  Mutex mutex_;
  // Guarded by mutex_.
  std::map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace aftersync::wire
