// The events that frame a transaction: which one it is, where it begins and that it is committed.
//
// A transaction that changes rows is: Gtid, Query "BEGIN", pairs of table map and rows events
// (row_events.h), Xid. A definition statement is: Gtid, Query with its text, committed by itself.
//
//   Gtid (33), Anonymous_Gtid (34: UUID and number are zero):
//        0     1  flags: 1: may hold statements that cannot be rolled back
//        1    16  UUID
//       17     8  number
//       25     1  2: logical timestamps follow
//       26     8  last committed: the sequence number of the last transaction that this one must
//                 not be applied before
//       34     8  sequence number: 1 for the first transaction of a file, then one more for each
//       42     7  microseconds since 1970 at which it was committed; bit 55 set: it was first
//                 committed elsewhere, and those of that time (7) follow
//              n  bytes of the whole transaction, this event included, length-encoded
//              4  version of the committing server (80034 for 8.0.34); bit 31 set: that of
//                 the first server (4) follows
//       MySQL 5.7 ends after the sequence number, and older ones before the logical timestamps.
//   Query (2): a statement.
//        0     4  id of the connection
//        4     4  seconds it took
//        8     1  bytes of the default database's name
//        9     2  error number that it ended with: a replica must end with the same
//       11     2  bytes of status variables
//       13     n  status variables, each a code and its value
//              m  default database, a zero byte, then the statement to the end
//   Xid (16): commit.
//        0     8  id of the transaction in the server
//
// Sources: MySQL internals, "QUERY_EVENT", "XID_EVENT"; MySQL 8.0 source documentation, classes
// mysql::binlog::event::Gtid_event and Query_event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/event.h"
#include "core/binlog/gtid.h"

namespace aftersync::binlog {

struct GtidEvent {
  // An Anonymous_Gtid has neither source nor number.
  Gtid gtid;
  bool may_have_statements = false;
  int64_t last_committed = 0;
  int64_t sequence_number = 0;
  uint64_t commit_us = 0;          // 0: not known (MySQL 5.7)
  uint64_t first_commit_us = 0;    // as commit_us where it was committed first
  uint64_t transaction_bytes = 0;  // 0: not known
  uint32_t server_version = 0;     // 0: not known
  uint32_t first_server_version = 0;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Result<GtidEvent> decode(std::string_view body);
};

// The session variables that a statement depends on; empty ones are not written.
struct QueryContext {
  std::optional<uint32_t> flags2;    // code 0
  std::optional<uint64_t> sql_mode;  // 1
  struct AutoIncrement {
    uint16_t increment = 1;
    uint16_t offset = 1;
    friend bool operator==(const AutoIncrement&, const AutoIncrement&) = default;
  };
  std::optional<AutoIncrement> auto_increment;  // 3
  struct Charset {                              // collation ids
    uint16_t client = 0;
    uint16_t connection = 0;
    uint16_t server = 0;
    friend bool operator==(const Charset&, const Charset&) = default;
  };
  std::optional<Charset> charset;         // 4
  std::optional<std::string> time_zone;   // 5
  std::optional<uint16_t> lc_time_names;  // 7
  std::optional<uint32_t> microseconds;   // 13: below a second, of the timestamp

  friend bool operator==(const QueryContext&, const QueryContext&) = default;
};

struct QueryEvent {
  uint32_t connection = 0;
  uint32_t seconds = 0;
  uint16_t error = 0;
  QueryContext context;
  std::string database;  // at most 255 bytes
  std::string statement;

  [[nodiscard]] std::string encode() const;
  // Status variables that we do not set are skipped if their size is known; what follows one of
  // unknown size is given up, as MySQL does.
  [[nodiscard]] static Result<QueryEvent> decode(std::string_view body);
};

struct XidEvent {
  uint64_t xid = 0;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Result<XidEvent> decode(std::string_view body);
};

}  // namespace aftersync::binlog
