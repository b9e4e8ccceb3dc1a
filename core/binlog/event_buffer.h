// EventBuffer: the events of a transaction from when they are made until they have a place.
//
// An event says at which position the next one begins, and its checksum covers that; but a
// transaction collects its events while others write the file. So they are kept without both, and
// get them in one pass when the place is known. Thread safety: one task at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/binlog/event.h"

namespace aftersync::binlog {

class EventBuffer {
 public:
  explicit EventBuffer(Checksum checksum) : checksum_(checksum) {}

  // `header.next_position` and `header.size` are not looked at.
  void add(const EventHeader& header, std::string_view body);
  // Puts the events of another buffer, of the same checksum, behind these.
  void add(const EventBuffer& other);
  void clear() { bytes_.clear(); }
  // Takes back what was added after size() was `size`.
  void truncate(uint64_t size) { bytes_.resize(std::min<uint64_t>(size, bytes_.size())); }

  [[nodiscard]] uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  // The bytes as they stand at `position` of a file. Valid until the next change; may be called
  // again with another position.
  [[nodiscard]] std::string_view placed_at(uint64_t position);

 private:
  const Checksum checksum_;
  std::string bytes_;
};

}  // namespace aftersync::binlog
