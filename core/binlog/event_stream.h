// EventStream: a binlog file read event by event.
//
// The reader may be at the heels of the writer, so it is told how far it may go; and whoever reads
// after a crash needs to know where the last whole event ended, so an error leaves the position
// there. Thread safety: one task at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/status.h"
#include "core/binlog/control_events.h"
#include "core/binlog/event.h"
#include "core/platform/disk.h"

namespace aftersync::binlog {

class EventStream {
 public:
  // Reads the file's magic and its format description. Code::corruption, unsupported; messages name
  // file and position.
  [[nodiscard]] static Result<EventStream> open(Disk& disk, const std::string& path);

  [[nodiscard]] const FormatDescription& format() const { return format_; }
  // The format description as it stands in the file.
  [[nodiscard]] const std::string& format_event() const { return format_event_; }

  // Goes to an event; `position` must be the beginning of one.
  void seek(uint64_t position) { position_ = position; }
  // Where the next event begins.
  [[nodiscard]] uint64_t position() const { return position_; }

  // The next event, if it ends at or before `limit`; empty when position() is `limit`. The view
  // holds until the next call. Code::corruption: an event that is cut short by `limit` or by the
  // end of the file, or is not what its checksum says; position() is where it began.
  [[nodiscard]] Result<std::optional<EventView>> next(uint64_t limit);
  // The bytes of the event that next() has just returned.
  [[nodiscard]] std::string_view raw() const { return raw_; }

 private:
  explicit EventStream(File file) : file_(std::move(file)) {}

  // `bytes` from position_ on, or as many as there are.
  Status fill(uint64_t bytes, uint64_t limit);
  Status read_format();
  [[nodiscard]] Status damage(const Status& what) const;

  File file_;
  FormatDescription format_;
  std::string format_event_;
  uint64_t position_ = 0;
  std::string buffer_;
  uint64_t buffer_at_ = 0;  // position of its first byte
  std::string_view raw_;    // within buffer_
};

}  // namespace aftersync::binlog
