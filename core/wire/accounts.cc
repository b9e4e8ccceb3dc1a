// The memory of caching_sha2_password.
#include "core/wire/accounts.h"

namespace aftersync::wire {

std::optional<std::string> FastAuthentication::find(const Account& account) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find({account.user, account.host});
  if (found == entries_.end() ||
      found->second.authentication_string != account.authentication_string) {
    return std::nullopt;
  }
  return found->second.digest;
}

void FastAuthentication::remember(const Account& account, std::string password_digest) {
  const MutexLock lock(mutex_);
  entries_[{account.user, account.host}] = {account.authentication_string,
                                            std::move(password_digest)};
}

void FastAuthentication::clear() {
  const MutexLock lock(mutex_);
  entries_.clear();
}

}  // namespace aftersync::wire
