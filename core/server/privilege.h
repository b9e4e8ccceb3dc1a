// Privileges: what an account may do, as bits.
//
// The static privileges of MySQL (manual 8.2.2), in the order in which SHOW GRANTS names them. A
// set of them is one number; where it holds (everywhere, in a database, on a table) is kept beside
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftersync::server {

enum class Privilege : uint8_t {
  select,
  insert,
  update,
  remove,  // DELETE
  create,
  drop,
  reload,
  shutdown,
  process,
  file,
  references,
  index,
  alter,
  show_databases,
  super,
  create_temporary_tables,
  lock_tables,
  execute,
  replication_slave,
  replication_client,
  create_view,
  show_view,
  create_routine,
  alter_routine,
  create_user,
  event,
  trigger,
  create_tablespace,
  grant_option,
};
inline constexpr unsigned kPrivileges = 29;

using PrivilegeSet = uint64_t;

[[nodiscard]] constexpr PrivilegeSet bit(Privilege privilege) {
  return PrivilegeSet{1} << static_cast<unsigned>(privilege);
}
// What ALL means: all but GRANT OPTION, of those that exist at a level.
[[nodiscard]] PrivilegeSet all_privileges();
[[nodiscard]] PrivilegeSet database_privileges();
[[nodiscard]] PrivilegeSet table_privileges();

// "REPLICATION SLAVE"; any case, and some of MySQL's and MariaDB's newer names for the same.
[[nodiscard]] std::optional<Privilege> find_privilege(std::string_view name);
[[nodiscard]] std::string_view to_string(Privilege privilege);
// "SELECT, INSERT"; `all`, where nothing is missing, as "ALL PRIVILEGES"; "USAGE" for none. GRANT
// OPTION is left out.
[[nodiscard]] std::string privileges_text(PrivilegeSet set, PrivilegeSet all);

}  // namespace aftersync::server
