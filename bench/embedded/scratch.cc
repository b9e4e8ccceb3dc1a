// See scratch.h. The latency is measured with plain system calls, below any store's habits.
#include "bench/embedded/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include "bench/embedded/store.h"

namespace aftersync::bench {
namespace {

constexpr int kLatencySamples = 101;

struct KnownFilesystem {
  uint64_t magic;
  const char* name;
};
// linux/magic.h
constexpr std::array kFilesystems = {
    KnownFilesystem{0xef53, "ext4"},        KnownFilesystem{0x01021994, "tmpfs"},
    KnownFilesystem{0x58465342, "xfs"},     KnownFilesystem{0x9123683e, "btrfs"},
    KnownFilesystem{0x794c7630, "overlay"}, KnownFilesystem{0x2fc12fc1, "zfs"},
};

}  // namespace

ScratchFolder::ScratchFolder(const std::string& parent)
    : path_(parent + "/aftersync-bench-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) store_failed("mkdtemp " + path_, std::strerror(errno));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

uint64_t ScratchFolder::disk_bytes() const {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
    struct stat found;
    if (stat(entry.path().c_str(), &found) == 0 && S_ISREG(found.st_mode)) {
      bytes += static_cast<uint64_t>(found.st_blocks) * 512;
    }
  }
  return bytes;
}

std::string filesystem_of(const std::string& path) {
  struct statfs found;
  if (statfs(path.c_str(), &found) != 0) return std::strerror(errno);
  const auto magic = static_cast<uint64_t>(found.f_type);
  for (const KnownFilesystem& known : kFilesystems) {
    if (known.magic == magic) return known.name;
  }
  return std::to_string(magic);
}

double sync_latency_us(const std::string& folder) {
  const ScratchFolder scratch(folder);
  const int fd = open((scratch.path() + "/sync").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) store_failed("open a file to sync", std::strerror(errno));
  const std::array<char, 512> sector{};
  std::vector<double> samples;
  for (int i = 0; i < kLatencySamples; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (write(fd, sector.data(), sector.size()) < 0 || fdatasync(fd) != 0) {
      store_failed("write and fdatasync", std::strerror(errno));
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    samples.push_back(took.count());
  }
  close(fd);
  std::nth_element(samples.begin(), samples.begin() + kLatencySamples / 2, samples.end());
  return samples[kLatencySamples / 2];
}

}  // namespace aftersync::bench
