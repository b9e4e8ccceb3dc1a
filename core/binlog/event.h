// Event: the unit of which binlogs, relay logs and replication streams are made.
//
// All of it is MySQL's format, version 4, so that MySQL's and MariaDB's replicas and tools read
// what we write, and the other way round. Integers are little-endian.
//
//        0     4  timestamp: seconds since 1970 when the statement began; 0 in artificial events
//        4     1  type
//        5     4  server id of the server that made it first
//        9     4  size of the whole event, checksum included
//       13     4  position in the binlog of the byte after it; 0 in artificial events
//       17     2  flags
//       19        body: control_events.h, transaction_events.h, row_events.h
//     last     4  CRC-32 (zlib's) of all the bytes before, if the binlog has checksums
//
// A file begins with the four bytes FE 'b' 'i' 'n' and a format description, which says whether the
// events have checksums; that event itself always has one, computed as if its flag kInUse were not
// set, because the flag is changed in place when the file is closed.
//
// Sources: MySQL internals, "Binary Log Event", "Event Content Writing Conventions"; MySQL 8.0
// manual, "Replication and Binary Logging Options" (binlog_checksum).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace aftersync::binlog {

inline constexpr std::string_view kFileMagic = "\xfe\x62in";  // FE, then "bin"
inline constexpr size_t kHeaderBytes = 19;
inline constexpr size_t kSizeAt = 9;
inline constexpr size_t kNextPositionAt = 13;
inline constexpr size_t kFlagsAt = 17;
inline constexpr size_t kChecksumBytes = 4;

enum class EventType : uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  format_description = 15,
  xid = 16,
  table_map = 19,
  heartbeat = 27,
  rows_query = 29,
  write_rows = 30,
  update_rows = 31,
  delete_rows = 32,
  gtid = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
};

// "Write_rows"; "unknown (99)".
[[nodiscard]] std::string to_string(EventType type);

// Flags of the header.
inline constexpr uint16_t kInUse = 0x0001;        // format description: the file is not closed
inline constexpr uint16_t kThreadLocal = 0x0004;  // query: needs temporary tables of its session
inline constexpr uint16_t kSuppressUse = 0x0008;  // query: does not depend on the default database
inline constexpr uint16_t kArtificial = 0x0020;   // made for a stream, in no file
inline constexpr uint16_t kIgnorable = 0x0080;    // who does not know the type may skip it

enum class Checksum : uint8_t { none = 0, crc32 = 1 };

struct EventHeader {
  uint32_t timestamp = 0;
  EventType type = EventType::query;
  uint32_t server_id = 0;
  uint32_t size = 0;
  uint32_t next_position = 0;
  uint16_t flags = 0;
};

// Appends an event without the position after it, and with room for its checksum: place_event()
// fills in both. A format description has a checksum in any case. `header.size` is not looked at.
void append_unplaced_event(std::string& to, const EventHeader& header, std::string_view body,
                           Checksum checksum);
// Gives an event, or gives it anew, the position after it, and the checksum that this makes.
void place_event(std::span<char> event, uint32_t next_position, Checksum checksum);

// Both at once; the position is the header's.
[[nodiscard]] std::string make_event(const EventHeader& header, std::string_view body,
                                     Checksum checksum);

struct EventView {
  EventHeader header;
  std::string_view body;  // within the bytes that were parsed
};

// The event that `bytes` are, from the first to the last. Code::corruption names what does not fit:
// size, checksum (expected, found).
[[nodiscard]] Result<EventView> parse_event(std::string_view bytes, Checksum checksum);

// The size that the header at the front of `bytes` announces, for whoever reads a file piece by
// piece; `bytes` has at least kHeaderBytes. Code::corruption when no event can be so small.
[[nodiscard]] Result<uint32_t> announced_size(std::string_view bytes);

}  // namespace aftersync::binlog
