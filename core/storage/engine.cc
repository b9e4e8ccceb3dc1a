// Engine: opening and closing, transactions, row operations, purge. Definitions: engine_ddl.cc.
#include "core/storage/engine.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/probe.h"
#include "core/storage/catalog_format.h"

namespace aftersync::storage {

namespace {

constexpr size_t kPurgeBatch = 256;
constexpr Duration kPurgeIdle = 1s;

}  // namespace

Transaction::~Transaction() { CHECK(!undo_.has_stream()); }

// --- opening and closing ---

Engine::Engine(Node& node, EngineOptions options, std::unique_ptr<PageStore> store)
    : node_(node),
      options_(std::move(options)),
      store_(std::move(store)),
      system_(*store_),
      undo_(*store_),
      rows_(*store_, undo_) {}

Result<std::unique_ptr<Engine>> Engine::open(Node& node, EngineOptions options) {
  ASSIGN_OR_RETURN(auto store, PageStore::open(node, options.pages));
  std::unique_ptr<Engine> engine(new Engine(node, std::move(options), std::move(store)));
  if (engine->store_->is_new()) RETURN_IF_ERROR(engine->bootstrap());
  RETURN_IF_ERROR(engine->recover());
  if (engine->options_.background_purge) {
    engine->purger_ = node.tasks().spawn("purge", [e = engine.get()] { e->run_purge(); });
  }
  return engine;
}

Status Engine::bootstrap() {
  RETURN_IF_ERROR(system_.bootstrap());
  RETURN_IF_ERROR(undo_.bootstrap());
  return store_->bootstrap_done();
}

// The catalog's own unfinished changes go first: what they would have defined is not there.
Status Engine::recover() {
  RETURN_IF_ERROR(system_.open());
  tables_table_ = std::make_shared<Table>(*store_, tables_definition(system_.tables_tree()));
  ASSIGN_OR_RETURN(std::vector<UndoLog> unfinished, undo_.open());
  RETURN_IF_ERROR(roll_back_unfinished(unfinished, true));
  RETURN_IF_ERROR(load_catalog());
  RETURN_IF_ERROR(roll_back_unfinished(unfinished, false));
  return remove_orphans();
}

Status Engine::roll_back_unfinished(std::vector<UndoLog>& unfinished, bool of_catalog) {
  for (UndoLog& log : unfinished) {
    if (!log.has_stream()) continue;
    ASSIGN_OR_RETURN(const UndoRecord last, undo_.read(log.last_record));
    if ((last.table == catalog_format::kTablesTable) != of_catalog) continue;
    PROBE("engine/unfinished-transaction-rolled-back");
    RETURN_IF_ERROR(roll_back_to(log, RollPtr()));
    undo_.discard(log);
  }
  return {};
}

Engine::~Engine() {
  if (purger_.joinable()) {
    {
      const MutexLock lock(purge_wake_mutex_);
      purge_stop_ = true;
    }
    purge_wake_.notify_all();
    purger_.join();
  }
}

Status Engine::close() {
  CHECK(!closed_);
  closed_ = true;
  if (purger_.joinable()) {
    {
      const MutexLock lock(purge_wake_mutex_);
      purge_stop_ = true;
    }
    purge_wake_.notify_all();
    purger_.join();
  }
  return store_->close();
}

// --- transactions ---

Status Engine::begin_writing(Transaction& trx) {
  if (trx.undo_.trx.value() != 0) return {};
  ASSIGN_OR_RETURN(const uint64_t id, system_.next_id());
  trx.undo_.trx = TrxId(id);
  return {};
}

Status Engine::commit(Transaction& trx, std::string_view note) {
  if (!trx.undo_.has_stream()) return {};
  if (note.size() > undo_format::kMaxNoteBytes) {
    return {Code::too_large, "commit note of " + std::to_string(note.size()) + " bytes"};
  }
  ASSIGN_OR_RETURN(const uint64_t number, system_.next_id());
  ASSIGN_OR_RETURN(const Lsn end, undo_.commit(trx.undo_, number, note));
  trx.undo_.trx = TrxId();
  store_->commit_point(end);
  wake_purge();
  return {};
}

Status Engine::rollback(Transaction& trx) {
  RETURN_IF_ERROR(roll_back_to(trx.undo_, RollPtr()));
  undo_.discard(trx.undo_);
  trx.undo_.trx = TrxId();
  return {};
}

Status Engine::rollback_to(Transaction& trx, RollPtr savepoint) {
  return roll_back_to(trx.undo_, savepoint);
}

// Damage puts the table it is met in out of use, and is no reason to refuse the others. Not so the
// catalog: nothing goes without it.
bool Engine::is_out_of_use(const Table* table) {
  return table != nullptr && table != tables_table_.get() && !table->usable(*store_).ok();
}

// What is to be taken back in a table that is out of use goes with the table.
Status Engine::roll_back_to(UndoLog& log, RollPtr until) {
  while (log.last_record != until) {
    if (log.last_record.value() == 0) {
      return {Code::invalid_argument, "no such savepoint in this transaction"};
    }
    ASSIGN_OR_RETURN(const UndoRecord record, undo_.read(log.last_record));
    const std::shared_ptr<Table> table = find_table(record.table);
    Status undone = rows_.roll_back_one(log, record, table.get());
    if (!undone.ok() && is_out_of_use(table.get())) {
      PROBE("engine/rollback-met-damage");
      undone = rows_.roll_back_one(log, record, table.get());
    }
    RETURN_IF_ERROR(undone);
  }
  return {};
}

// --- rows ---

template <typename Change>
Status Engine::statement(Transaction& trx, Change&& change) {
  RETURN_IF_ERROR(begin_writing(trx));
  const RollPtr before = savepoint(trx);
  const Status status = change();
  if (!status.ok()) RETURN_IF_ERROR(rollback_to(trx, before));
  return status;
}

Status Engine::insert(Transaction& trx, Table& table, const Row& row) {
  return statement(trx, [&]() -> Status {
    uint64_t row_id = 0;
    if (table.has_hidden_row_id()) {
      ASSIGN_OR_RETURN(row_id, system_.next_id());
    }
    std::string key;
    return rows_.insert(trx.undo_, table, row, row_id, key);
  });
}

Status Engine::insert_many(Transaction& trx, Table& table, std::span<const Row> rows) {
  return statement(trx, [&]() -> Status {
    std::vector<uint64_t> row_ids(table.has_hidden_row_id() ? rows.size() : 0);
    for (uint64_t& id : row_ids) {
      ASSIGN_OR_RETURN(id, system_.next_id());
    }
    return rows_.insert_many(trx.undo_, table, rows, row_ids);
  });
}

Status Engine::update(Transaction& trx, Table& table, std::string_view clustered_key,
                      const Row& row) {
  return statement(trx, [&]() -> Status {
    std::string key;
    if (!table.has_hidden_row_id()) RETURN_IF_ERROR(table.append_key(0, row, key));
    if (table.has_hidden_row_id() || key == clustered_key) {
      return rows_.update(trx.undo_, table, clustered_key, row);
    }
    RETURN_IF_ERROR(rows_.remove(trx.undo_, table, clustered_key));
    return rows_.insert(trx.undo_, table, row, 0, key);
  });
}

Status Engine::remove(Transaction& trx, Table& table, std::string_view clustered_key) {
  return statement(trx, [&] { return rows_.remove(trx.undo_, table, clustered_key); });
}

Result<std::optional<Row>> Engine::get(Table& table, std::string_view clustered_key) {
  ASSIGN_OR_RETURN(const auto version, rows_.newest(table, clustered_key));
  if (!version || version->delete_marked) return std::optional<Row>();
  ASSIGN_OR_RETURN(Row row, decode_row(table.def().columns, version->row));
  return std::optional<Row>(std::move(row));
}

Result<std::string> Engine::primary_key(const Table& table, const Row& values) {
  const auto& parts = table.def().indexes[0].parts;
  if (values.size() != parts.size()) {
    return {Code::invalid_argument, std::to_string(values.size()) + " values for a key of " +
                                        std::to_string(parts.size()) + " columns"};
  }
  std::string key;
  for (size_t i = 0; i < parts.size(); ++i) {
    const ValueView view = std::visit([](const auto& v) { return ValueView(v); }, values[i]);
    RETURN_IF_ERROR(append_key_part(parts[i], view, key));
  }
  return key;
}

// --- purge ---

void Engine::set_purge_limit(uint64_t commit_number) {
  purge_limit_.store(commit_number, std::memory_order_release);
}

// The overflow pages of an old version must be given back exactly once, so they go only after it is
// settled that purge will not come to this record again.
Status Engine::purge_record(const Undo::History& history, RollPtr at, UndoPosition next,
                            const UndoRecord& record) {
  const std::shared_ptr<Table> table = find_table(record.table);
  if (table == nullptr) return {};
  RETURN_IF_ERROR(rows_.purge_one(*table, at, record));
  if (!RowStore::has_long_old_value(record)) return {};
  {
    const ExclusiveLock chains(rows_.chains());
    RETURN_IF_ERROR(undo_.release_up_to(history, next));
  }
  return rows_.free_old_value(*table, record);
}

Result<size_t> Engine::purge(size_t most) {
  const MutexLock lock(purge_mutex_);
  const auto oldest = undo_.oldest_history(purge_limit_.load(std::memory_order_acquire), most);
  std::map<uint32_t, Undo::History> last_of_stream;
  for (const Undo::History& history : oldest) {
    undo_.begin_purge(history);
    RETURN_IF_ERROR(undo_.for_each_record(
        history, [&](RollPtr at, UndoPosition next, const UndoRecord& record) {
          return purge_record(history, at, next, record);
        }));
    last_of_stream[history.stream] = history;
  }
  for (const auto& [stream, history] : last_of_stream) {
    const ExclusiveLock chains(rows_.chains());
    RETURN_IF_ERROR(undo_.release(history));
  }
  return oldest.size();
}

void Engine::run_purge() {
  while (true) {
    const Result<size_t> purged = purge(kPurgeBatch);
    if (!purged.ok()) {
      node_.error_log().write(Severity::error, "purge: " + purged.status().to_string());
    }
    const MutexLock lock(purge_wake_mutex_);
    if (purge_stop_) return;
    if (purged.ok() && *purged > 0) continue;
    purge_wake_.wait_until(purge_wake_mutex_, node_.clock().now() + kPurgeIdle);
    if (purge_stop_) return;
  }
}

}  // namespace aftersync::storage
