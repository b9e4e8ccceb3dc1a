// FileLock: an open-file-description lock on a file that holds the holder's process id.
//
// Such a lock belongs to the descriptor: it ends with the process however that dies, it works
// between two Nodes of one process as well, and no close() of some other descriptor of the same
// file drops it, as happens to classic POSIX locks. The process id in the file is only for the
// message to whoever finds it locked; the file itself stays, because removing it would let two
// processes hold locks on two files of the same name.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/platform/disk.h"
#include "core/platform/posix/disk_path.h"
#include "core/platform/posix/node_state.h"
#include "core/platform/posix/os_error.h"

namespace aftersync {

class FileLockState {
 public:
  posix::UniqueFd fd;
};

namespace {

constexpr mode_t kLockMode = 0640;

// "process 1234", or "" where the file does not say.
std::string holder_of(int fd) {
  char text[32];
  const ssize_t n = ::pread(fd, text, sizeof text, 0);
  size_t digits = 0;
  while (n > 0 && digits < static_cast<size_t>(n) && text[digits] >= '0' && text[digits] <= '9') {
    ++digits;
  }
  return digits == 0 ? "" : "process " + std::string(text, digits);
}

Status write_holder(int fd, const std::string& what) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0 &&
      ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) {
    return {};
  }
  return posix::data_error(what, errno);
}

}  // namespace

FileLock::FileLock(std::unique_ptr<FileLockState> state) : state_(std::move(state)) {}
FileLock::~FileLock() = default;
FileLock::FileLock(FileLock&&) noexcept = default;
FileLock& FileLock::operator=(FileLock&&) noexcept = default;

Result<FileLock> Disk::lock_file(std::string_view path) {
  RETURN_IF_ERROR(posix::check_path("lock_file", path));
  const std::string name(path);
  const std::string what = "lock_file " + name;
  auto state = std::make_unique<FileLockState>();
  state->fd = posix::UniqueFd(::openat(node_.data_directory_fd.get(), name.c_str(),
                                       O_RDWR | O_CREAT | O_CLOEXEC, kLockMode));
  if (!state->fd.valid()) return posix::name_error(what, errno);

  struct flock whole_file {};
  whole_file.l_type = F_WRLCK;
  whole_file.l_whence = SEEK_SET;
  if (::fcntl(state->fd.get(), F_OFD_SETLK, &whole_file) != 0) {
    if (errno != EAGAIN && errno != EACCES) return posix::name_error(what, errno);
    const std::string holder = holder_of(state->fd.get());
    return {Code::unavailable, what + ": held by " + (holder.empty() ? "another process" : holder)};
  }
  RETURN_IF_ERROR(write_holder(state->fd.get(), what));
  return FileLock(std::move(state));
}

}  // namespace aftersync
