// Transaction: savepoints, statements, commit and rollback.
#include "core/txn/transaction.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::txn {

namespace {

const char* name_of(Transaction::State state) {
  switch (state) {
    case Transaction::State::active: return "is active";
    case Transaction::State::prepared: return "is prepared";
    case Transaction::State::committed: return "has been committed";
    case Transaction::State::rolled_back: return "has been rolled back";
  }
  return "";
}

}  // namespace

// --- manager ---

TransactionManager::TransactionManager(Node& node, storage::Engine& engine,
                                       TransactionManagerOptions options)
    : node_(node),
      engine_(engine),
      coordinator_(options.coordinator),
      binlog_(options.binlog),
      locks_(node, options.locks),
      inheritance_(locks_),
      registry_(engine) {
  engine_.rows().set_watcher(&inheritance_);
}

TransactionManager::~TransactionManager() {
  engine_.rows().set_watcher(nullptr);
  CHECK_OK(engine_.purge(0));  // one that still tells the watcher has ended when this one has
}

std::unique_ptr<Transaction> TransactionManager::begin(const TransactionOptions& options) {
  const uint64_t number = begun_.fetch_add(1, std::memory_order_relaxed) + 1;
  return std::make_unique<Transaction>(*this, options, number);
}

TransactionStats TransactionManager::stats() const {
  return {begun_.load(), writers_.load(), committed_.load(), rolled_back_.load()};
}

// --- a transaction's life ---

Transaction::Transaction(TransactionManager& manager, const TransactionOptions& options,
                         uint64_t number)
    : manager_(manager),
      options_(options),
      locks_(number, options.isolation >= Isolation::repeatable_read),
      entry_(locks_) {
  if (manager.coordinator_ == nullptr || !options.logs) return;
  binlog_.emplace(manager.node_.clock(), manager.binlog_);
}

Transaction::~Transaction() { CHECK(state_ == State::committed || state_ == State::rolled_back); }

Status Transaction::check_active(std::string_view wanted) const {
  if (state_ == State::active) return {};
  return {Code::bad_state, "transaction " + std::to_string(number()) + " " + name_of(state_) +
                               ": cannot " + std::string(wanted)};
}

Status Transaction::become_writer() {
  RETURN_IF_ERROR(check_active("write"));
  if (options_.read_only) {
    return {Code::bad_state,
            "transaction " + std::to_string(number()) + " is read-only: cannot write"};
  }
  if (id().value() != 0) return {};
  RETURN_IF_ERROR(manager_.registry_.assign_id(entry_));
  undo_.trx = id();
  manager_.writers_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void Transaction::note_row_changed() { locks_.set_weight(++rows_changed_); }

Status Transaction::lock(const LockTarget& target, LockType type) {
  RETURN_IF_ERROR(check_active("lock"));
  const auto if_busy = options_.lock_wait_timeout == Duration(0) ? LockTable::IfBusy::give_up
                                                                 : LockTable::IfBusy::enqueue;
  return settle(manager_.locks_.request(locks_, target, type, if_busy), target, type);
}

Status Transaction::settle(LockAnswer answer, const LockTarget& target, LockType type) {
  if (answer == LockAnswer::waiting) {
    const MonoTime deadline = manager_.node_.clock().now() + options_.lock_wait_timeout;
    answer = manager_.locks_.wait(locks_, deadline);
  }
  Status status = manager_.locks_.status_of(answer, target, type);
  if (status.code() == Code::deadlock || status.code() == Code::too_large) {
    PROBE("transaction/rolled-back-by-a-lock");
    RETURN_IF_ERROR(rollback());
  }
  return status;
}

bool Transaction::is_outdated_by(TrxId writer) const {
  if (!options_.snapshot_isolation || !locks_gaps()) return false;
  return view_.is_open() && !view_.sees(writer, id()) && !AFTERSYNC_FAULT("bug/no-ww-check");
}

Status Transaction::check_unchanged(TrxId writer) {
  if (!is_outdated_by(writer)) return {};
  PROBE("transaction/write-conflict");
  RETURN_IF_ERROR(rollback());
  return {Code::conflict, "record has changed since last read"};
}

void Transaction::finish(State state) {
  close_view();
  manager_.registry_.end(entry_);
  manager_.locks_.release_all(locks_);
  savepoints_.clear();
  state_ = state;
  (state == State::committed ? manager_.committed_ : manager_.rolled_back_)
      .fetch_add(1, std::memory_order_relaxed);
}

Status Transaction::commit(std::string_view note) {
  RETURN_IF_ERROR(check_active("commit"));
  CHECK(!in_statement_);
  const bool tells = binlog_ && (!binlog_->empty() || binlog_->gtid_next().given);
  if (manager_.coordinator_ != nullptr && (has_written() || tells)) {
    state_ = State::prepared;
    const Status status = manager_.coordinator_->commit(*this);
    if (status.ok()) {
      CHECK(state_ == State::committed);
    } else if (state_ == State::prepared) {
      RETURN_IF_ERROR(rollback());
    }
    return status;
  }
  ASSIGN_OR_RETURN(const Lsn end, commit_in_engine(note));
  if (end.value() != 0) manager_.engine_.pages().commit_point(end);
  return {};
}

Result<Lsn> Transaction::commit_in_engine(std::string_view note) {
  CHECK(state_ == State::active || state_ == State::prepared);
  Lsn end;
  if (undo_.has_stream()) {
    if (note.size() > storage::undo_format::kMaxNoteBytes) {
      return {Code::too_large, "commit note of " + std::to_string(note.size()) + " bytes"};
    }
    ASSIGN_OR_RETURN(const uint64_t number, manager_.registry_.begin_commit(entry_));
    auto committed = manager_.engine_.undo().commit(undo_, number, note);
    if (!committed.ok()) {
      manager_.registry_.cancel_commit(entry_);
      return committed.status();
    }
    end = *committed;
  }
  finish(State::committed);
  if (end.value() != 0) manager_.engine_.wake_purge();
  return end;
}

Status Transaction::rollback() {
  if (state_ != State::prepared) RETURN_IF_ERROR(check_active("roll back"));
  RETURN_IF_ERROR(manager_.engine_.roll_back_to(undo_, storage::RollPtr()));
  manager_.engine_.undo().discard(undo_);
  finish(State::rolled_back);
  return {};
}

// --- savepoints ---

Transaction::Mark Transaction::mark() {
  return {undo_.last_record, rows_changed_, binlog_ ? binlog_->position() : 0};
}

Status Transaction::roll_back_until(const Mark& mark) {
  RETURN_IF_ERROR(manager_.engine_.roll_back_to(undo_, mark.at));
  rows_changed_ = mark.rows_changed;
  locks_.set_weight(rows_changed_);
  if (binlog_) binlog_->truncate(mark.told);
  return {};
}

std::vector<Transaction::Savepoint>::iterator Transaction::find(std::string_view name) {
  return std::find_if(savepoints_.begin(), savepoints_.end(),
                      [&](const Savepoint& savepoint) { return savepoint.name == name; });
}

Status Transaction::savepoint(std::string_view name) {
  RETURN_IF_ERROR(check_active("set a savepoint"));
  if (const auto taken = find(name); taken != savepoints_.end()) savepoints_.erase(taken);
  savepoints_.push_back({std::string(name), mark()});
  return {};
}

Status Transaction::rollback_to(std::string_view name) {
  RETURN_IF_ERROR(check_active("roll back to a savepoint"));
  const auto found = find(name);
  if (found == savepoints_.end()) {
    return {Code::not_found, "no savepoint '" + std::string(name) + "'"};
  }
  RETURN_IF_ERROR(roll_back_until(found->mark));
  savepoints_.erase(std::next(found), savepoints_.end());
  return {};
}

Status Transaction::release_savepoint(std::string_view name) {
  RETURN_IF_ERROR(check_active("release a savepoint"));
  const auto found = find(name);
  if (found == savepoints_.end()) {
    return {Code::not_found, "no savepoint '" + std::string(name) + "'"};
  }
  savepoints_.erase(found, savepoints_.end());
  return {};
}

// --- views ---

void Transaction::close_view() {
  if (view_.is_open()) manager_.registry_.close_view(view_);
}

Status Transaction::take_snapshot() {
  RETURN_IF_ERROR(check_active("take a snapshot"));
  if (options_.isolation >= Isolation::repeatable_read) (void)view_for_read();
  return {};
}

const ReadView* Transaction::view_for_read() {
  if (options_.isolation == Isolation::read_uncommitted) return nullptr;
  if (!view_.is_open()) manager_.registry_.open_view(view_);
  return &view_;
}

// --- statements ---

Statement::Statement(Transaction& transaction)
    : transaction_(transaction), begin_(transaction.mark()) {
  CHECK(transaction_.state_ == Transaction::State::active);
  CHECK(!transaction_.in_statement_);
  transaction_.in_statement_ = true;
  const TransactionOptions& options = transaction_.options_;
  if (options.snapshot_isolation && options.isolation == Isolation::serializable) {
    (void)transaction_.view_for_read();
  }
}

// What has been rolled back as a whole needs no taking back.
Statement::~Statement() {
  if (ended_) return;
  if (transaction_.state_ == Transaction::State::active) {
    const Status status = transaction_.roll_back_until(begin_);
    if (!status.ok()) {
      transaction_.manager_.node().crash("rollback of a statement: " + status.to_string());
    }
  }
  leave();
}

void Statement::end() {
  CHECK(!ended_);
  ended_ = true;
  leave();
}

void Statement::leave() {
  transaction_.in_statement_ = false;
  if (transaction_.binlog_) transaction_.binlog_->end_statement();
  if (transaction_.state_ != Transaction::State::active) return;
  if (transaction_.options_.isolation == Isolation::read_committed) transaction_.close_view();
  transaction_.manager_.locks().release_auto_inc(transaction_.locks_);
}

}  // namespace aftersync::txn
