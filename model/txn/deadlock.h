// Deadlocks: circles in "waits for", and who must give way.
//
// Every transaction has an edge to each transaction that is in the way of the lock it waits for.
// A circle can only come into being when somebody begins to wait, so it is looked for then (manual
// 17.7.5.2). One circle is broken at a time, until none is left.
#pragma once

#include <vector>

#include "model/txn/lock_table.h"
#include "model/txn/rules.h"

namespace aftersync::model::txn {

// The transactions of a circle through `start`, each waiting for the next and the last for the
// first, beginning with `start`; the shortest, and of those the first by the order of the queues.
// Empty when there is none.
[[nodiscard]] std::vector<Transaction*> find_circle(const LockTable& locks, Transaction& start,
                                                    const Rules& rules);

// The one with the least to undo; of several, the requester (the first).
[[nodiscard]] Transaction* choose_victim(const std::vector<Transaction*>& circle,
                                         const Rules& rules);

}  // namespace aftersync::model::txn
