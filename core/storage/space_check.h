// The ledger checker of a tablespace: does what header, descriptors, lists and inodes say add up?
//
// Checked are
//   - every touched extent is on exactly one list, linked both ways, in the state and with the
//     owner that the list stands for, with as many pages in use as it admits;
//   - lengths, ends and counts, of lists and of segments;
//   - every page in use of a shared extent is the ledger's own or one of one segment's single
//     pages, and every one of those is in use.
// What comes out is who owns each page; whether that is who uses it is for the checkers of trees
// and undo to say.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/base/status.h"
#include "core/storage/page_reader.h"
#include "core/storage/segment.h"

namespace aftersync::storage {

struct SpaceMap {
  static constexpr uint32_t kFree = UINT32_MAX;
  static constexpr uint32_t kLedger = UINT32_MAX - 1;  // header, descriptors, inodes

  // For each page of the usable size: a SegmentNo, kLedger or kFree.
  std::vector<uint32_t> owner;
  // Pages of each segment in use.
  std::map<uint32_t, uint32_t> pages;

  [[nodiscard]] bool owns(SegmentNo segment, PageNo page) const {
    return page.value() < owner.size() && owner[page.value()] == segment.value();
  }
  [[nodiscard]] uint32_t pages_of(SegmentNo segment) const {
    const auto it = pages.find(segment.value());
    return it == pages.end() ? 0 : it->second;
  }
};

// Code::corruption (file, what, expected, found) at the first thing that does not add up.
[[nodiscard]] Result<SpaceMap> check_space(PageReader& reader, SpaceId space);

}  // namespace aftersync::storage
