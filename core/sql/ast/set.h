// SET: variables of the user, of the system, and of the connection's character sets.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/sql/ast/query.h"

namespace aftersync::sql {

struct SetUserVariable {
  std::string name;
  Expr value;
  bool operator==(const SetUserVariable&) const = default;
};

// A word (ON, ALL, utf8mb4) stands as a ColumnRef of that name; DEFAULT as DefaultValue.
struct SetSystemVariable {
  SystemVariable variable;
  Expr value;
  bool operator==(const SetSystemVariable&) const = default;
};

// SET NAMES, SET CHARACTER SET; an empty charset is DEFAULT.
struct SetCharset {
  bool names = true;
  std::string charset;
  std::string collation;
  bool operator==(const SetCharset&) const = default;
};

using SetItem = std::variant<SetUserVariable, SetSystemVariable, SetCharset>;

struct SetStatement {
  std::vector<SetItem> items;
  bool operator==(const SetStatement&) const = default;
};

}  // namespace aftersync::sql
