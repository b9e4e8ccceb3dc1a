// Parsers of commands; layouts in commands.h.
#include "core/wire/commands.h"

#include "core/base/payload_reader.h"

namespace aftersync::wire {

namespace {

std::string_view short_string(PayloadReader& reader, std::string_view field) {
  const uint8_t size = reader.u8(field);
  return reader.bytes(size, field);
}

void read_intervals(PayloadReader& reader, std::vector<GtidInterval>& into) {
  const std::string_view uuid = reader.bytes(Uid::kBytes, "UUID");
  const uint64_t count = reader.u64("count of intervals");
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    GtidInterval one;
    one.first = reader.u64("first of interval");
    one.end = reader.u64("end of interval");
    if (!reader.ok()) return;
    if (one.first == 0 || one.end <= one.first) return reader.reject("interval", "is empty", 16);
    one.server = Uid::from_bytes(uuid).value();
    into.push_back(one);
  }
}

// Counts may lie: each is believed only as far as there are bytes for it.
Status parse_gtid_set(std::string_view bytes, std::vector<GtidInterval>& into) {
  PayloadReader reader("set of GTIDs", bytes);
  const uint64_t count = reader.u64("count of UUIDs");
  for (uint64_t i = 0; i < count && reader.ok(); ++i) read_intervals(reader, into);
  return reader.finish();
}

}  // namespace

Result<FieldListCommand> parse_field_list(std::string_view payload) {
  PayloadReader reader("COM_FIELD_LIST", payload);
  FieldListCommand command;
  command.table = reader.nul_string("table");
  command.wildcard = reader.rest();
  RETURN_IF_ERROR(reader.status());
  return command;
}

Result<LongDataCommand> parse_long_data(std::string_view payload) {
  PayloadReader reader("COM_STMT_SEND_LONG_DATA", payload);
  LongDataCommand command;
  command.statement_id = reader.u32("statement");
  command.parameter = reader.u16("parameter");
  command.bytes = reader.rest();
  RETURN_IF_ERROR(reader.status());
  return command;
}

Result<RegisterReplicaCommand> parse_register_replica(std::string_view payload) {
  PayloadReader reader("COM_REGISTER_SLAVE", payload);
  RegisterReplicaCommand command;
  command.server_id = reader.u32("server id");
  command.host = short_string(reader, "host");
  command.user = short_string(reader, "user");
  command.password = short_string(reader, "password");
  command.port = reader.u16("port");
  (void)reader.u32("rank");
  (void)reader.u32("master id");
  RETURN_IF_ERROR(reader.status());
  return command;
}

Result<BinlogDumpCommand> parse_binlog_dump(std::string_view payload) {
  PayloadReader reader("COM_BINLOG_DUMP", payload);
  BinlogDumpCommand command;
  command.position = reader.u32("position");
  command.flags = reader.u16("flags");
  command.server_id = reader.u32("server id");
  command.file = reader.rest();
  RETURN_IF_ERROR(reader.status());
  return command;
}

Result<BinlogDumpGtidCommand> parse_binlog_dump_gtid(std::string_view payload) {
  PayloadReader reader("COM_BINLOG_DUMP_GTID", payload);
  BinlogDumpGtidCommand command;
  command.from.flags = reader.u16("flags");
  command.from.server_id = reader.u32("server id");
  const uint32_t name_size = reader.u32("length of file");
  command.from.file = reader.bytes(name_size, "file");
  command.from.position = reader.u64("position");
  const uint32_t set_size = reader.u32("length of set");
  const std::string_view set = reader.bytes(set_size, "set");
  RETURN_IF_ERROR(reader.status());
  RETURN_IF_ERROR(parse_gtid_set(set, command.has).in("COM_BINLOG_DUMP_GTID"));
  return command;
}

Result<uint32_t> parse_u32(std::string_view packet, std::string_view payload) {
  PayloadReader reader(packet, payload);
  const uint32_t value = reader.u32("number");
  RETURN_IF_ERROR(reader.status());
  return value;
}

Result<uint16_t> parse_u16(std::string_view packet, std::string_view payload) {
  PayloadReader reader(packet, payload);
  const uint16_t value = reader.u16("number");
  RETURN_IF_ERROR(reader.status());
  return value;
}

}  // namespace aftersync::wire
