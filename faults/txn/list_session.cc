// ListSession: the statements.
#include "faults/txn/list_session.h"

#include <set>
#include <utility>

#include "core/base/check.h"
#include "core/txn/plain_read.h"
#include "faults/sim/heap.h"

namespace aftersync::faults {

namespace {

using storage::Row;
using storage::Table;
using storage::Value;
using txn::LockMode;
using txn::Transaction;

constexpr int64_t kOtherHome = 1000;
constexpr int64_t kElementsOfOne = 1'000'000;  // each session's elements are in a range of its own
constexpr uint64_t kValuesOfW = 3;
constexpr uint64_t kValuesOfU = 6;
enum Column : size_t { kId, kList, kW, kU };
enum Index : size_t { kPrimary, kIndexW, kIndexU, kIndexes };

int64_t key_of(const Row& row) { return std::get<int64_t>(row[kId]) % kOtherHome; }

std::string clustered_key(const Table& table, int64_t id) {
  auto key = storage::Engine::primary_key(table, {Value(id)});
  CHECK_OK(key);
  return *std::move(key);
}

storage::IndexDef index_on(const storage::TableDef& def, uint32_t column, bool unique) {
  storage::IndexDef index;
  index.name = def.columns[column].name;
  index.unique = unique;
  index.parts.resize(1);
  index.parts[0].column = column;
  storage::describe_part(def.columns[column], index.parts[0]);
  return index;
}

}  // namespace

storage::TableDef lists_table() {
  storage::TableDef def;
  def.name = "lists";
  for (const char* const name : {"id", "list", "w", "u"}) {
    storage::ColumnDef column;
    column.name = name;
    column.nullable = def.columns.size() == kU;
    if (def.columns.size() == kList) column.type = storage::ColumnType::string;
    def.columns.push_back(column);
  }
  def.indexes = {index_on(def, kId, true), index_on(def, kW, false), index_on(def, kU, true)};
  return def;
}

ListSession::ListSession(const ListSessionOptions& options, uint64_t seed, uint64_t process,
                         HistoryRecorder& recorder, Violate violate)
    : options_(options),
      process_(process),
      recorder_(recorder),
      violate_(std::move(violate)),
      prng_(seed) {}

void ListSession::violate(const std::string& what) {
  const sim::HostScope host;
  violate_(std::string(what));
}

bool ListSession::sees_a_mixture() const {
  return options_.isolation == txn::Isolation::repeatable_read && !options_.snapshot_isolation;
}

bool ListSession::moves() const {
  return options_.isolation >= txn::Isolation::repeatable_read && !sees_a_mixture();
}

int64_t ListSession::draw_key() {
  return static_cast<int64_t>(prng_.below(static_cast<uint64_t>(options_.keys)));
}

Status ListSession::transact(Node& node, txn::TransactionManager& manager, Table& table) {
  const size_t number = [this] {
    const sim::HostScope host;
    return recorder_.begin(process_);
  }();
  const auto trx = manager.begin(
      {.isolation = options_.isolation, .snapshot_isolation = options_.snapshot_isolation});
  Ops ops;
  ASSIGN_OR_RETURN(const bool wants_to_commit, work(node, *trx, table, ops));
  if (wants_to_commit) {
    RETURN_IF_ERROR(trx->commit());
  } else if (trx->state() == Transaction::State::active) {
    RETURN_IF_ERROR(trx->rollback());
  }
  const sim::HostScope host;
  recorder_.end(number, wants_to_commit, ops);
  return {};
}

// False: it has been rolled back, or is to be.
Result<bool> ListSession::work(Node& node, Transaction& trx, Table& table, Ops& ops) {
  const uint64_t steps = prng_.between(1, options_.steps);
  for (uint64_t i = 0; i < steps; ++i) {
    const Status status = step(trx, table, ops);
    if (status.code() == Code::lock_wait_timeout) {
      violate("a wait without end: " + std::string(status.message()));
    }
    if (trx.state() != Transaction::State::active) return false;
    if (status.code() == Code::duplicate_key) return false;
    RETURN_IF_ERROR(status);
    if (prng_.chance(0.5)) (void)node.tasks().sleep_for(Duration(prng_.below(200'000)));
  }
  return !prng_.chance(0.1);
}

Status ListSession::step(Transaction& trx, Table& table, Ops& ops) {
  switch (prng_.below(12)) {
    default: return append(trx, table, draw_key(), ops);
    case 0:
    case 1:
    case 2: return read(trx, table, false, ops);
    case 3: return read(trx, table, true, ops);
    case 4:
    case 5: return read_all(trx, table, ops);
    case 6: return append_found(trx, table, ops);
    case 7: return savepoint(trx, table, ops);
    case 8: return skip_locked(trx, table);
  }
}

// What is taken back has never been.
Status ListSession::savepoint(Transaction& trx, Table& table, Ops& ops) {
  RETURN_IF_ERROR(trx.savepoint("s"));
  const size_t before = ops.size();
  const Status status = append(trx, table, draw_key(), ops);
  if (!status.ok() || prng_.chance(0.5)) return status;
  RETURN_IF_ERROR(trx.rollback_to("s"));
  ops.resize(before);
  return {};
}

// --- writes ---

Result<std::optional<Row>> ListSession::find(Transaction& trx, Table& table, int64_t key,
                                             std::optional<LockMode> lock) {
  for (const int64_t home : {key, kOtherHome + key}) {
    const std::string id = clustered_key(table, home);
    auto row = lock ? txn::locking_get(trx, table, id, *lock) : txn::plain_get(trx, table, id);
    if (!row.ok() || row.value().has_value()) return row;
    if (!moves()) break;
  }
  return std::optional<Row>();
}

Status ListSession::append(Transaction& trx, Table& table, int64_t key, Ops& ops) {
  const int64_t element = static_cast<int64_t>(process_) * kElementsOfOne + ++elements_;
  ops.push_back({true, key, element, {}});
  std::optional<Row> old;
  {
    txn::Statement statement(trx);
    ASSIGN_OR_RETURN(old, find(trx, table, key, LockMode::x));
    statement.end();
  }
  return write(trx, table, old ? &*old : nullptr, key, element, true);
}

// UPDATE ... WHERE w = ?
Status ListSession::append_found(Transaction& trx, Table& table, Ops& ops) {
  std::string low;
  const auto w = static_cast<int64_t>(prng_.below(kValuesOfW));
  RETURN_IF_ERROR(storage::append_key_part(table.def().indexes[kIndexW].parts[0], w, low));
  std::vector<Row> rows;
  {
    txn::Statement statement(trx);
    txn::LockingScan scan(trx, table, kIndexW, {low, storage::key_successor(low)}, LockMode::x,
                          txn::OnBusy::wait, txn::LockingScan::Direction::forward,
                          txn::LockingScan::Match::equal);
    while (true) {
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      rows.push_back(scan.row());
    }
    statement.end();
  }
  for (const Row& row : rows) {
    const int64_t element = static_cast<int64_t>(process_) * kElementsOfOne + ++elements_;
    ops.push_back({true, key_of(row), element, {}});
    RETURN_IF_ERROR(write(trx, table, &row, key_of(row), element, true));
  }
  return {};
}

// As one statement; with another value of u in the way, once more without one.
Status ListSession::write(Transaction& trx, Table& table, const Row* old, int64_t key,
                          int64_t element, bool has_u) {
  const int64_t home = old != nullptr                 ? std::get<int64_t>((*old)[kId])
                       : moves() && prng_.chance(0.5) ? kOtherHome + key
                                                      : key;
  Row row(4);
  row[kId] = home;
  row[kList] =
      (old == nullptr ? "" : std::get<std::string>((*old)[kList]) + ",") + std::to_string(element);
  row[kW] = static_cast<int64_t>(prng_.below(kValuesOfW));
  if (has_u && prng_.chance(0.7)) row[kU] = static_cast<int64_t>(prng_.below(kValuesOfU));
  Status status;
  {
    txn::Statement statement(trx);
    txn::RowWriter writer(trx, table);
    const std::string where = clustered_key(table, home);
    if (old == nullptr) {
      status = writer.insert(row);
    } else if (prng_.chance(0.2)) {
      status = writer.remove(where);
      if (status.ok()) status = writer.insert(row);
    } else {
      if (moves() && prng_.chance(0.4)) row[kId] = home < kOtherHome ? kOtherHome + key : key;
      status = writer.update(where, row);
    }
    if (status.ok()) statement.end();
  }
  if (status.code() == Code::duplicate_key && status.message() == "u") {
    return write(trx, table, old, key, element, false);
  }
  return status;
}

// --- reads ---

Status ListSession::read(Transaction& trx, Table& table, bool is_locking, Ops& ops) {
  const int64_t key = draw_key();
  txn::Statement statement(trx);
  ASSIGN_OR_RETURN(const auto row,
                   find(trx, table, key, is_locking ? std::optional(LockMode::s) : std::nullopt));
  ops.push_back({false, key, 0, row ? std::get<std::string>((*row)[kList]) : std::string()});
  statement.end();
  return {};
}

// Along one of the indexes: the lists of all keys, those that are not there included.
Status ListSession::read_all(Transaction& trx, Table& table, Ops& ops) {
  Lists lists;
  std::set<int64_t> values;
  // Among the others' old rows: a value of u may be given up by one and taken by the other.
  const bool has_own_rows =
      options_.isolation == txn::Isolation::repeatable_read && trx.has_written();
  {
    txn::Statement statement(trx);
    const auto direction = prng_.chance(0.3) ? txn::PlainScan::Direction::backward
                                             : txn::PlainScan::Direction::forward;
    txn::PlainScan scan(trx, table, prng_.below(kIndexes), {}, direction);
    while (true) {
      ASSIGN_OR_RETURN(const bool found, scan.next());
      if (!found) break;
      const Row& row = scan.row();
      const auto* const u = std::get_if<int64_t>(&row[kU]);
      if (u != nullptr && !values.insert(*u).second && !has_own_rows) {
        violate("duplicate in a unique index: u = " + std::to_string(*u));
      }
      if (!lists.emplace(key_of(row), std::get<std::string>(row[kList])).second) {
        violate("a row in two places: key " + std::to_string(key_of(row)));
      }
    }
    statement.end();
  }
  for (int64_t key = 0; key < options_.keys; ++key) ops.push_back({false, key, 0, lists[key]});
  return {};
}

// What is skipped tells nothing; it must only not wait.
Status ListSession::skip_locked(Transaction& trx, Table& table) {
  txn::Statement statement(trx);
  txn::LockingScan scan(trx, table, prng_.below(kIndexes), {}, LockMode::x, txn::OnBusy::skip);
  for (uint64_t i = prng_.below(3); i > 0; --i) {
    ASSIGN_OR_RETURN(const bool found, scan.next());
    if (!found) break;
    scan.release_row();
  }
  statement.end();
  return {};
}

}  // namespace aftersync::faults
