// Disk: files, and what is left of them after a crash.
//
// Paths are relative to the node's data directory, '/'-separated, without "..", at most
// limits::kMaxPathBytes. Offsets and sizes are bytes.
//
// What survives. A killed *process* loses nothing that a call has returned from. A *power loss*
// keeps only what was made durable, and an arbitrary part of the rest:
//   - bytes: those written before the last successful File::sync_data of that file. Of later
//     writes any subset of 512-byte sectors may be on the device: whole, old, or in any mix.
//   - length: as for bytes; a file extended and not synced may come back shorter, or at its new
//     length with zeroes in it. Truncation is durable after sync_data as well.
//   - names: create, rename and remove are durable after a sync_directory of the directory (both
//     directories of a rename). Before that, any subset of them may have happened; each is atomic.
//     A file's durable bytes are of no use while its name is not durable.
//
// Errors. Code::io_error: EIO; what the range holds is unknown. From sync_data or sync_directory it
// means that unsynced data may already be lost, that a later sync will not report it again (Linux
// drops the dirty pages), and so that the process must not go on as if it could retry: see
// Node::crash. Code::no_space: nothing of the failed write counts as written. Code::not_found,
// Code::already_exists: of names. Code::bad_state: a directory where a file is needed, or the other
// way round. Code::invalid_argument, too_large: a path that breaks the rule above. Messages
// name operation, path, offset and cause.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace aftersync {

class NodeState;
class FileState;
class FileLockState;

enum class OpenMode : uint8_t {
  read,        // must exist; writes are refused with bad_state
  write,       // must exist; reads and writes
  create,      // created when absent; reads and writes
  create_new,  // must be absent; reads and writes
};

// An open file. It stays usable, with its bytes, when its name is renamed, replaced or removed.
// Reads and writes of distinct ranges may run in parallel from any tasks; a write and another
// access to the same range need ordering by the caller. Closed by its destructor.
class File {
 public:
  explicit File(std::unique_ptr<FileState> state);
  ~File();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  // Reads from `offset` until `into` is full or the file ends; returns how many bytes. Short
  // transfers of the device are continued, so fewer than asked for means end of file.
  [[nodiscard]] Result<size_t> read(uint64_t offset, std::span<char> into);
  // As read, but fewer bytes than asked for are Code::corruption ("short file").
  Status read_exactly(uint64_t offset, std::span<char> into);
  // Writes all of `bytes` at `offset`, extending the file as needed. After an error any prefix,
  // or part of it, may have been written.
  Status write(uint64_t offset, std::string_view bytes);
  // Writes at the end. Appends to one file are serialised by the caller.
  Status append(std::string_view bytes);
  // fdatasync: on success everything written, appended or truncated so far, through any handle,
  // is durable.
  Status sync_data();
  // Cuts or extends (with zeroes).
  Status truncate(uint64_t size_bytes);
  [[nodiscard]] Result<uint64_t> size();
  [[nodiscard]] const std::string& path() const;

 private:
  std::unique_ptr<FileState> state_;
};

// Held for as long as it lives; ends with the process however that dies.
class FileLock {
 public:
  explicit FileLock(std::unique_ptr<FileLockState> state);
  ~FileLock();
  FileLock(FileLock&&) noexcept;
  FileLock& operator=(FileLock&&) noexcept;

 private:
  std::unique_ptr<FileLockState> state_;
};

class Disk {
 public:
  explicit Disk(NodeState& node) : node_(node) {}
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  [[nodiscard]] Result<File> open(std::string_view path, OpenMode mode);
  // Replaces `to` if it exists. Atomic; durable after sync_directory.
  Status rename(std::string_view from, std::string_view to);
  Status remove(std::string_view path);
  // Creates one directory; its parent must exist.
  Status make_directory(std::string_view path);
  // Removes one empty directory; Code::bad_state when it is not empty.
  Status remove_directory(std::string_view path);
  // Names (not paths) in `path` ("" is the data directory itself), sorted; directories end in '/'.
  [[nodiscard]] Result<std::vector<std::string>> list(std::string_view path);
  [[nodiscard]] Result<bool> exists(std::string_view path);
  // Makes the names in `path` durable.
  Status sync_directory(std::string_view path);
  // Creates `path` if absent and locks it against other processes. Code::unavailable, naming the
  // holder where known, when it is held.
  [[nodiscard]] Result<FileLock> lock_file(std::string_view path);

 private:
  NodeState& node_;
};

}  // namespace aftersync
