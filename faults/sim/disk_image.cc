// DiskImage: handles, locks and space; every entry point allocates from the host.
#include "faults/sim/disk_image.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "faults/sim/heap.h"
#include "faults/sim/world.h"

namespace aftersync::sim {

namespace {

// No file grows beyond this, as on any file system; here it keeps a wild offset from eating the
// host's memory.
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;

}  // namespace

DiskImage::DiskImage(World& world, Machine& machine)
    : world_(world), machine_(machine), tree_(std::make_unique<DirectoryTree>()) {}

// --- what happens to the machine ---

void DiskImage::process_ended() {
  const HostScope host;
  for (auto& [id, inode] : open_) {
    if (inode->lock_holder == id) inode->lock_holder = 0;
  }
  open_.clear();
}

void DiskImage::power_loss(Prng& prng) {
  const HostScope host;
  CHECK(open_.empty());
  tree_->power_loss(prng, faults_.torn_power_loss);
}

void DiskImage::wipe() {
  const HostScope host;
  CHECK(open_.empty());
  tree_ = std::make_unique<DirectoryTree>();
}

void DiskImage::fold_into(Digest& digest) const { tree_->fold_into(digest); }

void DiskImage::set_strike(DiskStrike strike) {
  strike_ = strike;
  if (strike.kind != StrikeKind::none) strike_.at += counts_.*count_of(strike.kind);
}

// --- for scenarios and tests ---

std::optional<std::string> DiskImage::read_file(std::string_view path) const {
  const InodePtr inode = tree_->find(path);
  if (inode == nullptr || inode->is_directory) return std::nullopt;
  return inode->content.cached();
}

std::optional<std::string> DiskImage::durable_bytes(std::string_view path) const {
  const InodePtr inode = tree_->find_durable(path);
  if (inode == nullptr || inode->is_directory) return std::nullopt;
  return inode->content.durable();
}

std::vector<std::string> DiskImage::list() const {
  std::vector<std::string> paths;
  tree_->walk([&](const std::string& path, const Inode& inode) {
    paths.push_back(inode.is_directory ? path + "/" : path);
  });
  return paths;
}

void DiskImage::put_file(std::string_view path, std::string_view bytes) {
  const HostScope host;
  InodePtr inode = tree_->find(path);
  if (inode == nullptr) CHECK(tree_->create(path, false, inode) == Code::ok);
  CHECK(!inode->is_directory);
  inode->content.truncate(0, nullptr);
  inode->content.write(0, bytes, nullptr);
  inode->content.sync();
  const size_t slash = path.rfind('/');
  CHECK(tree_->sync(slash == std::string_view::npos ? "" : path.substr(0, slash)) == Code::ok);
}

bool DiskImage::corrupt(std::string_view path, uint64_t offset, int bit) {
  const HostScope host;
  CHECK(bit >= 0 && bit < 8);
  const InodePtr inode = tree_->find(path);
  if (inode == nullptr || inode->is_directory) return false;
  if (offset >= inode->content.size_bytes()) return false;
  inode->content.corrupt(offset, bit);
  return true;
}

uint64_t DiskImage::used_bytes() const {
  uint64_t total = 0;
  tree_->walk([&](const std::string&, const Inode& inode) { total += inode.content.size_bytes(); });
  // Removed, and still open.
  std::vector<const Inode*> counted;
  for (const auto& [id, inode] : open_) {
    const bool again = std::find(counted.begin(), counted.end(), inode.get()) != counted.end();
    if (inode->has_name || again) continue;
    counted.push_back(inode.get());
    total += inode->content.size_bytes();
  }
  return total;
}

// --- operations ---

Inode& DiskImage::opened(uint64_t id) {
  const auto it = open_.find(id);
  CHECK(it != open_.end());
  return *it->second;
}

FileContent& DiskImage::content(uint64_t id) { return opened(id).content; }

StrikeKind DiskImage::count(uint64_t DiskCounts::*which) {
  const uint64_t number = ++(counts_.*which);
  if (strike_.kind == StrikeKind::none || count_of(strike_.kind) != which) return StrikeKind::none;
  if (number != strike_.at) return StrikeKind::none;
  PROBE("sim/disk/strike");
  return std::exchange(strike_.kind, StrikeKind::none);
}

Code DiskImage::open(std::string_view path, OpenMode mode, uint64_t& id) {
  const HostScope host;
  InodePtr inode = tree_->find(path);
  if (inode != nullptr && mode == OpenMode::create_new) return Code::already_exists;
  if (inode == nullptr) {
    if (mode == OpenMode::read || mode == OpenMode::write) return tree_->why_absent(path);
    if (const Code code = tree_->create(path, false, inode); code != Code::ok) return code;
  }
  if (inode->is_directory) return Code::bad_state;
  id = next_open_++;
  open_.emplace(id, std::move(inode));
  return Code::ok;
}

Code DiskImage::lock(std::string_view path, uint64_t& id) {
  const HostScope host;
  if (const Code code = open(path, OpenMode::create, id); code != Code::ok) return code;
  Inode& inode = opened(id);
  if (inode.lock_holder != 0) {
    open_.erase(id);
    return Code::unavailable;
  }
  inode.lock_holder = id;
  return Code::ok;
}

void DiskImage::close(uint64_t id) {
  const HostScope host;
  const auto it = open_.find(id);
  if (it == open_.end()) return;
  if (it->second->lock_holder == id) it->second->lock_holder = 0;
  open_.erase(it);
}

Code DiskImage::rename(std::string_view from, std::string_view to) {
  const HostScope host;
  return tree_->rename(from, to);
}

Code DiskImage::remove(std::string_view path, bool directory) {
  const HostScope host;
  return tree_->remove(path, directory);
}

Code DiskImage::make_directory(std::string_view path) {
  const HostScope host;
  InodePtr made;
  return tree_->create(path, true, made);
}

Code DiskImage::sync_directory(std::string_view path, bool fails) {
  const HostScope host;
  return fails ? tree_->fail_sync(path, world_.hardware_prng()) : tree_->sync(path);
}

Code DiskImage::check_space(uint64_t id, uint64_t size_bytes) {
  const uint64_t now = content(id).size_bytes();
  if (size_bytes <= now) return Code::ok;
  if (size_bytes > kMaxFileBytes) return Code::no_space;
  if (faults_.capacity_bytes == UINT64_MAX) return Code::ok;
  const HostScope host;
  const uint64_t used = used_bytes();
  if (used <= faults_.capacity_bytes && size_bytes - now <= faults_.capacity_bytes - used) {
    return Code::ok;
  }
  PROBE("sim/disk/full");
  return Code::no_space;
}

Prng* DiskImage::write_back() {
  return faults_.torn_power_loss ? &world_.hardware_prng() : nullptr;
}

void DiskImage::write(uint64_t id, uint64_t offset, std::string_view bytes) {
  const HostScope host;
  content(id).write(offset, bytes, write_back());
}

void DiskImage::truncate(uint64_t id, uint64_t size_bytes) {
  const HostScope host;
  content(id).truncate(size_bytes, write_back());
}

void DiskImage::sync(uint64_t id, Sync how) {
  const HostScope host;
  FileContent& file = content(id);
  if (how == Sync::failed) {
    file.fail_sync(world_.hardware_prng());
  } else if (how == Sync::good || !file.sync_misdirected(world_.hardware_prng())) {
    file.sync();
  }
}

}  // namespace aftersync::sim
