// DiskImage: the disk of one machine, host-owned, which outlives the processes that use it.
//
// Two layers meet here. Below are DirectoryTree (names) and FileContent (bytes), each with what the
// kernel shows and what the device holds. Above, sim_disk.cc defines the contract of
// core/platform/disk.h: it decides when an operation happens and which fault befalls it, and calls
// the operations here, each of which takes effect at one instant.
//
// No pointer into a process's memory is kept: a killed process vanishes without a destructor, and
// process_ended() then closes whatever it had open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/prng.h"
#include "core/base/status.h"
#include "core/platform/disk.h"
#include "faults/sim/directory_tree.h"
#include "faults/sim/disk_strike.h"
#include "faults/sim/fault_rates.h"

namespace aftersync::sim {

class Machine;
class World;

class DiskImage {
 public:
  DiskImage(World& world, Machine& machine);
  DiskImage(const DiskImage&) = delete;
  DiskImage& operator=(const DiskImage&) = delete;

  // How this disk misbehaves; may be changed at any time.
  [[nodiscard]] DiskFaults& faults() { return faults_; }
  // The one fault to come, in place of any that has not struck yet. It stays over restarts.
  void set_strike(DiskStrike strike);
  // What processes have done here so far.
  [[nodiscard]] const DiskCounts& counts() const { return counts_; }

  // --- what happens to the machine ---

  // Everything open is closed and unlocked; the page cache stays.
  void process_ended();
  // Only what was durable is left, and some of the rest. Nothing may be open.
  void power_loss(Prng& prng);
  // A new disk. Nothing may be open.
  void wipe();
  // Names in order, with the cached and the durable content.
  void fold_into(Digest& digest) const;

  // --- for scenarios and tests: no fault, no time, not in the digest ---

  // As a process would read it; nothing when there is no such file.
  [[nodiscard]] std::optional<std::string> read_file(std::string_view path) const;
  // What the device holds under names that are durable: what a power loss that keeps nothing else
  // would leave.
  [[nodiscard]] std::optional<std::string> durable_bytes(std::string_view path) const;
  // Paths of all files, and of directories with a '/' at the end, in order.
  [[nodiscard]] std::vector<std::string> list() const;
  // Creates or replaces a file, durable with its name. Its directory must exist and be durable.
  void put_file(std::string_view path, std::string_view bytes);
  // Flips one bit (0..7) of the byte at `offset`. False when there is no such byte.
  bool corrupt(std::string_view path, uint64_t offset, int bit);
  // What counts against DiskFaults::capacity_bytes: the sizes of all files.
  [[nodiscard]] uint64_t used_bytes() const;

  // --- for sim_disk.cc ---

  // `id` is set when ok: of the open file, until close() or process_ended().
  Code open(std::string_view path, OpenMode mode, uint64_t& id);
  // Opens, creating it when absent, and locks. Code::unavailable when somebody has.
  Code lock(std::string_view path, uint64_t& id);
  // Closes, and unlocks if that was a lock. Nothing happens when the process has ended since.
  void close(uint64_t id);
  Code rename(std::string_view from, std::string_view to);
  Code remove(std::string_view path, bool directory);
  Code make_directory(std::string_view path);
  Code sync_directory(std::string_view path, bool fails);
  // Counts an operation. What strikes it there, if that is decided by this count: at most one kind.
  [[nodiscard]] StrikeKind count(uint64_t DiskCounts::*which);
  [[nodiscard]] InodePtr find(std::string_view path) const { return tree_->find(path); }
  [[nodiscard]] Code why_absent(std::string_view path) const { return tree_->why_absent(path); }

  // What an open file holds. CHECK: `id` is open.
  [[nodiscard]] FileContent& content(uint64_t id);
  // Code::no_space, changing nothing, when the file would outgrow the disk.
  [[nodiscard]] Code check_space(uint64_t id, uint64_t size_bytes);
  void write(uint64_t id, uint64_t offset, std::string_view bytes);
  void truncate(uint64_t id, uint64_t size_bytes);
  enum class Sync : uint8_t { good, misdirected, failed };
  void sync(uint64_t id, Sync how);

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] Machine& machine() { return machine_; }

 private:
  [[nodiscard]] Inode& opened(uint64_t id);
  // Null when a power loss keeps nothing unsynced: then nothing is ever written back early.
  [[nodiscard]] Prng* write_back();

  World& world_;
  Machine& machine_;
  DiskFaults faults_;
  DiskCounts counts_;
  DiskStrike strike_;  // its place counted from the beginning
  std::unique_ptr<DirectoryTree> tree_;
  std::map<uint64_t, InodePtr> open_;  // open files and held locks of the running process
  uint64_t next_open_ = 1;
};

}  // namespace aftersync::sim
