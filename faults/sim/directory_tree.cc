// DirectoryTree: the calls, and which pending operations may have happened without which.
#include "faults/sim/directory_tree.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/probe.h"

namespace aftersync::sim {

namespace {

constexpr uint64_t kRootInode = 1;
// When more is pending than this, the older half becomes durable: a file system's own commit, which
// also keeps the subset search short for a process that never syncs a directory.
constexpr size_t kMaxPending = 512;

// "a/b/c" -> "a/b" and "c".
std::pair<std::string_view, std::string_view> split_last(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool lies_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

DirectoryTree::DirectoryTree() : root_(std::make_shared<Inode>(kRootInode, true)) {}

DirectoryTree::~DirectoryTree() {
  for (const auto& weak : directories_) {
    if (const InodePtr directory = weak.lock()) directory->has_name = false;
  }
  empty_unnamed_directories();
}

Code DirectoryTree::check_path(std::string_view path) {
  if (path.size() > limits::kMaxPathBytes) return Code::too_large;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return Code::invalid_argument;
    if (component.find('\0') != std::string_view::npos) return Code::invalid_argument;
    if (slash == std::string_view::npos) return Code::ok;
    path.remove_prefix(slash + 1);
  }
}

// --- looking up ---

InodePtr DirectoryTree::descend(const InodePtr& root, std::string_view path, Names Inode::*names) {
  InodePtr at = root;
  while (!path.empty() && at != nullptr) {
    if (!at->is_directory) return nullptr;
    const size_t slash = path.find('/');
    const Names& here = (*at).*names;
    const auto it = here.find(path.substr(0, slash));
    at = it == here.end() ? nullptr : it->second;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return at;
}

InodePtr DirectoryTree::find(std::string_view path) const {
  return descend(root_, path, &Inode::cached);
}

InodePtr DirectoryTree::find_durable(std::string_view path) const {
  return descend(root_, path, &Inode::durable);
}

Code DirectoryTree::why_absent(std::string_view path) const {
  for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    const InodePtr inode = find(path.substr(0, slash));
    if (inode == nullptr) return Code::not_found;
    if (!inode->is_directory) return Code::bad_state;
  }
  return Code::not_found;
}

DirectoryTree::Place DirectoryTree::place_of(std::string_view path) const {
  const auto [directory, name] = split_last(path);
  InodePtr inode = find(directory);
  if (inode != nullptr && !inode->is_directory) inode = nullptr;
  return {std::move(inode), name};
}

// --- changing ---

Code DirectoryTree::create(std::string_view path, bool directory, InodePtr& made) {
  const Place place = place_of(path);
  if (place.directory == nullptr) return why_absent(path);
  const auto [it, is_new] = place.directory->cached.try_emplace(std::string(place.name));
  if (!is_new) return Code::already_exists;
  made = it->second = std::make_shared<Inode>(next_inode_++, directory);
  if (directory) directories_.push_back(made);
  add_pending({.inode = made,
               .from = nullptr,
               .from_name = {},
               .to = place.directory,
               .to_name = std::string(place.name)});
  return Code::ok;
}

Code DirectoryTree::remove(std::string_view path, bool directory) {
  const Place place = place_of(path);
  const InodePtr inode = find(path);
  if (place.directory == nullptr || inode == nullptr) return why_absent(path);
  if (inode->is_directory != directory) return Code::bad_state;
  if (directory && !inode->cached.empty()) return Code::bad_state;
  place.directory->cached.erase(place.directory->cached.find(place.name));
  inode->has_name = false;
  add_pending({.inode = inode,
               .from = place.directory,
               .from_name = std::string(place.name),
               .to = nullptr,
               .to_name = {}});
  return Code::ok;
}

Code DirectoryTree::rename(std::string_view from, std::string_view to) {
  const Place source = place_of(from);
  const Place target = place_of(to);
  const InodePtr moving = find(from);
  if (moving == nullptr) return why_absent(from);
  if (target.directory == nullptr) return why_absent(to);
  if (from == to) return Code::ok;
  if (lies_below(to, from)) return Code::invalid_argument;
  if (const InodePtr replaced = find(to); replaced != nullptr) {
    if (const Code code = may_replace(*moving, *replaced); code != Code::ok) return code;
    replaced->has_name = false;
  }
  source.directory->cached.erase(source.directory->cached.find(source.name));
  target.directory->cached[std::string(target.name)] = moving;
  add_pending({.inode = moving,
               .from = source.directory,
               .from_name = std::string(source.name),
               .to = target.directory,
               .to_name = std::string(target.name)});
  return Code::ok;
}

Code DirectoryTree::may_replace(const Inode& moving, const Inode& target) {
  if (moving.is_directory != target.is_directory) return Code::bad_state;
  return target.cached.empty() ? Code::ok : Code::bad_state;
}

void DirectoryTree::add_pending(Operation operation) {
  pending_.push_back(std::move(operation));
  if (pending_.size() <= kMaxPending) return;
  std::vector<bool> chosen(pending_.size());
  for (size_t i = 0; i < pending_.size() / 2; ++i) chosen[i] = !pending_[i].dropped;
  settle(std::move(chosen));
}

// --- what precedes what ---

bool DirectoryTree::Operation::touches(const Inode& directory) const {
  return from.get() == &directory || to.get() == &directory;
}

bool DirectoryTree::share_a_name(const Operation& a, const Operation& b) {
  const auto same = [](const InodePtr& x, const std::string& x_name, const InodePtr& y,
                       const std::string& y_name) {
    return x != nullptr && x == y && x_name == y_name;
  };
  return same(a.from, a.from_name, b.from, b.from_name) ||
         same(a.from, a.from_name, b.to, b.to_name) || same(a.to, a.to_name, b.from, b.from_name) ||
         same(a.to, a.to_name, b.to, b.to_name);
}

// `a` is the earlier one.
bool DirectoryTree::ordered_for_sync(const Operation& a, const Operation& b) {
  if (share_a_name(a, b)) return true;
  const bool removes_directory = b.to == nullptr && b.inode->is_directory;
  if (removes_directory && a.touches(*b.inode)) return true;
  const auto moves_directory = [](const Operation& o) {
    return o.from != nullptr && o.to != nullptr && o.inode->is_directory;
  };
  return moves_directory(a) && moves_directory(b);
}

bool DirectoryTree::ordered_for_power_loss(const Operation& a, const Operation& b) {
  if (ordered_for_sync(a, b)) return true;
  return a.inode->is_directory && b.touches(*a.inode);
}

// --- becoming durable ---

Code DirectoryTree::sync(std::string_view path) {
  const InodePtr directory = find(path);
  if (directory == nullptr) return why_absent(path);
  if (!directory->is_directory) return Code::bad_state;
  std::vector<bool> chosen(pending_.size());
  for (size_t i = 0; i < pending_.size(); ++i) {
    Operation& op = pending_[i];
    if (op.dropped) continue;
    if (op.from == directory) op.from_synced = true;
    if (op.to == directory) op.to_synced = true;
    chosen[i] = (op.from == nullptr || op.from_synced) && (op.to == nullptr || op.to_synced);
  }
  settle(std::move(chosen));
  return Code::ok;
}

Code DirectoryTree::fail_sync(std::string_view path, Prng& prng) {
  const InodePtr directory = find(path);
  if (directory == nullptr) return why_absent(path);
  if (!directory->is_directory) return Code::bad_state;
  std::vector<bool> chosen(pending_.size());
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].dropped || !pending_[i].touches(*directory)) continue;
    chosen[i] = prng.below(2) == 0;
    pending_[i].dropped = !chosen[i];
    PROBE("sim/disk/name-dropped-by-failed-sync");
  }
  settle(std::move(chosen));
  return Code::ok;
}

void DirectoryTree::settle(std::vector<bool> chosen) {
  for (size_t later = pending_.size(); later-- > 0;) {
    if (!chosen[later]) continue;
    for (size_t earlier = 0; earlier < later; ++earlier) {
      if (!chosen[earlier] && ordered_for_sync(pending_[earlier], pending_[later])) {
        chosen[earlier] = true;
      }
    }
  }
  std::vector<Operation> left;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (chosen[i]) {
      apply(pending_[i]);
    } else {
      left.push_back(std::move(pending_[i]));
    }
  }
  pending_ = std::move(left);
}

void DirectoryTree::apply(const Operation& op) {
  if (op.from != nullptr) {
    const auto it = op.from->durable.find(op.from_name);
    if (it != op.from->durable.end() && it->second == op.inode) op.from->durable.erase(it);
  }
  if (op.to != nullptr) op.to->durable[op.to_name] = op.inode;
}

// --- power loss ---

std::vector<bool> DirectoryTree::draw_survivors(Prng& prng) const {
  // As for sectors, the extremes are drawn often; a prefix is what a journal leaves.
  constexpr double kChoices[] = {0, 1, 0.5, 0.9, 1};
  const size_t mode = prng.below(std::size(kChoices));
  const bool as_prefix = mode == std::size(kChoices) - 1;
  const size_t prefix = as_prefix ? prng.below(pending_.size() + 1) : pending_.size();
  std::vector<bool> chosen(pending_.size());
  for (size_t i = 0; i < pending_.size(); ++i) {
    bool happens = prng.chance(kChoices[mode]) && i < prefix && !pending_[i].dropped;
    for (size_t earlier = 0; earlier < i && happens; ++earlier) {
      happens = chosen[earlier] || !ordered_for_power_loss(pending_[earlier], pending_[i]);
    }
    chosen[i] = happens;
    if (happens) PROBE("sim/disk/unsynced-name-survived");
    if (!happens) PROBE("sim/disk/unsynced-name-gone");
  }
  return chosen;
}

void DirectoryTree::power_loss(Prng& prng, bool torn) {
  if (torn) settle(draw_survivors(prng));
  pending_.clear();
  for (const auto& weak : directories_) {
    if (const InodePtr directory = weak.lock()) directory->has_name = false;
  }
  adopt_durable(*root_, prng, torn);
  empty_unnamed_directories();
}

void DirectoryTree::empty_unnamed_directories() {
  for (const auto& weak : directories_) {
    const InodePtr directory = weak.lock();
    if (directory == nullptr || directory->has_name) continue;
    const Names cached = std::move(directory->cached);
    const Names durable = std::move(directory->durable);
  }
  std::erase_if(directories_, [](const auto& weak) { return weak.expired(); });
}

void DirectoryTree::adopt_durable(Inode& directory, Prng& prng, bool torn) {
  directory.cached = directory.durable;
  for (const auto& [name, inode] : directory.durable) {
    inode->has_name = true;
    if (inode->is_directory) {
      adopt_durable(*inode, prng, torn);
    } else {
      inode->content.power_loss(prng, torn);
    }
  }
}

// --- looking at all of it ---

namespace {

void walk_below(const Inode& directory, const std::string& prefix,
                const std::function<void(const std::string&, const Inode&)>& visit) {
  for (const auto& [name, inode] : directory.cached) {
    visit(prefix + name, *inode);
    if (inode->is_directory) walk_below(*inode, prefix + name + "/", visit);
  }
}

void fold_names(Digest& digest, const Names& names, Names Inode::*which) {
  digest.add(uint64_t{names.size()});
  for (const auto& [name, inode] : names) {
    digest.add(name);
    digest.add(inode->id);
    if (inode->is_directory) {
      fold_names(digest, (*inode).*which, which);
    } else {
      inode->content.fold_into(digest);
    }
  }
}

}  // namespace

void DirectoryTree::walk(const std::function<void(const std::string&, const Inode&)>& visit) const {
  walk_below(*root_, "", visit);
}

void DirectoryTree::fold_into(Digest& digest) const {
  fold_names(digest, root_->cached, &Inode::cached);
  // With nothing pending both trees are the same.
  if (!pending_.empty()) fold_names(digest, root_->durable, &Inode::durable);
}

}  // namespace aftersync::sim
