// Spelling of column types.
#include "core/sql/ast/column_type.h"

#include <cstddef>

namespace aftersync::sql {

std::string_view to_string(TypeName type) {
  static constexpr std::string_view kNames[kTypeNames] = {
      "TINYINT",  "SMALLINT",  "MEDIUMINT",  "INT",      "BIGINT", "DECIMAL",
      "FLOAT",    "DOUBLE",    "BIT",        "YEAR",     "CHAR",   "VARCHAR",
      "TINYTEXT", "TEXT",      "MEDIUMTEXT", "LONGTEXT", "BINARY", "VARBINARY",
      "TINYBLOB", "BLOB",      "MEDIUMBLOB", "LONGBLOB", "DATE",   "TIME",
      "DATETIME", "TIMESTAMP", "ENUM",       "SET",      "JSON"};
  return kNames[static_cast<size_t>(type)];
}

}  // namespace aftersync::sql
