// EventStream: buffered reading.
#include "core/binlog/event_stream.h"

#include <algorithm>

namespace aftersync::binlog {

namespace {

constexpr uint64_t kReadAhead = 64 * 1024;

}  // namespace

Result<EventStream> EventStream::open(Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(File file, disk.open(path, OpenMode::read));
  EventStream stream(std::move(file));
  RETURN_IF_ERROR(stream.read_format());
  return stream;
}

Status EventStream::read_format() {
  ASSIGN_OR_RETURN(const uint64_t size, file_.size());
  RETURN_IF_ERROR(fill(kFileMagic.size(), size));
  if (!buffer_.starts_with(kFileMagic)) {
    return damage({Code::corruption, "no binlog: it does not begin with FE 'bin'"});
  }
  position_ = kFileMagic.size();
  ASSIGN_OR_RETURN(const auto event, next(size));
  if (!event || event->header.type != EventType::format_description) {
    return damage({Code::corruption, "format description expected, found " +
                                         (event ? to_string(event->header.type) : "the end")});
  }
  auto format = FormatDescription::decode(event->body);
  if (!format.ok()) return damage(format.status());
  format_ = std::move(format).value();
  format_event_ = raw_;
  return {};
}

Status EventStream::damage(const Status& what) const {
  return what.in(file_.path() + " at " + std::to_string(position_));
}

Status EventStream::fill(uint64_t bytes, uint64_t limit) {
  const bool is_buffered =
      position_ >= buffer_at_ && position_ + bytes <= buffer_at_ + buffer_.size();
  if (is_buffered) return {};
  const uint64_t wanted = std::min(std::max(bytes, kReadAhead), limit - std::min(limit, position_));
  buffer_.resize(wanted);
  buffer_at_ = position_;
  const auto read = file_.read(position_, buffer_);
  buffer_.resize(read.ok() ? *read : 0);
  return read.status();
}

Result<std::optional<EventView>> EventStream::next(uint64_t limit) {
  raw_ = {};
  if (position_ == limit) return std::optional<EventView>();
  RETURN_IF_ERROR(fill(kHeaderBytes, limit));
  const auto buffered = [&] {
    return std::string_view(buffer_).substr(
        std::min<uint64_t>(position_ - buffer_at_, buffer_.size()));
  };
  if (buffered().size() < kHeaderBytes) {
    return damage({Code::corruption,
                   "event header cut short after " + std::to_string(buffered().size()) + " bytes"});
  }
  const auto size = announced_size(buffered());
  if (!size.ok()) return damage(size.status());
  // Before memory is taken for it: a size that cannot be there is damage.
  if (limit < position_ || *size > limit - position_) {
    return damage({Code::corruption, "event of " + std::to_string(*size) + " bytes, " +
                                         std::to_string(limit - std::min(limit, position_)) +
                                         " are there"});
  }
  RETURN_IF_ERROR(fill(*size, limit));
  const std::string_view bytes = buffered().substr(0, *size);
  const auto event = parse_event(bytes, format_.checksum);
  if (!event.ok()) return damage(event.status());
  raw_ = bytes;
  position_ += *size;
  return std::optional<EventView>(*event);
}

}  // namespace aftersync::binlog
