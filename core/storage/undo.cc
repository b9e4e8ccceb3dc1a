// Undo: streams, their owners, and what a restart makes of them.
#include "core/storage/undo.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/storage/last_note.h"

namespace aftersync::storage {

using undo_format::UndoKind;

namespace {

constexpr PageId kDirectory{kUndoSpace, undo_format::kDirectoryPage};

constexpr PageId undo_page(PageNo page) { return {kUndoSpace, page}; }

size_t stream_entry_at(uint32_t stream) {
  return undo_format::kStreamsAt + stream * undo_format::kStreamBytes;
}

std::string encode_stream_entry(const UndoPosition& head) {
  std::string bytes;
  append_be(bytes, head.page.value());
  append_be(bytes, head.offset);
  append_be(bytes, uint16_t{0});
  return bytes;
}

}  // namespace

Undo::Undo(PageStore& store) : store_(store) {}

// --- opening ---

Status Undo::bootstrap() {
  SpaceAllocator allocator(store_);
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve_fragments(kUndoSpace, 1));
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(const SegmentNo segment, allocator.create_segment(mtr, kUndoSpace));
  ASSIGN_OR_RETURN(Frame * page, allocator.allocate(mtr, kUndoSpace, segment,
                                                    undo_format::kDirectoryPage, reservation));
  CHECK_EQ(page->id().page, undo_format::kDirectoryPage);
  mtr.init_page(page, PageType::undo_header, undo_format::kVersion);
  mtr.set(page, undo_format::kStreamCountAt, uint32_t{0});
  mtr.set(page, undo_format::kSegmentAt, segment.value());
  mtr.commit();
  return {};
}

Result<std::vector<UndoLog>> Undo::open() {
  uint32_t count = 0;
  {
    const PinBudget budget(store_.pool(), kReadPins);
    ASSIGN_OR_RETURN(const PageRef directory,
                     store_.pool().fetch(kDirectory, Latch::shared, PageType::undo_header));
    count = load_be<uint32_t>(directory.bytes() + undo_format::kStreamCountAt);
    segment_ = SegmentNo(load_be<uint32_t>(directory.bytes() + undo_format::kSegmentAt));
    if (count > undo_format::kMaxStreams) {
      return {Code::corruption, "undo directory: " + std::to_string(count) + " streams, at most " +
                                    std::to_string(undo_format::kMaxStreams) + " expected"};
    }
    for (uint32_t i = 0; i < count; ++i) {
      const char* entry = directory.bytes() + stream_entry_at(i);
      Stream stream;
      stream.head = {PageNo(load_be<uint32_t>(entry)), load_be<uint16_t>(entry + 4)};
      stream.end = stream.head;
      streams_.push_back(std::move(stream));
    }
  }
  std::vector<UndoLog> unfinished;
  for (uint32_t i = count; i-- > 0;) RETURN_IF_ERROR(scan_stream(i, unfinished));
  return unfinished;
}

// Walks a stream from its head to its end, noting commits; what follows the last commit is the undo
// of a transaction that has not ended.
Status Undo::scan_stream(uint32_t number, std::vector<UndoLog>& unfinished) {
  Stream& stream = streams_[number];
  Scan scan;
  PageNo page_no = stream.head.page;
  while (page_no != kNoPage) {
    const PinBudget budget(store_.pool(), kReadPins);
    ASSIGN_OR_RETURN(const PageRef page,
                     store_.pool().fetch(undo_page(page_no), Latch::shared, PageType::undo));
    if (load_be<uint32_t>(page.bytes() + undo_format::kStreamAt) != number) {
      return {Code::corruption, "undo page " + std::to_string(page_no.value()) +
                                    ": belongs to another stream than " + std::to_string(number)};
    }
    RETURN_IF_ERROR(scan_page(number, page.bytes(), scan));
    page_no = next_of(page.bytes());
  }
  if (scan.log.last_record.value() == 0) {
    idle_.push_back(number);
    return {};
  }
  PROBE("undo/unfinished-transaction-found");
  stream.owned = true;
  with_undo_.insert(scan.log.trx.value());
  scan.log.stream = number;
  scan.log.end = stream.end;
  unfinished.push_back(scan.log);
  return {};
}

// Of a transaction that purge was in the middle of, the first records may be gone. Purge will not
// come by them again, so for whoever asks after older versions it has no undo any more.
Status Undo::scan_page(uint32_t number, const char* page, Scan& scan) {
  Stream& stream = streams_[number];
  const PageNo page_no = page_no_of(page);
  const uint16_t end = undo_end(page);
  uint16_t offset = page_no == stream.head.page ? stream.head.offset
                                                : static_cast<uint16_t>(undo_format::kRecordsAt);
  // The stream ends behind its last record. Pages after that, which a rollback has emptied, are
  // used again from the first of them on.
  while (offset < end) {
    ASSIGN_OR_RETURN(const UndoRecord record, decode_undo(page, offset));
    if (scan.log.last_record.value() == 0) {
      scan.begin = {page_no, offset};
      scan.is_whole = record.previous_of_trx.value() == 0;
    }
    const bool is_insert = record.kind == UndoKind::insert;
    scan.log.trx = record.trx;
    scan.log.last_record = undo_format::roll_ptr(page_no, offset, is_insert);
    ASSIGN_OR_RETURN(offset, next_undo(page, offset));
    stream.end = {page_no, offset};
    if (record.kind == UndoKind::commit) {
      stream.history.push_back({record.trx, record.commit_number, number, scan.begin, stream.end});
      if (scan.is_whole) {
        with_undo_.insert(record.trx.value());
      } else {
        PROBE("undo/partly-purged-found");
      }
      ++history_length_;
      scan = Scan();
    }
  }
  return {};
}

// --- writing ---

size_t Undo::record_bytes(size_t key_bytes, size_t old_value_bytes) {
  constexpr size_t kFixed = undo_format::kBodyAt + 8 + 6 + 8 + 1 + 2 + 2 + 2;
  return kFixed + key_bytes + old_value_bytes;
}

bool Undo::has_room(const UndoLog& log, size_t bytes) {
  return log.end.offset + bytes + undo_format::kMaxCommitBytes <= kPageTrailerAt;
}

Status Undo::prepare(UndoLog& log, size_t bytes) {
  if (bytes > undo_format::kMaxRecordBytes) {
    return {Code::too_large, "undo record of " + std::to_string(bytes) + " bytes, at most " +
                                 std::to_string(undo_format::kMaxRecordBytes)};
  }
  if (!log.has_stream()) RETURN_IF_ERROR(take_stream(log));
  if (!has_room(log, bytes)) RETURN_IF_ERROR(move_to_next_page(log));
  return {};
}

Status Undo::take_stream(UndoLog& log) {
  {
    const MutexLock lock(mutex_);
    if (!idle_.empty()) {
      log.stream = idle_.back();
      idle_.pop_back();
      Stream& stream = streams_[log.stream];
      CHECK(!stream.owned);
      stream.owned = true;
      with_undo_.insert(log.trx.value());
      log.end = stream.end;
      return {};
    }
  }
  const MutexLock making(make_mutex_);
  uint32_t number;
  {
    const MutexLock lock(mutex_);
    number = static_cast<uint32_t>(streams_.size());
  }
  if (number == undo_format::kMaxStreams) {
    return {Code::unavailable, "too many transactions are writing: " + std::to_string(number)};
  }
  ASSIGN_OR_RETURN(const UndoPosition begin, make_stream(number));
  const MutexLock lock(mutex_);
  streams_.push_back({begin, begin, true, {}});
  with_undo_.insert(log.trx.value());
  log.stream = number;
  log.end = begin;
  return {};
}

Result<UndoPosition> Undo::make_stream(uint32_t number) {
  SpaceAllocator allocator(store_);
  const SegmentNeed need{segment_, 1};
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve(kUndoSpace, {&need, 1}));
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * directory,
                   mtr.fetch(kDirectory, Latch::exclusive, PageType::undo_header));
  ASSIGN_OR_RETURN(Frame * page, new_page(mtr, number, kNoPage, reservation));
  const UndoPosition begin{page->id().page, undo_format::kRecordsAt};
  mtr.set_bytes(directory, stream_entry_at(number), encode_stream_entry(begin));
  mtr.set(directory, undo_format::kStreamCountAt, number + 1);
  mtr.commit();
  return begin;
}

Result<Frame*> Undo::new_page(Mtr& mtr, uint32_t stream, PageNo previous,
                              SpaceReservation& reservation) {
  SpaceAllocator allocator(store_);
  ASSIGN_OR_RETURN(Frame * page,
                   allocator.allocate(mtr, kUndoSpace, segment_, previous, reservation));
  mtr.init_page(page, PageType::undo, undo_format::kVersion);
  char args[4];
  store_be(args, stream);
  mtr.apply(page, PageOp::undo_init, {args, sizeof args});
  mtr.set(page, kPagePrevAt, previous.value());
  return page;
}

// Goes on to the page after log.end: one that a rollback has emptied, or a new one.
Status Undo::move_to_next_page(UndoLog& log) {
  PageNo next;
  {
    const PinBudget budget(store_.pool(), kReadPins);
    ASSIGN_OR_RETURN(const PageRef page,
                     store_.pool().fetch(undo_page(log.end.page), Latch::shared, PageType::undo));
    next = next_of(page.bytes());
  }
  if (next == kNoPage) {
    SpaceAllocator allocator(store_);
    const SegmentNeed need{segment_, 1};
    ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve(kUndoSpace, {&need, 1}));
    Mtr mtr(store_);
    RETURN_IF_ERROR(mtr.ready());
    ASSIGN_OR_RETURN(Frame * page,
                     mtr.fetch(undo_page(log.end.page), Latch::exclusive, PageType::undo));
    ASSIGN_OR_RETURN(Frame * added, new_page(mtr, log.stream, log.end.page, reservation));
    next = added->id().page;
    mtr.set(page, kPageNextAt, next.value());
    mtr.commit();
  } else {
    PROBE("undo/page-emptied-by-rollback-used-again");
  }
  log.end = {next, undo_format::kRecordsAt};
  return {};
}

// A page that was there a moment ago and cannot be done without.
Frame* Undo::fetch_surely(Mtr& mtr, PageNo page) {
  auto frame = mtr.fetch(undo_page(page), Latch::exclusive, PageType::undo);
  if (!frame.ok()) {
    store_.node().crash("undo of a running transaction: " + frame.status().to_string());
  }
  return *frame;
}

RollPtr Undo::append(Mtr& mtr, UndoLog& log, UndoRecord record) {
  CHECK(log.has_stream());
  record.trx = log.trx;
  record.previous_of_trx = log.last_record;
  const std::string bytes = encode_undo(record);
  CHECK(has_room(log, bytes.size()));
  Frame* page = fetch_surely(mtr, log.end.page);
  CHECK_EQ(undo_end(page->bytes()), log.end.offset);
  mtr.apply(page, PageOp::undo_append, bytes);
  log.last_record =
      undo_format::roll_ptr(log.end.page, log.end.offset, record.kind == UndoKind::insert);
  log.end.offset = static_cast<uint16_t>(log.end.offset + bytes.size());
  return log.last_record;
}

// --- reading and taking back ---

Result<UndoRecord> Undo::read(RollPtr at) {
  CHECK_NE(at.value(), uint64_t{0});
  const PinBudget budget(store_.pool(), 1);
  ASSIGN_OR_RETURN(const PageRef page, store_.pool().fetch(undo_page(undo_format::page_of(at)),
                                                           Latch::shared, PageType::undo));
  return decode_undo(page.bytes(), undo_format::offset_of(at));
}

void Undo::pop(Mtr& mtr, UndoLog& log, const UndoRecord& record) {
  const UndoPosition at{undo_format::page_of(log.last_record),
                        undo_format::offset_of(log.last_record)};
  char args[2];
  store_be(args, at.offset);
  mtr.apply(fetch_surely(mtr, at.page), PageOp::undo_truncate, {args, sizeof args});
  log.end = at;
  log.last_record = record.previous_of_trx;
}

bool Undo::has_undo_of(TrxId trx) {
  const MutexLock lock(mutex_);
  return with_undo_.contains(trx.value());
}

// --- ending ---

Result<Lsn> Undo::commit(UndoLog& log, uint64_t commit_number, std::string_view note) {
  if (!log.has_stream()) return Lsn(0);
  UndoRecord record;
  record.kind = UndoKind::commit;
  record.commit_number = commit_number;
  record.note = note;
  Lsn end;
  {
    Mtr mtr(store_);
    RETURN_IF_ERROR(mtr.ready());
    record.trx = log.trx;
    record.previous_of_trx = log.last_record;
    const std::string bytes = encode_undo(record);
    CHECK_LE(log.end.offset + bytes.size(), kPageTrailerAt);
    Frame* page = fetch_surely(mtr, log.end.page);
    CHECK_EQ(undo_end(page->bytes()), log.end.offset);
    mtr.apply(page, PageOp::undo_append, bytes);
    log.end.offset = static_cast<uint16_t>(log.end.offset + bytes.size());
    if (!note.empty()) set_last_note(store_, mtr, note);
    end = mtr.commit();
  }
  {
    const MutexLock lock(mutex_);
    Stream& stream = streams_[log.stream];
    // The history begins where the previous one ends, or at the head.
    const UndoPosition begin = stream.history.empty() ? stream.head : stream.history.back().end;
    CHECK(stream.history.empty() || stream.history.back().commit_number < commit_number);
    stream.history.push_back({log.trx, commit_number, log.stream, begin, log.end});
    ++history_length_;
  }
  give_up(log);
  return end;
}

void Undo::discard(UndoLog& log) {
  CHECK_EQ(log.last_record.value(), uint64_t{0});
  if (!log.has_stream()) return;
  {
    const MutexLock lock(mutex_);
    with_undo_.erase(log.trx.value());
  }
  give_up(log);
}

void Undo::give_up(UndoLog& log) {
  const MutexLock lock(mutex_);
  Stream& stream = streams_[log.stream];
  CHECK(stream.owned);
  stream.end = log.end;
  stream.owned = false;
  idle_.push_back(log.stream);
  log = UndoLog{log.trx, UndoLog::kNoStream, {}, RollPtr()};
}

// --- purge ---

std::vector<Undo::History> Undo::oldest_history(uint64_t limit, size_t most) {
  std::vector<History> oldest;
  {
    const MutexLock lock(mutex_);
    for (const Stream& stream : streams_) {
      const size_t count = std::min(most, stream.history.size());
      for (size_t i = 0; i < count && stream.history[i].commit_number < limit; ++i) {
        oldest.push_back(stream.history[i]);
      }
    }
  }
  std::sort(oldest.begin(), oldest.end(),
            [](const History& a, const History& b) { return a.commit_number < b.commit_number; });
  if (oldest.size() > most) oldest.resize(most);
  return oldest;
}

void Undo::begin_purge(const History& history) {
  const MutexLock lock(mutex_);
  with_undo_.erase(history.trx.value());
}

Status Undo::for_each_record(const History& history, const Visit& visit) {
  UndoPosition at = history.begin;
  while (at != history.end) {
    UndoRecord record;
    RollPtr position;
    {
      const PinBudget budget(store_.pool(), kReadPins);
      ASSIGN_OR_RETURN(const PageRef page,
                       store_.pool().fetch(undo_page(at.page), Latch::shared, PageType::undo));
      if (at.offset >= undo_end(page.bytes())) {
        at = {next_of(page.bytes()), undo_format::kRecordsAt};
        continue;
      }
      ASSIGN_OR_RETURN(record, decode_undo(page.bytes(), at.offset));
      position = undo_format::roll_ptr(at.page, at.offset, record.kind == UndoKind::insert);
      ASSIGN_OR_RETURN(at.offset, next_undo(page.bytes(), at.offset));
    }
    if (record.kind != UndoKind::commit) RETURN_IF_ERROR(visit(position, at, record));
  }
  return {};
}

Status Undo::release(const History& history) {
  RETURN_IF_ERROR(release_up_to(history, history.end));
  const MutexLock lock(mutex_);
  streams_[history.stream].history.pop_front();
  --history_length_;
  return {};
}

Status Undo::release_up_to(const History& history, UndoPosition to) {
  RETURN_IF_ERROR(give_back(history.stream, to));
  const MutexLock lock(mutex_);
  Stream& stream = streams_[history.stream];
  stream.head = to;
  while (stream.history.front().commit_number < history.commit_number) {
    stream.history.pop_front();
    --history_length_;
  }
  CHECK_EQ(stream.history.front().commit_number, history.commit_number);
  stream.history.front().begin = to;
  return {};
}

// The pages before `to`, and the head on disk.
Status Undo::give_back(uint32_t number, UndoPosition to) {
  PageNo first;
  PageNo keep = to.page;
  {
    const MutexLock lock(mutex_);
    const Stream& stream = streams_[number];
    first = stream.head.page;
    if (AFTERSYNC_FAULT("bug/undo-reuse")) keep = stream.history.back().end.page;
  }
  while (first != keep) {
    PageNo next;
    {
      const PinBudget budget(store_.pool(), kReadPins);
      ASSIGN_OR_RETURN(const PageRef page,
                       store_.pool().fetch(undo_page(first), Latch::shared, PageType::undo));
      next = next_of(page.bytes());
    }
    RETURN_IF_ERROR(drop_first_page(number, first));
    first = next;
  }
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * directory,
                   mtr.fetch(kDirectory, Latch::exclusive, PageType::undo_header));
  mtr.set_bytes(directory, stream_entry_at(number), encode_stream_entry(to));
  mtr.commit();
  return {};
}

// Takes the first page off a stream: its records are all purged.
Status Undo::drop_first_page(uint32_t stream, PageNo first) {
  PROBE("undo/page-freed");
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * page, mtr.fetch(undo_page(first), Latch::exclusive, PageType::undo));
  const UndoPosition head{next_of(page->bytes()), undo_format::kRecordsAt};
  CHECK_NE(head.page, kNoPage);
  ASSIGN_OR_RETURN(Frame * next, mtr.fetch(undo_page(head.page), Latch::exclusive, PageType::undo));
  ASSIGN_OR_RETURN(Frame * directory,
                   mtr.fetch(kDirectory, Latch::exclusive, PageType::undo_header));
  SpaceAllocator allocator(store_);
  RETURN_IF_ERROR(allocator.prepare(mtr, kUndoSpace, segment_));
  mtr.set(next, kPagePrevAt, kNoPage.value());
  mtr.set_bytes(directory, stream_entry_at(stream), encode_stream_entry(head));
  RETURN_IF_ERROR(allocator.free(mtr, segment_, page));
  mtr.commit();
  const MutexLock lock(mutex_);
  streams_[stream].head = head;
  return {};
}

uint64_t Undo::history_length() {
  const MutexLock lock(mutex_);
  return history_length_;
}

}  // namespace aftersync::storage
