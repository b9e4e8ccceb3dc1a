// Gtid, Query and Xid.
#include "core/binlog/transaction_events.h"

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/lenenc.h"
#include "core/binlog/event_reader.h"

namespace aftersync::binlog {

namespace {

constexpr uint8_t kLogicalTimestamps = 2;
constexpr size_t kTimeBytes = 7;
constexpr uint64_t kHasFirstTime = uint64_t{1} << 55;
constexpr uint32_t kHasFirstVersion = uint32_t{1} << 31;

void append_time(std::string& to, uint64_t us) {
  char bytes[sizeof us];
  store_le(bytes, us);
  to.append(bytes, kTimeBytes);
}

uint64_t read_time(EventReader& from) {
  char bytes[sizeof(uint64_t)] = {};
  const std::string_view read = from.bytes(kTimeBytes, "commit time");
  if (read.size() == kTimeBytes) std::memcpy(bytes, read.data(), kTimeBytes);
  return load_le<uint64_t>(bytes);
}

}  // namespace

// --- Gtid ---

std::string GtidEvent::encode() const {
  std::string body;
  append_le(body, static_cast<uint8_t>(may_have_statements));
  body += gtid.source.bytes();
  append_le(body, gtid.number);
  append_le(body, kLogicalTimestamps);
  append_le(body, static_cast<uint64_t>(last_committed));
  append_le(body, static_cast<uint64_t>(sequence_number));
  if (commit_us == 0) return body;
  CHECK_LT(commit_us, kHasFirstTime);
  const bool has_first_time = first_commit_us != commit_us;
  append_time(body, commit_us | (has_first_time ? kHasFirstTime : 0));
  if (has_first_time) append_time(body, first_commit_us);
  append_lenenc_integer(body, transaction_bytes);
  CHECK_LT(server_version, kHasFirstVersion);
  const bool has_first_version = first_server_version != server_version;
  append_le(body, server_version | (has_first_version ? kHasFirstVersion : 0));
  if (has_first_version) append_le(body, first_server_version);
  return body;
}

Result<GtidEvent> GtidEvent::decode(std::string_view body) {
  EventReader reader("Gtid event", body);
  GtidEvent event;
  event.may_have_statements = (reader.u8("flags") & 1) != 0;
  const std::string_view source = reader.bytes(Uid::kBytes, "UUID");
  event.gtid.number = reader.u64("number");
  RETURN_IF_ERROR(reader.status());
  ASSIGN_OR_RETURN(event.gtid.source, Uid::from_bytes(source));
  if (event.gtid.number > kMaxGtidNumber) reader.reject("number", "is out of range", 8);
  if (reader.at_end() || reader.u8("kind of timestamps") != kLogicalTimestamps) {
    return reader.answer(event);
  }
  event.last_committed = static_cast<int64_t>(reader.u64("last committed"));
  event.sequence_number = static_cast<int64_t>(reader.u64("sequence number"));
  if (reader.at_end()) return reader.answer(event);
  event.commit_us = read_time(reader);
  event.first_commit_us = event.commit_us;
  if ((event.commit_us & kHasFirstTime) != 0) {
    event.commit_us &= ~kHasFirstTime;
    event.first_commit_us = read_time(reader);
  }
  if (!reader.at_end()) event.transaction_bytes = reader.lenenc_integer("transaction length");
  if (!reader.at_end()) event.server_version = reader.u32("server version");
  event.first_server_version = event.server_version;
  if ((event.server_version & kHasFirstVersion) != 0) {
    event.server_version &= ~kHasFirstVersion;
    event.first_server_version = reader.u32("first server's version");
  }
  return reader.answer(event);
}

// --- Query ---

namespace {

enum StatusVariable : uint8_t {
  kFlags2 = 0,
  kSqlMode = 1,
  kCatalogWithZero = 2,
  kAutoIncrement = 3,
  kCharset = 4,
  kTimeZone = 5,
  kCatalog = 6,
  kLcTimeNames = 7,
  kCharsetDatabase = 8,
  kTableMapForUpdate = 9,
  kMasterDataWritten = 10,
  kInvoker = 11,
  kUpdatedDatabases = 12,
  kMicroseconds = 13,
  kExplicitDefaultsForTimestamp = 16,
  kDdlXid = 17,
  kDefaultUtf8mb4Collation = 18,
  kRequirePrimaryKey = 19,
  kDefaultTableEncryption = 20,
  kMariadbHrNow = 128,
  kMariadbXid = 129,
};

constexpr uint8_t kManyDatabases = 254;  // too many to name

// In ascending order of the codes: MariaDB stops at the first that it does not know.
std::string encode_context(const QueryContext& context) {
  std::string bytes;
  const auto code = [&](StatusVariable variable) { append_le(bytes, uint8_t{variable}); };
  if (context.flags2) {
    code(kFlags2);
    append_le(bytes, *context.flags2);
  }
  if (context.sql_mode) {
    code(kSqlMode);
    append_le(bytes, *context.sql_mode);
  }
  if (context.auto_increment) {
    code(kAutoIncrement);
    append_le(bytes, context.auto_increment->increment);
    append_le(bytes, context.auto_increment->offset);
  }
  if (context.charset) {
    code(kCharset);
    append_le(bytes, context.charset->client);
    append_le(bytes, context.charset->connection);
    append_le(bytes, context.charset->server);
  }
  if (context.time_zone) {
    code(kTimeZone);
    CHECK_LE(context.time_zone->size(), size_t{255});
    append_le(bytes, static_cast<uint8_t>(context.time_zone->size()));
    bytes += *context.time_zone;
  }
  if (context.lc_time_names) {
    code(kLcTimeNames);
    append_le(bytes, *context.lc_time_names);
  }
  if (context.microseconds) {
    code(kMicroseconds);
    append_le(bytes, static_cast<uint16_t>(*context.microseconds));
    append_le(bytes, static_cast<uint8_t>(*context.microseconds >> 16));
  }
  return bytes;
}

std::string_view short_string(EventReader& reader, std::string_view field) {
  return reader.bytes(reader.u8(field), field);
}

void skip_databases(EventReader& reader) {
  const uint8_t count = reader.u8("updated databases");
  if (count == kManyDatabases) return;
  for (uint8_t i = 0; i < count && reader.ok(); ++i) (void)reader.nul_string("updated database");
}

// Passes over a variable that we do not set; false when its size is not known.
bool skip_variable(EventReader& reader, uint8_t code) {
  const auto skip = [&](size_t bytes) { (void)reader.bytes(bytes, "status variable"); };
  switch (code) {
    case kCatalogWithZero:
      (void)short_string(reader, "catalog");
      skip(1);
      return true;
    case kCatalog: (void)short_string(reader, "catalog"); return true;
    case kInvoker:
      (void)short_string(reader, "invoking user");
      (void)short_string(reader, "invoking host");
      return true;
    case kUpdatedDatabases: skip_databases(reader); return true;
    case kExplicitDefaultsForTimestamp:
    case kRequirePrimaryKey:
    case kDefaultTableEncryption: skip(1); return true;
    case kCharsetDatabase:
    case kDefaultUtf8mb4Collation: skip(2); return true;
    case kMariadbHrNow: skip(3); return true;
    case kMasterDataWritten: skip(4); return true;
    case kTableMapForUpdate:
    case kDdlXid:
    case kMariadbXid: skip(8); return true;
    default: return false;
  }
}

void read_context(EventReader& reader, QueryContext& context) {
  while (reader.ok() && !reader.at_end()) {
    const uint8_t code = reader.u8("status variable");
    switch (code) {
      case kFlags2: context.flags2 = reader.u32("flags2"); break;
      case kSqlMode: context.sql_mode = reader.u64("sql_mode"); break;
      case kAutoIncrement: {
        const uint16_t increment = reader.u16("auto_increment_increment");
        context.auto_increment = {increment, reader.u16("auto_increment_offset")};
        break;
      }
      case kCharset: {
        const uint16_t client = reader.u16("character_set_client");
        const uint16_t connection = reader.u16("collation_connection");
        context.charset = {client, connection, reader.u16("collation_server")};
        break;
      }
      case kTimeZone: context.time_zone = short_string(reader, "time_zone"); break;
      case kLcTimeNames: context.lc_time_names = reader.u16("lc_time_names"); break;
      case kMicroseconds: {
        const uint32_t low = reader.u16("microseconds");
        context.microseconds = low | static_cast<uint32_t>(reader.u8("microseconds")) << 16;
        break;
      }
      default:
        if (!skip_variable(reader, code)) return;
    }
  }
}

}  // namespace

std::string QueryEvent::encode() const {
  CHECK_LE(database.size(), size_t{255});
  const std::string variables = encode_context(context);
  std::string body;
  append_le(body, connection);
  append_le(body, seconds);
  append_le(body, static_cast<uint8_t>(database.size()));
  append_le(body, error);
  append_le(body, static_cast<uint16_t>(variables.size()));
  body += variables;
  body += database;
  body += '\0';
  return body + statement;
}

Result<QueryEvent> QueryEvent::decode(std::string_view body) {
  EventReader reader("Query event", body);
  QueryEvent event;
  event.connection = reader.u32("connection");
  event.seconds = reader.u32("seconds");
  const uint8_t database_bytes = reader.u8("length of the database");
  event.error = reader.u16("error number");
  const uint16_t variable_bytes = reader.u16("length of the status variables");
  EventReader variables("Query event, status variables",
                        reader.bytes(variable_bytes, "status variables"));
  event.database = reader.bytes(database_bytes, "database");
  if (reader.u8("end of the database") != 0) reader.reject("end of the database", "is not zero", 1);
  event.statement = reader.rest();
  RETURN_IF_ERROR(reader.status());
  read_context(variables, event.context);
  RETURN_IF_ERROR(variables.status());
  return event;
}

// --- Xid ---

std::string XidEvent::encode() const {
  std::string body;
  append_le(body, xid);
  return body;
}

Result<XidEvent> XidEvent::decode(std::string_view body) {
  EventReader reader("Xid event", body);
  return reader.answer(XidEvent{reader.u64("xid")});
}

}  // namespace aftersync::binlog
