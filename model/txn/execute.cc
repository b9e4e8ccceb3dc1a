// Statements, carried out: which scans and changes they are made of.
#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/txn/change.h"
#include "model/txn/consistent_read.h"
#include "model/txn/interpreter.h"
#include "model/txn/scan.h"
#include "model/txn/where.h"

namespace aftersync::model::txn {
namespace {

Row visible_columns(const Table& table, Row row) {
  row.resize(table.schema().columns.size());
  return row;
}

Row assigned(const Update& update, Row row) {
  for (const Assignment& assignment : update.assignments) {
    Value value = assignment.value;
    if (assignment.plus) {
      const Value& base = row[*assignment.plus];
      value = std::holds_alternative<Null>(base)
                  ? base
                  : Value(std::get<int64_t>(base) + std::get<int64_t>(assignment.value));
    }
    row[assignment.column] = std::move(value);
  }
  return row;
}

// A scan must not meet the entries that it inserts itself (the "Halloween problem").
bool changes_key(const Table& table, size_t index, const Update& update) {
  return std::ranges::any_of(table.parts(index), [&](const KeyPart& part) {
    return std::ranges::any_of(update.assignments, [&](const Assignment& assignment) {
      return assignment.column == part.column;
    });
  });
}

// Where it stands among the transaction's savepoints.
Result<size_t> find_savepoint(const Transaction* transaction, const std::string& name) {
  if (transaction != nullptr) {
    const auto& savepoints = transaction->savepoints;
    const auto found = std::ranges::find(savepoints, name, &Savepoint::name);
    if (found != savepoints.end()) return static_cast<size_t>(found - savepoints.begin());
  }
  return Status(Code::not_found, "no savepoint " + name);
}

Status release_savepoint(Transaction* transaction, const std::string& name) {
  ASSIGN_OR_RETURN(const size_t at, find_savepoint(transaction, name));
  transaction->savepoints.resize(at);  // with all that were set later
  return {};
}

void set_savepoint(Transaction* transaction, const std::string& name) {
  if (transaction == nullptr) return;  // autocommit: it ends with the statement
  std::erase_if(transaction->savepoints,
                [&](const Savepoint& savepoint) { return savepoint.name == name; });
  transaction->savepoints.push_back({name, transaction->changes.size(), !transaction->started});
}

}  // namespace

Task Interpreter::execute(Session& session) {
  if (const auto* select = std::get_if<Select>(&session.statement)) {
    session.answer.kind = Answer::Kind::rows;
    return execute_select(session, *select);
  }
  session.answer.kind = Answer::Kind::changed;
  if (const auto* insert = std::get_if<Insert>(&session.statement)) {
    return execute_insert(session, *insert);
  }
  if (const auto* update = std::get_if<Update>(&session.statement)) {
    return execute_update(session, *update);
  }
  return execute_delete(session, std::get<Delete>(session.statement));
}

Task Interpreter::execute_select(Session& session, const Select& select) {
  Table& table = *database_.tables[select.table];
  Transaction& owner = *session.transaction;
  const bool in_serializable = !session.autocommit && owner.isolation == Isolation::serializable;
  if (select.lock == LockingRead::none && !in_serializable) {
    for (Row& row : consistent_read(database_, owner, table, select)) {
      session.answer.rows.push_back(visible_columns(table, std::move(row)));
    }
    co_return Status();
  }
  const Access access = choose_access(table, select.where, select.index, select.descending);
  ScanOptions options;
  options.index = access.index;
  options.mode = select.lock == LockingRead::update ? Mode::exclusive : Mode::shared;
  options.descending = select.descending;
  options.on_conflict = select.on_conflict;
  lock_table_intention(database_, owner, table, options.mode);
  for (const Range& range : access.ranges) {
    LockingScan scan(database_, owner, table, range, options);
    while (true) {
      if (session.answer.rows.size() == select.limit) co_return Status();
      CO_RETURN_IF_ERROR(scan.next());
      if (!scan.row()) break;
      if (matches(table, select.where, *scan.row())) {
        session.answer.rows.push_back(visible_columns(table, *scan.row()));
      } else if (database_.rules.unlocks_single_row || !scan.unique_search()) {
        scan.unlock_row();
      }
    }
  }
  co_return Status();
}

Task Interpreter::execute_insert(Session& session, const Insert& insert) {
  Table& table = *database_.tables[insert.table];
  lock_table_intention(database_, *session.transaction, table, Mode::exclusive);
  for (const Row& row : insert.rows) {
    CO_RETURN_IF_ERROR(insert_row(database_, *session.transaction, table, table.with_row_id(row)));
    ++session.answer.changed;
  }
  co_return Status();
}

Task Interpreter::execute_update(Session& session, const Update& update) {
  Table& table = *database_.tables[update.table];
  Transaction& owner = *session.transaction;
  const Access access = choose_access(table, update.where, update.index, false);
  const bool collect = changes_key(table, access.index, update);
  std::vector<Row> collected;
  ScanOptions options;
  options.index = access.index;
  options.semi_consistent = true;
  lock_table_intention(database_, owner, table, Mode::exclusive);
  for (const Range& range : access.ranges) {
    LockingScan scan(database_, owner, table, range, options);
    while (true) {
      CO_RETURN_IF_ERROR(scan.next());
      if (!scan.row()) break;
      if (!matches(table, update.where, *scan.row())) {
        scan.unlock_row();
      } else if (scan.semi_consistent()) {
        scan.repeat();
      } else if (collect) {
        collected.push_back(*scan.row());
      } else {
        CO_RETURN_IF_ERROR(execute_update_row(session, update, *scan.row()));
      }
    }
  }
  for (const Row& row : collected) {
    CO_RETURN_IF_ERROR(execute_update_row(session, update, row));
  }
  co_return Status();
}

Task Interpreter::execute_update_row(Session& session, const Update& update, Row row) {
  const Row new_row = assigned(update, row);
  if (new_row == row) co_return Status();
  Table& table = *database_.tables[update.table];
  CO_RETURN_IF_ERROR(update_row(database_, *session.transaction, table, row, new_row));
  ++session.answer.changed;
  co_return Status();
}

Task Interpreter::execute_delete(Session& session, const Delete& remove) {
  Table& table = *database_.tables[remove.table];
  Transaction& owner = *session.transaction;
  const Access access = choose_access(table, remove.where, std::nullopt, false);
  ScanOptions options;
  options.index = access.index;
  lock_table_intention(database_, owner, table, Mode::exclusive);
  for (const Range& range : access.ranges) {
    LockingScan scan(database_, owner, table, range, options);
    while (true) {
      CO_RETURN_IF_ERROR(scan.next());
      if (!scan.row()) break;
      if (!matches(table, remove.where, *scan.row())) {
        scan.unlock_row();
        continue;
      }
      CO_RETURN_IF_ERROR(delete_row(database_, owner, table, *scan.row()));
      ++session.answer.changed;
    }
  }
  co_return Status();
}

Status Interpreter::roll_back_to(Session& session, const std::string& name) {
  Transaction* const transaction = session.transaction;
  ASSIGN_OR_RETURN(const size_t at, find_savepoint(transaction, name));
  const Savepoint& savepoint = transaction->savepoints[at];
  roll_back(database_, *transaction, savepoint.changes);
  if (database_.rules.first_savepoint_restarts && savepoint.before_start) {
    database_.locks.release_all(*transaction);
    transaction->view.reset();
    transaction->started = false;
  }
  transaction->savepoints.resize(at + 1);
  return {};
}

Status Interpreter::execute_control(Session& session) {
  const Statement& statement = session.statement;
  if (const auto* create = std::get_if<CreateTable>(&statement)) {
    commit(session);
    const auto id = static_cast<TableId>(database_.tables.size());
    database_.tables.push_back(std::make_unique<Table>(id, create->schema, database_.locks));
  } else if (const auto* begin_now = std::get_if<Begin>(&statement)) {
    commit(session);
    begin(session, true);
    // Below REPEATABLE READ the first statement would replace the view (manual 15.3.1).
    if (begin_now->consistent_snapshot &&
        session.transaction->isolation >= Isolation::repeatable_read) {
      session.transaction->started = true;
      session.transaction->view = database_.commits.last();
    }
  } else if (std::holds_alternative<Commit>(statement)) {
    commit(session);
  } else if (std::holds_alternative<Rollback>(statement)) {
    roll_back_all(session);
  } else if (const auto* savepoint = std::get_if<SetSavepoint>(&statement)) {
    set_savepoint(session.transaction, savepoint->name);
  } else if (const auto* to = std::get_if<RollbackTo>(&statement)) {
    return roll_back_to(session, to->name);
  } else if (const auto* release = std::get_if<ReleaseSavepoint>(&statement)) {
    return release_savepoint(session.transaction, release->name);
  } else if (const auto* isolation = std::get_if<SetIsolation>(&statement)) {
    if (isolation->session) {
      session.settings.isolation = isolation->isolation;
    } else {
      session.next_isolation = isolation->isolation;
    }
  } else if (const auto* snapshot = std::get_if<SetSnapshotIsolation>(&statement)) {
    session.settings.snapshot_isolation = snapshot->on;
  } else {
    CHECK(std::holds_alternative<Purge>(statement));
    purge(database_);
  }
  return {};
}

}  // namespace aftersync::model::txn
