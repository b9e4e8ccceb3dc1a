// Space: one tablespace file, and Spaces: those that are open.
//
// A space is known by its id, never used twice, and lives in a file named after the id; names of
// tables are the catalog's business, so that RENAME TABLE touches no file.
//
// Creating a file is made durable (file synced, directory synced) before any redo for it can be,
// and dropping is logged before the file goes. So a file that replay misses was either dropped
// later in the same log, or has been lost: the second case puts the space out of use with a
// message, and leaves the others alone. Files no catalog row knows are removed by the catalog at
// startup.
//
// A space that has met corruption is *out of use*: every access answers with the first error. The
// system and undo spaces are not optional: there the error stops the start.
//
// Thread safety: all members from any task; create, drop and close of one space are serialised by
// the caller with its users.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/base/uid.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/storage/space_format.h"

namespace aftersync::storage {

inline constexpr SpaceId kSystemSpace{1};
inline constexpr SpaceId kUndoSpace{2};
inline constexpr SpaceId kFirstTableSpace{16};
inline constexpr std::string_view kTablesDirectory = "tables";

// "system.ibd", "undo.ibd", "tables/17.ibd".
[[nodiscard]] std::string space_path(SpaceId id);

// Judges page 0 of a tablespace file of `file_pages` pages. Code::corruption, unsupported.
Status check_space_header(const char* page, SpaceId id, const std::string& path,
                          uint32_t file_pages);

class Space {
 public:
  // Without a file it is out of use from the start: put_out_of_use() is called at once.
  Space(Node& node, SpaceId id, std::string path, std::optional<File> file);

  [[nodiscard]] SpaceId id() const { return id_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Length of the file in pages.
  [[nodiscard]] uint32_t file_pages() const { return file_pages_.load(std::memory_order_acquire); }

  // Whole pages. read_page checks nothing but the length (Code::corruption: short file).
  Status read_page(PageNo page, std::span<char> into);
  // One or more pages that follow each other; beyond the end they extend the file.
  Status write_pages(PageNo first, std::string_view bytes);
  // As File::sync_data.
  Status sync();
  // Fills pages [from, to) with zeroes, durably; nobody uses any of them yet. Code::no_space leaves
  // the file usable as it was.
  Status extend(uint32_t from, uint32_t to);
  // Learns the file's length anew.
  Status measure();

  [[nodiscard]] Status usable() const;
  void put_out_of_use(const Status& why);

 private:
  friend class SpaceReservation;
  friend class SpaceAllocator;

  Node& node_;
  const SpaceId id_;
  const std::string path_;
  std::optional<File> file_;
  std::atomic<uint32_t> file_pages_{0};
  std::atomic<bool> out_of_use_{false};
  mutable Mutex mutex_;
  // Guarded by mutex_.
  Status why_out_of_use_;
  // Promised by SpaceAllocator::reserve and not yet allocated.
  uint32_t promised_pages_ = 0;
  uint32_t promised_extents_ = 0;
  std::map<uint32_t, uint32_t> promised_slots_;  // fragment slots, by segment
};

class Spaces {
 public:
  explicit Spaces(Node& node) : node_(node) {}

  // Makes a new file of kInitialPages, its header and segments pages in place, all durable.
  [[nodiscard]] Result<std::shared_ptr<Space>> create(SpaceId id);
  // Opens the file and judges its header: Code::not_found, corruption, unsupported.
  [[nodiscard]] Result<std::shared_ptr<Space>> open(SpaceId id);
  // Registers a space whose file cannot be used, so that every access says why.
  void open_out_of_use(SpaceId id, const Status& why);
  // The open space, or Code::not_found.
  [[nodiscard]] Result<std::shared_ptr<Space>> find(SpaceId id);
  // Forgets the space; the file stays.
  void close(SpaceId id);
  // Forgets the space and removes its file, durably. Not an error when the file is gone already.
  Status remove(SpaceId id);
  // Ids of all files in the tables directory, ascending.
  [[nodiscard]] Result<std::vector<SpaceId>> list_files();
  [[nodiscard]] std::vector<std::shared_ptr<Space>> all();

 private:
  Node& node_;
  Mutex mutex_;
  std::map<SpaceId, std::shared_ptr<Space>> open_;  // guarded by mutex_
};

}  // namespace aftersync::storage
