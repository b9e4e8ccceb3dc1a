// Locking one record: implicit locks, and conflicts under snapshot isolation.
//
// Implicit locks (manual 17.7.1 does not name them; 17.7.3 says what they achieve: "INSERT sets an
// exclusive lock on the inserted row"). Whoever last changed a record, and has not ended, has it
// locked exclusively without an entry in the lock table. Another transaction that wants the record
// first makes that lock explicit, then queues behind it.
//   - A clustered record belongs to the writer of its newest version, a secondary entry to whoever
//     last inserted, marked or unmarked it.
//   - The owner needs no explicit lock to lock the record alone; for a gap it does.
//
// Snapshot isolation (MariaDB documentation, innodb_snapshot_isolation): a transaction that has a
// read view gets error 1020 when it locks a clustered record whose newest version its view does not
// see. If the writer has committed, at once; if it is active, when the wait ends by its commit.
// Reads that lock open no view; only at SERIALIZABLE the first statement does, whatever it is
// (observed).
#pragma once

#include <coroutine>

#include "model/txn/database.h"
#include "model/txn/task.h"

namespace aftersync::model::txn {

// co_await UntilGranted{transaction}: stops until the lock just asked for is granted, or the wait
// ends otherwise. OK means: ask again.
struct UntilGranted {
  Transaction& owner;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const noexcept { owner.wait->resume = self; }
  [[nodiscard]] Status await_resume() const {
    Status result = owner.wait->result;
    owner.wait.reset();
    return result;
  }
};

// A lock that a statement wants on a record of one of a table's indexes; no key: the supremum.
struct Wanted {
  size_t index = kClustered;
  std::optional<Row> key;
  LockShape shape;
};

// Locks a record to read it. Without `enqueue`, a request that would wait answers `waiting` and
// leaves nothing behind. Fails with conflict.
[[nodiscard]] Result<Grant> lock_to_read(Database& database, Transaction& owner, const Table& table,
                                         const Wanted& wanted, bool enqueue);

// Makes sure that nobody else has locked the record that is about to be changed; the change itself
// is the implicit lock.
[[nodiscard]] Grant lock_to_change(Database& database, Transaction& owner, Table& table,
                                   size_t index, const Row& key);

// Whoever has the record locked implicitly; nullptr if nobody does.
[[nodiscard]] Transaction* implicit_holder(const Database& database, const Table& table,
                                           size_t index, const Row& key);

// The table lock that must come before record locks in `mode` (manual 17.7.1 "Intention Locks").
// An exclusive one makes a writer of the transaction.
void lock_table_intention(Database& database, Transaction& owner, const Table& table, Mode mode);

}  // namespace aftersync::model::txn
