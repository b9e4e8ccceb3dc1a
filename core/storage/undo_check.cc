// The checker of undo: a walk along each stream that remembers the record before.
#include "core/storage/undo_check.h"

#include <set>
#include <string>

#include "core/base/coding.h"
#include "core/storage/space.h"
#include "core/storage/space_check.h"
#include "core/storage/undo_page.h"

namespace aftersync::storage {

using undo_format::UndoKind;

namespace {

class UndoCheck {
 public:
  explicit UndoCheck(PageReader& reader) : reader_(reader) {}
  [[nodiscard]] Result<UndoReport> run();

 private:
  // A stream as far as it has been walked.
  struct Stream {
    uint32_t number = 0;
    PageNo before = kNoPage;
    uint64_t commit_number = 0;
    TrxId trx;
    RollPtr last;            // of the transaction that is open; 0: none is
    bool is_first = true;    // the oldest transaction may have lost its beginning to purge
    bool has_ended = false;  // a page without records: only such may follow
  };

  Status stream(const char* entry, uint32_t number);
  Status page(Stream& stream, PageNo no, uint16_t offset, const char* bytes);
  Status record(Stream& stream, PageNo no, uint16_t offset, const UndoRecord& record);
  Status reach(PageNo no);
  [[nodiscard]] Status wrong(PageNo no, const std::string& what, uint64_t expected,
                             uint64_t found) const {
    return {Code::corruption, space_path(kUndoSpace) + " page " + std::to_string(no.value()) +
                                  ": " + what + ": expected " + std::to_string(expected) +
                                  ", found " + std::to_string(found)};
  }

  PageReader& reader_;
  SpaceMap map_;
  SegmentNo segment_;
  std::set<PageNo> reached_;
  UndoReport report_;
};

Result<UndoReport> UndoCheck::run() {
  ASSIGN_OR_RETURN(map_, check_space(reader_, kUndoSpace));
  const PageNo directory = undo_format::kDirectoryPage;
  ASSIGN_OR_RETURN(const PageCopy bytes,
                   copy_page(reader_, {kUndoSpace, directory}, PageType::undo_header));
  segment_ = SegmentNo(load_be<uint32_t>(bytes.get() + undo_format::kSegmentAt));
  report_.streams = load_be<uint32_t>(bytes.get() + undo_format::kStreamCountAt);
  if (report_.streams > undo_format::kMaxStreams) {
    return wrong(directory, "streams, at most", undo_format::kMaxStreams, report_.streams);
  }
  RETURN_IF_ERROR(reach(directory));
  for (uint32_t i = 0; i < report_.streams; ++i) {
    RETURN_IF_ERROR(
        stream(bytes.get() + undo_format::kStreamsAt + i * undo_format::kStreamBytes, i));
  }
  report_.pages = reached_.size() - 1;
  if (map_.pages_of(segment_) != reached_.size()) {
    return wrong(directory, "pages of the undo segment", reached_.size(), map_.pages_of(segment_));
  }
  return report_;
}

Status UndoCheck::reach(PageNo no) {
  if (!reached_.insert(no).second) return wrong(no, "places in streams", 1, 2);
  if (map_.owns(segment_, no)) return {};
  const bool is_inside = no.value() < map_.owner.size();
  return wrong(no, "owning segment", segment_.value(),
               is_inside ? map_.owner[no.value()] : SpaceMap::kFree);
}

Status UndoCheck::stream(const char* entry, uint32_t number) {
  Stream stream;
  stream.number = number;
  PageNo no(load_be<uint32_t>(entry));
  uint16_t offset = load_be<uint16_t>(entry + 4);
  while (no != kNoPage) {
    RETURN_IF_ERROR(reach(no));
    ASSIGN_OR_RETURN(const PageCopy bytes, copy_page(reader_, {kUndoSpace, no}, PageType::undo));
    RETURN_IF_ERROR(page(stream, no, offset, bytes.get()));
    stream.before = no;
    no = next_of(bytes.get());
    offset = undo_format::kRecordsAt;
  }
  if (stream.before == kNoPage) {
    return wrong(undo_format::kDirectoryPage, "first page of stream " + std::to_string(number), 1,
                 0);
  }
  if (stream.last.value() != 0) ++report_.unfinished;
  return {};
}

Status UndoCheck::page(Stream& stream, PageNo no, uint16_t offset, const char* bytes) {
  if (const auto of = load_be<uint32_t>(bytes + undo_format::kStreamAt); of != stream.number) {
    return wrong(no, "stream", stream.number, of);
  }
  if (prev_of(bytes) != stream.before) {
    return wrong(no, "previous page", stream.before.value(), prev_of(bytes).value());
  }
  const uint16_t end = undo_end(bytes);
  if (end > kPageTrailerAt || end < undo_format::kRecordsAt || offset > end) {
    return wrong(no, "end of the records, from " + std::to_string(offset) + " to at most",
                 kPageTrailerAt, end);
  }
  if (stream.has_ended && end > undo_format::kRecordsAt) {
    return wrong(no, "records behind the end of the stream", 0, end - undo_format::kRecordsAt);
  }
  // What a rollback has emptied stays behind the end, to be used again. So may the first page be
  // empty, of a stream that has never been used.
  stream.has_ended = stream.has_ended || end == undo_format::kRecordsAt;
  while (offset < end) {
    const auto at = decode_undo(bytes, offset);
    RETURN_IF_ERROR(at.status().in(space_path(kUndoSpace)));
    RETURN_IF_ERROR(record(stream, no, offset, *at));
    ASSIGN_OR_RETURN(offset, next_undo(bytes, offset));
  }
  return {};
}

Status UndoCheck::record(Stream& stream, PageNo no, uint16_t offset, const UndoRecord& record) {
  const std::string where = "record at " + std::to_string(offset) + ": ";
  const bool goes_on = stream.last.value() != 0;
  if (goes_on && record.trx != stream.trx) {
    return wrong(no, where + "transaction", stream.trx.value(), record.trx.value());
  }
  const bool may_have_lost = stream.is_first && !goes_on;
  if (!may_have_lost && record.previous_of_trx != stream.last) {
    return wrong(no, where + "record before", stream.last.value(), record.previous_of_trx.value());
  }
  stream.trx = record.trx;
  if (record.kind != UndoKind::commit) {
    ++report_.records;
    stream.last = undo_format::roll_ptr(no, offset, record.kind == UndoKind::insert);
    return {};
  }
  if (record.commit_number <= stream.commit_number) {
    return wrong(no, where + "commit number, more than", stream.commit_number,
                 record.commit_number);
  }
  ++report_.committed;
  stream.commit_number = record.commit_number;
  stream.last = RollPtr();
  stream.is_first = false;
  return {};
}

}  // namespace

Result<UndoReport> check_undo(PageReader& reader) { return UndoCheck(reader).run(); }

}  // namespace aftersync::storage
