// What each driver defines, so that the headers of a store are included by its own file only.
#pragma once

#include <memory>
#include <string>

#include "bench/embedded/store.h"

namespace aftersync::bench {

[[nodiscard]] std::unique_ptr<Store> open_aftersync(const StoreOptions& options);
[[nodiscard]] std::string aftersync_version();

[[nodiscard]] std::unique_ptr<Store> open_lmdb(const StoreOptions& options);
[[nodiscard]] std::string lmdb_version();

[[nodiscard]] std::unique_ptr<Store> open_rocksdb(const StoreOptions& options);
[[nodiscard]] std::string rocksdb_version();

[[nodiscard]] std::unique_ptr<Store> open_wiredtiger(const StoreOptions& options);
[[nodiscard]] std::string wiredtiger_version();

}  // namespace aftersync::bench
