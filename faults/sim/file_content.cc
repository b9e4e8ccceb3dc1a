// FileContent: marks, write-back and what a power loss leaves.
#include "faults/sim/file_content.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/probe.h"

namespace aftersync::sim {

namespace {

constexpr uint64_t kSector = limits::kSectorBytes;

// Of four chances to write an old version back, one is taken.
constexpr uint64_t kWriteBackOneIn = 4;

uint64_t sectors_of(uint64_t size_bytes) { return (size_bytes + kSector - 1) / kSector; }

// How likely a dirty sector is to survive. Drawn once for each file: the extremes are what finds
// bugs (all but one, only one), and a coin for each sector would hardly ever produce them.
double draw_survival(Prng& prng) {
  constexpr double kChoices[] = {0, 1, 0.5, 0.1, 0.9};
  return kChoices[prng.below(std::size(kChoices))];
}

}  // namespace

size_t FileContent::read(uint64_t offset, std::span<char> into) const {
  if (offset >= cached_.size()) return 0;
  const size_t n = std::min<uint64_t>(into.size(), cached_.size() - offset);
  if (n > 0) std::memcpy(into.data(), cached_.data() + offset, n);
  return n;
}

void FileContent::write(uint64_t offset, std::string_view bytes, Prng* write_back) {
  if (bytes.empty()) return;
  const uint64_t first = offset / kSector;
  const uint64_t last = (offset + bytes.size() - 1) / kSector;
  if (write_back != nullptr) write_back_some(first, last, *write_back);
  if (offset + bytes.size() > cached_.size()) {
    if (write_back != nullptr && write_back->below(kWriteBackOneIn) == 0) write_back_length();
    cached_.resize(offset + bytes.size(), '\0');
  }
  std::memcpy(cached_.data() + offset, bytes.data(), bytes.size());
  for (uint64_t sector = first; sector <= last; ++sector) mark(sector, Mark::dirty);
}

void FileContent::truncate(uint64_t size_bytes, Prng* write_back) {
  if (write_back != nullptr && write_back->below(kWriteBackOneIn) == 0) write_back_length();
  const uint64_t old_sectors = sectors_of(std::max(cached_.size(), durable_.size()));
  if (size_bytes < cached_.size()) {
    // What is cut off reads as zeroes when the file grows again, while the device has old bytes.
    for (uint64_t sector = size_bytes / kSector; sector < old_sectors; ++sector) {
      mark(sector, sector * kSector < durable_.size() ? Mark::dirty : Mark::clean);
    }
    if (size_bytes % kSector != 0) mark(size_bytes / kSector, Mark::dirty);
  }
  cached_.resize(size_bytes, '\0');
}

void FileContent::sync() {
  write_back_length();
  for (uint64_t sector = dirty_from_; dirty_ > 0; ++sector) {
    if (mark_of(sector) == Mark::dirty) write_back_sector(sector);
  }
}

void FileContent::fail_sync(Prng& prng) {
  const double written = prng.below(2) == 0 ? 0 : 0.5;
  if (prng.below(2) == 0) write_back_length();
  for (uint64_t sector = dirty_from_; dirty_ > 0; ++sector) {
    if (mark_of(sector) != Mark::dirty) continue;
    if (prng.chance(written)) {
      write_back_sector(sector);
    } else {
      PROBE("sim/disk/sector-dropped-by-failed-sync");
      mark(sector, Mark::lost);
    }
  }
}

bool FileContent::sync_misdirected(Prng& prng) {
  const uint64_t sectors = sectors_of(cached_.size());
  std::vector<uint64_t> candidates;
  for (uint64_t sector = 0; sector < sectors; ++sector) {
    if (mark_of(sector) == Mark::dirty) candidates.push_back(sector);
  }
  if (candidates.empty() || sectors < 2) return false;
  PROBE("sim/disk/misdirected-write");
  const uint64_t meant = candidates[prng.below(candidates.size())];
  uint64_t hit = prng.below(sectors - 1);
  if (hit >= meant) ++hit;
  const std::string before = durable_;
  sync();
  std::string moved = cached_.substr(meant * kSector, kSector);
  moved.resize(std::min(kSector, durable_.size() - hit * kSector), '\0');
  durable_.replace(hit * kSector, moved.size(), moved);
  copy_sector(before, durable_, meant);
  mark(meant, Mark::lost);
  mark(hit, Mark::lost);
  return true;
}

void FileContent::evict(uint64_t offset, uint64_t size_bytes) {
  if (lost_ == 0 || size_bytes == 0) return;
  const uint64_t end = std::min<uint64_t>(marks_.size(), (offset + size_bytes - 1) / kSector + 1);
  for (uint64_t sector = offset / kSector; sector < end; ++sector) {
    if (mark_of(sector) != Mark::lost) continue;
    copy_sector(durable_, cached_, sector);
    // Behind the cached end the device may still hold what was cut off.
    const bool all_seen = (sector + 1) * kSector <= cached_.size();
    if (all_seen || durable_.size() <= cached_.size()) mark(sector, Mark::clean);
  }
}

void FileContent::rot(uint64_t offset, int bit) {
  const auto mask = static_cast<char>(1 << bit);
  if (offset >= durable_.size()) return;
  durable_[offset] = static_cast<char>(durable_[offset] ^ mask);
  if (mark_of(offset / kSector) != Mark::clean) return;
  if (offset >= cached_.size()) {
    mark(offset / kSector, Mark::lost);  // behind the cached end, where nothing shows yet
  } else {
    cached_[offset] = static_cast<char>(cached_[offset] ^ mask);
  }
}

void FileContent::corrupt(uint64_t offset, int bit) {
  const auto mask = static_cast<char>(1 << bit);
  for (std::string* image : {&cached_, &durable_}) {
    if (offset < image->size()) (*image)[offset] = static_cast<char>((*image)[offset] ^ mask);
  }
  const bool in_both = offset < cached_.size() && offset < durable_.size();
  if (!in_both && mark_of(offset / kSector) == Mark::clean) mark(offset / kSector, Mark::lost);
}

void FileContent::power_loss(Prng& prng, bool torn) {
  if (torn) {
    const double survival = draw_survival(prng);
    durable_.resize(length_after_power_loss(prng), '\0');
    for (uint64_t sector = dirty_from_; dirty_ > 0; ++sector) {
      if (mark_of(sector) != Mark::dirty) continue;
      // Sectors behind the cached end hold nothing that could have been written.
      if (sector * kSector < cached_.size() && prng.chance(survival)) {
        PROBE("sim/disk/unsynced-sector-survived");
        copy_sector(cached_, durable_, sector);
      } else {
        PROBE("sim/disk/unsynced-sector-gone");
      }
      mark(sector, Mark::clean);
    }
  }
  cached_ = durable_;
  marks_.clear();
  dirty_ = lost_ = 0;
}

uint64_t FileContent::length_after_power_loss(Prng& prng) const {
  const uint64_t device = durable_.size();
  const uint64_t cache = cached_.size();
  if (device == cache) return cache;
  const uint64_t choice = prng.below(4);
  if (choice == 0) return device;
  if (choice > 1 || device > cache) return choice == 3 ? device : cache;
  // Grown by some of its sectors.
  const uint64_t low = device / kSector + 1;
  const uint64_t high = (cache - 1) / kSector;
  return low > high ? cache : prng.between(low, high) * kSector;
}

void FileContent::fold_into(Digest& digest) const {
  digest.add(cached_);
  if (!is_durable()) digest.add(durable_);
}

bool FileContent::is_consistent() const {
  const uint64_t size = sectors_of(std::max(cached_.size(), durable_.size())) * kSector;
  std::string a = cached_;
  std::string b = durable_;
  a.resize(size, '\0');
  b.resize(size, '\0');
  uint64_t counts[3] = {};
  for (const Mark m : marks_) ++counts[static_cast<size_t>(m)];
  for (uint64_t at = 0; at < size; at += kSector) {
    if (mark_of(at / kSector) == Mark::clean && a.compare(at, kSector, b, at, kSector) != 0) {
      return false;
    }
  }
  return counts[1] == dirty_ && counts[2] == lost_;
}

// --- marks and copies ---

void FileContent::mark(uint64_t sector, Mark mark) {
  if (sector >= marks_.size()) {
    if (mark == Mark::clean) return;
    marks_.resize(sector + 1, Mark::clean);
  }
  const Mark old = marks_[sector];
  if (mark == Mark::dirty) dirty_from_ = dirty_ == 0 ? sector : std::min(dirty_from_, sector);
  if (old == Mark::dirty) --dirty_;
  if (old == Mark::lost) --lost_;
  if (mark == Mark::dirty) ++dirty_;
  if (mark == Mark::lost) ++lost_;
  marks_[sector] = mark;
}

FileContent::Mark FileContent::mark_of(uint64_t sector) const {
  return sector < marks_.size() ? marks_[sector] : Mark::clean;
}

void FileContent::copy_sector(const std::string& from, std::string& to, uint64_t sector) {
  const uint64_t begin = sector * kSector;
  if (begin >= to.size()) return;
  const size_t room = std::min(kSector, to.size() - begin);
  const size_t have = begin < from.size() ? std::min<size_t>(room, from.size() - begin) : 0;
  std::memcpy(to.data() + begin, from.data() + begin, have);
  std::memset(to.data() + begin + have, 0, room - have);
}

void FileContent::write_back_length() {
  const uint64_t old_sectors = sectors_of(durable_.size());
  durable_.resize(cached_.size(), '\0');
  for (uint64_t s = sectors_of(cached_.size()); s < old_sectors; ++s) mark(s, Mark::clean);
  // A cut within a sector makes a new version of it; that has to be the cache's and no mix of two.
  const uint64_t last = cached_.size() / kSector;
  if (last < old_sectors && mark_of(last) == Mark::dirty) write_back_sector(last);
}

void FileContent::write_back_sector(uint64_t sector) {
  const uint64_t end = std::min<uint64_t>(cached_.size(), (sector + 1) * kSector);
  if (durable_.size() < end) durable_.resize(end, '\0');
  copy_sector(cached_, durable_, sector);
  mark(sector, Mark::clean);
}

void FileContent::write_back_some(uint64_t first_sector, uint64_t last_sector, Prng& prng) {
  for (uint64_t s = first_sector; dirty_ > 0 && s <= last_sector; ++s) {
    if (mark_of(s) != Mark::dirty || prng.below(kWriteBackOneIn) != 0) continue;
    if (s * kSector < cached_.size()) write_back_sector(s);
  }
}

}  // namespace aftersync::sim
