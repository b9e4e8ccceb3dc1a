// Stepping: starting statements, ending waits, breaking deadlocks.
#include "model/txn/interpreter.h"

#include <algorithm>
#include <utility>

#include "model/txn/change.h"
#include "model/txn/deadlock.h"

namespace aftersync::model::txn {
namespace {

bool is_control(const Statement& statement) {
  return !std::holds_alternative<Select>(statement) && !std::holds_alternative<Insert>(statement) &&
         !std::holds_alternative<Update>(statement) && !std::holds_alternative<Delete>(statement);
}

std::vector<SessionId> sessions_of(const std::vector<Transaction*>& transactions) {
  std::vector<SessionId> found;
  for (const Transaction* transaction : transactions) found.push_back(transaction->session);
  return found;
}

}  // namespace

Interpreter::Session& Interpreter::session(SessionId id) {
  const auto [at, added] = sessions_.try_emplace(id);
  if (added) {
    at->second.id = id;
    at->second.settings = defaults_;
  }
  return at->second;
}

bool Interpreter::busy(SessionId id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second.running.has_value();
}

bool Interpreter::in_transaction(SessionId id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second.transaction != nullptr;
}

std::map<SessionId, std::vector<SessionId>> Interpreter::waits() const {
  std::map<SessionId, std::vector<SessionId>> found;
  for (const auto& [id, session] : sessions_) {
    if (session.running) {
      found.emplace(id, sessions_of(database_.locks.blockers(*session.transaction)));
    }
  }
  return found;
}

std::vector<Answer> Interpreter::run(SessionId id, const Statement& statement, Orders& orders) {
  std::vector<Answer> answers = start(id, statement);
  for (Answer& answer : resume_all(orders)) answers.push_back(std::move(answer));
  return answers;
}

std::vector<Answer> Interpreter::resume_all(Orders& orders) {
  std::vector<Answer> answers;
  while (!runnable_.empty()) {
    const SessionId next = runnable_[orders.choose(runnable_.size())];
    for (Answer& answer : resume(next)) answers.push_back(std::move(answer));
  }
  return answers;
}

std::vector<Answer> Interpreter::start(SessionId id, const Statement& statement) {
  CHECK(!busy(id));
  Session& session = this->session(id);
  session.statement = statement;
  session.answer = Answer{};
  session.answer.session = id;
  std::vector<Answer> answers;
  if (is_control(session.statement)) {
    session.answer.status = execute_control(session);
    if (!session.answer.status.ok()) session.answer.kind = Answer::Kind::failed;
    answers.push_back(session.answer);
    collect_runnable();
    break_late_deadlocks();
    return answers;
  }
  session.autocommit = session.transaction == nullptr;
  if (session.autocommit) begin(session, false);
  start_transaction(*session.transaction);
  session.changes_before = session.transaction->changes.size();
  session.running.emplace(execute(session));
  settle(session, answers);
  return answers;
}

std::vector<Answer> Interpreter::resume(SessionId id) {
  std::erase(runnable_, id);
  Session& session = this->session(id);
  CHECK(session.running && session.transaction->wait && session.transaction->wait->over);
  session.transaction->wait->resume.resume();
  std::vector<Answer> answers;
  settle(session, answers);
  return answers;
}

void Interpreter::time_out(SessionId id) {
  Session& session = this->session(id);
  CHECK(session.running && session.transaction->wait && !session.transaction->wait->over);
  database_.locks.cancel_wait(*session.transaction,
                              Status(Code::lock_wait_timeout, "lock wait timeout"));
  collect_runnable();
}

void Interpreter::collect_runnable() {
  for (const Transaction* woken : database_.locks.take_woken()) {
    runnable_.push_back(woken->session);
  }
}

void Interpreter::settle(Session& session, std::vector<Answer>& answers) {
  if (session.running->done()) {
    finish(session, answers);
  } else {
    break_deadlocks(session, answers);
  }
  collect_runnable();
  break_late_deadlocks();
}

void Interpreter::break_deadlocks(Session& requester, std::vector<Answer>& answers) {
  Transaction& transaction = *requester.transaction;
  Answer waiting = requester.answer;
  waiting.kind = Answer::Kind::waiting;
  waiting.rows.clear();
  waiting.changed = 0;
  waiting.others = sessions_of(database_.locks.blockers(transaction));
  while (true) {
    const std::vector<Transaction*> circle =
        find_circle(database_.locks, transaction, database_.rules);
    if (circle.empty()) break;
    Transaction* const victim = choose_victim(circle, database_.rules);
    withdraw_victim(*victim, circle);
    if (victim != &transaction) continue;
    std::erase(runnable_, requester.id);
    for (Answer& answer : resume(requester.id)) answers.push_back(std::move(answer));
    return;
  }
  answers.push_back(std::move(waiting));
  // Whoever asked goes on before the victim, if the victim's request was all that stood in its way.
  const auto granted = std::ranges::find(runnable_, requester.id);
  if (granted != runnable_.end()) std::rotate(runnable_.begin(), granted, granted + 1);
}

void Interpreter::break_late_deadlocks() {
  if (!database_.rules.follows_first_blocker_only) return;
  for (const auto& [id, session] : sessions_) {
    if (!session.running) continue;
    const std::vector<Transaction*> blockers = database_.locks.blockers(*session.transaction);
    if (blockers.empty()) continue;
    TransactionId& known = session.transaction->wait->first_blocker;
    if (std::exchange(known, blockers.front()->id) == blockers.front()->id) continue;
    const std::vector<Transaction*> circle =
        find_circle(database_.locks, *session.transaction, database_.rules);
    if (!circle.empty()) withdraw_victim(*choose_victim(circle, database_.rules), circle);
  }
}

void Interpreter::withdraw_victim(Transaction& victim, const std::vector<Transaction*>& circle) {
  std::vector<Transaction*> from_victim = circle;
  std::rotate(from_victim.begin(), std::ranges::find(from_victim, &victim), from_victim.end());
  session(victim.session).answer.others = sessions_of(from_victim);
  database_.locks.cancel_wait(victim, Status(Code::deadlock, "deadlock"));
  collect_runnable();
}

void Interpreter::finish(Session& session, std::vector<Answer>& answers) {
  const Status status = session.running->result();
  session.running.reset();
  if (!status.ok()) {
    session.answer.kind = Answer::Kind::failed;
    session.answer.rows.clear();
    session.answer.changed = 0;
    session.answer.status = status;
    if (status.code() == Code::deadlock || status.code() == Code::conflict) {
      roll_back_all(session);
    } else {
      roll_back(database_, *session.transaction, session.changes_before);
    }
  }
  if (session.autocommit && session.transaction != nullptr) commit(session);
  answers.push_back(session.answer);
  collect_runnable();
}

void Interpreter::begin(Session& session, bool explicitly) {
  auto transaction = std::make_unique<Transaction>();
  transaction->id = database_.next_transaction++;
  transaction->session = session.id;
  transaction->isolation =
      std::exchange(session.next_isolation, std::nullopt).value_or(session.settings.isolation);
  transaction->snapshot_isolation = session.settings.snapshot_isolation;
  session.transaction = transaction.get();
  session.autocommit = !explicitly;
  database_.transactions.emplace(transaction->id, std::move(transaction));
}

void Interpreter::start_transaction(Transaction& transaction) const {
  if (std::exchange(transaction.started, true)) return;
  if (transaction.isolation == Isolation::serializable && transaction.snapshot_isolation) {
    transaction.view = database_.commits.last();
  }
}

void Interpreter::commit(Session& session) {
  if (session.transaction == nullptr) return;
  database_.commits.add(session.transaction->id);
  end(session);
}

void Interpreter::roll_back_all(Session& session) {
  if (session.transaction == nullptr) return;
  roll_back(database_, *session.transaction, 0);
  end(session);
}

void Interpreter::end(Session& session) {
  Transaction* const ended = std::exchange(session.transaction, nullptr);
  database_.locks.release_all(*ended);
  collect_runnable();
  database_.transactions.erase(ended->id);
}

std::vector<LockInfo> Interpreter::locks() const {
  std::vector<LockInfo> found;
  for (const auto& [id, transaction] : database_.transactions) {
    for (const auto& [table, modes] : transaction->table_locks) {
      for (const Mode mode : modes) {
        found.push_back({transaction->session,
                         database_.tables[table]->schema().name,
                         "",
                         std::nullopt,
                         {mode, Kind::table},
                         false});
      }
    }
  }
  for (const ListedLock& listed : database_.locks.list()) {
    for (const auto& table : database_.tables) {
      const std::optional<size_t> index = table->index_of(listed.record.index);
      if (!index) continue;
      found.push_back({listed.lock.owner->session, table->schema().name, table->index_name(*index),
                       listed.record.key, listed.lock.shape, listed.lock.waiting});
    }
  }
  return found;
}

std::vector<LockInfo> Interpreter::locks(SessionId id) const {
  std::vector<LockInfo> found = locks();
  std::erase_if(found, [&](const LockInfo& lock) { return lock.session != id; });
  return found;
}

}  // namespace aftersync::model::txn
