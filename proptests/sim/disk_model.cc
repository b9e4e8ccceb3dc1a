// DiskModel: enumeration instead of choice; slow and plain on purpose.
#include "proptests/sim/disk_model.h"

#include <algorithm>

namespace aftersync::sim {

namespace {

constexpr uint64_t kSector = 512;

std::string padded_sector(const std::string& bytes, uint64_t sector) {
  std::string result;
  if (sector * kSector < bytes.size()) result = bytes.substr(sector * kSector, kSector);
  result.resize(kSector, '\0');
  return result;
}

std::string written(std::string bytes, uint64_t offset, const std::string& what) {
  if (bytes.size() < offset + what.size()) bytes.resize(offset + what.size(), '\0');
  return bytes.replace(offset, what.size(), what);
}

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

// --- FileModel ---

void FileModel::write(uint64_t offset, const std::string& bytes) {
  const uint64_t old_size = cached_.size();
  cached_ = written(cached_, offset, bytes);
  record(old_size, std::min(offset, old_size), offset + bytes.size());
}

void FileModel::truncate(uint64_t size_bytes) {
  const uint64_t old_size = cached_.size();
  cached_.resize(size_bytes, '\0');
  record(old_size, std::min(size_bytes, old_size), std::max(size_bytes, old_size));
}

void FileModel::record(uint64_t old_size, uint64_t from_byte, uint64_t to_byte) {
  lengths_.emplace(std::min<uint64_t>(old_size, cached_.size()), cached_.size());
  for (uint64_t s = from_byte / kSector; s * kSector < to_byte; ++s) {
    versions_[s].insert(padded_sector(cached_, s));
  }
}

void FileModel::sync() {
  synced_ = cached_;
  lengths_.clear();
  versions_.clear();
}

bool FileModel::allows(const std::string& bytes) const {
  if (bytes == cached_) return true;
  if (truncating_to_.has_value()) {
    std::string cut = cached_;
    cut.resize(*truncating_to_, '\0');
    if (bytes == cut) return true;
  }
  if (!in_flight_.has_value()) return false;
  for (size_t n = 1; n <= in_flight_->bytes.size(); ++n) {
    if (bytes == written(cached_, in_flight_->offset, in_flight_->bytes.substr(0, n))) return true;
  }
  return false;
}

bool FileModel::allows_after_power_loss(const std::string& bytes) const {
  if (!allows_length(bytes.size())) return false;
  for (uint64_t s = 0; s * kSector < bytes.size(); ++s) {
    if (!allows_sector(s, bytes)) return false;
  }
  return true;
}

bool FileModel::allows_length(uint64_t size_bytes) const {
  const auto contains = [&](const auto& range) {
    return range.first <= size_bytes && size_bytes <= range.second;
  };
  if (size_bytes == synced_.size() || truncating_to_ == size_bytes) return true;
  if (std::any_of(lengths_.begin(), lengths_.end(), contains)) return true;
  uint64_t grows_to = truncating_to_.value_or(0);
  if (in_flight_.has_value()) grows_to = in_flight_->offset + in_flight_->bytes.size();
  return cached_.size() <= size_bytes && size_bytes <= grows_to;
}

std::set<std::string> FileModel::versions_of(uint64_t sector) const {
  std::set<std::string> all;
  if (const auto it = versions_.find(sector); it != versions_.end()) all = it->second;
  // What was never synced here may also be there as zeroes.
  all.insert(padded_sector(synced_, sector));
  if (truncating_to_.has_value()) {
    std::string cut = cached_;
    cut.resize(*truncating_to_, '\0');
    all.insert(padded_sector(cut, sector));
  }
  return all;
}

bool FileModel::allows_sector(uint64_t sector, const std::string& bytes) const {
  const uint64_t begin = sector * kSector;
  const uint64_t size = std::min<uint64_t>(kSector, bytes.size() - begin);
  const auto agrees = [&](const std::string& version) {
    return bytes.compare(begin, size, version, 0, size) == 0;
  };
  const std::set<std::string> versions = versions_of(sector);
  if (std::any_of(versions.begin(), versions.end(), agrees)) return true;
  if (!in_flight_.has_value()) return false;
  for (size_t n = 1; n <= in_flight_->bytes.size(); ++n) {
    const std::string part = in_flight_->bytes.substr(0, n);
    if (agrees(padded_sector(written(cached_, in_flight_->offset, part), sector))) return true;
  }
  return false;
}

// --- DiskModel ---

void DiskModel::reset(const std::map<std::string, std::string>& files) {
  *this = DiskModel();
  for (const auto& [path, bytes] : files) {
    FileModel& made = files_[next_file_];
    made.write(0, bytes);
    made.sync();
    names_[path] = next_file_++;
  }
  durable_ = names_;
}

void DiskModel::begin_create(const std::string& path) {
  files_[next_file_];
  in_flight_ = Operation{next_file_++, "", path, true, false};
}

void DiskModel::begin_remove(const std::string& path) {
  in_flight_ = Operation{names_.at(path), path, "", false, true};
}

void DiskModel::begin_rename(const std::string& from, const std::string& to) {
  in_flight_ = Operation{names_.at(from), from, to, false, false};
}

void DiskModel::end_names() {
  apply(*in_flight_, names_);
  operations_.push_back(*in_flight_);
  in_flight_.reset();
}

void DiskModel::sync_directory(const std::string& directory) {
  bool all = true;
  for (Operation& op : operations_) {
    if (!op.from.empty() && directory_of(op.from) == directory) op.from_synced = true;
    if (!op.to.empty() && directory_of(op.to) == directory) op.to_synced = true;
    all = all && op.from_synced && op.to_synced;
  }
  if (!all) return;
  durable_ = names_;
  operations_.clear();
}

bool DiskModel::share_a_name(const Operation& a, const Operation& b) {
  const std::set<std::string> names = {a.from, a.to};
  return (!b.from.empty() && names.contains(b.from)) || (!b.to.empty() && names.contains(b.to));
}

void DiskModel::apply(const Operation& operation, FileNames& names) {
  if (!operation.from.empty()) names.erase(operation.from);
  if (!operation.to.empty()) names[operation.to] = operation.file;
}

std::set<DiskModel::FileNames> DiskModel::allowed_names() const {
  std::vector<Operation> operations = operations_;
  if (in_flight_.has_value()) operations.push_back(*in_flight_);
  const size_t n = operations.size();
  // The operations that must precede each, as a set of bits.
  std::vector<uint32_t> before(n, 0);
  uint32_t required = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (share_a_name(operations[j], operations[i])) before[i] |= before[j] | 1u << j;
    }
    if (operations[i].from_synced && operations[i].to_synced) required |= before[i] | 1u << i;
  }
  std::set<FileNames> allowed;
  for (uint32_t subset = 0; subset < 1u << n; ++subset) {
    bool legal = (subset & required) == required;
    FileNames names = durable_;
    for (size_t i = 0; i < n && legal; ++i) {
      if ((subset >> i & 1) == 0) continue;
      legal = (subset & before[i]) == before[i];
      apply(operations[i], names);
    }
    if (legal) allowed.insert(names);
  }
  return allowed;
}

bool DiskModel::matches(const FileNames& names, const std::map<std::string, std::string>& disk,
                        bool power_lost) const {
  if (names.size() != disk.size()) return false;
  for (const auto& [path, file] : names) {
    const auto it = disk.find(path);
    if (it == disk.end()) return false;
    const FileModel& model = files_.at(file);
    if (!(power_lost ? model.allows_after_power_loss(it->second) : model.allows(it->second))) {
      return false;
    }
  }
  return true;
}

std::string DiskModel::check_after_kill(const std::map<std::string, std::string>& disk) const {
  if (matches(names_, disk, false)) return "";
  if (in_flight_.has_value()) {
    FileNames names = names_;
    apply(*in_flight_, names);
    if (matches(names, disk, false)) return "";
  }
  return "the cache is not what was written";
}

std::string DiskModel::check_after_power_loss(
    const std::map<std::string, std::string>& disk) const {
  const std::set<FileNames> allowed = allowed_names();
  for (const FileNames& names : allowed) {
    if (matches(names, disk, true)) return "";
  }
  std::string found = "none of " + std::to_string(allowed.size()) + " allowed sets of names fits:";
  for (const auto& [path, bytes] : disk) found += " " + path + ":" + std::to_string(bytes.size());
  return found;
}

}  // namespace aftersync::sim
