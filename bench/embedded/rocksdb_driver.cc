// RocksDB's TransactionDB: a log-structured merge tree with a lock table in front.
//
// Settings, and why they are fair:
//   - WriteOptions::sync: a write returns when its log record is fdatasynced. Writers that arrive
//     meanwhile form one group and share one sync; that is its default. Lazy is sync = false.
//   - the memtables are charged to the block cache, so that cache_bytes bounds both, as it bounds
//     clean and dirty pages of a B-tree.
//   - Bloom filters of 10 bits a key, the usual advice: gets skip the levels without the key.
//   - compression off; level compaction, checksums and background jobs as by default.
//   - load() is one pessimistic transaction, update() a TransactionDB::Put: an implicit transaction
//     that takes the row's lock. Reads go to the newest state and take no lock.
//   - no log recycling and no tuning of the log's preallocation: defaults.
//   - settle() flushes and waits for the compactions that are due, so that gets are not measured
//     against a heap of young files. The load itself is measured without it.
//
// Debian compiles its librocksdb with test hooks left in (SyncPoint shows in profiles): one built
// for production is faster. What is measured is the package, as for the others.
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/transaction.h>
#include <rocksdb/utilities/transaction_db.h>
#include <rocksdb/version.h>
#include <rocksdb/write_buffer_manager.h>

#include <chrono>
#include <thread>

#include "bench/embedded/drivers.h"

namespace aftersync::bench {
namespace {

constexpr uint64_t kMemtableBytes = uint64_t{64} << 20;  // write_buffer_size's default
constexpr double kBloomBitsPerKey = 10;

void require(const rocksdb::Status& status, std::string_view operation) {
  if (!status.ok()) store_failed(operation, status.ToString());
}

template <size_t kSize>
rocksdb::Slice slice_of(const std::array<char, kSize>& bytes) {
  return {bytes.data(), bytes.size()};
}

class RocksdbSession final : public Session {
 public:
  RocksdbSession(rocksdb::TransactionDB* db, bool sync) : db_(db) { write_options_.sync = sync; }

  void load(std::span<const Row> rows) override {
    txn_.reset(db_->BeginTransaction(write_options_, {}, txn_.release()));
    for (const Row& row : rows) {
      require(txn_->Put(slice_of(row.key), slice_of(row.value)), "put");
    }
    require(txn_->Commit(), "commit");
  }

  bool get(const Key& key, Value& value) override {
    const rocksdb::Status status = db_->Get({}, db_->DefaultColumnFamily(), slice_of(key), &found_);
    if (status.IsNotFound()) return false;
    require(status, "get");
    if (found_.size() != value.size()) store_failed("get", "value of another size");
    std::memcpy(value.data(), found_.data(), value.size());
    found_.Reset();
    return true;
  }

  ScanResult scan(const Key& from, uint64_t count) override {
    ScanResult result;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
    for (at->Seek(slice_of(from)); at->Valid() && result.rows < count; at->Next()) {
      result.add(at->key().ToStringView(), at->value().ToStringView());
    }
    require(at->status(), "scan");
    return result;
  }

  void update(const Key& key, const Value& value) override {
    for (;;) {
      const rocksdb::Status status = db_->Put(write_options_, slice_of(key), slice_of(value));
      if (status.ok()) return;
      if (!status.IsTimedOut() && !status.IsBusy()) require(status, "update");
    }
  }

 private:
  rocksdb::TransactionDB* db_;
  rocksdb::WriteOptions write_options_;
  std::unique_ptr<rocksdb::Transaction> txn_;
  rocksdb::PinnableSlice found_;
};

class RocksdbStore final : public Store {
 public:
  explicit RocksdbStore(const StoreOptions& options)
      : sync_(options.durability == Durability::synced),
        cache_(rocksdb::NewLRUCache(options.cache_bytes)) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache_;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    rocksdb::Options to;
    to.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    to.create_if_missing = true;
    to.compression = rocksdb::kNoCompression;
    to.write_buffer_size = kMemtableBytes;
    to.write_buffer_manager =
        std::make_shared<rocksdb::WriteBufferManager>(options.cache_bytes / 2, cache_);
    to.max_total_wal_size = options.log_bytes;
    to.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
    rocksdb::TransactionDB* db = nullptr;
    require(rocksdb::TransactionDB::Open(to, {}, options.directory, &db), "open");
    db_.reset(db);
  }
  ~RocksdbStore() override {
    require(db_->SyncWAL(), "sync");
    require(db_->Close(), "close");
  }

  std::unique_ptr<Session> session() override {
    return std::make_unique<RocksdbSession>(db_.get(), sync_);
  }

  void settle() override {
    require(db_->Flush({}), "flush");
    while (property("rocksdb.compaction-pending") + property("rocksdb.num-running-compactions") +
               property("rocksdb.mem-table-flush-pending") >
           0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  uint64_t cached_bytes() override { return cache_->GetUsage(); }

 private:
  uint64_t property(const char* name) {
    uint64_t value = 0;
    if (!db_->GetIntProperty(name, &value)) store_failed(name, "no such property");
    return value;
  }

  const bool sync_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::TransactionDB> db_;
};

}  // namespace

std::unique_ptr<Store> open_rocksdb(const StoreOptions& options) {
  return std::make_unique<RocksdbStore>(options);
}

std::string rocksdb_version() { return rocksdb::GetRocksVersionAsString(); }

}  // namespace aftersync::bench
