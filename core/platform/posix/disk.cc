// Disk: the names in the data directory.
//
// Every path is resolved from a descriptor of the data directory, so that neither the working
// directory nor a rename of the data directory's parents matters.
#include "core/platform/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "core/base/check.h"
#include "core/platform/posix/disk_path.h"
#include "core/platform/posix/file_state.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"

namespace aftersync {

namespace {

using posix::check_path;
using posix::name_error;
using posix::UniqueFd;

constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;

std::string describe(std::string_view operation, std::string_view path) {
  return std::string(operation) + " " +
         (path.empty() ? std::string("the data directory") : std::string(path));
}

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::write: return O_RDWR;
    case OpenMode::create: return O_RDWR | O_CREAT;
    case OpenMode::create_new: return O_RDWR | O_CREAT | O_EXCL;
  }
  CHECK(false);
  return O_RDONLY;
}

// "" is the data directory itself.
Result<UniqueFd> open_directory(const NodeState& node, std::string_view operation,
                                std::string_view path) {
  if (!path.empty()) RETURN_IF_ERROR(check_path(operation, path));
  const std::string name = path.empty() ? "." : std::string(path);
  UniqueFd fd(
      ::openat(node.data_directory_fd.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return name_error(describe(operation, path), errno);
  return fd;
}

bool is_directory(const ::DIR& stream, const ::dirent& entry) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  struct stat status {};
  const int fd = ::dirfd(const_cast<::DIR*>(&stream));
  return ::fstatat(fd, entry.d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

Status remove_name(const NodeState& node, std::string_view operation, std::string_view path,
                   int flags) {
  RETURN_IF_ERROR(check_path(operation, path));
  if (::unlinkat(node.data_directory_fd.get(), std::string(path).c_str(), flags) == 0) return {};
  return name_error(describe(operation, path), errno);
}

}  // namespace

Result<File> Disk::open(std::string_view path, OpenMode mode) {
  RETURN_IF_ERROR(check_path("open", path));
  auto state = std::make_unique<FileState>();
  state->path = path;
  state->writable = mode != OpenMode::read;
  state->fd = UniqueFd(::openat(node_.data_directory_fd.get(), state->path.c_str(),
                                flags_of(mode) | O_CLOEXEC, kFileMode));
  if (!state->fd.valid()) return name_error(describe("open", path), errno);
  // Linux opens a directory for reading without complaint.
  struct stat status {};
  if (::fstat(state->fd.get(), &status) != 0) return name_error(describe("open", path), errno);
  if (S_ISDIR(status.st_mode)) return name_error(describe("open", path), EISDIR);
  return File(std::move(state));
}

Status Disk::rename(std::string_view from, std::string_view to) {
  RETURN_IF_ERROR(check_path("rename", from));
  RETURN_IF_ERROR(check_path("rename", to));
  const int directory = node_.data_directory_fd.get();
  if (::renameat(directory, std::string(from).c_str(), directory, std::string(to).c_str()) == 0) {
    return {};
  }
  return name_error(describe("rename", from) + " to " + std::string(to), errno);
}

Status Disk::remove(std::string_view path) { return remove_name(node_, "remove", path, 0); }

Status Disk::make_directory(std::string_view path) {
  RETURN_IF_ERROR(check_path("make_directory", path));
  const std::string name(path);
  if (::mkdirat(node_.data_directory_fd.get(), name.c_str(), kDirectoryMode) == 0) return {};
  return name_error(describe("make_directory", path), errno);
}

Status Disk::remove_directory(std::string_view path) {
  return remove_name(node_, "remove_directory", path, AT_REMOVEDIR);
}

Result<std::vector<std::string>> Disk::list(std::string_view path) {
  ASSIGN_OR_RETURN(UniqueFd fd, open_directory(node_, "list", path));
  const std::unique_ptr<::DIR, int (*)(::DIR*)> stream(::fdopendir(fd.get()), ::closedir);
  if (stream == nullptr) return name_error(describe("list", path), errno);
  CHECK(fd.release() >= 0);  // the stream closes it

  std::vector<std::string> names;
  errno = 0;
  while (const ::dirent* entry = ::readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") {
      if (is_directory(*stream, *entry)) name += '/';
      names.push_back(std::move(name));
    }
    errno = 0;
  }
  if (errno != 0) return name_error(describe("list", path), errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> Disk::exists(std::string_view path) {
  RETURN_IF_ERROR(check_path("exists", path));
  struct stat status {};
  if (::fstatat(node_.data_directory_fd.get(), std::string(path).c_str(), &status, 0) == 0) {
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return name_error(describe("exists", path), errno);
}

Status Disk::sync_directory(std::string_view path) {
  ASSIGN_OR_RETURN(const UniqueFd fd, open_directory(node_, "sync_directory", path));
  int result = 0;
  do {
    result = ::fsync(fd.get());
  } while (result != 0 && errno == EINTR);
  if (result == 0) return {};
  return {Code::io_error, describe("sync_directory", path) + ": " + posix::error_text(errno)};
}

}  // namespace aftersync
