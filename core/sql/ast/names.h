// Names as statements write them: parts that were left out are empty; case is as written.
#pragma once

#include <cstdint>
#include <string>

namespace aftersync::sql {

struct TableName {
  std::string schema;
  std::string table;
  bool operator==(const TableName&) const = default;
};

struct ColumnName {
  std::string schema;
  std::string table;
  std::string column;
  bool operator==(const ColumnName&) const = default;
};

// 'user'@'host'; the host is "%" when it was left out. CURRENT_USER has an empty name and host.
struct AccountName {
  std::string user;
  std::string host;
  bool operator==(const AccountName&) const = default;
};

// Which value of a system variable is meant (MySQL manual 5.1.9). `unspecified`: none was named.
enum class VariableScope : uint8_t { unspecified, global, session, persist, persist_only };

}  // namespace aftersync::sql
