// Events: what is written is read, what is damaged is refused by name, and the bytes of a file as
// MySQL 8.0 lays them out.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "core/binlog/control_events.h"
#include "core/binlog/event.h"
#include "core/binlog/transaction_events.h"

namespace aftersync::binlog {
namespace {

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

template <typename T>
rc::Gen<std::optional<T>> maybe(rc::Gen<T> gen) {
  return rc::gen::oneOf(rc::gen::just(std::optional<T>()),
                        rc::gen::map(std::move(gen), [](T v) { return std::optional<T>(v); }));
}

EventHeader drawn_header() {
  EventHeader header;
  header.timestamp = *rc::gen::arbitrary<uint32_t>();
  header.type = *rc::gen::element(EventType::query, EventType::xid, EventType::gtid,
                                  EventType::format_description, EventType::table_map);
  header.server_id = *rc::gen::arbitrary<uint32_t>();
  header.next_position = *rc::gen::arbitrary<uint32_t>();
  header.flags = *rc::gen::arbitrary<uint16_t>();
  return header;
}

RC_GTEST_PROP(Event, ComesBack, ()) {
  const EventHeader header = drawn_header();
  const auto body = *rc::gen::arbitrary<std::string>();
  const auto checksum = *rc::gen::element(Checksum::none, Checksum::crc32);
  const std::string event = make_event(header, body, checksum);
  const auto view = parse_event(event, checksum);
  RC_ASSERT(view.ok());
  RC_ASSERT(view->body == body);
  RC_ASSERT(view->header.timestamp == header.timestamp);
  RC_ASSERT(view->header.type == header.type);
  RC_ASSERT(view->header.server_id == header.server_id);
  RC_ASSERT(view->header.size == event.size());
  RC_ASSERT(view->header.next_position == header.next_position);
  RC_ASSERT(view->header.flags == header.flags);
  RC_ASSERT(*announced_size(event) == event.size());
}

RC_GTEST_PROP(Event, AFlippedBitIsNoticed, ()) {
  const EventHeader header = drawn_header();
  std::string event = make_event(header, *rc::gen::arbitrary<std::string>(), Checksum::crc32);
  const auto bit = *rc::gen::inRange<size_t>(0, event.size() * 8);
  event[bit / 8] = static_cast<char>(event[bit / 8] ^ 1 << (bit % 8));
  const auto view = parse_event(event, Checksum::crc32);
  // The one bit that is changed in place when a file is closed.
  const bool is_in_use = header.type == EventType::format_description && bit == kFlagsAt * 8;
  RC_ASSERT(view.ok() == is_in_use);
  if (!view.ok()) RC_ASSERT(view.code() == Code::corruption);
}

RC_GTEST_PROP(Event, MovesToAnotherPosition, ()) {
  const EventHeader header = drawn_header();
  std::string event = make_event(header, "body", Checksum::crc32);
  const auto position = *rc::gen::arbitrary<uint32_t>();
  place_event(event, position, Checksum::crc32);
  const auto view = parse_event(event, Checksum::crc32);
  RC_ASSERT(view.ok());
  RC_ASSERT(view->header.next_position == position);
}

TEST(Event, DamageIsNamed) {
  const std::string event = make_event({}, "statement", Checksum::crc32);
  const auto message = [](std::string_view bytes) {
    return std::string(parse_event(bytes, Checksum::crc32).status().message());
  };
  EXPECT_EQ(message(event.substr(0, 7)), "event header of 19 bytes expected, found 7");
  EXPECT_EQ(message(event.substr(0, 30)), "Query event of 32 bytes by its header, found 30");
  std::string other = event;
  other[20] = 'x';
  EXPECT_EQ(message(other).substr(0, 24), "Query event: checksum 0x");
  EXPECT_EQ(message(make_event({}, "", Checksum::none)), "Query event has no room for a checksum");
}

// The format description of a file of MySQL 8.0.34, written by hand from the table in the header.
TEST(ControlEvents, FormatDescriptionIsLaidOutAsInMysql) {
  FormatDescription description;
  description.server_version = "8.0.34";
  description.created = 0x01020304;
  const std::string body = description.encode();
  EXPECT_EQ(hex(body), "0400" + hex("8.0.34") + std::string(88, '0') + "04030201" + "13" +
                           "380d0008001200040404041200006200041a080000000808080200000"
                           "00a0a0a2a2a001234000a280001");
  const auto back = FormatDescription::decode(body);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_EQ(back->server_version, "8.0.34");
  EXPECT_EQ(back->created, 0x01020304u);
  EXPECT_EQ(back->checksum, Checksum::crc32);
}

TEST(ControlEvents, AForeignFormatIsRefusedByName) {
  std::string body = FormatDescription{}.encode();
  std::string older = body;
  older[0] = 3;
  EXPECT_EQ(FormatDescription::decode(older).status().to_string(),
            "unsupported: format description: binlog version 4 expected, found 3");
  std::string other = body;
  other[57 + 15] = 9;
  EXPECT_EQ(FormatDescription::decode(other).status().to_string(),
            "unsupported: format description: fixed bytes of Xid 0 expected, found 9");
  body.back() = 7;
  EXPECT_EQ(FormatDescription::decode(body).status().to_string(),
            "unsupported: format description: checksum algorithm 7 is none of 0 (none), 1 (CRC32)");
  EXPECT_EQ(FormatDescription::decode("").code(), Code::corruption);
}

TEST(ControlEvents, RotateComesBack) {
  const auto rotate = Rotate::decode(Rotate{1234567890123, "binlog.000002"}.encode());
  ASSERT_TRUE(rotate.ok());
  EXPECT_EQ(rotate->position, 1234567890123u);
  EXPECT_EQ(rotate->file, "binlog.000002");
  EXPECT_EQ(Rotate::decode("1234567").code(), Code::corruption);
}

GtidEvent drawn_gtid() {
  GtidEvent event;
  event.gtid = {Uid::from_random(*rc::gen::arbitrary<uint64_t>(), 1),
                *rc::gen::inRange<uint64_t>(0, kMaxGtidNumber)};
  event.may_have_statements = *rc::gen::arbitrary<bool>();
  event.last_committed = *rc::gen::arbitrary<int64_t>();
  event.sequence_number = *rc::gen::arbitrary<int64_t>();
  if (*rc::gen::arbitrary<bool>()) return event;
  const auto times = rc::gen::inRange<uint64_t>(1, uint64_t{1} << 55);
  event.commit_us = *times;
  event.first_commit_us = *rc::gen::arbitrary<bool>() ? event.commit_us : *times;
  event.transaction_bytes = *rc::gen::arbitrary<uint64_t>();
  event.server_version = *rc::gen::inRange<uint32_t>(50700, 90000);
  event.first_server_version =
      *rc::gen::arbitrary<bool>() ? event.server_version : *rc::gen::inRange<uint32_t>(1, 90000);
  return event;
}

RC_GTEST_PROP(TransactionEvents, GtidComesBack, ()) {
  const GtidEvent event = drawn_gtid();
  const auto back = GtidEvent::decode(event.encode());
  RC_ASSERT(back.ok());
  RC_ASSERT(back->gtid == event.gtid);
  RC_ASSERT(back->may_have_statements == event.may_have_statements);
  RC_ASSERT(back->last_committed == event.last_committed);
  RC_ASSERT(back->sequence_number == event.sequence_number);
  RC_ASSERT(back->commit_us == event.commit_us);
  RC_ASSERT(back->first_commit_us == event.first_commit_us);
  RC_ASSERT(back->transaction_bytes == event.transaction_bytes);
  RC_ASSERT(back->server_version == event.server_version);
  RC_ASSERT(back->first_server_version == event.first_server_version);
}

QueryEvent drawn_query() {
  QueryEvent event;
  event.connection = *rc::gen::arbitrary<uint32_t>();
  event.seconds = *rc::gen::arbitrary<uint32_t>();
  event.error = *rc::gen::arbitrary<uint16_t>();
  QueryContext& context = event.context;
  context.flags2 = *maybe(rc::gen::arbitrary<uint32_t>());
  context.sql_mode = *maybe(rc::gen::arbitrary<uint64_t>());
  if (*rc::gen::arbitrary<bool>()) context.auto_increment = {2, *rc::gen::arbitrary<uint16_t>()};
  if (*rc::gen::arbitrary<bool>()) context.charset = {45, 33, *rc::gen::arbitrary<uint16_t>()};
  context.time_zone = *maybe(rc::gen::just(std::string("+02:00")));
  context.lc_time_names = *maybe(rc::gen::arbitrary<uint16_t>());
  context.microseconds = *maybe(rc::gen::inRange<uint32_t>(0, 1'000'000));
  event.database = *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z'));
  event.statement = *rc::gen::arbitrary<std::string>();
  return event;
}

RC_GTEST_PROP(TransactionEvents, QueryComesBack, ()) {
  const QueryEvent event = drawn_query();
  const auto back = QueryEvent::decode(event.encode());
  RC_ASSERT(back.ok());
  RC_ASSERT(back->connection == event.connection);
  RC_ASSERT(back->seconds == event.seconds);
  RC_ASSERT(back->error == event.error);
  RC_ASSERT(back->context == event.context);
  RC_ASSERT(back->database == event.database);
  RC_ASSERT(back->statement == event.statement);
}

// What MySQL 8.0 and MariaDB put before and behind the variables that we read.
TEST(TransactionEvents, ForeignStatusVariablesArePassedOver) {
  QueryEvent event;
  event.context.sql_mode = 7;
  event.database = "d";
  event.statement = "s";
  std::string body = event.encode();
  using namespace std::string_literals;
  const std::string before =
      "\x06\x03std\x0c\x02"
      "a\0b\0\x0b\x01u\x01h"s;
  const std::string behind = "\x0d\x01\x02\x03\x80\x01\x02\x03\x13\x01\xee\x05\x06"s;
  const size_t bytes = body.size() - 13 - 3;
  body.insert(13 + bytes, behind);
  body.insert(13, before);
  body[11] = static_cast<char>(bytes + before.size() + behind.size());
  const auto back = QueryEvent::decode(body);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  event.context.microseconds = 0x030201;
  EXPECT_EQ(back->context, event.context);
  EXPECT_EQ(back->statement, "s");
}

RC_GTEST_PROP(TransactionEvents, DamagedBodiesAreRefusedOrRead, ()) {
  std::string body = *rc::gen::arbitrary<bool>() ? drawn_query().encode() : drawn_gtid().encode();
  const auto at = *rc::gen::inRange<size_t>(0, body.size());
  if (*rc::gen::arbitrary<bool>()) {
    body.resize(at);
  } else {
    body[at] = *rc::gen::arbitrary<char>();
  }
  for (const Status& status : {QueryEvent::decode(body).status(), GtidEvent::decode(body).status(),
                               XidEvent::decode(body).status(), Rotate::decode(body).status(),
                               FormatDescription::decode(body).status()}) {
    RC_ASSERT(status.ok() || status.code() == Code::corruption ||
              status.code() == Code::unsupported);
  }
}

TEST(TransactionEvents, XidComesBack) {
  EXPECT_EQ(XidEvent::decode(XidEvent{0x0102030405060708}.encode())->xid, 0x0102030405060708u);
  EXPECT_EQ(XidEvent::decode("1234567").status().to_string(),
            "corruption: Xid event: offset 0: xid needs 8 bytes, 7 are left");
}

}  // namespace
}  // namespace aftersync::binlog
