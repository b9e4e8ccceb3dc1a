// DirectoryTree: the names of a simulated disk, as the kernel shows them and as the device has
// them.
//
// Each directory has two maps from name to inode, cached and durable. A create, rename or remove
// changes the cached map at once and leaves a *pending operation*; sync() of its directory (of
// both, for a rename) applies it to the durable map. A power loss applies some subset of what is
// pending:
//
//   1. each operation happens whole or not at all;
//   2. operations that share a name happen in their order: the later only if the earlier has;
//   3. nothing happens inside a directory that was made or moved later, a directory is removed only
//      once it has been emptied, and directories move in order.
//
// Without (3) a file could lose its only name, which no file system does. Rule 3 does not hold for
// sync(): the names in a new directory are then durable in it, while the directory itself still
// waits for a sync of its parent, and without that all may be gone.
//
// Codes are those of core/platform/disk.h. Pure data: no World, no time. Callers are in a
// HostScope.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/prng.h"
#include "core/base/status.h"
#include "faults/sim/file_content.h"

namespace aftersync::sim {

struct Inode;
using InodePtr = std::shared_ptr<Inode>;
using Names = std::map<std::string, InodePtr, std::less<>>;

struct Inode {
  Inode(uint64_t its_id, bool directory) : id(its_id), is_directory(directory) {}
  const uint64_t id;
  const bool is_directory;
  bool has_name = true;      // in the cached tree; without one it lives while it is open
  uint64_t lock_holder = 0;  // the open file whose FileLock is held; 0: none
  FileContent content;
  Names cached;
  Names durable;
};

class DirectoryTree {
 public:
  DirectoryTree();
  ~DirectoryTree();
  DirectoryTree(const DirectoryTree&) = delete;
  DirectoryTree& operator=(const DirectoryTree&) = delete;

  // The rule for paths: relative, no empty component, no "." or ".." (else invalid_argument), of at
  // most kMaxPathBytes (else too_large).
  [[nodiscard]] static Code check_path(std::string_view path);

  // In the cached tree; null when there is none. "" is the root.
  [[nodiscard]] InodePtr find(std::string_view path) const;
  // Reached over durable names alone.
  [[nodiscard]] InodePtr find_durable(std::string_view path) const;
  // Why find() gave nothing: bad_state when something on the way is a file, otherwise not_found.
  [[nodiscard]] Code why_absent(std::string_view path) const;

  Code create(std::string_view path, bool directory, InodePtr& made);
  Code remove(std::string_view path, bool directory);
  Code rename(std::string_view from, std::string_view to);
  // Makes the names of a directory durable.
  Code sync(std::string_view path);
  // The error: of what is pending there some is durable, the rest never will be, as far as later
  // calls of sync() are concerned.
  Code fail_sync(std::string_view path, Prng& prng);

  // `torn`: any allowed subset of the pending operations happens, otherwise none. Each file that
  // still has a name then goes through its own power loss.
  void power_loss(Prng& prng, bool torn);

  // Calls `visit` with path and inode of everything below the root, depth first, in order of names.
  void walk(const std::function<void(const std::string&, const Inode&)>& visit) const;
  void fold_into(Digest& digest) const;

 private:
  struct Operation {
    InodePtr inode;  // what gets, changes or loses its name
    InodePtr from;   // directory and name it has before; null for a create
    std::string from_name;
    InodePtr to;  // and after; null for a remove
    std::string to_name;
    bool from_synced = false;
    bool to_synced = false;
    bool dropped = false;  // by a failed sync

    [[nodiscard]] bool touches(const Inode& directory) const;
  };
  struct Place {
    InodePtr directory;  // null: there is none
    std::string_view name;
  };

  static InodePtr descend(const InodePtr& root, std::string_view path, Names Inode::*names);
  [[nodiscard]] Place place_of(std::string_view path) const;
  static Code may_replace(const Inode& moving, const Inode& target);
  static bool share_a_name(const Operation& a, const Operation& b);
  static bool ordered_for_sync(const Operation& a, const Operation& b);
  static bool ordered_for_power_loss(const Operation& a, const Operation& b);
  [[nodiscard]] std::vector<bool> draw_survivors(Prng& prng) const;
  void add_pending(Operation operation);
  // Applies the chosen operations to the durable names, after everything that has to precede them.
  void settle(std::vector<bool> chosen);
  static void apply(const Operation& operation);
  static void adopt_durable(Inode& directory, Prng& prng, bool torn);
  void empty_unnamed_directories();

  InodePtr root_;
  // All directories but the root, in order of creation. A directory may hold another in one map and
  // be held by it in the other, so ownership alone would not free them.
  std::vector<std::weak_ptr<Inode>> directories_;
  std::vector<Operation> pending_;  // in order
  uint64_t next_inode_ = 2;
};

}  // namespace aftersync::sim
