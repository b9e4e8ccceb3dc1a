// What all sessions share: tables, locks, the order of commits, the rules in force.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "model/txn/lock_table.h"
#include "model/txn/rules.h"
#include "model/txn/table.h"
#include "model/txn/transaction.h"

namespace aftersync::model::txn {

struct Database {
  Rules rules;
  LockTable locks;
  Commits commits;
  std::vector<std::unique_ptr<Table>> tables;                          // by TableId
  std::map<TransactionId, std::unique_ptr<Transaction>> transactions;  // active ones
  TransactionId next_transaction = 1;
  uint64_t next_writer = 1;

  // nullptr when it has ended.
  [[nodiscard]] Transaction* active(TransactionId id) const {
    const auto found = transactions.find(id);
    return found == transactions.end() ? nullptr : found->second.get();
  }
};

}  // namespace aftersync::model::txn
