// Commands: what a client may ask once it is logged in, byte by byte.
//
//   code  name                   behind the code
//   01    QUIT
//   02    INIT_DB                schema to the end
//   03    QUERY                  text to the end
//   04    FIELD_LIST             table NUL, wildcard to the end
//   09    STATISTICS
//   0c    PROCESS_KILL           u32 connection id
//   0e    PING
//   11    CHANGE_USER            login_packets.h
//   12    BINLOG_DUMP            u32 position, u16 flags, u32 server id, file to the end
//   15    REGISTER_SLAVE         u32 server id, host, user, password (u8 length each), u16 port,
//                                u32 rank, u32 master id
//   16    STMT_PREPARE           text to the end
//   17    STMT_EXECUTE           statement_parameters.h
//   18    STMT_SEND_LONG_DATA    u32 statement, u16 parameter, bytes to the end; no answer
//   19    STMT_CLOSE             u32 statement; no answer
//   1a    STMT_RESET             u32 statement
//   1b    SET_OPTION             u16: 0 multi-statements on, 1 off
//   1c    STMT_FETCH             u32 statement, u32 rows
//   1e    BINLOG_DUMP_GTID       u16 flags, u32 server id, u32 length and file, u64 position,
//                                u32 length and a set of GTIDs:
//                                u64 count, each: 16 bytes UUID, u64 count of intervals,
//                                each: i64 first, i64 behind the last
//   1f    RESET_CONNECTION
//
// Every other code is answered with error 1047. Payloads here are those behind the code.
// Source: MySQL Source Code Documentation, "Command Phase", and the page of each command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/base/uid.h"

namespace aftersync::wire {

enum class Command : uint8_t {
  quit = 0x01,
  init_db = 0x02,
  query = 0x03,
  field_list = 0x04,
  statistics = 0x09,
  process_kill = 0x0c,
  ping = 0x0e,
  change_user = 0x11,
  binlog_dump = 0x12,
  register_replica = 0x15,
  stmt_prepare = 0x16,
  stmt_execute = 0x17,
  stmt_send_long_data = 0x18,
  stmt_close = 0x19,
  stmt_reset = 0x1a,
  set_option = 0x1b,
  stmt_fetch = 0x1c,
  binlog_dump_gtid = 0x1e,
  reset_connection = 0x1f,
};

struct FieldListCommand {
  std::string_view table;
  std::string_view wildcard;
};

struct LongDataCommand {
  uint32_t statement_id = 0;
  uint16_t parameter = 0;
  std::string_view bytes;
};

struct RegisterReplicaCommand {
  uint32_t server_id = 0;
  std::string_view host;
  std::string_view user;
  std::string_view password;
  uint16_t port = 0;
};

inline constexpr uint16_t kDumpNonBlocking = 0x01;  // end with EOF at the end of the last file
inline constexpr uint16_t kDumpThroughPosition = 0x02;
inline constexpr uint16_t kDumpThroughGtid = 0x04;

struct BinlogDumpCommand {
  uint64_t position = 4;
  uint16_t flags = 0;
  uint32_t server_id = 0;
  std::string_view file;  // empty: the first there is
};

struct GtidInterval {
  Uid server;
  uint64_t first = 0;
  uint64_t end = 0;  // behind the last
};

struct BinlogDumpGtidCommand {
  BinlogDumpCommand from{};
  std::vector<GtidInterval> has{};  // what the replica has already
};

// Code::invalid_argument with packet, offset and field for payloads that do not follow the table.
[[nodiscard]] Result<FieldListCommand> parse_field_list(std::string_view payload);
[[nodiscard]] Result<LongDataCommand> parse_long_data(std::string_view payload);
[[nodiscard]] Result<RegisterReplicaCommand> parse_register_replica(std::string_view payload);
[[nodiscard]] Result<BinlogDumpCommand> parse_binlog_dump(std::string_view payload);
[[nodiscard]] Result<BinlogDumpGtidCommand> parse_binlog_dump_gtid(std::string_view payload);
// Of the commands that carry one number; `packet` names them in errors.
[[nodiscard]] Result<uint32_t> parse_u32(std::string_view packet, std::string_view payload);
[[nodiscard]] Result<uint16_t> parse_u16(std::string_view packet, std::string_view payload);

}  // namespace aftersync::wire
