// Sessions at once append to lists, read them, and move on; the history of what they saw is judged
// by the checkers of model/history, which know nothing of locks or views. On the operating system
// they are threads, which the thread sanitizer watches.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/txn/plain_read.h"
#include "faults/pair/history_recorder.h"
#include "model/history/check_history.h"
#include "model/history/history_reader.h"
#include "proptests/support/on_node.h"
#include "proptests/txn/row_lock_fixture.h"

namespace aftersync::txn {
namespace {

using faults::HistoryRecorder;
using faults::ListOp;
using model::ConsistencyModel;

constexpr int64_t kKeys = 4;
constexpr size_t kSessions = 4;
constexpr int64_t kElementsOfOne = 1'000'000;

// id BIGINT PRIMARY KEY, list TEXT.
storage::TableDef lists_table() {
  storage::TableDef def = numbers_table("lists");
  def.columns.resize(2);
  def.columns[1].name = "list";
  def.columns[1].type = storage::ColumnType::string;
  return def;
}

struct Shared {
  Node& node;
  Database& database;
  storage::Table& table;
  const TransactionOptions options;
  Mutex mutex;
  HistoryRecorder recorder;  // guarded by mutex
};

Result<std::string> list_of(Transaction& trx, storage::Table& table, int64_t key, bool locks) {
  ASSIGN_OR_RETURN(const auto row, locks ? locking_get(trx, table, key_of(table, key), LockMode::x)
                                         : plain_get(trx, table, key_of(table, key)));
  return row ? std::get<std::string>((*row)[1]) : std::string();
}

Status append(Transaction& trx, storage::Table& table, const ListOp& op) {
  ASSIGN_OR_RETURN(const std::string list, list_of(trx, table, op.key, true));
  RowWriter writer(trx, table);
  const std::string longer = (list.empty() ? "" : list + ",") + std::to_string(op.element);
  const storage::Row row = {op.key, longer};
  return list.empty() ? writer.insert(row) : writer.update(key_of(table, op.key), row);
}

Status step(Transaction& trx, storage::Table& table, ListOp& op) {
  Statement statement(trx);
  if (op.is_append) {
    RETURN_IF_ERROR(append(trx, table, op));
  } else {
    ASSIGN_OR_RETURN(op.list, list_of(trx, table, op.key, false));
  }
  statement.end();
  return {};
}

// Where no gaps are locked, somebody else may insert the row that the append did not find.
bool may_refuse(const Status& status, Isolation isolation) {
  return status.code() == Code::deadlock || status.code() == Code::conflict ||
         (status.code() == Code::duplicate_key && isolation == Isolation::read_committed);
}

bool work(Transaction& trx, storage::Table& table, std::vector<ListOp>& ops) {
  for (ListOp& op : ops) {
    const Status status = step(trx, table, op);
    if (status.ok()) continue;
    EXPECT_TRUE(may_refuse(status, trx.options().isolation)) << status.to_string();
    if (trx.state() == Transaction::State::active) CHECK_OK(trx.rollback());
    return false;
  }
  CHECK_OK(trx.commit());
  return true;
}

void session(Shared& shared, size_t number, uint64_t seed, int64_t transactions) {
  Prng prng(seed, number);
  int64_t elements = static_cast<int64_t>(number) * kElementsOfOne;
  for (int64_t n = 0; n < transactions; ++n) {
    std::vector<ListOp> ops(prng.between(1, 4));
    for (ListOp& op : ops) {
      op.is_append = prng.chance(0.5);
      op.key = static_cast<int64_t>(prng.below(kKeys));
      if (op.is_append) op.element = ++elements;
    }
    size_t entry = 0;
    {
      const MutexLock lock(shared.mutex);
      entry = shared.recorder.begin(number);
    }
    const auto trx = shared.database.begin(shared.options);
    const bool committed = work(*trx, shared.table, ops);
    const MutexLock lock(shared.mutex);
    shared.recorder.end(entry, committed, ops);
  }
}

std::string judged(const HistoryRecorder& recorder, ConsistencyModel promise) {
  model::History history;
  model::HistoryReader reader(history);
  CHECK_OK(reader.feed(recorder.text()));
  CHECK_OK(reader.finish());
  const auto report = model::check_history(history);
  CHECK_OK(report);
  if (report->of(promise).ruled_out_by.empty()) return "";
  return model::text_report(history, *report, promise);
}

void expect_promise(Isolation isolation, ConsistencyModel promise) {
  on_node([&](Node& node) {
    Database database(node, {}, true);
    const auto table = database.create(lists_table());
    TransactionOptions options;
    options.isolation = isolation;
    Shared shared{node, database, *table, options, {}, {}};
    const uint64_t seed = node.rng().next();
    in_tasks(node, kSessions, [&](size_t number) { session(shared, number, seed, 100); });
    EXPECT_EQ(judged(shared.recorder, promise), "") << "seed " << seed;
    EXPECT_EQ(database.transactions().locks().stats().locks, 0U);
  });
}

TEST(ListHistoryContract, SerializableIsStrictlySerializable) {
  expect_promise(Isolation::serializable, ConsistencyModel::strict_serializable);
}

TEST(ListHistoryContract, RepeatableReadIsASnapshot) {
  expect_promise(Isolation::repeatable_read, ConsistencyModel::strong_snapshot_isolation);
}

TEST(ListHistoryContract, ReadCommittedReadsWhatWasCommitted) {
  expect_promise(Isolation::read_committed, ConsistencyModel::strong_read_committed);
}

}  // namespace
}  // namespace aftersync::txn
