// The interpreter: sessions, their statements, and what each step answers.
//
// One statement runs at a time, until it is done, fails or has to wait. What ends a wait makes the
// waiting session runnable; the caller says which runnable session goes on next (orders.h).
//
// Errors (manual 17.21.5 "InnoDB Error Handling")
//   duplicate_key, lock_wait_timeout   the statement is rolled back, the transaction goes on
//   deadlock, conflict                 the transaction is rolled back
//   not_found                          no such savepoint; nothing happened
// Locks taken by a statement that is rolled back stay.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/txn/database.h"
#include "model/txn/orders.h"
#include "model/txn/statement.h"
#include "model/txn/task.h"

namespace aftersync::model::txn {

struct Answer {
  enum class Kind : uint8_t {
    done,     // all is said
    changed,  // `changed` rows
    rows,     // `rows`
    waiting,  // for `others`
    failed,   // with `status`; of a deadlock, `others` is the circle, the victim first
  };
  SessionId session = 0;
  Kind kind = Kind::done;
  size_t changed = 0;
  std::vector<Row> rows;
  std::vector<SessionId> others;
  Status status;
};

struct LockInfo {
  SessionId session = 0;
  std::string table;
  std::string index;       // empty: a table lock
  std::optional<Row> key;  // none, with an index: the supremum
  LockShape shape;
  bool waiting = false;
};

// What sessions begin with.
struct Defaults {
  Isolation isolation = Isolation::repeatable_read;
  bool snapshot_isolation = false;
};

class Interpreter {
 public:
  Interpreter(Rules rules, Defaults defaults) : defaults_(defaults) { database_.rules = rules; }

  // Runs a statement and all that it sets free; the statement's own answer comes first. CHECK: the
  // session does not wait.
  std::vector<Answer> run(SessionId session, const Statement& statement, Orders& orders);

  // The same in pieces: the statement alone; then, until none is runnable, one session at a time. A
  // deadlock's victim is runnable, and rolls back when it is resumed.
  std::vector<Answer> start(SessionId session, const Statement& statement);
  [[nodiscard]] const std::vector<SessionId>& runnable() const { return runnable_; }
  std::vector<Answer> resume(SessionId session);
  std::vector<Answer> resume_all(Orders& orders);

  // The session's wait exceeds innodb_lock_wait_timeout; it is runnable. CHECK: it waits.
  void time_out(SessionId session);

  [[nodiscard]] bool busy(SessionId session) const;
  [[nodiscard]] bool in_transaction(SessionId session) const;
  // Everybody who waits, and for whom, in the order of the queue.
  [[nodiscard]] std::map<SessionId, std::vector<SessionId>> waits() const;

  // Table locks, then record locks by table, index and key; of one record in the queue's order.
  [[nodiscard]] std::vector<LockInfo> locks() const;
  // Of one session.
  [[nodiscard]] std::vector<LockInfo> locks(SessionId session) const;

  [[nodiscard]] const std::vector<std::unique_ptr<Table>>& tables() const {
    return database_.tables;
  }

 private:
  struct Session {
    SessionId id = 0;
    Defaults settings;
    std::optional<Isolation> next_isolation;
    Transaction* transaction = nullptr;
    bool autocommit = true;  // the transaction ends with the statement
    Statement statement;
    size_t changes_before = 0;
    Answer answer;
    std::optional<Task> running;
  };

  Session& session(SessionId id);
  void begin(Session& session, bool explicitly);
  void start_transaction(Transaction& transaction) const;
  void commit(Session& session);
  void roll_back_all(Session& session);
  Status roll_back_to(Session& session, const std::string& savepoint);
  void end(Session& session);

  Task execute(Session& session);
  Task execute_select(Session& session, const Select& select);
  Task execute_insert(Session& session, const Insert& insert);
  Task execute_update(Session& session, const Update& update);
  Task execute_update_row(Session& session, const Update& update, Row row);
  Task execute_delete(Session& session, const Delete& remove);
  Status execute_control(Session& session);

  // Looks at a session that has just stopped running.
  void settle(Session& session, std::vector<Answer>& answers);
  void break_deadlocks(Session& requester, std::vector<Answer>& answers);
  // Circles that came into being without a new request (Rules::follows_first_blocker_only): through
  // somebody whose first blocker is another one now, who counts as the requester.
  void break_late_deadlocks();
  // Its request is withdrawn at once; it rolls back when it is resumed.
  void withdraw_victim(Transaction& victim, const std::vector<Transaction*>& circle);
  void finish(Session& session, std::vector<Answer>& answers);
  void collect_runnable();

  Database database_;
  Defaults defaults_;
  std::map<SessionId, Session> sessions_;
  std::vector<SessionId> runnable_;
};

}  // namespace aftersync::model::txn
