// WalLog: see the header for its invariants, which the comments here cite.
#include "faults/demo/wal_log.h"

#include <vector>

#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "faults/demo/wal_log_format.h"

namespace aftersync::demo {

using namespace wal_log;

namespace {

std::string file_name(uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kFileNumberDigits) digits.insert(0, kFileNumberDigits - digits.size(), '0');
  return std::string(kFilePrefix) + digits + std::string(kFileSuffix);
}

uint32_t crc_of(std::string_view record) { return crc32c(record.substr(kSequenceOffset)); }

Result<std::string> read_whole(Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(File file, disk.open(path, OpenMode::read));
  ASSIGN_OR_RETURN(const uint64_t size, file.size());
  std::string bytes(size, '\0');
  RETURN_IF_ERROR(file.read_exactly(0, bytes));
  return bytes;
}

}  // namespace

Result<WalLog> WalLog::open(Node& node, WalLogOptions options, const Replay& replay) {
  WalLog log(node, std::move(options));
  RETURN_IF_ERROR(log.recover(replay));
  return log;
}

Status WalLog::recover(const Replay& replay) {
  ASSIGN_OR_RETURN(const uint64_t files, count_files());
  if (files == 0) return create_file(1);
  std::string bytes;
  for (uint64_t number = 1; number <= files; ++number) {
    ASSIGN_OR_RETURN(bytes, replay_file(number, number == files, replay));
  }
  file_number_ = files;
  return rewrite_last_file(bytes);
}

Result<uint64_t> WalLog::count_files() {
  Disk& disk = node_->disk();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, disk.list(""));
  uint64_t files = 0;
  for (const std::string& name : names) {
    if (name == kRewrittenFile) {
      PROBE("wal-log/unfinished-rewrite");
      RETURN_IF_ERROR(disk.remove(name));
    } else if (name.starts_with(kFilePrefix) && name != file_name(++files)) {
      return Status(Code::corruption, "expected " + file_name(files) + ", found " + name);
    }
  }
  return files;
}

Result<std::string> WalLog::replay_file(uint64_t number, bool is_last, const Replay& replay) {
  const std::string path = file_name(number);
  ASSIGN_OR_RETURN(std::string bytes, read_whole(node_->disk(), path));
  const uint64_t whole = replay_bytes(bytes, replay);
  if (whole == bytes.size()) return bytes;
  if (!is_last) {
    return Status(Code::corruption, path + ": no whole record at offset " + std::to_string(whole) +
                                        ", and files follow");
  }
  PROBE("wal-log/torn-tail-cut");
  bytes.resize(whole);
  return bytes;
}

Status WalLog::rewrite_last_file(std::string_view bytes) {
  Disk& disk = node_->disk();
  ASSIGN_OR_RETURN(File file, disk.open(kRewrittenFile, OpenMode::create_new));
  RETURN_IF_ERROR(file.write(0, bytes));
  RETURN_IF_ERROR(file.sync_data());
  RETURN_IF_ERROR(disk.rename(kRewrittenFile, file_name(file_number_)));
  RETURN_IF_ERROR(disk.sync_directory(""));
  file_ = std::move(file);
  length_bytes_ = bytes.size();
  return {};
}

uint64_t WalLog::replay_bytes(std::string_view bytes, const Replay& replay) {
  uint64_t at = 0;
  while (bytes.size() - at >= kHeaderBytes) {
    const char* const header = bytes.data() + at;
    const auto payload_bytes = load_be<uint32_t>(header + kLengthOffset);
    if (payload_bytes > kMaxPayloadBytes) break;
    if (bytes.size() - at < kHeaderBytes + payload_bytes) break;
    const std::string_view record = bytes.substr(at, kHeaderBytes + payload_bytes);
    if (load_be<uint64_t>(header + kSequenceOffset) != next_sequence_) break;
    if (load_be<uint32_t>(header + kCrcOffset) != crc_of(record)) {
      PROBE("wal-log/checksum-mismatch");
      if (!AFTERSYNC_FAULT("bug/wal-kv-no-checksum")) break;
    }
    replay(record.substr(kHeaderBytes));
    ++next_sequence_;
    at += record.size();
  }
  return at;
}

// A full device leaves everything as it was. Any other failure leaves open whether the name exists.
Status WalLog::create_file(uint64_t number) {
  auto file = node_->disk().open(file_name(number), OpenMode::create_new);
  if (file.code() == Code::no_space) return file.status();
  if (!file.ok()) node_->crash("cannot create a log file: " + file.status().to_string());
  if (!AFTERSYNC_FAULT("bug/wal-kv-dir-not-synced")) {
    if (const Status synced = node_->disk().sync_directory(""); !synced.ok()) {
      node_->crash("cannot make a new log file durable: " + synced.to_string());  // (3), (4)
    }
  }
  file_ = std::move(file).value();
  file_number_ = number;
  length_bytes_ = 0;
  return {};
}

// (3): the file must be durable to its end before the next one exists, also where its last record
// was never acknowledged.
Status WalLog::rotate() {
  sync();
  RETURN_IF_ERROR(create_file(file_number_ + 1));
  PROBE("wal-log/rotated");
  return {};
}

Status WalLog::append(std::string_view payload) {
  if (payload.size() > kMaxPayloadBytes) return {Code::too_large, "log record"};
  if (length_bytes_ >= options_.rotate_bytes) RETURN_IF_ERROR(rotate());

  std::string record(kHeaderBytes, '\0');
  store_be(record.data() + kLengthOffset, static_cast<uint32_t>(payload.size()));
  store_be(record.data() + kSequenceOffset, next_sequence_);
  record += payload;
  store_be(record.data() + kCrcOffset, crc_of(record));

  const Status written = file_->write(length_bytes_, record);
  if (written.code() == Code::no_space) {
    PROBE("wal-log/no-space");
    // Nothing of it may stay behind the end that recovery will see.
    if (const Status cut = file_->truncate(length_bytes_); cut.ok()) return written;
  }
  if (!written.ok()) node_->crash("cannot write the log: " + written.to_string());
  length_bytes_ += record.size();
  ++next_sequence_;
  return {};
}

void WalLog::sync() {
  Status synced = file_->sync_data();
  if (!synced.ok() && AFTERSYNC_FAULT("bug/wal-kv-fsync-retry")) synced = file_->sync_data();
  if (synced.ok()) return;
  PROBE("wal-log/sync-failed");
  node_->crash("cannot sync the log: " + synced.to_string());  // (4)
}

}  // namespace aftersync::demo
