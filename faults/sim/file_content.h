// FileContent: the bytes of one file twice, as the page cache has them and as the device has them.
//
// The unit is the 512-byte sector, which a device writes whole or not at all. Each sector has a
// mark:
//
//   clean   the kernel and the device agree
//   dirty   written since the last sync: a power loss leaves either version
//   lost    the kernel believes it clean, the device has something else: what a failed sync drops
//           (Linux marks the pages clean after the error), and what a misdirected write leaves
//
// Invariant: padded with zeroes to whole sectors, a clean sector has the same bytes in both images.
//
// The kernel also writes back whenever it likes. That matters only where it makes a state reachable
// that is neither the device's nor the cache's: an older version of something overwritten or cut
// since. So write() and truncate() may write back what they are about to replace.
//
// Pure data: no World, no time. Callers are in a HostScope.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/prng.h"

namespace aftersync::sim {

class FileContent {
 public:
  [[nodiscard]] const std::string& cached() const { return cached_; }
  [[nodiscard]] const std::string& durable() const { return durable_; }
  [[nodiscard]] uint64_t size_bytes() const { return cached_.size(); }
  // Whether everything in the cache is on the device.
  [[nodiscard]] bool is_durable() const { return cached_ == durable_; }

  // From the cache; fewer bytes than asked for at the end of the file.
  [[nodiscard]] size_t read(uint64_t offset, std::span<char> into) const;
  // `write_back` (may be null: never) decides about earlier versions.
  void write(uint64_t offset, std::string_view bytes, Prng* write_back);
  void truncate(uint64_t size_bytes, Prng* write_back);

  // Everything dirty reaches the device. What is lost stays lost.
  void sync();
  // The error: some of what is dirty reaches the device, the rest is lost, nothing stays dirty.
  void fail_sync(Prng& prng);
  // As sync(), but one sector lands on another. False when the file has nothing to misdirect.
  bool sync_misdirected(Prng& prng);

  // The cache forgets this range where it can, so that reads see the device.
  void evict(uint64_t offset, uint64_t size_bytes);
  [[nodiscard]] bool has_lost_sectors() const { return lost_ > 0; }
  // A bit of the device flips, and in the cache too unless that has its own version.
  void rot(uint64_t offset, int bit);
  // A bit flips in both images.
  void corrupt(uint64_t offset, int bit);

  // `torn`: any subset of what is dirty survives; otherwise none of it.
  void power_loss(Prng& prng, bool torn);

  void fold_into(Digest& digest) const;
  // The invariant above, for tests.
  [[nodiscard]] bool is_consistent() const;

 private:
  enum class Mark : uint8_t { clean, dirty, lost };

  void mark(uint64_t sector, Mark mark);
  [[nodiscard]] Mark mark_of(uint64_t sector) const;
  // One sector, padded with zeroes, from one image into another as far as that reaches.
  static void copy_sector(const std::string& from, std::string& to, uint64_t sector);
  void write_back_length();
  void write_back_sector(uint64_t sector);
  void write_back_some(uint64_t first_sector, uint64_t last_sector, Prng& prng);
  [[nodiscard]] uint64_t length_after_power_loss(Prng& prng) const;

  std::string cached_;
  std::string durable_;
  std::vector<Mark> marks_;  // sectors beyond its end are clean
  uint64_t dirty_ = 0;       // how many marks are dirty, and lost
  uint64_t lost_ = 0;
  uint64_t dirty_from_ = 0;  // no sector below is dirty, as long as any is
};

}  // namespace aftersync::sim
