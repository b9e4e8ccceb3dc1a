// Source: MySQL manual 15.3.1, 15.3.4, 15.3.7.
#include "core/sql/exec/transactions.h"

#include <algorithm>
#include <string>

#include "core/sql/schema/storage_error.h"

namespace aftersync::sql {

namespace {

// Savepoints are named without regard to case.
std::string lower(std::string_view name) {
  std::string made(name);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return made;
}

txn::Isolation isolation_of(IsolationName name) {
  switch (name) {
    case IsolationName::read_uncommitted: return txn::Isolation::read_uncommitted;
    case IsolationName::read_committed: return txn::Isolation::read_committed;
    case IsolationName::serializable: return txn::Isolation::serializable;
    default: return txn::Isolation::repeatable_read;
  }
}

}  // namespace

bool TransactionControl::commit_implicitly() {
  auto error = session_.commit();
  return error ? run_.fail(*std::move(error)) : true;
}

void TransactionControl::begin(const BeginStatement& statement) {
  if (!commit_implicitly()) return;
  txn::TransactionOptions options = session_.transaction_options();
  if (statement.access != AccessMode::unspecified) {
    options.read_only = statement.access == AccessMode::read_only;
  }
  session_.begin(options);
  if (!statement.consistent_snapshot) return;
  const Status status = session_.transaction_->take_snapshot();
  if (!status.ok()) run_.fail(status, "");
}

void TransactionControl::end(const EndStatement& statement) {
  if (statement.release == Completion::yes) {
    run_.fail(ErrorName::not_supported_yet, {"RELEASE"});
    return;
  }
  std::optional<txn::TransactionOptions> chained;
  if (statement.chain == Completion::yes && session_.transaction_ != nullptr) {
    chained = session_.transaction_->options();
  }
  auto error = statement.commit ? session_.commit() : session_.rollback();
  if (error) {
    run_.fail(*std::move(error));
    return;
  }
  if (chained) session_.begin(*chained);
}

// Without a transaction there is nothing to come back to, and no error in saying so.
void TransactionControl::savepoint(const SavepointStatement& statement) {
  const std::string name = lower(statement.name);
  const bool sets = statement.action == SavepointAction::set;
  if (sets && session_.transaction_ == nullptr) {
    if (session_.autocommit_) return;
    session_.begin(session_.transaction_options());
  }
  auto& savepoints = session_.savepoints_;
  const auto found = std::find_if(savepoints.begin(), savepoints.end(),
                                  [&](const auto& one) { return one.name == name; });
  if (!sets && found == savepoints.end()) {
    run_.fail(ErrorName::no_such_function, {"SAVEPOINT", statement.name});
    return;
  }
  ChangeLog* changes = session_.services_.changes;
  Status status;
  switch (statement.action) {
    case SavepointAction::set:
      if (found != savepoints.end()) savepoints.erase(found);
      savepoints.push_back({name, changes == nullptr ? 0 : changes->position()});
      status = session_.transaction_->savepoint(name);
      break;
    case SavepointAction::rollback_to:
      status = session_.transaction_->rollback_to(name);
      if (changes != nullptr) changes->truncate(found->position);
      savepoints.erase(found + 1, savepoints.end());
      break;
    case SavepointAction::release:
      status = session_.transaction_->release_savepoint(name);
      savepoints.erase(found, savepoints.end());
      break;
  }
  if (!status.ok()) run_.fail(status, "");
}

void TransactionControl::set(const SetTransaction& statement) {
  if (statement.scope != VariableScope::unspecified) {
    SystemVariables* variables = session_.services_.variables;
    if (variables == nullptr) {
      run_.fail(ErrorName::unknown_system_variable, {"transaction_isolation"});
      return;
    }
    if (auto error = variables->set_transaction(statement)) run_.fail(*std::move(error));
    return;
  }
  if (session_.transaction_ != nullptr) {
    run_.fail(ErrorName::characteristics_in_transaction, {});
    return;
  }
  if (statement.isolation != IsolationName::unspecified) {
    session_.next_isolation_ = isolation_of(statement.isolation);
  }
  if (statement.access != AccessMode::unspecified) {
    session_.next_read_only_ = statement.access == AccessMode::read_only;
  }
}

}  // namespace aftersync::sql
