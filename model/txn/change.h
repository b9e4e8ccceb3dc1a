// Changing rows: the clustered index first, then each secondary index in the order of definition.
//
// Inserting into an index (manual 17.7.3, INSERT)
//   1. A record with the same unique key, marked or not, is locked shared before it is judged: in
//      the clustered index the record alone; in a unique secondary index, at every isolation level,
//      all entries of that key and the one that follows with next-key locks. If one is unmarked,
//      that is a duplicate; the locks stay.
//   2. Equal key, but marked: the record is brought back to life, as a change of it.
//   3. Otherwise an insert intention is asked for on the successor, and set only if it must wait.
//   4. A wait starts the work on this index again: the world has changed.
//
// Updating a column of a secondary index marks the old entry and inserts a new one; updating the
// primary key does so in all indexes. Deleting marks.
#pragma once

#include "model/txn/record_lock.h"

namespace aftersync::model::txn {

// Fail with duplicate_key (the message names the index), deadlock or lock_wait_timeout; what was
// changed until then is left to the statement's rollback. The row that is updated or removed has
// been locked exclusively.
Task insert_row(Database& database, Transaction& owner, Table& table, Row row);
Task update_row(Database& database, Transaction& owner, Table& table, Row old_row, Row new_row);
Task delete_row(Database& database, Transaction& owner, Table& table, Row row);

// Undoes changes, the latest first, until `keep` are left. Locks stay (manual 15.3.4).
void roll_back(Database& database, Transaction& owner, size_t keep);

// Removes versions, marked records and marked entries that no read view can need (17.3).
void purge(Database& database);

}  // namespace aftersync::model::txn
