// Small transactions for tests of binlogs: number n of one source inserts a row that n determines.
#pragma once

#include <cstdint>
#include <string>

#include "core/binlog/binlog.h"

namespace aftersync::binlog {

[[nodiscard]] Uid test_source();

// Appends transaction `number`, of about `bytes`, to the buffer and its GTID to the set.
void add_transaction(EventBuffer& events, GtidSet& gtids, uint64_t number, size_t bytes);

// Reads every file and checks that they hold the transactions from 1, or from the first that is not
// purged, to `last`, in order, each once and as it was made. Empty, or what is wrong.
[[nodiscard]] std::string differences(Binlog& binlog, uint64_t last);

}  // namespace aftersync::binlog
