// Definitions as SHOW CREATE TABLE, SHOW COLUMNS and information_schema write them.
#pragma once

#include <optional>
#include <string>

#include "core/sql/schema/dictionary.h"

namespace aftersync::sql {

// "int unsigned", "varchar(20)", "decimal(10,2)".
[[nodiscard]] std::string type_text(const ColumnTypeSpec& type);
// "0", "CURRENT_TIMESTAMP(6)"; nothing where there is none, or it is NULL.
[[nodiscard]] std::optional<std::string> default_text(const OpenTable& table, uint32_t column);
// "auto_increment", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP", or nothing.
[[nodiscard]] std::string extra_text(const Column& column);
// "PRI", "UNI", "MUL" or nothing: the best index that the column stands first in.
[[nodiscard]] std::string key_text(const TableSchema& table, uint32_t column);
// Several lines, as SHOW CREATE TABLE has them.
[[nodiscard]] std::string create_table_text(const OpenTable& table);
[[nodiscard]] std::string create_database_text(const std::string& name,
                                               const std::string& collation, bool if_not_exists);

}  // namespace aftersync::sql
