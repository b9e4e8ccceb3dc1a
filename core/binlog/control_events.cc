// Format description and Rotate.
#include "core/binlog/control_events.h"

#include <array>

#include "core/base/check.h"
#include "core/base/coding.h"

namespace aftersync::binlog {

namespace {

constexpr uint16_t kBinlogVersion = 4;
constexpr size_t kVersionBytes = FormatDescription::kMaxVersionBytes + 1;

// Bytes of the fixed parts of the types from 1 on.
constexpr std::array<uint8_t, 41> kFixedParts = {56, 13, 0,  8,  0,  18, 0, 4,  4,  4, 4,  18, 0, 0,
                                                 98, 0,  4,  26, 8,  0,  0, 0,  8,  8, 8,  2,  0, 0,
                                                 0,  10, 10, 10, 42, 42, 0, 18, 52, 0, 10, 40, 0};

// Those whose sizes every server that writes them agrees on. MariaDB announces nothing for MySQL's
// GTID events.
constexpr EventType kTypesWeRead[] = {
    EventType::query,      EventType::rotate,      EventType::xid,        EventType::table_map,
    EventType::write_rows, EventType::update_rows, EventType::delete_rows};

Status unsupported(std::string_view what, uint64_t expected, uint64_t found) {
  return {Code::unsupported, "format description: " + std::string(what) + " " +
                                 std::to_string(expected) + " expected, found " +
                                 std::to_string(found)};
}

}  // namespace

std::string FormatDescription::encode() const {
  CHECK_LE(server_version.size(), kMaxVersionBytes);
  std::string body;
  append_le(body, kBinlogVersion);
  body += server_version;
  body.append(kVersionBytes - server_version.size(), '\0');
  append_le(body, created);
  append_le(body, static_cast<uint8_t>(kHeaderBytes));
  for (const uint8_t bytes : kFixedParts) append_le(body, bytes);
  append_le(body, static_cast<uint8_t>(checksum));
  return body;
}

Result<FormatDescription> FormatDescription::decode(std::string_view body) {
  Reader reader(body);
  const auto version = reader.le<uint16_t>();
  const std::string_view server = reader.bytes(kVersionBytes);
  FormatDescription description;
  description.created = reader.le<uint32_t>();
  const auto header_bytes = reader.le<uint8_t>();
  const std::string_view rest = reader.rest();
  if (!reader.ok() || rest.empty()) return {Code::corruption, "format description: cut short"};
  if (version != kBinlogVersion) return unsupported("binlog version", kBinlogVersion, version);
  if (header_bytes != kHeaderBytes) return unsupported("header bytes", kHeaderBytes, header_bytes);
  const std::string_view fixed_parts = rest.substr(0, rest.size() - 1);
  for (const EventType type : kTypesWeRead) {
    const size_t at = static_cast<size_t>(type) - 1;
    if (at >= fixed_parts.size()) continue;  // an older server, which does not write it
    const auto found = static_cast<uint8_t>(fixed_parts[at]);
    if (found != kFixedParts[at]) {
      return unsupported("fixed bytes of " + to_string(type), kFixedParts[at], found);
    }
  }
  const auto checksum = static_cast<uint8_t>(rest.back());
  if (checksum > static_cast<uint8_t>(Checksum::crc32)) {
    return {Code::unsupported, "format description: checksum algorithm " +
                                   std::to_string(checksum) + " is none of 0 (none), 1 (CRC32)"};
  }
  description.checksum = static_cast<Checksum>(checksum);
  description.server_version = server.substr(0, server.find('\0'));
  return description;
}

std::string Rotate::encode() const {
  std::string body;
  append_le(body, position);
  return body + file;
}

Result<Rotate> Rotate::decode(std::string_view body) {
  Reader reader(body);
  Rotate rotate;
  rotate.position = reader.le<uint64_t>();
  rotate.file = reader.rest();
  if (!reader.ok() || rotate.file.empty()) return {Code::corruption, "Rotate event: cut short"};
  return rotate;
}

}  // namespace aftersync::binlog
