// SessionPrivileges: what the account of a session may do, asked for each statement.
//
// It keeps the list of accounts that it has seen and takes the new one when there is one, so that a
// check costs a comparison of two numbers where nothing has changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/server/account_book.h"
#include "core/server/variables.h"
#include "core/sql/exec/services.h"

namespace aftersync::server {

// One session's; one task.
class SessionPrivileges : public sql::Privileges {
 public:
  // Both outlive it.
  SessionPrivileges(AccountBook& book, GlobalVariables& variables)
      : book_(book), variables_(variables) {}

  void log_in(AccountId account);
  [[nodiscard]] const AccountId& account() const { return account_; }

  // 1044 and 1142; 1290 where read_only forbids a change.
  std::optional<sql::SqlError> check(sql::Need need, std::string_view database,
                                     std::string_view table) override;
  [[nodiscard]] PrivilegeSet everywhere();
  [[nodiscard]] bool may(Privilege privilege) { return (everywhere() & bit(privilege)) != 0; }
  // Whether the account may know that the database, or the table, is there.
  [[nodiscard]] bool sees(std::string_view database, std::string_view table = {});
  // 1044.
  std::optional<sql::SqlError> check_use(std::string_view database);
  // 1227 unless it has one of them; `names` for the message.
  std::optional<sql::SqlError> require(PrivilegeSet any_of, std::string_view names);
  [[nodiscard]] const AccountList& list();
  [[nodiscard]] PrivilegeSet on(std::string_view database, std::string_view table);

 private:
  AccountBook& book_;
  GlobalVariables& variables_;
  AccountId account_;
  uint64_t seen_ = UINT64_MAX;
  std::shared_ptr<const AccountList> list_;
  PrivilegeSet everywhere_ = 0;
};

// Databases whose tables are computed: everybody reads them.
[[nodiscard]] bool is_virtual_database(std::string_view name);

}  // namespace aftersync::server
