// TransactionFrame: what stands around the events of a transaction in a binlog.
//
//   rows          Gtid, Query "BEGIN", the cache's events, Xid
//   nothing       Gtid, Query "BEGIN", Query "COMMIT": a GTID that is used up
//   a definition  Gtid, the cache's Query
#pragma once

#include <cstdint>

#include "core/binlog/event_buffer.h"
#include "core/binlog/gtid.h"
#include "core/txn/binlog_cache.h"

namespace aftersync::txn {

struct TransactionFrame {
  binlog::Gtid gtid;  // number 0: anonymous
  uint64_t last_committed = 0;
  uint64_t sequence_number = 0;
  uint64_t commit_us = 0;
  uint32_t server_version = 0;
  uint64_t xid = 0;
};

// Appends the whole transaction. Its statement has ended.
void add_framed(binlog::EventBuffer& events, const TransactionFrame& frame,
                const BinlogCache& cache);

}  // namespace aftersync::txn
