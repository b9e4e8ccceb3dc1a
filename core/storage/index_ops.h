// Operations on index pages: what their arguments are, and who builds them.
//
// Numbers are big-endian. Each operation is a pure function of page and arguments (page_op.h);
// those that need room compact the page by themselves when its free bytes are scattered.
//
//   index_init       index id (8), level (2). The page becomes an empty node; its links stay.
//   index_insert     slot (2), flags (1), key length (2), key, value
//   index_erase      slot (2)
//   index_replace    slot (2), flags (1), value
//   index_patch      slot (2), offset in the value (2), bytes
//   index_set_flags  slot (2), flags (1)
//   index_compact    nothing: records in key order without gaps, the longest prefix
//   index_copy_in    slot (2), then for each record flags (1), key length (2), value length (2),
//                    key, value: they come to stand before what is in `slot` now
//   index_truncate   slot (2): drops it and all after it, and compacts
//   index_set_links  previous page (4), next page (4)
//
// An insert is refused (Code::corruption) where it would break the order of keys: the last line of
// defence against a search that has gone wrong, paid for with two comparisons.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/storage/mtr.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage::index_ops {

// Collects the arguments of one index_copy_in.
class CopyIn {
 public:
  explicit CopyIn(uint16_t slot) { append_be(args_, slot); }
  void add(std::string_view key, std::string_view value, uint8_t flags);
  void add(const SlottedPage& from, uint16_t begin, uint16_t end);
  [[nodiscard]] const std::string& args() const { return args_; }
  [[nodiscard]] size_t count() const { return count_; }
  // Bytes that the records will take in the page, slots included.
  [[nodiscard]] size_t footprint() const { return footprint_; }

 private:
  std::string args_;
  size_t count_ = 0;
  size_t footprint_ = 0;
};

// Within a mini-transaction. `frame` is held exclusively; what the caller has to have made sure of
// is in the table above.
void init(Mtr& mtr, Frame* frame, IndexId index, uint16_t level);
void insert(Mtr& mtr, Frame* frame, uint16_t slot, std::string_view key, std::string_view value,
            uint8_t flags);
void erase(Mtr& mtr, Frame* frame, uint16_t slot);
void replace(Mtr& mtr, Frame* frame, uint16_t slot, std::string_view value, uint8_t flags);
void patch(Mtr& mtr, Frame* frame, uint16_t slot, uint16_t offset, std::string_view bytes);
void set_flags(Mtr& mtr, Frame* frame, uint16_t slot, uint8_t flags);
void copy_in(Mtr& mtr, Frame* frame, const CopyIn& records);
void truncate(Mtr& mtr, Frame* frame, uint16_t slot);
void set_links(Mtr& mtr, Frame* frame, PageNo prev, PageNo next);

}  // namespace aftersync::storage::index_ops
