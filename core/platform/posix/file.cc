// File: pread and pwrite, continued until done.
//
// An offset with each transfer and no file position: that is what lets tasks share a File. A short
// transfer and EINTR are no errors; the transfer goes on where it stopped. sync_data never tries
// again after a failure other than EINTR: the kernel has by then dropped what it could not write.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "core/base/check.h"
#include "core/platform/disk.h"
#include "core/platform/posix/file_state.h"
#include "core/platform/posix/os_error.h"

namespace aftersync {

namespace {

using posix::data_error;

std::string describe(std::string_view operation, const FileState& file) {
  return std::string(operation) + " " + file.path;
}

std::string describe(std::string_view operation, const FileState& file, uint64_t size_bytes,
                     uint64_t offset) {
  return describe(operation, file) + ": " + std::to_string(size_bytes) + " bytes at offset " +
         std::to_string(offset);
}

Status check_writable(std::string_view operation, const FileState& file) {
  if (file.writable) return {};
  return {Code::bad_state, describe(operation, file) + ": opened for reading only"};
}

// The kernel's offsets are signed.
Status check_range(std::string_view operation, const FileState& file, uint64_t size_bytes,
                   uint64_t offset) {
  constexpr uint64_t kMaxOffset = std::numeric_limits<off_t>::max();
  if (offset <= kMaxOffset && size_bytes <= kMaxOffset - offset) return {};
  return {Code::invalid_argument,
          describe(operation, file, size_bytes, offset) + ": beyond what a file can be"};
}

Result<uint64_t> size_of(std::string_view operation, const FileState& file) {
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0) return data_error(describe(operation, file), errno);
  return static_cast<uint64_t>(status.st_size);
}

Status write_all(const FileState& file, uint64_t offset, std::string_view bytes) {
  const uint64_t start = offset;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t n = ::pwrite(file.fd.get(), rest.data(), rest.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return data_error(describe("write", file, bytes.size(), start), errno);
    CHECK(n > 0);
    rest.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

}  // namespace

File::File(std::unique_ptr<FileState> state) : state_(std::move(state)) {}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

Result<size_t> File::read(uint64_t offset, std::span<char> into) {
  RETURN_IF_ERROR(check_range("read", *state_, into.size(), offset));
  size_t done = 0;
  while (done < into.size()) {
    const ssize_t n = ::pread(state_->fd.get(), into.data() + done, into.size() - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return data_error(describe("read", *state_, into.size(), offset), errno);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

Status File::read_exactly(uint64_t offset, std::span<char> into) {
  ASSIGN_OR_RETURN(const size_t got, read(offset, into));
  if (got == into.size()) return {};
  return {Code::corruption, describe("read", *state_, into.size(), offset) + ": short file, only " +
                                std::to_string(got) + " bytes there"};
}

Status File::write(uint64_t offset, std::string_view bytes) {
  RETURN_IF_ERROR(check_writable("write", *state_));
  RETURN_IF_ERROR(check_range("write", *state_, bytes.size(), offset));
  return write_all(*state_, offset, bytes);
}

Status File::append(std::string_view bytes) {
  RETURN_IF_ERROR(check_writable("append", *state_));
  ASSIGN_OR_RETURN(const uint64_t end, size_of("append", *state_));
  return write_all(*state_, end, bytes);
}

Status File::sync_data() {
  int result = 0;
  do {
    result = ::fdatasync(state_->fd.get());
  } while (result != 0 && errno == EINTR);
  if (result == 0) return {};
  return {Code::io_error, describe("sync_data", *state_) + ": " + posix::error_text(errno)};
}

Status File::truncate(uint64_t size_bytes) {
  RETURN_IF_ERROR(check_writable("truncate", *state_));
  RETURN_IF_ERROR(check_range("truncate", *state_, 0, size_bytes));
  int result = 0;
  do {
    result = ::ftruncate(state_->fd.get(), static_cast<off_t>(size_bytes));
  } while (result != 0 && errno == EINTR);
  if (result == 0) return {};
  return data_error(describe("truncate", *state_) + " to " + std::to_string(size_bytes) + " bytes",
                    errno);
}

Result<uint64_t> File::size() { return size_of("size", *state_); }

const std::string& File::path() const { return state_->path; }

}  // namespace aftersync
