// The stores that can be measured. A store stands here once its driver does all that store.h says.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "bench/embedded/drivers.h"
#include "bench/embedded/store.h"

namespace aftersync::bench {

std::span<const StoreKind> store_kinds() {
  static constexpr std::array kKinds = {
      StoreKind{"aftersync", open_aftersync, aftersync_version, true},
      StoreKind{"lmdb", open_lmdb, lmdb_version, false},
      StoreKind{"rocksdb", open_rocksdb, rocksdb_version, true},
      StoreKind{"wiredtiger", open_wiredtiger, wiredtiger_version, true},
  };
  return kKinds;
}

void store_failed(std::string_view operation, std::string_view cause) {
  std::fprintf(stderr, "benchmark stopped: %s: %s\n", std::string(operation).c_str(),
               std::string(cause).c_str());
  std::abort();
}

}  // namespace aftersync::bench
