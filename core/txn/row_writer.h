// RowWriter: INSERT, UPDATE and DELETE of single rows, with the locks that they take.
//
// The problem. A row is one clustered record and an entry in each secondary index; each of them may
// be locked by somebody, as may be the gap into which it goes. A wait must hold nothing, so the
// change goes step by step, each step as often as it has to wait (storage/key_guard.h). If a later
// step fails, the statement takes all of it back: what is here runs within a Statement.
//
// Which locks (MySQL manual 17.7.3): an insert asks for an insert intention in each index, and
// leaves no lock where nobody is in the way: the new record locks itself. A clustered record with
// the same key, deleted or not, is locked first: S (X for REPLACE and ON DUPLICATE KEY UPDATE).
// Update and delete lock the clustered record X; entries of secondary indexes lock themselves when
// they are marked.
//
// A change of the clustered key takes the row out of its place and puts it in another; the entries
// follow, index by index.
//
// Unique indexes. The columns' values are the beginning of the entry's key, so equal entries stand
// side by side, in one leaf or several. Each of them, deleted ones too, is locked with the gap
// before it (S or X as above), and so is the entry behind the last, at every isolation level: then
// nobody can insert another one. When there are none at all, nothing is locked, or any two inserts
// into one gap would be a deadlock; instead one looks again after the insertion. Of two who insert
// the same values at the same time at least one sees the other's entry then.
//
// Used by the transaction's task.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/table.h"
#include "core/txn/key_locks.h"
#include "core/txn/record_locker.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

class RowWriter {
 public:
  // `on_duplicate`: the mode in which rows are locked that stand in the way of an insert.
  RowWriter(Transaction& trx, storage::Table& table, LockMode on_duplicate = LockMode::s);

  // Errors of all three, besides those of locks (Transaction::settle, Code::conflict) and of
  // storage: Code::bad_state for a read-only transaction. After an error part of the change may
  // stand; the statement has to be taken back.
  //
  // Code::duplicate_key, naming the index: the row in the way has been locked.
  Status insert(const storage::Row& row);
  // Replaces the row; its clustered key may change. Code::not_found when it is not there.
  Status update(std::string_view clustered_key, const storage::Row& row);
  Status remove(std::string_view clustered_key);

 private:
  Status begin();
  // Makes one step until it is no longer told to wait.
  template <typename Step>
  Status persist(Step&& step);
  // Locks the record and changes it.
  template <typename Step>
  Status change_record(const std::string& key, Step&& step);
  Status move_record(const std::string& old_key, const std::string& new_key,
                     const storage::Row& row, storage::Row& before);
  Status insert_record(const std::string& key, const storage::Row& row);
  Status check_no_duplicate(const std::string& key);
  Status lock_for_change(std::string_view clustered_key);
  Status enter(size_t index, const storage::Row& row, std::string_view clustered_key);
  Status enter_once(size_t index, std::string_view columns, const std::string& entry,
                    std::string_view clustered_key, bool is_unique);
  Status leave(size_t index, const std::string& entry_key);
  Status check_unique(size_t index, std::string_view columns, std::string_view own_entry);
  [[nodiscard]] storage::RowStore& rows() { return trx_.manager().engine().rows(); }

  Transaction& trx_;
  storage::Table& table_;
  const LockMode on_duplicate_;
  ChangeGuard guard_;
};

}  // namespace aftersync::txn
