// Small transactions: made, and read again.
#include "proptests/binlog/transactions.h"

#include "core/base/check.h"
#include "core/binlog/transaction_events.h"
#include "core/binlog/transaction_scan.h"

namespace aftersync::binlog {

namespace {

std::string text_of(uint64_t number, size_t bytes) {
  return "INSERT " + std::to_string(number) +
         std::string(bytes, static_cast<char>('a' + number % 26));
}

void add_event(EventBuffer& events, EventType type, std::string_view body) {
  EventHeader header;
  header.type = type;
  header.server_id = 1;
  events.add(header, body);
}

// Walks one file; `next` is the number of the transaction that is expected.
std::string walk(Binlog& binlog, const Binlog::FileInfo& file, uint64_t& next) {
  auto stream = binlog.read(file.number);
  if (!stream.ok()) return stream.status().to_string();
  TransactionScan scan;
  while (true) {
    const auto event = stream->next(file.bytes);
    if (!event.ok()) return event.status().to_string();
    if (!*event) break;
    const auto ends = scan.take(**event);
    if (!ends.ok()) return file.name + ": " + ends.status().to_string();
    if (scan.is_between() && (*event)->header.type == EventType::xid) {
      const auto xid = XidEvent::decode((*event)->body);
      if (!xid.ok() || xid->xid != next || scan.gtid() != Gtid{test_source(), next}) {
        return file.name + ": another transaction than " + std::to_string(next);
      }
      ++next;
    }
    if ((*event)->header.type != EventType::query) continue;
    const auto query = QueryEvent::decode((*event)->body);
    if (!query.ok()) return query.status().to_string();
    const std::string& text = query->statement;
    const std::string begin = "INSERT " + std::to_string(next);
    if (text != "BEGIN" && text != text_of(next, text.size() - begin.size())) {
      return file.name + ": transaction " + std::to_string(next) + " has been changed";
    }
  }
  return scan.is_between() ? "" : file.name + ": ends within a transaction";
}

}  // namespace

Uid test_source() { return Uid::from_random(1, 2); }

void add_transaction(EventBuffer& events, GtidSet& gtids, uint64_t number, size_t bytes) {
  GtidEvent gtid;
  gtid.gtid = {test_source(), number};
  add_event(events, EventType::gtid, gtid.encode());
  QueryEvent query;
  query.statement = "BEGIN";
  add_event(events, EventType::query, query.encode());
  query.statement = text_of(number, bytes);
  add_event(events, EventType::query, query.encode());
  add_event(events, EventType::xid, XidEvent{number}.encode());
  gtids.add(gtid.gtid);
}

std::string differences(Binlog& binlog, uint64_t last) {
  const auto files = binlog.list();
  if (!files.ok()) return files.status().to_string();
  uint64_t next = binlog.purged().first_unused(test_source());
  for (const Binlog::FileInfo& file : *files) {
    std::string wrong = walk(binlog, file, next);
    if (!wrong.empty()) return wrong;
  }
  if (next != last + 1) {
    return "transactions up to " + std::to_string(next - 1) + ", expected " + std::to_string(last);
  }
  GtidSet expected;
  if (last > 0) expected.add(test_source(), 1, last);
  return binlog.gtids() == expected ? "" : "gtids are " + binlog.gtids().to_string();
}

}  // namespace aftersync::binlog
