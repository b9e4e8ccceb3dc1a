// aftersync's own storage engine, as a program that embeds it would use it: core/storage/engine.h.
//
// Settings, and why they are fair:
//   - the table has two columns, an 8-byte unsigned integer as primary key and the value as bytes,
//     and no other index: the same bytes as elsewhere, and 14 bytes of version with every row.
//   - a commit returns when its redo is synced; commits that arrive together share one sync. Lazy
//     leaves the redo log to be written and synced about once a second.
//   - the redo log is log_bytes in two files; the page cleaner takes checkpoints as it fills.
//   - the buffer pool is the cache, checksums and the doublewrite file are on, as by default.
//   - undo is written for every row, and purged in the background.
//
// What it does not pay for yet: isolation is the layer above. A get sees one version of its row, a
// scan each leaf at one moment, neither through a read view. So that no two transactions write one
// row, the driver has locks on rows, as that layer will: striped, held until the commit is durable.
#include <mutex>
#include <vector>

#include "bench/embedded/drivers.h"
#include "core/base/check.h"
#include "core/platform/posix/posix_node.h"
#include "core/storage/engine.h"
#include "core/storage/tree_cursor.h"

namespace aftersync::bench {
namespace {

constexpr size_t kRowLocks = 1 << 16;
constexpr size_t kKeyColumn = 0;
constexpr size_t kValueColumn = 1;

void require(const Status& status, std::string_view operation) {
  if (!status.ok()) store_failed(operation, status.to_string());
}

template <typename T>
T require(Result<T> result, std::string_view operation) {
  require(result.status(), operation);
  return std::move(result).value();
}

storage::TableDef definition() {
  storage::TableDef def;
  def.name = "bench/rows";
  def.columns.resize(2);
  def.columns[kKeyColumn].name = "id";
  def.columns[kKeyColumn].type = storage::ColumnType::unsigned_integer;
  def.columns[kValueColumn].name = "value";
  def.columns[kValueColumn].type = storage::ColumnType::bytes;
  for (storage::ColumnDef& column : def.columns) column.nullable = false;
  storage::IndexDef primary;
  primary.name = "PRIMARY";
  primary.unique = true;
  primary.parts.resize(1);
  primary.parts[0].column = kKeyColumn;
  def.indexes.push_back(primary);
  return def;
}

class AftersyncSession final : public Session {
 public:
  AftersyncSession(storage::Engine& engine, storage::Table& table, std::vector<std::mutex>& locks)
      : engine_(engine), table_(table), locks_(locks), cursor_(table.tree(0)), row_(2) {}

  void load(std::span<const Row> rows) override {
    many_.resize(rows.size(), storage::Row(2));
    for (size_t i = 0; i < rows.size(); ++i) fill(many_[i], rows[i].key, rows[i].value);
    storage::Transaction trx;
    require(engine_.insert_many(trx, table_, many_), "insert");
    require(engine_.commit(trx), "commit");
  }

  // The encoding of a non-null unsigned integer key is its eight bytes, as in rows.h.
  bool get(const Key& key, Value& value) override {
    return require(engine_.visit(table_, view_of(key),
                                 [&](std::string_view row) {
                                   const std::string_view bytes = value_in(row);
                                   CHECK_EQ(bytes.size(), value.size());
                                   std::memcpy(value.data(), bytes.data(), value.size());
                                 }),
                   "get");
  }

  ScanResult scan(const Key& from, uint64_t count) override {
    ScanResult result;
    const SharedLock lock(table_.latch());
    bool on_row =
        count > 0 && require(cursor_.seek(view_of(from), storage::Seek::at_or_after), "scan");
    while (on_row) {
      const storage::RecordView record = cursor_.record();
      if (!record.is_delete_marked()) {
        result.add(record.key, value_in(record.value.substr(storage::kSystemBytes)));
        if (result.rows == count) break;
      }
      on_row = require(cursor_.next(), "scan");
    }
    return result;
  }

  void update(const Key& key, const Value& value) override {
    const std::lock_guard<std::mutex> lock(locks_[row_of(view_of(key)) % kRowLocks]);
    storage::Transaction trx;
    require(engine_.update(trx, table_, view_of(key), as_row(key, value)), "update");
    require(engine_.commit(trx), "commit");
  }

 private:
  static void fill(storage::Row& row, const Key& key, const Value& value) {
    row[kKeyColumn] = row_of(view_of(key));
    if (auto* const bytes = std::get_if<std::string>(&row[kValueColumn])) {
      *bytes = view_of(value);
    } else {
      row[kValueColumn].emplace<std::string>(view_of(value));
    }
  }
  const storage::Row& as_row(const Key& key, const Value& value) {
    fill(row_, key, value);
    return row_;
  }
  [[nodiscard]] std::string_view value_in(std::string_view row) const {
    return require(table_.layout().find(row, kValueColumn), "find the value");
  }

  storage::Engine& engine_;
  storage::Table& table_;
  std::vector<std::mutex>& locks_;
  storage::TreeCursor cursor_;
  storage::Row row_;
  std::vector<storage::Row> many_;
};

class AftersyncStore final : public Store {
 public:
  explicit AftersyncStore(const StoreOptions& options) : locks_(kRowLocks) {
    node_ = require(posix::RealNode::open({.data_directory = options.directory,
                                           .create_data_directory = true,
                                           .error_log_path = ""}),
                    "open the node");
    storage::EngineOptions engine;
    engine.pages.pool.frames = options.cache_bytes / storage::kPageBytes;
    engine.pages.log.geometry = {.files = 2, .file_bytes = options.log_bytes / 2};
    engine.pages.flush_mode =
        options.durability == Durability::synced ? FlushMode::every_commit : FlushMode::at_timeout;
    engine_ = require(storage::Engine::open(node_->node(), engine), "open");
    auto table = engine_->open_table(definition().name);
    if (table.code() == Code::not_found) table = engine_->create_table(definition());
    table_ = require(std::move(table), "open the table");
  }
  ~AftersyncStore() override {
    table_.reset();
    require(engine_->close(), "close");
    engine_.reset();
    node_.reset();
  }

  std::unique_ptr<Session> session() override {
    return std::make_unique<AftersyncSession>(*engine_, *table_, locks_);
  }

  void settle() override {
    while (require(engine_->purge(1000), "purge") > 0) {
    }
    require(engine_->pages().pool().flush_all(), "flush");
  }

  uint64_t cached_bytes() override {
    const storage::BufferPoolStats stats = engine_->pages().pool().stats();
    return (stats.frames - stats.free) * stats.bytes_per_page;
  }

 private:
  std::vector<std::mutex> locks_;
  std::unique_ptr<posix::RealNode> node_;
  std::unique_ptr<storage::Engine> engine_;
  std::shared_ptr<storage::Table> table_;
};

}  // namespace

std::unique_ptr<Store> open_aftersync(const StoreOptions& options) {
  return std::make_unique<AftersyncStore>(options);
}

std::string aftersync_version() {
  return "index pages of format " + std::to_string(storage::index_format::kVersion);
}

}  // namespace aftersync::bench
