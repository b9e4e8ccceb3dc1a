// What a client is told when storage or a transaction refuses: a Status as an error of MySQL's.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "core/sql/sql_error.h"

namespace aftersync::sql {

// `status` is not OK. `table`: its name, for messages. Code::duplicate_key is not for this: the
// message needs the row.
[[nodiscard]] SqlError storage_error(const Status& status, std::string_view table);

}  // namespace aftersync::sql
