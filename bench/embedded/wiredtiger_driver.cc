// WiredTiger: a B-tree with a page cache and a write-ahead log, MongoDB's storage engine.
//
// Settings, and why they are fair:
//   - transaction_sync=(enabled,method=fsync): a commit returns when its log record is synced;
//     commits that arrive together share a log slot and one sync. Lazy turns it off and leaves the
//     log to a background sync.
//   - a checkpoint each time log_bytes of log have gathered: recovery is bounded, as it is for
//     anything that is to run for long; without, its updates would never pay for writing pages.
//   - cache_size is the cache; compression, prefix compression and page sizes as by default.
//   - keys and values are raw bytes ("u"), compared byte by byte, the same bytes as elsewhere.
//   - single operations run in its implicit transactions; a cursor is reset after each, as it must
//     be, or it would pin its page and its state of the data.
//   - a write conflict (two threads, one row) is WT_ROLLBACK and tried again.
#include <wiredtiger.h>

#include "bench/embedded/drivers.h"

namespace aftersync::bench {
namespace {

constexpr const char* kTable = "table:rows";

void require(int code, std::string_view operation) {
  if (code != 0) store_failed(operation, wiredtiger_strerror(code));
}

template <size_t kSize>
WT_ITEM item_of(const std::array<char, kSize>& bytes) {
  WT_ITEM item = {};
  item.data = bytes.data();
  item.size = bytes.size();
  return item;
}

std::string_view view_of(const WT_ITEM& item) {
  return {static_cast<const char*>(item.data), item.size};
}

class WiredtigerSession final : public Session {
 public:
  explicit WiredtigerSession(WT_CONNECTION* connection) {
    require(connection->open_session(connection, nullptr, nullptr, &session_), "open a session");
    require(session_->open_cursor(session_, kTable, nullptr, nullptr, &cursor_), "open a cursor");
  }
  ~WiredtigerSession() override { require(session_->close(session_, nullptr), "close"); }

  void load(std::span<const Row> rows) override {
    require(session_->begin_transaction(session_, nullptr), "begin");
    for (const Row& row : rows) {
      set(row.key, row.value);
      require(cursor_->insert(cursor_), "insert");
    }
    require(session_->commit_transaction(session_, nullptr), "commit");
    require(cursor_->reset(cursor_), "reset");
  }

  bool get(const Key& key, Value& value) override {
    const WT_ITEM k = item_of(key);
    cursor_->set_key(cursor_, &k);
    const int code = cursor_->search(cursor_);
    if (code == WT_NOTFOUND) return false;
    require(code, "get");
    WT_ITEM v;
    require(cursor_->get_value(cursor_, &v), "get");
    if (v.size != value.size()) store_failed("get", "value of another size");
    std::memcpy(value.data(), v.data, value.size());
    require(cursor_->reset(cursor_), "reset");
    return true;
  }

  ScanResult scan(const Key& from, uint64_t count) override {
    ScanResult result;
    const WT_ITEM first = item_of(from);
    cursor_->set_key(cursor_, &first);
    int side = 0;
    int code = count == 0 ? WT_NOTFOUND : cursor_->search_near(cursor_, &side);
    if (code == 0 && side < 0) code = cursor_->next(cursor_);
    while (code == 0) {
      WT_ITEM k;
      WT_ITEM v;
      require(cursor_->get_key(cursor_, &k), "scan");
      require(cursor_->get_value(cursor_, &v), "scan");
      result.add(view_of(k), view_of(v));
      if (result.rows == count) break;
      code = cursor_->next(cursor_);
    }
    if (code != WT_NOTFOUND) require(code, "scan");
    require(cursor_->reset(cursor_), "reset");
    return result;
  }

  void update(const Key& key, const Value& value) override {
    int code = WT_ROLLBACK;
    while (code == WT_ROLLBACK) {
      set(key, value);
      code = cursor_->update(cursor_);
    }
    require(code, "update");
    require(cursor_->reset(cursor_), "reset");
  }

 private:
  void set(const Key& key, const Value& value) {
    const WT_ITEM k = item_of(key);
    const WT_ITEM v = item_of(value);
    cursor_->set_key(cursor_, &k);
    cursor_->set_value(cursor_, &v);
  }

  WT_SESSION* session_ = nullptr;
  WT_CURSOR* cursor_ = nullptr;
};

class WiredtigerStore final : public Store {
 public:
  explicit WiredtigerStore(const StoreOptions& options) {
    const bool synced = options.durability == Durability::synced;
    const std::string config =
        "create,log=(enabled=true),session_max=256,statistics=(fast),cache_size=" +
        std::to_string(options.cache_bytes) +
        ",checkpoint=(log_size=" + std::to_string(options.log_bytes) + ")" +
        ",transaction_sync=(method=fsync,enabled=" + (synced ? "true)" : "false)");
    require(wiredtiger_open(options.directory.c_str(), nullptr, config.c_str(), &connection_),
            "open");
    require(connection_->open_session(connection_, nullptr, nullptr, &session_), "open a session");
    require(session_->create(session_, kTable, "key_format=u,value_format=u"), "create");
  }
  ~WiredtigerStore() override { require(connection_->close(connection_, nullptr), "close"); }

  std::unique_ptr<Session> session() override {
    return std::make_unique<WiredtigerSession>(connection_);
  }

  void settle() override { require(session_->checkpoint(session_, nullptr), "checkpoint"); }

  uint64_t cached_bytes() override {
    WT_CURSOR* statistics = nullptr;
    require(session_->open_cursor(session_, "statistics:", nullptr, nullptr, &statistics),
            "statistics");
    statistics->set_key(statistics, WT_STAT_CONN_CACHE_BYTES_INUSE);
    require(statistics->search(statistics), "statistics");
    const char* description = nullptr;
    const char* text = nullptr;
    int64_t value = 0;
    require(statistics->get_value(statistics, &description, &text, &value), "statistics");
    require(statistics->close(statistics), "statistics");
    return static_cast<uint64_t>(value);
  }

 private:
  WT_CONNECTION* connection_ = nullptr;
  WT_SESSION* session_ = nullptr;
};

}  // namespace

std::unique_ptr<Store> open_wiredtiger(const StoreOptions& options) {
  return std::make_unique<WiredtigerStore>(options);
}

std::string wiredtiger_version() { return ::wiredtiger_version(nullptr, nullptr, nullptr); }

}  // namespace aftersync::bench
