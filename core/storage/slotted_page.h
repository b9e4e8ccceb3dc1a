// Index pages: reading and searching one, and the operations that change one. Layout:
// index_page_format.h.
//
// Everything here is about a single page in memory: no latches, no redo. Changes are the PageOps
// index_*, applied by apply_index_op(); the functions named encode_* build their arguments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/index_page_format.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

struct RecordView {
  std::string_view key;
  std::string_view value;  // what is in the page; see is_overflow
  uint8_t flags = 0;

  [[nodiscard]] bool is_delete_marked() const { return (flags & index_format::kDeleteMark) != 0; }
  [[nodiscard]] bool is_overflow() const { return (flags & index_format::kOverflow) != 0; }
};

// A view of an index page. Costs nothing to make; valid as long as the bytes.
class SlottedPage {
 public:
  explicit SlottedPage(const char* page) : page_(page) {}

  [[nodiscard]] IndexId index_id() const;
  [[nodiscard]] uint16_t level() const;
  [[nodiscard]] bool is_leaf() const { return level() == 0; }
  [[nodiscard]] uint16_t slots() const;
  [[nodiscard]] RecordView record(uint16_t slot) const;
  // Of an inner node.
  [[nodiscard]] PageNo child(uint16_t slot) const;

  struct Found {
    uint16_t slot;  // of the first record whose key is >= the one sought; slots() if none
    bool exact;
  };
  [[nodiscard]] Found lower_bound(std::string_view key) const;
  // The slot of the child whose subtree holds `key`: the last one whose key is <= it.
  [[nodiscard]] uint16_t child_slot(std::string_view key) const;

  // Bytes free for a new record, slot included: at once, and after compaction.
  [[nodiscard]] size_t contiguous_free() const;
  [[nodiscard]] size_t total_free() const;

  // Checks everything that can be checked within the page: offsets, order, overlaps, accounting,
  // hints. Code::corruption says what is wrong.
  Status check() const;

 private:
  const char* page_;
};

}  // namespace aftersync::storage
