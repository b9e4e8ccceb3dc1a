// Binlog: recovery, appending, rotation, and what others may ask.
#include "core/binlog/binlog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::binlog {

namespace {

Result<uint64_t> size_of(Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(File file, disk.open(path, OpenMode::read));
  return file.size();
}

}  // namespace

Binlog::Binlog(Node& node, BinlogOptions options, BinlogIndex index)
    : node_(node), options_(std::move(options)), index_(std::move(index)) {}

// What the process cannot go on without: after a failure nobody knows what is on the device.
void Binlog::require(const Status& status, std::string_view what) {
  if (status.ok()) return;
  node_.crash("binlog: " + std::string(what) + ": " + status.to_string());
}

EventHeader Binlog::header_of(EventType type) {
  EventHeader header;
  const auto now = node_.clock().wall_now().time_since_epoch();
  header.timestamp =
      static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  header.type = type;
  header.server_id = options_.server_id;
  return header;
}

// --- opening ---

Result<std::unique_ptr<Binlog>> Binlog::open(Node& node, BinlogOptions options) {
  ASSIGN_OR_RETURN(BinlogIndex index, BinlogIndex::open(node.disk(), options.base));
  std::unique_ptr<Binlog> binlog(new Binlog(node, std::move(options), std::move(index)));
  RETURN_IF_ERROR(binlog->recover());
  const uint64_t number = binlog->index_.last() + 1;
  ASSIGN_OR_RETURN(binlog->file_, binlog->make_file(number, binlog->end_.position));
  RETURN_IF_ERROR(binlog->index_.append());
  binlog->end_.file = number;
  binlog->first_file_ = binlog->index_.first();
  binlog->publish_durable();
  return binlog;
}

Status Binlog::check_reaches(uint64_t end) const {
  const BinlogPlace& wanted = options_.reaches;
  if (wanted <= BinlogPlace{index_.last(), end}) return {};
  return {Code::corruption,
          "binlog ends at " + std::to_string(end) + " of file " + std::to_string(index_.last()) +
              ", and transactions are known up to " + std::to_string(wanted.position) +
              " of file " + std::to_string(wanted.file)};
}

Status Binlog::recover() {
  if (index_.last() == 0) return check_reaches(0);
  ASSIGN_OR_RETURN(purged_, previous_gtids(index_.first()));
  return recover_last(index_.path_of(index_.last()));
}

// The GTIDs in a file's second event.
Result<GtidSet> Binlog::previous_gtids(uint64_t file) {
  const std::string path = index_.path_of(file);
  ASSIGN_OR_RETURN(EventStream stream, EventStream::open(node_.disk(), path));
  ASSIGN_OR_RETURN(const uint64_t size, size_of(node_.disk(), path));
  ASSIGN_OR_RETURN(const auto event, stream.next(size));
  if (!event || event->header.type != EventType::previous_gtids) {
    return {Code::corruption, path + ": second event: Previous_gtids expected, found " +
                                  (event ? to_string(event->header.type) : "the end")};
  }
  auto gtids = GtidSet::decode(event->body);
  RETURN_IF_ERROR(gtids.status().in(path));
  return gtids;
}

namespace {

// Writes the events of a file back where they were read, the very bytes: to read them once more
// would be to ask a cache that may have forgotten them. See rule 2.
class WriteBack {
 public:
  explicit WriteBack(File file) : file_(std::move(file)), pending_(kFileMagic) {}

  Status add(std::string_view event) {
    pending_ += event;
    return pending_.size() < kChunkBytes ? Status() : flush();
  }
  // Drops what is behind `end`, syncs, and takes the mark off that the file is in use.
  Status close(uint64_t end) {
    RETURN_IF_ERROR(flush());
    RETURN_IF_ERROR(file_.truncate(end));
    return take_mark_off(file_);
  }
  // Everything is durable before the mark goes: a file without it must be whole.
  static Status take_mark_off(File& file) {
    RETURN_IF_ERROR(file.sync_data());
    RETURN_IF_ERROR(file.write(kFileMagic.size() + kFlagsAt, std::string_view("\0", 1)));
    return file.sync_data();
  }

 private:
  static constexpr size_t kChunkBytes = 256 * 1024;

  Status flush() {
    RETURN_IF_ERROR(file_.write(at_, pending_));
    at_ += pending_.size();
    pending_.clear();
    return {};
  }

  File file_;
  std::string pending_;
  uint64_t at_ = 0;
};

}  // namespace

Status Binlog::recover_last(const std::string& path) {
  ASSIGN_OR_RETURN(EventStream stream, EventStream::open(node_.disk(), path));
  ASSIGN_OR_RETURN(const uint64_t size, size_of(node_.disk(), path));
  ASSIGN_OR_RETURN(File file, node_.disk().open(path, OpenMode::write));
  ASSIGN_OR_RETURN(const EventView format, parse_event(stream.format_event(), Checksum::crc32));
  const bool was_in_use = (format.header.flags & kInUse) != 0;
  WriteBack write_back(std::move(file));
  if (was_in_use) require(write_back.add(stream.format_event()), "write back");
  TransactionScan scan;
  uint64_t whole = stream.position();
  while (true) {
    const auto ends = take_next(stream, size, scan);
    if (!ends.ok()) {
      if (ends.code() != Code::corruption || !was_in_use) return ends.status();
      PROBE("binlog/torn-end");
      node_.error_log().write(Severity::warning, "binlog: cut off at " + std::to_string(whole) +
                                                     ": " + ends.status().to_string());
      break;
    }
    if (stream.raw().empty()) break;
    if (was_in_use) require(write_back.add(stream.raw()), "write back");
    if (!*ends) continue;
    whole = stream.position();
    if (scan.gtid() && !AFTERSYNC_FAULT("bug/gtid-reuse")) gtids_.add(*scan.gtid());
  }
  RETURN_IF_ERROR(check_reaches(whole));
  if (was_in_use) {
    require(write_back.close(whole), "recovery");
    return {};
  }
  if (scan.is_between()) return {};
  return {Code::corruption, path + ": was closed in the middle of a transaction"};
}

// Reads an event, if there is one, and tells the scan; whether it ends a transaction.
Result<bool> Binlog::take_next(EventStream& stream, uint64_t size, TransactionScan& scan) {
  const uint64_t at = stream.position();
  ASSIGN_OR_RETURN(const auto event, stream.next(size));
  if (!event) return false;
  if (event->header.type == EventType::previous_gtids) {
    ASSIGN_OR_RETURN(gtids_, GtidSet::decode(event->body));
  }
  auto ends = scan.take(*event);
  RETURN_IF_ERROR(ends.status().in(index_.name_of(index_.last()) + " at " + std::to_string(at)));
  return ends;
}

// --- files ---

// Makes the file, durably, with its first events; `end` is where the next one goes.
Result<File> Binlog::make_file(uint64_t number, uint64_t& end) {
  FormatDescription description;
  description.server_version = options_.server_version;
  description.checksum = options_.checksum;
  EventHeader header = header_of(EventType::format_description);
  description.created = header.timestamp;
  header.flags = kInUse;
  EventBuffer events(options_.checksum);
  events.add(header, description.encode());
  header = header_of(EventType::previous_gtids);
  header.flags = kIgnorable;
  events.add(header, gtids().encode());

  const std::string path = index_.path_of(number);
  ASSIGN_OR_RETURN(File file, node_.disk().open(path, OpenMode::create));
  RETURN_IF_ERROR(file.truncate(0));
  std::string bytes(kFileMagic);
  bytes += events.placed_at(kFileMagic.size());
  RETURN_IF_ERROR(file.write(0, bytes));
  require(file.sync_data(), "sync of " + path);
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash);
  require(node_.disk().sync_directory(directory), "sync of the directory of " + path);
  end = bytes.size();
  return file;
}

// The last event of the file, then the mark off that it is in use; durable.
Status Binlog::end_file(EventType type, std::string_view body) {
  EventBuffer event(options_.checksum);
  event.add(header_of(type), body);
  RETURN_IF_ERROR(write_at_end(event));
  require(WriteBack::take_mark_off(*file_), "close");
  return {};
}

Status Binlog::rotate() {
  const uint64_t next = end_.file + 1;
  uint64_t begin = 0;
  ASSIGN_OR_RETURN(File file, make_file(next, begin));
  RETURN_IF_ERROR(
      end_file(EventType::rotate, Rotate{kFileMagic.size(), index_.name_of(next)}.encode()));
  require(index_.append(), "index");
  file_ = std::move(file);
  end_ = {next, begin};
  publish_durable();
  return {};
}

Status Binlog::close() {
  RETURN_IF_ERROR(end_file(EventType::stop, {}));
  publish_durable();
  file_.reset();
  return {};
}

Status Binlog::purge_before(std::string_view name) {
  ASSIGN_OR_RETURN(const uint64_t number, index_.find(name));
  if (number == index_.first()) return {};
  ASSIGN_OR_RETURN(GtidSet previous, previous_gtids(number));
  const Status struck_out = index_.strike_out_before(number);
  require(struck_out.code() == Code::no_space ? Status() : struck_out, "index");
  RETURN_IF_ERROR(struck_out);
  {
    const MutexLock lock(mutex_);
    first_file_ = number;
    purged_ = std::move(previous);
  }
  return index_.remove_struck_out();
}

// --- appending ---

Status Binlog::write_at_end(EventBuffer& events) {
  const uint64_t end = end_.position + events.size();
  if (end > UINT32_MAX) {
    return {Code::too_large, "binlog file of " + std::to_string(end) + " bytes"};
  }
  Status written = file_->write(end_.position, events.placed_at(end_.position));
  if (!written.ok()) {
    // See rule 3.
    PROBE("binlog/write-failed");
    require(written.code() == Code::no_space ? Status() : written, "write");
    require(file_->truncate(end_.position), "truncate");
    require(file_->sync_data(), "sync");
    return written;
  }
  end_.position = end;
  return {};
}

Result<BinlogPlace> Binlog::append(EventBuffer& events, const GtidSet& gtids) {
  RETURN_IF_ERROR(write_at_end(events));
  const MutexLock lock(mutex_);
  gtids_.add(gtids);
  return end_;
}

void Binlog::sync() {
  require(file_->sync_data(), "sync");
  publish_durable();
}

void Binlog::publish_durable() {
  {
    const MutexLock lock(mutex_);
    durable_ = end_;
  }
  grown_.notify_all();
}

// --- questions ---

BinlogPlace Binlog::durable() {
  const MutexLock lock(mutex_);
  return durable_;
}

bool Binlog::wait_beyond(BinlogPlace place, MonoTime deadline) {
  const MutexLock lock(mutex_);
  while (durable_ <= place) {
    if (grown_.wait_until(mutex_, deadline) == WaitResult::timed_out) return durable_ > place;
  }
  return true;
}

GtidSet Binlog::gtids() {
  const MutexLock lock(mutex_);
  return gtids_;
}

GtidSet Binlog::purged() {
  const MutexLock lock(mutex_);
  return purged_;
}

Result<std::vector<Binlog::FileInfo>> Binlog::list() {
  uint64_t first = 0;
  BinlogPlace last;
  {
    const MutexLock lock(mutex_);
    first = first_file_;
    last = durable_;
  }
  std::vector<FileInfo> files;
  for (uint64_t number = first; number <= last.file; ++number) {
    FileInfo info{number, index_.name_of(number), last.position};
    if (number < last.file) {
      ASSIGN_OR_RETURN(info.bytes, size_of(node_.disk(), index_.path_of(number)));
    }
    files.push_back(std::move(info));
  }
  return files;
}

Result<EventStream> Binlog::read(uint64_t file) {
  return EventStream::open(node_.disk(), index_.path_of(file));
}

Result<uint64_t> Binlog::file_for(const GtidSet& have) {
  uint64_t first = 0;
  uint64_t file = 0;
  {
    const MutexLock lock(mutex_);
    first = first_file_;
    file = durable_.file;
  }
  for (; file >= first; --file) {
    ASSIGN_OR_RETURN(const GtidSet previous, previous_gtids(file));
    if (have.contains(previous)) return file;
  }
  GtidSet missing = purged();
  missing.remove(have);
  return {Code::not_found, "purged transactions are needed: " + missing.to_string()};
}

}  // namespace aftersync::binlog
