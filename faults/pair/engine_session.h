// EngineSession: one session of the isolation model's scripts, on the engine. Carries statements
// out as a server would: which scans and changes they are made of, and what an error does to the
// transaction (model/txn/interpreter.h says the same of the model).
//
// Used by one task at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/txn/locking_read.h"
#include "core/txn/row_writer.h"
#include "core/txn/transaction.h"
#include "faults/pair/script_table.h"
#include "model/txn/interpreter.h"

namespace aftersync::faults {

// Whose a transaction is, by its number; of those that have ended, too.
class SessionNumbers {
 public:
  void add(uint64_t transaction, model::txn::SessionId session) {
    const MutexLock lock(mutex_);
    sessions_[transaction] = session;
  }
  [[nodiscard]] model::txn::SessionId of(uint64_t transaction) {
    const MutexLock lock(mutex_);
    return sessions_.at(transaction);
  }

 private:
  Mutex mutex_;
  std::map<uint64_t, model::txn::SessionId> sessions_;  // guarded by mutex_
};

class EngineSession {
 public:
  using Tables = std::vector<std::unique_ptr<ScriptTable>>;

  EngineSession(txn::TransactionManager& manager, const Tables& tables, SessionNumbers& numbers,
                model::txn::SessionId id, model::txn::Defaults settings)
      : manager_(manager), tables_(tables), numbers_(numbers), id_(id), settings_(settings) {}
  // Takes back what has not ended.
  ~EngineSession();
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  // From beginning to end, waiting for locks. CHECK: not a definition of a table.
  [[nodiscard]] model::txn::Answer execute(const model::txn::Statement& statement);
  // Ends a wait of the statement that runs, as if its time were up. From another task; CHECK: there
  // is such a statement, and it waits.
  void time_out();
  [[nodiscard]] bool in_transaction() const { return transaction_ != nullptr; }

 private:
  using Access = model::txn::Access;
  using Where = model::txn::Where;

  void begin(bool autocommit);
  Status commit();
  Status roll_back();
  Status control(const model::txn::Statement& statement);
  Status control_savepoint(const model::txn::Statement& statement);
  Status purge();

  Status run(const model::txn::Statement& statement, model::txn::Answer& answer);
  Status select(const model::txn::Select& select, model::txn::Answer& answer);
  Status select_by_view(const model::txn::Select& select, const Access& access,
                        model::txn::Answer& answer);
  Status select_locking(const model::txn::Select& select, const Access& access,
                        model::txn::Answer& answer);
  Status insert(const model::txn::Insert& insert, model::txn::Answer& answer);
  Status update(const model::txn::Update& update, model::txn::Answer& answer);
  Status update_row(const model::txn::Update& update, const std::string& key, const model::Row& row,
                    model::txn::Answer& answer);
  Status remove(const model::txn::Delete& remove, model::txn::Answer& answer);
  [[nodiscard]] Result<bool> lock_if_shown(txn::LockingScan& scan, ScriptTable& table,
                                           const Where& where);
  void fail(const Status& status, model::txn::Answer& answer);
  [[nodiscard]] ScriptTable& table(model::txn::TableId id) { return *tables_.at(id); }

  txn::TransactionManager& manager_;
  const Tables& tables_;
  SessionNumbers& numbers_;
  const model::txn::SessionId id_;
  model::txn::Defaults settings_;
  std::optional<model::txn::Isolation> next_isolation_;
  std::unique_ptr<txn::Transaction> transaction_;
};

}  // namespace aftersync::faults
