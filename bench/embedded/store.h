// Store: the least that an embedded ordered store must offer to be measured, one driver a file.
//
// The interface is what the workloads need and no more: rows of the fixed shape of rows.h, whole
// transactions as single calls. A driver translates and adds nothing: no caching, no batching
// across calls, no skipped work. The settings of each are argued in its own file; what they share:
//   - every load() and update() is one transaction, durable when it returns (Durability::synced);
//   - get() and scan() see one consistent state, and copy or look at the bytes themselves;
//   - one cache size, no compression, checksums as the store has them by default.
//
// A store that fails ends the program with its own words: a benchmark has nothing to recover.
//
// Thread safety: session() may be called from any thread; a Session serves one thread at a time.
// All sessions are destroyed before their Store.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "bench/embedded/rows.h"

namespace aftersync::bench {

enum class Durability : uint8_t {
  synced,  // a transaction that has returned survives a power loss
  lazy,    // it survives the process; for building tables whose load is not measured
};

struct StoreOptions {
  std::string directory;  // exists; empty, or what an earlier store of this kind left there
  uint64_t cache_bytes = uint64_t{1} << 30;
  uint64_t data_bytes = uint64_t{1} << 30;  // upper bound of keys plus values, for address space
  // Log that may gather before the store must write out what it describes: bounds recovery.
  uint64_t log_bytes = uint64_t{512} << 20;
  Durability durability = Durability::synced;
};

class Session {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Inserts all of `rows`, ascending and absent so far, in one transaction.
  virtual void load(std::span<const Row> rows) = 0;
  // False when there is no such row.
  [[nodiscard]] virtual bool get(const Key& key, Value& value) = 0;
  // Up to `count` rows from the first key that is not below `from`.
  virtual ScanResult scan(const Key& from, uint64_t count) = 0;
  // Replaces the value of an existing row, in one transaction; retries where the store asks for it.
  virtual void update(const Key& key, const Value& value) = 0;
};

class Store {
 public:
  Store() = default;
  virtual ~Store() = default;  // closes it in good order
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] virtual std::unique_ptr<Session> session() = 0;
  // Waits until work that earlier calls left to the background is done.
  virtual void settle() {}
  // Bytes of data pages held in the store's own cache; 0 where it has none or cannot tell.
  [[nodiscard]] virtual uint64_t cached_bytes() { return 0; }
};

struct StoreKind {
  const char* name;
  std::unique_ptr<Store> (*open)(const StoreOptions& options);
  std::string (*version)();
  bool has_cache;  // else it lives in the operating system's page cache
};

// For messages of tests.
inline std::ostream& operator<<(std::ostream& to, const StoreKind& kind) { return to << kind.name; }

// In the order in which they are measured.
[[nodiscard]] std::span<const StoreKind> store_kinds();

// Ends the program with what failed, and why.
[[noreturn]] void store_failed(std::string_view operation, std::string_view cause);

}  // namespace aftersync::bench
