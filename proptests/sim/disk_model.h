// DiskModel: what core/platform/disk.h allows a disk to hold, written from that contract alone.
//
// It shares nothing with the simulated disk. Instead of drawing one outcome it keeps everything an
// outcome may be made of: for each sector all versions since the last sync, all lengths, all
// pending name operations. A disk after a power loss is right if it can be put together from these.
//
// One operation may be in flight: begun and not yet returned from. It may have happened, or not,
// or, if it is a write, by any prefix.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aftersync::sim {

struct InFlightWrite {
  uint64_t offset;
  std::string bytes;
};

class FileModel {
 public:
  [[nodiscard]] const std::string& cached() const { return cached_; }
  void write(uint64_t offset, const std::string& bytes);
  void truncate(uint64_t size_bytes);
  void sync();

  void begin_write(uint64_t offset, const std::string& bytes) {
    in_flight_ = InFlightWrite{offset, bytes};
  }
  void begin_truncate(uint64_t size_bytes) { truncating_to_ = size_bytes; }
  void end() {
    in_flight_.reset();
    truncating_to_.reset();
  }

  // After the death of the process.
  [[nodiscard]] bool allows(const std::string& bytes) const;
  // After a power loss.
  [[nodiscard]] bool allows_after_power_loss(const std::string& bytes) const;

 private:
  [[nodiscard]] bool allows_length(uint64_t size_bytes) const;
  [[nodiscard]] bool allows_sector(uint64_t sector, const std::string& bytes) const;
  [[nodiscard]] std::set<std::string> versions_of(uint64_t sector) const;
  void record(uint64_t old_size, uint64_t from_byte, uint64_t to_byte);

  std::string cached_;
  std::string synced_;
  // Since the sync: ranges of lengths, both ends included (a growing file may have grown in part),
  // and versions, padded to whole sectors.
  std::set<std::pair<uint64_t, uint64_t>> lengths_;
  std::map<uint64_t, std::set<std::string>> versions_;
  std::optional<InFlightWrite> in_flight_;
  std::optional<uint64_t> truncating_to_;
};

// Names of files in directories that never change. A file is a number.
class DiskModel {
 public:
  using FileNames = std::map<std::string, int>;

  // Begins again with what is really there, all of it durable.
  void reset(const std::map<std::string, std::string>& files);

  [[nodiscard]] bool exists(const std::string& path) const { return names_.contains(path); }
  [[nodiscard]] FileModel& file(const std::string& path) { return files_.at(names_.at(path)); }
  [[nodiscard]] size_t pending() const { return operations_.size(); }

  // Each between begin and end: the operation is in flight.
  void begin_create(const std::string& path);
  void begin_remove(const std::string& path);
  void begin_rename(const std::string& from, const std::string& to);
  void end_names();
  // Of a directory, once the call has returned.
  void sync_directory(const std::string& directory);

  // Empty when allowed; otherwise what is wrong.
  [[nodiscard]] std::string check_after_kill(const std::map<std::string, std::string>& disk) const;
  [[nodiscard]] std::string check_after_power_loss(
      const std::map<std::string, std::string>& disk) const;

  // Every set of names that a power loss may leave.
  [[nodiscard]] std::set<FileNames> allowed_names() const;

 private:
  struct Operation {
    int file;
    std::string from;  // empty: created
    std::string to;    // empty: removed
    bool from_synced;
    bool to_synced;
  };
  static bool share_a_name(const Operation& a, const Operation& b);
  static void apply(const Operation& operation, FileNames& names);
  [[nodiscard]] bool matches(const FileNames& names, const std::map<std::string, std::string>& disk,
                             bool power_lost) const;

  FileNames durable_;
  FileNames names_;
  std::map<int, FileModel> files_;
  std::vector<Operation> operations_;
  std::optional<Operation> in_flight_;
  int next_file_ = 1;
};

}  // namespace aftersync::sim
