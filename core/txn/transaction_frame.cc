// TransactionFrame: the Gtid event says how long all of it is, itself included.
#include "core/txn/transaction_frame.h"

#include "core/binlog/transaction_events.h"

namespace aftersync::txn {

using binlog::EventBuffer;
using binlog::EventType;

namespace {

std::string encode_gtid(const TransactionFrame& frame, const BinlogCache& cache,
                        uint64_t rest_bytes) {
  binlog::GtidEvent event;
  event.gtid = frame.gtid;
  event.may_have_statements = cache.is_definition();
  event.last_committed = static_cast<int64_t>(frame.last_committed);
  event.sequence_number = static_cast<int64_t>(frame.sequence_number);
  event.commit_us = frame.commit_us;
  const uint64_t first_us = cache.first_commit_us();
  event.first_commit_us = first_us != 0 ? first_us : frame.commit_us;
  event.server_version = event.first_server_version = frame.server_version;
  // The length is itself of a length that depends on it: at the second try it fits.
  std::string body;
  for (int i = 0; i < 2; ++i) {
    event.transaction_bytes =
        binlog::kHeaderBytes + body.size() + binlog::kChecksumBytes + rest_bytes;
    body = event.encode();
  }
  event.transaction_bytes =
      binlog::kHeaderBytes + body.size() + binlog::kChecksumBytes + rest_bytes;
  return event.encode();
}

void add_query(EventBuffer& events, const BinlogCache& cache, const char* statement) {
  binlog::QueryEvent query;
  query.connection = cache.connection();
  query.statement = statement;
  binlog::EventHeader header = cache.header_of(EventType::query);
  header.flags = binlog::kSuppressUse;
  events.add(header, query.encode());
}

}  // namespace

void add_framed(EventBuffer& events, const TransactionFrame& frame, const BinlogCache& cache) {
  EventBuffer rest(cache.options().checksum);
  if (!cache.is_definition()) add_query(rest, cache, "BEGIN");
  const bool is_empty = cache.events().empty();
  EventBuffer end(cache.options().checksum);
  if (is_empty) {
    add_query(end, cache, "COMMIT");
  } else if (!cache.is_definition()) {
    end.add(cache.header_of(EventType::xid), binlog::XidEvent{frame.xid}.encode());
  }
  const EventType type = frame.gtid.number == 0 ? EventType::anonymous_gtid : EventType::gtid;
  const uint64_t rest_bytes = rest.size() + cache.events().size() + end.size();
  events.add(cache.header_of(type), encode_gtid(frame, cache, rest_bytes));
  events.add(rest);
  events.add(cache.events());
  events.add(end);
}

}  // namespace aftersync::txn
