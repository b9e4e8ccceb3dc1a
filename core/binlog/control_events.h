// The events that concern a binlog, not what is in it.
//
//   Format description (15): the first event of a file, and of a stream.
//        0     2  binlog version: 4
//        2    50  version of the server, padded with zeroes
//       52     4  timestamp of the file's making; 0 unless the server has just started
//       56     1  header bytes: 19
//       57   n*1  for each event type from 1 on: bytes of its fixed part ("post-header")
//     57+n     1  checksum of the events that follow: 0 none, 1 CRC-32
//   Rotate (4): the log goes on elsewhere. The last event of a file, and the first of a stream.
//        0     8  position there
//        8        file name, to the end
//   Previous_gtids (35): all GTIDs in the files before this one: gtid_set.h.
//   Heartbeat (27): nothing to send at the moment.
//        0        file name, to the end; the position is that of the header
//   Stop (3): the server has shut down. Empty.
//
// Sources: MySQL internals, "FORMAT_DESCRIPTION_EVENT", "ROTATE_EVENT", "HEARTBEAT_EVENT"; the
// table of fixed parts is that of MySQL 8.0, which MariaDB 10.11 accepts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/binlog/event.h"

namespace aftersync::binlog {

struct FormatDescription {
  static constexpr size_t kMaxVersionBytes = 49;

  std::string server_version;
  uint32_t created = 0;
  Checksum checksum = Checksum::crc32;

  [[nodiscard]] std::string encode() const;
  // Code::corruption; Code::unsupported: another binlog version, header length or checksum, or
  // fixed parts that are not of the sizes we know.
  [[nodiscard]] static Result<FormatDescription> decode(std::string_view body);
};

struct Rotate {
  uint64_t position = kFileMagic.size();
  std::string file;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Result<Rotate> decode(std::string_view body);
};

}  // namespace aftersync::binlog
