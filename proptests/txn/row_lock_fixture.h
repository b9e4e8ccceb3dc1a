// Rows with locks, for tests: statements in one call, and locks in words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/txn/locking_read.h"
#include "core/txn/row_writer.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync::txn {

using Labels = std::vector<std::string>;

// A transaction that never waits: what would have to is Code::lock_wait_timeout or, where the lock
// table is asked without queueing, Code::unavailable.
inline TransactionOptions impatient(Isolation isolation = Isolation::repeatable_read) {
  TransactionOptions options;
  options.isolation = isolation;
  options.lock_wait_timeout = Duration(0);
  return options;
}

// Runs `body(writer)` as one statement: taken back when it fails.
template <typename Body>
Status statement(Transaction& trx, storage::Table& table, Body&& body) {
  Statement statement(trx);
  RowWriter writer(trx, table);
  const Status status = body(writer);
  if (status.ok()) statement.end();
  return status;
}

inline Status insert_row(Transaction& trx, storage::Table& table, const storage::Row& row) {
  return statement(trx, table, [&](RowWriter& writer) { return writer.insert(row); });
}

inline Status update_row(Transaction& trx, storage::Table& table, int64_t id,
                         const storage::Row& row) {
  return statement(trx, table,
                   [&](RowWriter& writer) { return writer.update(key_of(table, id), row); });
}

inline Status delete_row(Transaction& trx, storage::Table& table, int64_t id) {
  return statement(trx, table, [&](RowWriter& writer) { return writer.remove(key_of(table, id)); });
}

// v of the row with this id, locked; empty when there is none.
inline Result<std::optional<int64_t>> lock_v(Transaction& trx, storage::Table& table, int64_t id,
                                             LockMode mode = LockMode::x,
                                             OnBusy on_busy = OnBusy::wait) {
  ASSIGN_OR_RETURN(const auto row, locking_get(trx, table, key_of(table, id), mode, on_busy));
  if (!row) return std::optional<int64_t>();
  return std::optional<int64_t>(std::get<int64_t>((*row)[1]));
}

// The beginning of the keys with this value in the index; of `index` 0, the whole key.
inline std::string key_in(const storage::Table& table, size_t index, int64_t value) {
  std::string key;
  CHECK_OK(storage::append_key_part(table.def().indexes[index].parts[0], value, key));
  return key;
}

// ids of the rows of a range of values, locked: `low` <= value < `high`.
inline Result<std::vector<int64_t>> lock_range(Transaction& trx, storage::Table& table,
                                               size_t index, int64_t low, int64_t high,
                                               LockMode mode = LockMode::x,
                                               OnBusy on_busy = OnBusy::wait) {
  LockingScan scan(trx, table, index, {key_in(table, index, low), key_in(table, index, high)}, mode,
                   on_busy);
  std::vector<int64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, scan.next());
    if (!found) return ids;
    ids.push_back(std::get<int64_t>(scan.row()[0]));
  }
}

// The same of all rows with this value.
inline Result<std::vector<int64_t>> lock_equal(Transaction& trx, storage::Table& table,
                                               size_t index, int64_t value,
                                               LockMode mode = LockMode::x) {
  LockingScan scan(trx, table, index,
                   {key_in(table, index, value), key_in(table, index, value + 1)}, mode,
                   OnBusy::wait, LockingScan::Direction::forward, LockingScan::Match::equal);
  std::vector<int64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, scan.next());
    if (!found) return ids;
    ids.push_back(std::get<int64_t>(scan.row()[0]));
  }
}

// "5", "v 7 of 5", "the end".
inline std::string label_of(const storage::Table& table, const LockInfo& lock) {
  if (lock.kind == LockTarget::Kind::supremum) return "the end";
  for (const storage::IndexDef& index : table.def().indexes) {
    if (index.id.value() != lock.object) continue;
    std::string_view rest(lock.key);
    std::string label;
    const auto take = [&](const storage::KeyPart& part) {
      const auto value = storage::take_key_part(part, rest);
      CHECK_OK(value);
      const auto* const number = std::get_if<int64_t>(&*value);
      label += number == nullptr ? "NULL" : std::to_string(*number);
    };
    take(index.parts[0]);
    if (rest.empty()) return label;
    label = table.def().columns[index.parts[0].column].name + " " + label + " of ";
    take(table.def().indexes[0].parts[0]);
    return label;
  }
  return "?";
}

// The record locks of a transaction, in the order of their keys: "X on 5", "S,GAP on the end".
inline Labels locks_of(Database& database, const storage::Table& table, const Transaction& trx) {
  Labels labels;
  for (const LockInfo& lock : database.transactions().locks().list_locks()) {
    if (lock.owner != trx.number() || lock.kind == LockTarget::Kind::table) continue;
    labels.push_back(to_string(lock.type) + (lock.waiting ? " waits for " : " on ") +
                     label_of(table, lock));
  }
  return labels;
}

// With rows whose ids are given and v = 10 * id, committed.
inline std::shared_ptr<storage::Table> filled(Database& database, storage::TableDef def,
                                              const std::vector<int64_t>& ids) {
  auto table = database.create(std::move(def));
  const auto trx = database.begin();
  for (const int64_t id : ids) CHECK_OK(insert_row(*trx, *table, row_of(id, 10 * id)));
  CHECK_OK(trx->commit());
  return table;
}

}  // namespace aftersync::txn
