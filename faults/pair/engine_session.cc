// EngineSession: statements, as scans and changes.
#include "faults/pair/engine_session.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/check.h"
#include "core/txn/consistent_read.h"

namespace aftersync::faults {

namespace mt = model::txn;
using Direction = txn::LockingScan::Direction;

EngineSession::~EngineSession() {
  if (transaction_ != nullptr) CHECK_OK(roll_back());
}

// --- transactions ---

void EngineSession::begin(bool autocommit) {
  txn::TransactionOptions options;
  const auto isolation = std::exchange(next_isolation_, std::nullopt).value_or(settings_.isolation);
  options.isolation = static_cast<txn::Isolation>(isolation);
  options.autocommit = autocommit;
  options.snapshot_isolation = settings_.snapshot_isolation;
  options.lock_wait_timeout = std::chrono::hours(24);
  transaction_ = manager_.begin(options);
  numbers_.add(transaction_->number(), id_);
}

Status EngineSession::commit() {
  if (transaction_ == nullptr) return {};
  RETURN_IF_ERROR(transaction_->commit());
  transaction_.reset();
  return {};
}

Status EngineSession::roll_back() {
  if (transaction_ == nullptr) return {};
  RETURN_IF_ERROR(transaction_->rollback());
  transaction_.reset();
  return {};
}

void EngineSession::time_out() {
  CHECK(transaction_ != nullptr);
  manager_.locks().expire(transaction_->locks());
}

Status EngineSession::purge() {
  while (true) {
    ASSIGN_OR_RETURN(const size_t purged, manager_.engine().purge(1000));
    if (purged == 0) return {};
  }
}

Status EngineSession::control_savepoint(const mt::Statement& statement) {
  if (const auto* const set = std::get_if<mt::SetSavepoint>(&statement)) {
    return transaction_ == nullptr ? Status() : transaction_->savepoint(set->name);
  }
  if (transaction_ == nullptr) return {Code::not_found, "no transaction"};
  if (const auto* const to = std::get_if<mt::RollbackTo>(&statement)) {
    return transaction_->rollback_to(to->name);
  }
  return transaction_->release_savepoint(std::get<mt::ReleaseSavepoint>(statement).name);
}

Status EngineSession::control(const mt::Statement& statement) {
  if (const auto* const start = std::get_if<mt::Begin>(&statement)) {
    RETURN_IF_ERROR(commit());
    begin(false);
    return start->consistent_snapshot ? transaction_->take_snapshot() : Status();
  }
  if (std::holds_alternative<mt::Commit>(statement)) return commit();
  if (std::holds_alternative<mt::Rollback>(statement)) return roll_back();
  if (std::holds_alternative<mt::Purge>(statement)) return purge();
  if (const auto* const isolation = std::get_if<mt::SetIsolation>(&statement)) {
    if (isolation->session) {
      settings_.isolation = isolation->isolation;
    } else {
      next_isolation_ = isolation->isolation;
    }
    return {};
  }
  if (const auto* const snapshot = std::get_if<mt::SetSnapshotIsolation>(&statement)) {
    settings_.snapshot_isolation = snapshot->on;
    return {};
  }
  return control_savepoint(statement);
}

// --- statements ---

mt::Answer EngineSession::execute(const mt::Statement& statement) {
  mt::Answer answer;
  answer.session = id_;
  const bool reads_rows = std::holds_alternative<mt::Select>(statement);
  const bool changes_rows = std::holds_alternative<mt::Insert>(statement) ||
                            std::holds_alternative<mt::Update>(statement) ||
                            std::holds_alternative<mt::Delete>(statement);
  if (!reads_rows && !changes_rows) {
    const Status status = control(statement);
    if (!status.ok()) fail(status, answer);
    return answer;
  }
  answer.kind = reads_rows ? mt::Answer::Kind::rows : mt::Answer::Kind::changed;
  const bool autocommit = transaction_ == nullptr;
  if (autocommit) begin(true);
  Status status;
  {
    txn::Statement scope(*transaction_);
    status = run(statement, answer);
    if (status.ok()) scope.end();
  }
  if (!status.ok()) fail(status, answer);
  if (transaction_->state() != txn::Transaction::State::active) transaction_.reset();
  if (autocommit) CHECK_OK(commit());
  return answer;
}

// Of a deadlock the circle is told, the victim first, unless another one has come since.
void EngineSession::fail(const Status& status, mt::Answer& answer) {
  const bool would_wait = status.code() == Code::unavailable;  // NOWAIT
  answer.kind = mt::Answer::Kind::failed;
  answer.rows.clear();
  answer.changed = 0;
  answer.status = would_wait ? Status(Code::lock_wait_timeout, "nowait") : status;
  if (status.code() != Code::deadlock) return;
  const auto report = manager_.locks().latest_deadlock();
  CHECK(report.has_value());
  const size_t size = report->cycle.size();
  if (report->cycle[report->victim].owner != transaction_->number()) return;
  for (size_t i = 0; i < size; ++i) {
    answer.others.push_back(numbers_.of(report->cycle[(report->victim + i) % size].owner));
  }
}

Status EngineSession::run(const mt::Statement& statement, mt::Answer& answer) {
  if (const auto* const select_rows = std::get_if<mt::Select>(&statement)) {
    return select(*select_rows, answer);
  }
  if (const auto* const insert_rows = std::get_if<mt::Insert>(&statement)) {
    return insert(*insert_rows, answer);
  }
  if (const auto* const update_rows = std::get_if<mt::Update>(&statement)) {
    return update(*update_rows, answer);
  }
  return remove(std::get<mt::Delete>(statement), answer);
}

Status EngineSession::select(const mt::Select& select, mt::Answer& answer) {
  const Access access =
      mt::choose_access(table(select.table).shape(), select.where, select.index, select.descending);
  return select.lock == mt::LockingRead::none && !transaction_->reads_lock()
             ? select_by_view(select, access, answer)
             : select_locking(select, access, answer);
}

Status EngineSession::select_by_view(const mt::Select& select, const Access& access,
                                     mt::Answer& answer) {
  ScriptTable& of = table(select.table);
  const Direction direction = select.descending ? Direction::backward : Direction::forward;
  for (const mt::Range& range : access.ranges) {
    txn::ConsistentScan scan(*transaction_, of.table(), access.index,
                             of.range_of(access.index, range), direction);
    while (answer.rows.size() != select.limit) {
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      model::Row row = ScriptTable::to_model(scan.row());
      if (mt::matches(of.shape(), select.where, row)) answer.rows.push_back(std::move(row));
    }
  }
  return {};
}

Status EngineSession::select_locking(const mt::Select& select, const Access& access,
                                     mt::Answer& answer) {
  ScriptTable& of = table(select.table);
  const bool is_exclusive = select.lock == mt::LockingRead::update;
  const auto on_busy = static_cast<txn::OnBusy>(select.on_conflict);
  for (const mt::Range& range : access.ranges) {
    const bool backward = select.descending && !range.exact;
    txn::LockingScan scan(*transaction_, of.table(), access.index, of.range_of(access.index, range),
                          is_exclusive ? txn::LockMode::x : txn::LockMode::s, on_busy,
                          backward ? Direction::backward : Direction::forward,
                          of.match_of(access.index, range));
    const bool is_covered = access.index != mt::kClustered && of.shape().covering(access.index);
    if (is_covered && !is_exclusive) scan.read_entries_only();
    while (true) {
      if (answer.rows.size() == select.limit) return {};
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      model::Row row = ScriptTable::to_model(scan.row());
      if (mt::matches(of.shape(), select.where, row)) {
        answer.rows.push_back(std::move(row));
      } else {
        scan.release_row();
      }
    }
  }
  return {};
}

Status EngineSession::insert(const mt::Insert& insert, mt::Answer& answer) {
  ScriptTable& of = table(insert.table);
  txn::RowWriter writer(*transaction_, of.table());
  for (const model::Row& row : insert.rows) {
    RETURN_IF_ERROR(writer.insert(ScriptTable::to_engine(row)));
    ++answer.changed;
  }
  return of.see_row_ids();
}

// A row that was only looked at and matches is locked, and looked at again. False: it does not
// match, and has been let go.
Result<bool> EngineSession::lock_if_shown(txn::LockingScan& scan, ScriptTable& table,
                                          const Where& where) {
  const auto does_match = [&] {
    return mt::matches(table.shape(), where, ScriptTable::to_model(scan.row()));
  };
  if (does_match()) {
    if (scan.is_locked()) return true;
    ASSIGN_OR_RETURN(const bool is_there, scan.lock_row());
    if (!is_there) return false;
    if (does_match()) return true;
  }
  scan.release_row();
  return false;
}

// A scan must not meet the entries that it makes itself: then rows are collected first.
Status EngineSession::update(const mt::Update& update, mt::Answer& answer) {
  ScriptTable& of = table(update.table);
  const Access access = mt::choose_access(of.shape(), update.where, update.index, false);
  const auto is_assigned = [&](const model::KeyPart& part) {
    return std::ranges::any_of(update.assignments, [&](const mt::Assignment& assignment) {
      return assignment.column == part.column;
    });
  };
  const bool collects = std::ranges::any_of(of.shape().parts(access.index), is_assigned);
  std::vector<std::pair<std::string, model::Row>> collected;
  for (const mt::Range& range : access.ranges) {
    txn::LockingScan scan(*transaction_, of.table(), access.index, of.range_of(access.index, range),
                          txn::LockMode::x, txn::OnBusy::look, Direction::forward,
                          of.match_of(access.index, range));
    while (true) {
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      ASSIGN_OR_RETURN(const bool is_shown, lock_if_shown(scan, of, update.where));
      if (!is_shown) continue;
      const model::Row row = ScriptTable::to_model(scan.row());
      if (collects) {
        collected.emplace_back(scan.clustered_key(), row);
      } else {
        RETURN_IF_ERROR(update_row(update, scan.clustered_key(), row, answer));
      }
    }
  }
  for (const auto& [key, row] : collected) RETURN_IF_ERROR(update_row(update, key, row, answer));
  return {};
}

Status EngineSession::update_row(const mt::Update& update, const std::string& key,
                                 const model::Row& row, mt::Answer& answer) {
  model::Row changed = row;
  for (const mt::Assignment& assignment : update.assignments) {
    model::Value value = assignment.value;
    if (assignment.plus) {
      const auto* const base = std::get_if<int64_t>(&changed[*assignment.plus]);
      value = base == nullptr ? model::Value(model::Null())
                              : model::Value(*base + std::get<int64_t>(assignment.value));
    }
    changed[assignment.column] = std::move(value);
  }
  if (changed == row) return {};
  txn::RowWriter writer(*transaction_, table(update.table).table());
  RETURN_IF_ERROR(writer.update(key, ScriptTable::to_engine(changed)));
  ++answer.changed;
  return {};
}

Status EngineSession::remove(const mt::Delete& remove, mt::Answer& answer) {
  ScriptTable& of = table(remove.table);
  const Access access = mt::choose_access(of.shape(), remove.where, std::nullopt, false);
  for (const mt::Range& range : access.ranges) {
    txn::LockingScan scan(*transaction_, of.table(), access.index, of.range_of(access.index, range),
                          txn::LockMode::x, txn::OnBusy::wait, Direction::forward,
                          of.match_of(access.index, range));
    while (true) {
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      ASSIGN_OR_RETURN(const bool is_shown, lock_if_shown(scan, of, remove.where));
      if (!is_shown) continue;
      txn::RowWriter writer(*transaction_, of.table());
      RETURN_IF_ERROR(writer.remove(scan.clustered_key()));
      ++answer.changed;
    }
  }
  return {};
}

}  // namespace aftersync::faults
