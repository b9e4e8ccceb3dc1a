// ListSession: one client's random transactions on a table of lists, recorded as a history.
//
// The table: id BIGINT PRIMARY KEY, list TEXT, w BIGINT with an index, u BIGINT with a unique one.
// A list's key has two homes, the ids k and kOtherHome + k: an append may move the row from one to
// the other, so that rows are deleted and inserted all the time and finding nothing has to be
// locked as well. w and u change with every append, so that entries come and go in both indexes.
// Under READ COMMITTED rows stay at home: nothing keeps a row from moving past somebody who looks
// in one place after the other. So they do under REPEATABLE READ without snapshot isolation, where
// one sees one's own changes of the newest rows among the others' old ones.
//
// What is judged: at once, that no two rows have the same u, that a key is in one home, and that
// nobody waits for a lock until the time is up (deadlocks are found at once, and nobody sleeps on a
// lock). At the end, by the checkers of model/history: that the lists show no anomaly which the
// isolation level excludes. Neither knows anything of locks or views.
//
// Its methods run in tasks of a server; what outlives a transaction is on the host.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/txn/row_writer.h"
#include "core/txn/transaction.h"
#include "faults/pair/history_recorder.h"

namespace aftersync::faults {

struct ListSessionOptions {
  txn::Isolation isolation = txn::Isolation::repeatable_read;
  bool snapshot_isolation = true;
  int64_t keys = 4;
  uint64_t steps = 4;  // of a transaction, at most
};

// "lists", without ids.
[[nodiscard]] storage::TableDef lists_table();

class ListSession {
 public:
  using Violate = std::function<void(std::string)>;

  ListSession(const ListSessionOptions& options, uint64_t seed, uint64_t process,
              HistoryRecorder& recorder, Violate violate);

  // One transaction, to its end. Errors are those of the device.
  Status transact(Node& node, txn::TransactionManager& manager, storage::Table& table);

 private:
  using Ops = std::vector<ListOp>;
  using Lists = std::map<int64_t, std::string>;  // by key

  [[nodiscard]] Result<bool> work(Node& node, txn::Transaction& trx, storage::Table& table,
                                  Ops& ops);
  Status step(txn::Transaction& trx, storage::Table& table, Ops& ops);
  Status savepoint(txn::Transaction& trx, storage::Table& table, Ops& ops);
  Status append(txn::Transaction& trx, storage::Table& table, int64_t key, Ops& ops);
  Status append_found(txn::Transaction& trx, storage::Table& table, Ops& ops);
  Status read(txn::Transaction& trx, storage::Table& table, bool is_locking, Ops& ops);
  Status read_all(txn::Transaction& trx, storage::Table& table, Ops& ops);
  Status skip_locked(txn::Transaction& trx, storage::Table& table);
  Status write(txn::Transaction& trx, storage::Table& table, const storage::Row* old, int64_t key,
               int64_t element, bool has_u);
  // The row of a key, where it is at home; empty: there is none.
  [[nodiscard]] Result<std::optional<storage::Row>> find(txn::Transaction& trx,
                                                         storage::Table& table, int64_t key,
                                                         std::optional<txn::LockMode> lock);
  // Whether what one reads may be no state that there ever was.
  [[nodiscard]] bool sees_a_mixture() const;
  [[nodiscard]] bool moves() const;
  [[nodiscard]] int64_t draw_key();
  void violate(const std::string& what);

  const ListSessionOptions options_;
  const uint64_t process_;
  HistoryRecorder& recorder_;
  const Violate violate_;
  Prng prng_;
  int64_t elements_ = 0;
};

}  // namespace aftersync::faults
