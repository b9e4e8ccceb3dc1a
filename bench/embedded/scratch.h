// A folder of its own for a measurement, below one that the user chose, removed at the end.
#pragma once

#include <cstdint>
#include <string>

namespace aftersync::bench {

class ScratchFolder {
 public:
  // Creates PARENT/aftersync-bench-XXXXXX.
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // Bytes that its files take on the device.
  [[nodiscard]] uint64_t disk_bytes() const;

 private:
  std::string path_;
};

// What kind of file system `path` is on: "ext4", "tmpfs", ... or its number.
[[nodiscard]] std::string filesystem_of(const std::string& path);

// Median time of an fdatasync after a 512-byte append in `folder`, in microseconds: the price of
// one durable write here and now. On tmpfs it is nothing, and so are durable figures.
[[nodiscard]] double sync_latency_us(const std::string& folder);

}  // namespace aftersync::bench
