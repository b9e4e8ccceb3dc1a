// CommitSession: random transactions on the sample tables, and what came of them in the ledger.
//
// Each inserts its number into the journal, and inserts, updates or deletes a few rows of the other
// tables; now and then it takes a part back, or all. Runs in a server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/platform/node.h"
#include "core/txn/transaction.h"
#include "faults/txn/commit_ledger.h"
#include "faults/txn/logged_tables.h"

namespace aftersync::faults {

class CommitSession {
 public:
  // `keys`: rows of db/accounts and db/plain at most.
  CommitSession(uint64_t seed, int64_t session, int64_t keys, CommitLedger& ledger)
      : prng_(seed), session_(session), keys_(keys), ledger_(ledger) {}

  // One transaction, to its end. An error is one of the device.
  Status transact(Node& node, txn::TransactionManager& manager, const SampleTables& tables);

 private:
  Status work(txn::Transaction& trx, const SampleTables& tables, int64_t number);
  Status change_account(txn::Transaction& trx, const txn::LoggedTables::Found& accounts);
  Status change_plain(txn::Transaction& trx, const txn::LoggedTables::Found& plain);
  [[nodiscard]] int64_t draw_key();
  [[nodiscard]] std::string draw_note();

  Prng prng_;
  const int64_t session_;
  const int64_t keys_;
  CommitLedger& ledger_;
};

// What one view sees of the journal, told to the ledger. Errors of the device.
Status read_journal(txn::TransactionManager& manager, const SampleTables& tables,
                    CommitLedger& ledger);

}  // namespace aftersync::faults
