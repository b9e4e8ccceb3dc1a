// The session's transaction: when it begins and how it ends.
#include "core/base/check.h"
#include "core/sql/exec/session.h"
#include "core/sql/schema/storage_error.h"

namespace aftersync::sql {

txn::TransactionOptions Session::transaction_options() const {
  txn::TransactionOptions options;
  options.isolation = next_isolation_.value_or(settings_.isolation);
  options.read_only = next_read_only_.value_or(settings_.read_only_transactions);
  options.snapshot_isolation = settings_.snapshot_isolation;
  options.lock_wait_timeout = settings_.row_lock_timeout;
  return options;
}

void Session::begin(const txn::TransactionOptions& options) {
  CHECK(transaction_ == nullptr);
  transaction_ = dictionary_.transactions().begin(options);
  next_isolation_.reset();
  next_read_only_.reset();
}

void Session::forget_transaction() {
  transaction_.reset();
  savepoints_.clear();
  dictionary_.locks().release(used_tables_);
}

std::optional<SqlError> Session::commit() {
  if (transaction_ == nullptr) {
    dictionary_.locks().release(used_tables_);
    return {};
  }
  const Status status = transaction_->commit();
  std::optional<SqlError> error;
  if (!status.ok()) {
    error = storage_error(status, "");
    if (transaction_->state() == txn::Transaction::State::active) (void)rollback();
  }
  if (transaction_ != nullptr) forget_transaction();
  return error;
}

std::optional<SqlError> Session::rollback() {
  if (transaction_ != nullptr) {
    const Status status = transaction_->rollback();
    // It would keep its locks for good, and its changes would stay half made.
    if (!status.ok()) dictionary_.node().crash("rollback: " + status.to_string());
    if (services_.changes != nullptr) services_.changes->truncate(0);
  }
  forget_transaction();
  return {};
}

std::optional<SqlError> Session::set_autocommit(bool on) {
  const bool turns_on = on && !autocommit_;
  autocommit_ = on;
  return turns_on ? commit() : std::nullopt;
}

}  // namespace aftersync::sql
