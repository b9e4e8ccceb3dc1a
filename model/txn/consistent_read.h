// Consistent nonlocking reads: the rows as of a read view (manual 17.7.2.3).
//
//   READ UNCOMMITTED   the newest version, whoever wrote it; along an index, of rows that are in it
//   READ COMMITTED     each statement has a view of its own
//   REPEATABLE READ    the view of the transaction's first consistent read
//   SERIALIZABLE       inside a transaction a plain SELECT is a shared locking read, and never
//   comes
//                      here; outside it is a consistent read (17.7.2.1)
// A transaction always sees its own changes, also when others are newer than its view.
#pragma once

#include <vector>

#include "model/txn/database.h"
#include "model/txn/statement.h"

namespace aftersync::model::txn {

[[nodiscard]] std::vector<Row> consistent_read(Database& database, Transaction& reader,
                                               const Table& table, const Select& select);

}  // namespace aftersync::model::txn
