// CommitSession: statements.
#include "faults/txn/commit_session.h"

#include "core/txn/consistent_read.h"
#include "core/txn/locking_read.h"

namespace aftersync::faults {

using storage::Row;
using storage::Value;
using txn::LockMode;
using txn::Transaction;
using Found = txn::LoggedTables::Found;

int64_t CommitSession::draw_key() {
  return static_cast<int64_t>(prng_.below(static_cast<uint64_t>(keys_)));
}

std::string CommitSession::draw_note() {
  return std::string(prng_.below(60), static_cast<char>('a' + prng_.below(26)));
}

Status CommitSession::transact(Node& node, txn::TransactionManager& manager,
                               const SampleTables& tables) {
  const int64_t number = ledger_.begin();
  txn::TransactionOptions options;
  options.isolation =
      prng_.chance(0.5) ? txn::Isolation::read_committed : txn::Isolation::repeatable_read;
  const auto trx = manager.begin(options);
  const Status worked = work(*trx, tables, number);
  const bool gives_up = !worked.ok() || prng_.chance(0.05);
  if (trx->state() == Transaction::State::active && gives_up) RETURN_IF_ERROR(trx->rollback());
  if (trx->state() == Transaction::State::rolled_back) {
    ledger_.failed(number);
    return worked.code_class() == CodeClass::retry ? Status() : worked;
  }
  if (prng_.chance(0.3)) (void)node.tasks().sleep_for(Duration(prng_.below(300'000)));
  ledger_.committing(number);
  const Status committed = trx->commit();
  if (committed.ok()) {
    ledger_.acknowledged(number);
  } else if (trx->state() == Transaction::State::rolled_back) {
    ledger_.failed(number);
  }
  return committed;
}

Status CommitSession::work(Transaction& trx, const SampleTables& tables, int64_t number) {
  const Found& journal = tables.at("db/journal");
  RETURN_IF_ERROR(insert_row(trx, journal, {Value(number), Value(session_)}));
  const uint64_t changes = prng_.below(5);
  for (uint64_t i = 0; i < changes; ++i) {
    if (prng_.chance(0.1)) RETURN_IF_ERROR(trx.savepoint("s"));
    RETURN_IF_ERROR(prng_.chance(0.7) ? change_account(trx, tables.at("db/accounts"))
                                      : change_plain(trx, tables.at("db/plain")));
    if (prng_.chance(0.05)) {
      const Status back = trx.rollback_to("s");
      if (back.code() != Code::not_found) RETURN_IF_ERROR(back);
    }
  }
  return {};
}

Status CommitSession::change_account(Transaction& trx, const Found& accounts) {
  const Value key(draw_key());
  ASSIGN_OR_RETURN(const std::string clustered,
                   storage::Engine::primary_key(*accounts.table, {key}));
  ASSIGN_OR_RETURN(const auto row, txn::locking_get(trx, *accounts.table, clustered, LockMode::x));
  Row after = {key, Value(), Value(draw_note())};
  if (prng_.chance(0.8)) after[1] = Value(draw_key());
  if (!row) return insert_row(trx, accounts, after);
  if (prng_.chance(0.3)) return remove_row(trx, accounts, clustered, *row);
  if (prng_.chance(0.5)) after[2] = row->at(2);
  return update_row(trx, accounts, clustered, *row, after);
}

Status CommitSession::change_plain(Transaction& trx, const Found& plain) {
  const Value key(draw_key());
  txn::LockingScan scan(trx, *plain.table, 0, {}, LockMode::x);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, scan.next());
    if (!more) break;
    if (scan.row()[0] == key) {
      const Row before = scan.row();
      const std::string clustered = scan.clustered_key();
      if (prng_.chance(0.4)) return remove_row(trx, plain, clustered, before);
      return update_row(trx, plain, clustered, before, {key, Value(draw_note())});
    }
    scan.release_row();
  }
  return insert_row(trx, plain, {key, Value(draw_note())});
}

Status read_journal(txn::TransactionManager& manager, const SampleTables& tables,
                    CommitLedger& ledger) {
  const auto trx = manager.begin({});
  std::vector<int64_t> numbers;
  const auto read = [&]() -> Status {
    txn::ConsistentScan scan(*trx, *tables.at("db/journal").table, 0, {});
    while (true) {
      ASSIGN_OR_RETURN(const bool more, scan.next());
      if (!more) return {};
      numbers.push_back(std::get<int64_t>(scan.row()[0]));
    }
  };
  const Status status = read();
  if (status.ok()) ledger.saw(numbers);
  RETURN_IF_ERROR(trx->rollback());
  return status;
}

}  // namespace aftersync::faults
