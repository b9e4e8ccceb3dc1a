// Transaction: one unit of work, from begin to commit or rollback. And TransactionManager, which
// makes them.
//
//   TransactionManager transactions(node, *engine, {});
//   auto trx = transactions.begin({.isolation = Isolation::read_committed});
//   {
//     Statement statement(*trx);
//     ... rows ...
//     statement.end();  // without it: what the statement did is taken back
//   }
//   RETURN_IF_ERROR(trx->commit());
//
// A transaction that only reads allocates nothing but itself: it gets its id, its stream of undo
// and a place in the registry when it first writes (become_writer()). It has a number from the
// beginning, by which locks and reports name it.
//
// Views. READ COMMITTED opens one for each statement, REPEATABLE READ and SERIALIZABLE one at the
// first consistent read, kept to the end; READ UNCOMMITTED has none. Source: MySQL manual 17.7.2.1.
// With snapshot isolation SERIALIZABLE opens it with its first statement, whatever that is: MariaDB
// does so, and answers what has been changed since with a conflict.
//
// Commit, in this order: the commit record goes to the log buffer; from then on the transaction is
// visible; its locks are given back; last, the caller waits until the record is durable. Whoever
// has seen it meanwhile commits later in the log, so no crash can keep the one and lose the other.
//
// With a CommitCoordinator (the binlog's) a transaction that has written is prepared and handed
// over; the coordinator calls commit_in_engine() when it is that transaction's turn, so engine and
// binlog have one order. Prepared is a state in memory: after a crash the engine has committed
// transactions and unfinished ones, which it rolls back, and the binlog restores what it has and
// the engine has not.
//
// Bad use is answered, not punished: Code::bad_state for anything but asking on a transaction that
// has ended, or is prepared. A deadlock's victim, and whoever meets a full lock table, has been
// rolled back when the error is returned.
//
// A Transaction is used by one task at a time, and must have ended when it is destroyed: CHECKed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/storage/engine.h"
#include "core/txn/binlog_cache.h"
#include "core/txn/key_locks.h"
#include "core/txn/lock_table.h"
#include "core/txn/read_view.h"
#include "core/txn/transaction_registry.h"

namespace aftersync::txn {

enum class Isolation : uint8_t {
  read_uncommitted,
  read_committed,
  repeatable_read,
  serializable,
};

struct TransactionOptions {
  Isolation isolation = Isolation::repeatable_read;
  bool read_only = false;
  // It is one statement, with no BEGIN before it. Under SERIALIZABLE plain reads lock, but not
  // those of a transaction that has nothing else in it.
  bool autocommit = false;
  // innodb_snapshot_isolation: locking what somebody has changed since the view was opened is
  // Code::conflict, under REPEATABLE READ and SERIALIZABLE.
  bool snapshot_isolation = true;
  // innodb_lock_wait_timeout
  Duration lock_wait_timeout = 50s;
  // sql_log_bin; without a coordinator nothing is logged in any case.
  bool logs = true;
};

class Transaction;

// What makes commits durable and orders them (the binlog). Any task.
class CommitCoordinator {
 public:
  virtual ~CommitCoordinator() = default;
  // Takes a prepared transaction, which has written or has something in its binlog cache (a GTID of
  // its own counts), to its end: by commit_in_engine() exactly
  // once, in the order of the log that it keeps. If it fails before, it has not called that, and
  // the transaction is rolled back.
  [[nodiscard]] virtual Status commit(Transaction& prepared) = 0;
};

struct TransactionManagerOptions {
  LockTableOptions locks;
  CommitCoordinator* coordinator = nullptr;  // null: the engine's log alone
  BinlogCacheOptions binlog = {};            // of each transaction
};

struct TransactionStats {
  uint64_t begun = 0;
  uint64_t writers = 0;  // got an id
  uint64_t committed = 0;
  uint64_t rolled_back = 0;
};

class TransactionManager {
 public:
  TransactionManager(Node& node, storage::Engine& engine, TransactionManagerOptions options);
  ~TransactionManager();
  TransactionManager(const TransactionManager&) = delete;
  TransactionManager& operator=(const TransactionManager&) = delete;

  [[nodiscard]] std::unique_ptr<Transaction> begin(const TransactionOptions& options);

  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] storage::Engine& engine() { return engine_; }
  [[nodiscard]] LockTable& locks() { return locks_; }
  [[nodiscard]] TransactionRegistry& registry() { return registry_; }
  [[nodiscard]] TransactionStats stats() const;

 private:
  friend class Transaction;

  Node& node_;
  storage::Engine& engine_;
  CommitCoordinator* const coordinator_;
  const BinlogCacheOptions binlog_;
  LockTable locks_;
  GapInheritance inheritance_;
  TransactionRegistry registry_;
  std::atomic<uint64_t> begun_{0};
  std::atomic<uint64_t> writers_{0};
  std::atomic<uint64_t> committed_{0};
  std::atomic<uint64_t> rolled_back_{0};
};

class Transaction {
 public:
  enum class State : uint8_t { active, prepared, committed, rolled_back };

  Transaction(TransactionManager& manager, const TransactionOptions& options, uint64_t number);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] uint64_t number() const { return locks_.number(); }
  // 0 before its first write.
  [[nodiscard]] TrxId id() const { return entry_.id(); }
  [[nodiscard]] const TransactionOptions& options() const { return options_; }
  [[nodiscard]] bool has_written() const { return undo_.last_record.value() != 0; }
  [[nodiscard]] uint64_t rows_changed() const { return rows_changed_; }
  // For deadlock reports: the statement that runs.
  void describe(std::string text) { locks_.describe(std::move(text)); }

  // Where changes are told that are to be in the binlog; null when nothing is logged. What a
  // statement or ROLLBACK TO takes back is taken back there, too.
  [[nodiscard]] BinlogCache* binlog() { return binlog_ ? &*binlog_ : nullptr; }

  // --- savepoints: SAVEPOINT, ROLLBACK TO, RELEASE ---

  // A name that is taken moves here.
  Status savepoint(std::string_view name);
  // Takes back what was changed since; later savepoints are forgotten, locks are kept.
  // Code::not_found for an unknown name.
  Status rollback_to(std::string_view name);
  // Forgets it and later ones. Code::not_found.
  Status release_savepoint(std::string_view name);

  // --- the end ---

  // `note` (at most undo_format::kMaxNoteBytes) stays with the undo; a coordinator gives its own.
  // Not within a statement: CHECKed. After an error the transaction is active still, unless a
  // coordinator failed: then it has been rolled back.
  Status commit(std::string_view note = {});
  // For a coordinator: makes it visible, gives back its locks. Returns the lsn up to which the log
  // has to be durable for the transaction to be.
  [[nodiscard]] Result<Lsn> commit_in_engine(std::string_view note);
  Status rollback();

  // --- views ---

  // START TRANSACTION WITH CONSISTENT SNAPSHOT: opens the view now, unless the isolation level has
  // none that would be kept.
  Status take_snapshot();
  // The view of a consistent read that begins now; null under READ UNCOMMITTED.
  [[nodiscard]] const ReadView* view_for_read();
  // The view, if one is open.
  [[nodiscard]] const ReadView* open_view() const { return view_.is_open() ? &view_ : nullptr; }

  // --- locks ---

  // Takes a lock, to be kept to the end (AUTO_INC: of the statement), waiting for it as long as
  // lock_wait_timeout says. No latch is held. Code::lock_wait_timeout, or with a timeout of 0
  // unavailable: nothing has happened. Code::deadlock, or too_large because the lock table is full:
  // the transaction has been rolled back.
  Status lock(const LockTarget& target, LockType type);

  // --- for the row layer ---

  // What follows from an answer of the lock table: waits if the request is in the queue. OK for
  // granted, and for vanished: what was to be locked has gone. Errors as lock(); `busy` is
  // Code::unavailable.
  Status settle(LockAnswer answer, const LockTarget& target, LockType type);
  // Under snapshot isolation: Code::conflict, and the transaction has been rolled back, when a
  // record that has been locked was written by somebody whom the open view does not see.
  Status check_unchanged(TrxId writer);
  // Whether that would be so.
  [[nodiscard]] bool is_outdated_by(TrxId writer) const;
  // Whether plain reads take shared locks.
  [[nodiscard]] bool reads_lock() const {
    return options_.isolation == Isolation::serializable && !options_.autocommit;
  }
  // Whether gaps are locked, too.
  [[nodiscard]] bool locks_gaps() const { return options_.isolation >= Isolation::repeatable_read; }
  [[nodiscard]] LockOwner& locks() { return locks_; }

  // Code::bad_state unless it is active.
  [[nodiscard]] Status check_active(std::string_view wanted) const;
  // Draws the id. Code::bad_state for a read-only or ended transaction.
  Status become_writer();
  void note_row_changed();
  [[nodiscard]] storage::UndoLog& undo() { return undo_; }
  [[nodiscard]] TransactionManager& manager() { return manager_; }

 private:
  friend class Statement;

  // Where to come back to.
  struct Mark {
    storage::RollPtr at;
    uint64_t rows_changed = 0;
    uint64_t told = 0;  // to the binlog
  };
  struct Savepoint {
    std::string name;
    Mark mark;
  };

  [[nodiscard]] Mark mark();
  Status roll_back_until(const Mark& mark);
  void close_view();
  void finish(State state);
  [[nodiscard]] std::vector<Savepoint>::iterator find(std::string_view name);

  TransactionManager& manager_;
  const TransactionOptions options_;
  State state_ = State::active;
  bool in_statement_ = false;
  LockOwner locks_;
  TransactionRegistry::Entry entry_;
  storage::UndoLog undo_;
  ReadView view_;
  uint64_t rows_changed_ = 0;
  std::vector<Savepoint> savepoints_;
  std::optional<BinlogCache> binlog_;
};

// One statement of a transaction: all of it, or nothing. Ends READ COMMITTED's view, and gives back
// AUTO_INC locks.
class Statement {
 public:
  // The transaction is active and in no statement: CHECKed.
  explicit Statement(Transaction& transaction);
  // If end() was not called: takes back what the statement did. An error of that stops the process.
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // The statement succeeded.
  void end();

 private:
  void leave();

  Transaction& transaction_;
  const Transaction::Mark begin_;
  bool ended_ = false;
};

}  // namespace aftersync::txn
