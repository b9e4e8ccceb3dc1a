// Event: header and checksum.
#include "core/binlog/event.h"

#include <zlib.h>

#include "core/base/check.h"
#include "core/base/coding.h"

namespace aftersync::binlog {

namespace {

bool has_checksum(EventType type, Checksum checksum) {
  return checksum == Checksum::crc32 || type == EventType::format_description;
}

uint32_t crc32_of(std::string_view bytes, uint32_t crc = 0) {
  return static_cast<uint32_t>(
      crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Of an event without its checksum.
uint32_t checksum_of(std::string_view event, EventType type) {
  if (type != EventType::format_description) return crc32_of(event);
  char flags[2];
  store_le<uint16_t>(flags, load_le<uint16_t>(event.data() + kFlagsAt) & ~uint32_t{kInUse});
  uint32_t crc = crc32_of(event.substr(0, kFlagsAt));
  crc = crc32_of({flags, sizeof flags}, crc);
  return crc32_of(event.substr(kFlagsAt + sizeof flags), crc);
}

EventHeader load_header(std::string_view bytes) {
  Reader reader(bytes.substr(0, kHeaderBytes));
  EventHeader header;
  header.timestamp = reader.le<uint32_t>();
  header.type = static_cast<EventType>(reader.le<uint8_t>());
  header.server_id = reader.le<uint32_t>();
  header.size = reader.le<uint32_t>();
  header.next_position = reader.le<uint32_t>();
  header.flags = reader.le<uint16_t>();
  return header;
}

std::string hex(uint32_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15];
  return text;
}

}  // namespace

std::string to_string(EventType type) {
  switch (type) {
    case EventType::query: return "Query";
    case EventType::stop: return "Stop";
    case EventType::rotate: return "Rotate";
    case EventType::format_description: return "Format_desc";
    case EventType::xid: return "Xid";
    case EventType::table_map: return "Table_map";
    case EventType::heartbeat: return "Heartbeat";
    case EventType::rows_query: return "Rows_query";
    case EventType::write_rows: return "Write_rows";
    case EventType::update_rows: return "Update_rows";
    case EventType::delete_rows: return "Delete_rows";
    case EventType::gtid: return "Gtid";
    case EventType::anonymous_gtid: return "Anonymous_Gtid";
    case EventType::previous_gtids: return "Previous_gtids";
  }
  return "unknown (" + std::to_string(static_cast<int>(type)) + ")";
}

void append_unplaced_event(std::string& to, const EventHeader& header, std::string_view body,
                           Checksum checksum) {
  const size_t tail = has_checksum(header.type, checksum) ? kChecksumBytes : 0;
  const size_t size = kHeaderBytes + body.size() + tail;
  CHECK_LE(size, size_t{UINT32_MAX});
  append_le(to, header.timestamp);
  append_le(to, static_cast<uint8_t>(header.type));
  append_le(to, header.server_id);
  append_le(to, static_cast<uint32_t>(size));
  append_le(to, uint32_t{0});
  append_le(to, header.flags);
  to += body;
  to.append(tail, '\0');
}

void place_event(std::span<char> event, uint32_t next_position, Checksum checksum) {
  CHECK_GE(event.size(), kHeaderBytes);
  store_le(event.data() + kNextPositionAt, next_position);
  const std::string_view bytes(event.data(), event.size());
  const EventType type = load_header(bytes).type;
  if (!has_checksum(type, checksum)) return;
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  store_le(event.data() + covered.size(), checksum_of(covered, type));
}

std::string make_event(const EventHeader& header, std::string_view body, Checksum checksum) {
  std::string event;
  append_unplaced_event(event, header, body, checksum);
  place_event(event, header.next_position, checksum);
  return event;
}

Result<uint32_t> announced_size(std::string_view bytes) {
  CHECK_GE(bytes.size(), kHeaderBytes);
  const auto size = load_le<uint32_t>(bytes.data() + kSizeAt);
  if (size < kHeaderBytes) {
    return {Code::corruption, "event of " + std::to_string(size) + " bytes, at least " +
                                  std::to_string(kHeaderBytes) + " expected"};
  }
  return size;
}

Result<EventView> parse_event(std::string_view bytes, Checksum checksum) {
  if (bytes.size() < kHeaderBytes) {
    return {Code::corruption, "event header of " + std::to_string(kHeaderBytes) +
                                  " bytes expected, found " + std::to_string(bytes.size())};
  }
  EventView view;
  view.header = load_header(bytes);
  const std::string name = to_string(view.header.type);
  if (view.header.size != bytes.size()) {
    return {Code::corruption, name + " event of " + std::to_string(view.header.size) +
                                  " bytes by its header, found " + std::to_string(bytes.size())};
  }
  view.body = bytes.substr(kHeaderBytes);
  if (!has_checksum(view.header.type, checksum)) return view;
  if (view.body.size() < kChecksumBytes) {
    return {Code::corruption, name + " event has no room for a checksum"};
  }
  view.body.remove_suffix(kChecksumBytes);
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto found = load_le<uint32_t>(bytes.data() + covered.size());
  const uint32_t expected = checksum_of(covered, view.header.type);
  if (found != expected) {
    return {Code::corruption,
            name + " event: checksum " + hex(expected) + " expected, found " + hex(found)};
  }
  return view;
}

}  // namespace aftersync::binlog
