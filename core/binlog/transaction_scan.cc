// TransactionScan: three states.
#include "core/binlog/transaction_scan.h"

#include "core/binlog/transaction_events.h"

namespace aftersync::binlog {

Result<bool> TransactionScan::take(const EventView& event) {
  const EventType type = event.header.type;
  const auto misplaced = [&](std::string_view where) -> Status {
    return {Code::corruption, to_string(type) + " event " + std::string(where)};
  };
  switch (type) {
    case EventType::format_description:
    case EventType::previous_gtids:
    case EventType::rotate:
    case EventType::stop:
      if (state_ != State::between) return misplaced("within a transaction");
      return true;
    case EventType::gtid:
    case EventType::anonymous_gtid: {
      if (state_ != State::between) return misplaced("within a transaction");
      ASSIGN_OR_RETURN(const GtidEvent gtid, GtidEvent::decode(event.body));
      gtid_.reset();
      if (type == EventType::gtid) gtid_ = gtid.gtid;
      state_ = State::after_gtid;
      return false;
    }
    case EventType::query: {
      ASSIGN_OR_RETURN(const QueryEvent query, QueryEvent::decode(event.body));
      if (state_ == State::between) return misplaced("without a GTID");
      const bool begins = state_ == State::after_gtid && query.statement == "BEGIN";
      const bool goes_on = state_ == State::within && query.statement != "COMMIT";
      state_ = begins || goes_on ? State::within : State::between;
      return state_ == State::between;
    }
    case EventType::xid:
      if (state_ != State::within) return misplaced("without a transaction");
      state_ = State::between;
      return true;
    default:
      if (state_ != State::within) return misplaced("without a transaction");
      return false;
  }
}

}  // namespace aftersync::binlog
