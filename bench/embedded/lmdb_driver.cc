// LMDB: a copy-on-write B+tree in a memory map, one writer, readers that never wait.
//
// Settings, and why they are fair:
//   - default sync: a commit writes its pages, fdatasyncs, then writes the meta page through a
//     descriptor opened with O_DSYNC. Two flushes a commit; that is its design, not our choice.
//     Durability::lazy is MDB_NOSYNC.
//   - no MDB_WRITEMAP: it would gain a little on writes and lose the protection from stray stores.
//   - MDB_NOTLS, one read transaction a session, renewed and reset around each get or scan: what an
//     application does that wants the newest state each time. Keeping the transaction open would be
//     faster and would read an old state.
//   - cache_bytes has no meaning: the cache is the operating system's page cache, and all memory of
//     the machine. Where the others are held to a quarter of the data, LMDB is not.
//   - values are copied out by get(), as the pointer into the map dies with the transaction.
//   - load() uses plain puts, not MDB_APPEND: the others are not told that keys ascend either.
#include <lmdb.h>

#include "bench/embedded/drivers.h"

namespace aftersync::bench {
namespace {

constexpr mdb_mode_t kFileMode = 0644;
constexpr unsigned kMaxReaders = 256;

void require(int code, std::string_view operation) {
  if (code != MDB_SUCCESS) store_failed(operation, mdb_strerror(code));
}

// LMDB takes pointers to non-const, also to what it only reads.
template <size_t kSize>
MDB_val val_of(const std::array<char, kSize>& bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view view_of(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

class LmdbSession final : public Session {
 public:
  LmdbSession(MDB_env* env, MDB_dbi dbi) : env_(env), dbi_(dbi) {
    require(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader_), "begin a read transaction");
    require(mdb_cursor_open(reader_, dbi_, &cursor_), "open a cursor");
    mdb_txn_reset(reader_);
  }
  ~LmdbSession() override {
    mdb_cursor_close(cursor_);
    mdb_txn_abort(reader_);
  }

  void load(std::span<const Row> rows) override {
    MDB_txn* txn = begin_write();
    for (const Row& row : rows) put(txn, row.key, row.value, MDB_NOOVERWRITE);
    require(mdb_txn_commit(txn), "commit");
  }

  bool get(const Key& key, Value& value) override {
    require(mdb_txn_renew(reader_), "renew the read transaction");
    MDB_val k = val_of(key);
    MDB_val v;
    const int code = mdb_get(reader_, dbi_, &k, &v);
    if (code != MDB_NOTFOUND) {
      require(code, "get");
      if (v.mv_size != value.size()) store_failed("get", "value of another size");
      std::memcpy(value.data(), v.mv_data, value.size());
    }
    mdb_txn_reset(reader_);
    return code == MDB_SUCCESS;
  }

  ScanResult scan(const Key& from, uint64_t count) override {
    ScanResult result;
    require(mdb_txn_renew(reader_), "renew the read transaction");
    require(mdb_cursor_renew(reader_, cursor_), "renew the cursor");
    MDB_val k = val_of(from);
    MDB_val v;
    int code = count == 0 ? MDB_NOTFOUND : mdb_cursor_get(cursor_, &k, &v, MDB_SET_RANGE);
    while (code == MDB_SUCCESS) {
      result.add(view_of(k), view_of(v));
      if (result.rows == count) break;
      code = mdb_cursor_get(cursor_, &k, &v, MDB_NEXT);
    }
    if (code != MDB_NOTFOUND) require(code, "scan");
    mdb_txn_reset(reader_);
    return result;
  }

  void update(const Key& key, const Value& value) override {
    MDB_txn* txn = begin_write();
    put(txn, key, value, 0);
    require(mdb_txn_commit(txn), "commit");
  }

 private:
  MDB_txn* begin_write() {
    MDB_txn* txn = nullptr;
    require(mdb_txn_begin(env_, nullptr, 0, &txn), "begin a write transaction");
    return txn;
  }
  void put(MDB_txn* txn, const Key& key, const Value& value, unsigned flags) {
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);
    require(mdb_put(txn, dbi_, &k, &v, flags), "put");
  }

  MDB_env* env_;
  MDB_dbi dbi_;
  MDB_txn* reader_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
};

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(const StoreOptions& options) {
    require(mdb_env_create(&env_), "create the environment");
    // Half-full leaves, copied pages and the free list: a few times the data, all of it sparse.
    require(mdb_env_set_mapsize(env_, options.data_bytes * 4 + (size_t{1} << 28)), "map size");
    require(mdb_env_set_maxreaders(env_, kMaxReaders), "reader slots");
    const unsigned flags = options.durability == Durability::lazy ? MDB_NOSYNC : 0;
    require(mdb_env_open(env_, options.directory.c_str(), MDB_NOTLS | flags, kFileMode), "open");
    MDB_txn* txn = nullptr;
    require(mdb_txn_begin(env_, nullptr, 0, &txn), "begin");
    require(mdb_dbi_open(txn, nullptr, 0, &dbi_), "open the table");
    require(mdb_txn_commit(txn), "commit");
  }
  ~LmdbStore() override {
    require(mdb_env_sync(env_, 1), "sync");
    mdb_env_close(env_);
  }

  std::unique_ptr<Session> session() override { return std::make_unique<LmdbSession>(env_, dbi_); }

 private:
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_lmdb(const StoreOptions& options) {
  return std::make_unique<LmdbStore>(options);
}

std::string lmdb_version() { return mdb_version(nullptr, nullptr, nullptr); }

}  // namespace aftersync::bench
