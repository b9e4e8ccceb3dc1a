// File, FileLock and Disk of the simulator: when an operation happens, and which fault befalls it.
//
// Every call is a scheduling point, then takes time by blocking. What it does to the DiskImage it
// does at one instant before the wait or at one after it (a write: some bytes before and the rest
// after), as drawn. So a process that is killed while it waits leaves the operation done, not done,
// or half done, and a power loss or another task may fall on either side of it.
//
// Memory: the objects here belong to the calling process, all that lasts to the DiskImage. Nothing
// owned by the host may be alive across a wait, since a killed task never returns from it.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/crc32c.h"
#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/platform/disk.h"
#include "faults/sim/disk_image.h"
#include "faults/sim/node_state.h"
#include "faults/sim/scheduler.h"

namespace aftersync {

namespace {

using sim::DirectoryTree;
using sim::DiskCounts;
using sim::DiskFaults;
using sim::DiskImage;
using sim::StrikeKind;

std::string_view cause_of(Code code) {
  switch (code) {
    case Code::invalid_argument: return "not a plain path below the data directory";
    case Code::too_large: return "the path is too long";
    case Code::not_found: return "no such file or directory";
    case Code::already_exists: return "it exists";
    case Code::no_space: return "no space left on the device";
    case Code::io_error: return "input/output error";
    case Code::bad_state: return "a directory, not a directory, or a directory that is not empty";
    case Code::unavailable: return "locked by another open file";
    default: return "failed";
  }
}

// Cuts `size_bytes` at `offset` down so that the range ends with a sector, or is empty.
size_t whole_sectors(uint64_t offset, size_t size_bytes) {
  const uint64_t end = (offset + size_bytes) / limits::kSectorBytes * limits::kSectorBytes;
  return end > offset ? end - offset : 0;
}

// "" is the data directory itself.
Code check_directory_path(std::string_view path) {
  return path.empty() ? Code::ok : DirectoryTree::check_path(path);
}

// A kernel's offsets are signed.
bool is_range(uint64_t offset, uint64_t size_bytes) {
  return offset <= INT64_MAX && size_bytes <= INT64_MAX - offset;
}

// One call into the simulated kernel. Construction is the scheduling point before it.
class Call {
 public:
  Call(DiskImage& disk, std::string_view operation, std::string_view path)
      : disk_(disk), operation_(operation), path_(path) {
    scheduler().point();
  }

  [[nodiscard]] DiskFaults& faults() { return disk_.faults(); }
  [[nodiscard]] bool strikes(double probability) { return prng().chance(probability); }
  // Counts it as one of those; whether the one fault that is set strikes it.
  [[nodiscard]] bool struck(uint64_t DiskCounts::*which) {
    return disk_.count(which) != StrikeKind::none;
  }
  // A change, which may be the process's last: then it ends in wait().
  void is_change() { ends_process_ = disk_.count(&DiskCounts::changes); }
  [[nodiscard]] bool coin() { return prng().below(2) == 0; }
  [[nodiscard]] uint64_t at_most(uint64_t most) { return prng().below(most + 1); }

  // Time passes: a scheduling point at least.
  void wait() { wait_between(faults().latency_min, faults().latency_max); }
  void wait_for_device() { wait_between(faults().sync_latency_min, faults().sync_latency_max); }

  // The end of the call: into the digest and the trace, and the answer. `cause` may be left empty.
  Status end(Code code, uint64_t a = 0, uint64_t b = 0, std::string_view cause = {}) {
    Digest event;
    event.add(operation_);
    event.add(path_);
    event.add(disk_.machine().number());
    event.add(static_cast<uint64_t>(code));
    event.add(a);
    event.add(b);
    disk_.world().note(event.value());
    disk_.world().trace([&] {
      return std::string(operation_) + " " + std::string(path_) + " " + std::to_string(a) + " " +
             std::to_string(b) + ": " + std::string(to_string(code));
    });
    if (code == Code::ok) return {};
    if (cause.empty()) cause = cause_of(code);
    return {code, std::string(operation_) + " " + std::string(path_) + ": " + std::string(cause)};
  }
  // Of a range of a file.
  Status end_at(Code code, uint64_t offset, uint64_t size_bytes) {
    if (code == Code::ok) return end(code, offset, size_bytes);
    return end(code, offset, size_bytes,
               std::to_string(size_bytes) + " bytes at offset " + std::to_string(offset) + ": " +
                   std::string(cause_of(code)));
  }
  Status end_beyond(uint64_t offset, uint64_t size_bytes) {
    return end(Code::invalid_argument, offset, size_bytes, "beyond what a file can be");
  }

 private:
  Prng& prng() { return disk_.world().hardware_prng(); }
  sim::Scheduler& scheduler() { return disk_.world().scheduler(); }

  void wait_between(Duration least, Duration most) {
    if (ends_process_ == StrikeKind::kill) disk_.machine().kill_current();
    if (ends_process_ == StrikeKind::power_loss) disk_.machine().power_off_current();
    Duration latency(
        static_cast<int64_t>(prng().between(static_cast<uint64_t>(least.count()),
                                            static_cast<uint64_t>(std::max(least, most).count()))));
    if (strikes(faults().stall)) latency = faults().stall_duration;
    if (latency == Duration::zero()) {
      scheduler().point();
    } else {
      scheduler().block(nullptr, scheduler().now() + latency, false, "disk");
    }
  }

  DiskImage& disk_;
  const std::string_view operation_;
  const std::string_view path_;
  StrikeKind ends_process_ = StrikeKind::none;
};

// What a call does to names: none, another order of them, or a new one, which takes space.
enum class Names : uint8_t { looked_up, changed, added };

// `act` happens before or after the wait.
template <typename Act>
Status on_names(DiskImage& disk, std::string_view operation, std::string_view path, Names names,
                Act&& act) {
  Call call(disk, operation, path);
  if (const Code bad = DirectoryTree::check_path(path); bad != Code::ok) return call.end(bad);
  const bool fails = call.strikes(call.faults().write_error);
  bool full = call.strikes(call.faults().no_space) && names == Names::added;
  if (names != Names::looked_up) call.is_change();
  if (names == Names::added && call.struck(&DiskCounts::growths)) full = true;
  const bool early = call.coin();
  // After EIO nobody knows whether it happened.
  const bool happens = fails ? call.coin() : !full;
  Code code = Code::ok;
  if (happens && early) code = act();
  call.wait();
  if (happens && !early) code = act();
  if (fails) code = Code::io_error;
  if (full && !fails) code = Code::no_space;
  return call.end(code);
}

}  // namespace

// --- File ---

class FileState {
 public:
  FileState(DiskImage& its_disk, uint64_t open_id, std::string its_path, bool may_write)
      : disk(its_disk), id(open_id), path(std::move(its_path)), writable(may_write) {}
  ~FileState() {
    disk.close(id);
    disk.world().scheduler().point();
  }
  FileState(const FileState&) = delete;
  FileState& operator=(const FileState&) = delete;

  DiskImage& disk;
  const uint64_t id;
  const std::string path;
  const bool writable;
};

File::File(std::unique_ptr<FileState> state) : state_(std::move(state)) {}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

const std::string& File::path() const { return state_->path; }

Result<size_t> File::read(uint64_t offset, std::span<char> into) {
  Call call(state_->disk, "read", state_->path);
  if (!is_range(offset, into.size())) return call.end_beyond(offset, into.size());
  const bool fails = call.struck(&DiskCounts::reads) || call.strikes(call.faults().read_error);
  const bool rots = call.strikes(call.faults().bit_rot);
  if (!fails && !into.empty()) {
    sim::FileContent& content = state_->disk.content(state_->id);
    if (rots)
      content.rot(offset + call.at_most(into.size() - 1), static_cast<int>(call.at_most(7)));
    // What the cache wrongly believes clean shows once it has been evicted.
    if (content.has_lost_sectors() && call.at_most(7) == 0) content.evict(offset, into.size());
  }
  // The device gives what it has in up to two transfers, and the wait lies between them.
  const size_t first = call.coin() ? 0 : call.at_most(into.size());
  size_t done = fails ? 0 : state_->disk.content(state_->id).read(offset, into.first(first));
  call.wait();
  if (fails) return call.end_at(Code::io_error, offset, into.size());
  if (done == first) {
    done += state_->disk.content(state_->id).read(offset + done, into.subspan(done));
  }
  (void)call.end_at(Code::ok, offset, done);
  return done;
}

Status File::read_exactly(uint64_t offset, std::span<char> into) {
  ASSIGN_OR_RETURN(const size_t n, read(offset, into));
  if (n == into.size()) return {};
  return {Code::corruption, "read " + state_->path + ": short file: at " + std::to_string(offset) +
                                " expected " + std::to_string(into.size()) + " bytes, found " +
                                std::to_string(n)};
}

Status File::write(uint64_t offset, std::string_view bytes) {
  DiskImage& disk = state_->disk;
  Call call(disk, "write", state_->path);
  if (!state_->writable)
    return call.end(Code::bad_state, offset, bytes.size(), "opened for reading");
  if (!is_range(offset, bytes.size())) return call.end_beyond(offset, bytes.size());
  const bool fails = call.strikes(call.faults().write_error);
  const bool grows = offset + bytes.size() > disk.content(state_->id).size_bytes();
  call.is_change();
  const bool full = (grows && call.struck(&DiskCounts::growths)) ||
                    call.strikes(call.faults().no_space) ||
                    disk.check_space(state_->id, offset + bytes.size()) != Code::ok;
  if (full) {
    call.wait();
    return call.end_at(Code::no_space, offset, bytes.size());
  }
  // Killed between the two parts, a process leaves the first, which ends with a sector: a kernel
  // copies whole pages, and half a sector must never reach the device.
  size_t first = call.coin() ? 0 : bytes.size();
  if (call.coin()) first = whole_sectors(offset, call.at_most(bytes.size()));
  disk.write(state_->id, offset, bytes.substr(0, first));
  call.wait();
  if (!fails) {
    disk.write(state_->id, offset + first, bytes.substr(first));
    disk.world().note(crc32c(bytes));
    return call.end_at(Code::ok, offset, bytes.size());
  }
  // Of the rest some middle part may have made it, in whole sectors as well.
  const size_t from = first + whole_sectors(offset + first, call.at_most(bytes.size() - first));
  const size_t part = whole_sectors(offset + from, call.at_most(bytes.size() - from));
  disk.write(state_->id, offset + from, bytes.substr(from, part));
  return call.end_at(Code::io_error, offset, bytes.size());
}

Status File::append(std::string_view bytes) {
  return write(state_->disk.content(state_->id).size_bytes(), bytes);
}

Status File::sync_data() {
  DiskImage& disk = state_->disk;
  Call call(disk, "sync", state_->path);
  auto how = DiskImage::Sync::good;
  if (call.strikes(call.faults().misdirected_write)) how = DiskImage::Sync::misdirected;
  if (call.strikes(call.faults().sync_error)) how = DiskImage::Sync::failed;
  call.is_change();
  if (call.struck(&DiskCounts::syncs)) how = DiskImage::Sync::failed;
  // What is written while the sync waits may or may not be covered by it.
  const bool early = call.coin();
  if (early) disk.sync(state_->id, how);
  call.wait_for_device();
  if (!early) disk.sync(state_->id, how);
  return call.end(how == DiskImage::Sync::failed ? Code::io_error : Code::ok);
}

Status File::truncate(uint64_t size_bytes) {
  DiskImage& disk = state_->disk;
  Call call(disk, "truncate", state_->path);
  if (!state_->writable) return call.end(Code::bad_state, size_bytes, 0, "opened for reading");
  if (!is_range(size_bytes, 0)) return call.end_beyond(size_bytes, 0);
  const bool fails = call.strikes(call.faults().write_error);
  const bool grows = size_bytes > disk.content(state_->id).size_bytes();
  call.is_change();
  const bool full = (grows && call.struck(&DiskCounts::growths)) ||
                    disk.check_space(state_->id, size_bytes) != Code::ok;
  const bool early = call.coin();
  const bool happens = fails ? call.coin() : !full;
  if (happens && early && !full) disk.truncate(state_->id, size_bytes);
  call.wait();
  if (happens && !early && !full) disk.truncate(state_->id, size_bytes);
  if (fails) return call.end_at(Code::io_error, size_bytes, 0);
  return call.end_at(full ? Code::no_space : Code::ok, size_bytes, 0);
}

Result<uint64_t> File::size() {
  Call call(state_->disk, "size", state_->path);
  const uint64_t size_bytes = state_->disk.content(state_->id).size_bytes();
  (void)call.end(Code::ok, size_bytes);
  return size_bytes;
}

// --- FileLock ---

class FileLockState {
 public:
  FileLockState(DiskImage& disk, uint64_t id) : disk_(disk), id_(id) {}
  ~FileLockState() {
    disk_.close(id_);
    disk_.world().scheduler().point();
  }
  FileLockState(const FileLockState&) = delete;
  FileLockState& operator=(const FileLockState&) = delete;

 private:
  DiskImage& disk_;
  const uint64_t id_;
};

FileLock::FileLock(std::unique_ptr<FileLockState> state) : state_(std::move(state)) {}
FileLock::~FileLock() = default;
FileLock::FileLock(FileLock&&) noexcept = default;
FileLock& FileLock::operator=(FileLock&&) noexcept = default;

// --- Disk ---

Result<File> Disk::open(std::string_view path, OpenMode mode) {
  DiskImage& disk = node_.machine.disk();
  const bool makes = mode == OpenMode::create || mode == OpenMode::create_new;
  uint64_t id = 0;
  const Names names = makes && disk.find(path) == nullptr ? Names::added : Names::looked_up;
  const Status status =
      on_names(disk, "open", path, names, [&] { return disk.open(path, mode, id); });
  if (!status.ok()) {
    disk.close(id);
    return status;
  }
  return File(std::make_unique<FileState>(disk, id, std::string(path), mode != OpenMode::read));
}

Status Disk::rename(std::string_view from, std::string_view to) {
  DiskImage& disk = node_.machine.disk();
  if (const Code bad = DirectoryTree::check_path(to); bad != Code::ok) {
    return Call(disk, "rename to", to).end(bad);
  }
  return on_names(disk, "rename", from, Names::changed, [&] { return disk.rename(from, to); })
      .in("to " + std::string(to));
}

Status Disk::remove(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  return on_names(disk, "remove", path, Names::changed, [&] { return disk.remove(path, false); });
}

Status Disk::make_directory(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  return on_names(disk, "make directory", path, Names::added,
                  [&] { return disk.make_directory(path); });
}

Status Disk::remove_directory(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  return on_names(disk, "remove directory", path, Names::changed,
                  [&] { return disk.remove(path, true); });
}

Result<std::vector<std::string>> Disk::list(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  Call call(disk, "list", path);
  if (const Code bad = check_directory_path(path); bad != Code::ok) return call.end(bad);
  const bool fails = call.struck(&DiskCounts::reads) || call.strikes(call.faults().read_error);
  call.wait();
  if (fails) return call.end(Code::io_error);
  const sim::Inode* directory = disk.find(path).get();
  if (directory == nullptr) return call.end(disk.why_absent(path));
  if (!directory->is_directory) return call.end(Code::bad_state);
  std::vector<std::string> names;
  for (const auto& [name, inode] : directory->cached) {
    names.push_back(inode->is_directory ? name + "/" : name);
  }
  (void)call.end(Code::ok, names.size());
  return names;
}

Result<bool> Disk::exists(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  Call call(disk, "exists", path);
  if (const Code bad = DirectoryTree::check_path(path); bad != Code::ok) return call.end(bad);
  const bool fails = call.struck(&DiskCounts::reads) || call.strikes(call.faults().read_error);
  call.wait();
  if (fails) return call.end(Code::io_error);
  const bool found = disk.find(path) != nullptr;
  (void)call.end(Code::ok, found ? 1 : 0);
  return found;
}

Status Disk::sync_directory(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  Call call(disk, "sync directory", path);
  if (const Code bad = check_directory_path(path); bad != Code::ok) return call.end(bad);
  bool fails = call.strikes(call.faults().sync_error);
  call.is_change();
  if (call.struck(&DiskCounts::syncs)) fails = true;
  const bool early = call.coin();
  Code code = early ? disk.sync_directory(path, fails) : Code::ok;
  call.wait_for_device();
  if (!early) code = disk.sync_directory(path, fails);
  return call.end(fails && code == Code::ok ? Code::io_error : code);
}

Result<FileLock> Disk::lock_file(std::string_view path) {
  DiskImage& disk = node_.machine.disk();
  uint64_t id = 0;
  const Names names = disk.find(path) == nullptr ? Names::added : Names::looked_up;
  const Status status = on_names(disk, "lock", path, names, [&] { return disk.lock(path, id); });
  if (!status.ok()) {
    disk.close(id);
    return status;
  }
  return FileLock(std::make_unique<FileLockState>(disk, id));
}

}  // namespace aftersync
