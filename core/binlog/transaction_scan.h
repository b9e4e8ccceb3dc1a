// TransactionScan: where transactions begin and end among events.
//
// The events of a file stand in the order Gtid, Query "BEGIN", rows, Xid; a definition is Gtid,
// Query. After a crash the last one may be cut off anywhere: whole is what has been ended by its
// Xid, by a Query "COMMIT" (tables without transactions, on other servers), or by being a statement
// of its own.
#pragma once

#include <optional>

#include "core/base/status.h"
#include "core/binlog/event.h"
#include "core/binlog/gtid.h"

namespace aftersync::binlog {

class TransactionScan {
 public:
  // Whether the event ends a transaction, or stands outside of any. Code::corruption when it cannot
  // stand where it does, or cannot be read.
  [[nodiscard]] Result<bool> take(const EventView& event);

  // Of the transaction that is under way or has just ended; empty for an anonymous one.
  [[nodiscard]] const std::optional<Gtid>& gtid() const { return gtid_; }
  [[nodiscard]] bool is_between() const { return state_ == State::between; }

 private:
  enum class State : uint8_t { between, after_gtid, within };

  State state_ = State::between;
  std::optional<Gtid> gtid_;
};

}  // namespace aftersync::binlog
