// Doublewrite: writing batches of pages so that a torn one can be repaired. Format and reasons:
// doublewrite_format.h.
//
// A batch: seal the pages; write header and copies to the doublewrite file; sync it; write the
// pages in place; sync each file. One batch at a time (mutex_). A failed sync stops the process.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"
#include "core/storage/doublewrite_format.h"
#include "core/storage/space.h"

namespace aftersync::storage {

struct PageImage {
  PageId id;
  char* bytes;  // kPageBytes, the caller's; sealed here
  Status result;
};

class Doublewrite {
 public:
  // Creates the file when absent, at its full size. Code::corruption, unsupported: a file that is
  // not one of ours.
  [[nodiscard]] static Result<std::unique_ptr<Doublewrite>> open(Node& node, std::string path,
                                                                 Spaces& spaces,
                                                                 bool create_if_missing);

  // Writes at most kMaxBatchPages, sorted by id; each image's result says whether it is durable in
  // place. The redo that describes the pages is durable already.
  void write(std::span<PageImage> batch);

  struct Repair {
    uint32_t checked = 0;
    uint32_t repaired = 0;
  };
  // Restores pages of the last batch that are damaged in place, and writes the others back as they
  // are read: all durable on return, recovery.h says why. Before anything reads the spaces.
  [[nodiscard]] Result<Repair> repair();

 private:
  Doublewrite(Node& node, std::string path, Spaces& spaces, File file);

  Status make();
  Status write_copies(std::span<const PageImage> batch);
  void write_in_place(std::span<PageImage> batch);
  Status write_file(std::span<const PageImage> images);
  Result<bool> repair_page(PageId id, const char* copy, bool always,
                           std::map<SpaceId, std::optional<File>>& files);

  Node& node_;
  const std::string path_;
  Spaces& spaces_;
  File file_;
  Mutex mutex_;
  uint64_t batch_ = 0;        // guarded by mutex_
  std::vector<char> buffer_;  // guarded by mutex_
};

}  // namespace aftersync::storage
