// EventBuffer: room first, positions and checksums later.
#include "core/binlog/event_buffer.h"

#include "core/base/check.h"
#include "core/base/coding.h"

namespace aftersync::binlog {

void EventBuffer::add(const EventHeader& header, std::string_view body) {
  append_unplaced_event(bytes_, header, body, checksum_);
}

void EventBuffer::add(const EventBuffer& other) {
  CHECK(checksum_ == other.checksum_);
  bytes_ += other.bytes_;
}

std::string_view EventBuffer::placed_at(uint64_t position) {
  CHECK_LE(position + bytes_.size(), uint64_t{UINT32_MAX});
  for (size_t at = 0; at < bytes_.size();) {
    const auto size = load_le<uint32_t>(bytes_.data() + at + kSizeAt);
    place_event({bytes_.data() + at, size}, static_cast<uint32_t>(position + at + size), checksum_);
    at += size;
  }
  return bytes_;
}

}  // namespace aftersync::binlog
