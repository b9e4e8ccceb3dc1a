// The table of errors.
#include "core/sql/schema/storage_error.h"

namespace aftersync::sql {

SqlError storage_error(const Status& status, std::string_view table) {
  switch (status.code()) {
    case Code::deadlock: return make_error(ErrorName::deadlock, {});
    case Code::lock_wait_timeout: return make_error(ErrorName::lock_wait_timeout, {});
    case Code::conflict: return make_error(ErrorName::record_changed, {table});
    case Code::unavailable: return make_error(ErrorName::nowait, {});
    case Code::no_space: return make_error(ErrorName::table_is_full, {table});
    default: return make_error(ErrorName::engine_error, {status.to_string()});
  }
}

}  // namespace aftersync::sql
