// A tablespace file: pages, grouped into extents of 64, handed out to segments.
//
//   page 0        space header, and descriptors of extents 0..255
//   page 1, 2     segment inodes
//   page 3...     whoever asks
//   page k*16384  descriptors of extents k*256..k*256+255 (k >= 1)
//
// A *segment* owns pages for one purpose (leaves of an index, its inner nodes, overflow values, one
// rollback segment). Its first 32 pages are taken one by one from shared ("fragment") extents, so
// that a small table stays small; then it gets whole extents, so that a large one is contiguous.
//
// Each extent stands on exactly one list (or none, when not yet used), a doubly linked list through
// the descriptors: the space's `free`, `fragment` (shared, some pages free), `full fragment`, or a
// segment's `free`, `partial`, `full`.
//
// Page 0, after the common page header (32 bytes):
//       32     8  magic "ASspace\n"
//       40     4  format version
//       44     4  flags: 0
//       48    16  uid of the space
//       64     4  pages in the file that are usable (the file is at least this long)
//       68     4  extents ever put on a list: those from here on are untouched
//       72     4  free pages of extents on list `fragment`, within the usable size
//       76     4  zero
//       80    12  list `free`
//       92    12  list `fragment`
//      104    12  list `full fragment`
//      116    12  zero
//      128   128  for the owner of the space (opaque: root pages, counters)
//      256  8192  256 extent descriptors
// Extents page: 256 descriptors at the same offset 256; bytes 32..255 are zero.
//
// List: first extent (4), last extent (4), length (4); extents are named by number, kNoExtent:
// none.
//
// Extent descriptor, 32 bytes:
//        0     4  previous extent on its list
//        4     4  next extent on its list
//        8     4  state: 0 untouched, 1 free, 2 fragment, 3 segment
//       12     4  segment slot that owns it (state 3)
//       16     8  bitmap: bit i set = page i of the extent is in use
//       24     8  zero
//
// Segments pages (1 and 2): 72 inodes each of 224 bytes from offset 64; slot s is inode s % 72 of
// page 1 + s / 72.
//        0     4  1 in use, 0 free
//        4     4  pages in use
//        8     4  fragment pages in use
//       12    12  list `free`
//       24    12  list `partial`
//       36    12  list `full`
//       48   128  32 fragment pages, kNoPage: none
//      176    48  zero
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/storage/page_format.h"

namespace aftersync::storage::space_format {

inline constexpr uint64_t kMagic = 0x415373'706163650aULL;  // "ASspace\n"
inline constexpr uint32_t kVersion = 1;

inline constexpr PageNo kHeaderPage{0};
inline constexpr PageNo kFirstSegmentsPage{1};
inline constexpr PageNo kFirstFreePage{3};

inline constexpr size_t kMagicAt = 32;
inline constexpr size_t kVersionAt = 40;
inline constexpr size_t kUidAt = 48;
inline constexpr size_t kSizePagesAt = 64;
inline constexpr size_t kTouchedExtentsAt = 68;
inline constexpr size_t kFragmentPagesFreeAt = 72;
inline constexpr size_t kFreeListAt = 80;
inline constexpr size_t kFragmentListAt = 92;
inline constexpr size_t kFullFragmentListAt = 104;
inline constexpr size_t kOwnerAt = 128;
inline constexpr size_t kOwnerBytes = 128;

inline constexpr size_t kListBytes = 12;
inline constexpr uint32_t kNoExtent = UINT32_MAX;

inline constexpr uint32_t kExtentPages = limits::kExtentPages;
inline constexpr size_t kDescriptorsAt = 256;
inline constexpr size_t kDescriptorBytes = 32;
inline constexpr uint32_t kDescriptorsPerPage = 256;
inline constexpr uint32_t kPagesPerExtentsPage = kDescriptorsPerPage * kExtentPages;
static_assert(kPagesPerExtentsPage == 16384);
static_assert(kDescriptorsAt + kDescriptorsPerPage * kDescriptorBytes <= kPageTrailerAt);

enum class ExtentState : uint32_t { untouched = 0, free = 1, fragment = 2, segment = 3 };

inline constexpr size_t kInodesAt = 64;
inline constexpr size_t kInodeBytes = 224;
inline constexpr uint32_t kInodesPerPage = 72;
inline constexpr uint32_t kSegmentsPages = 2;
inline constexpr uint32_t kMaxSegments = kInodesPerPage * kSegmentsPages;
static_assert(kInodesAt + kInodesPerPage * kInodeBytes <= kPageTrailerAt);
static_assert(kMaxSegments >= 2 * (limits::kMaxIndexesPerTable + 1) + 1);

inline constexpr size_t kInodeUsedAt = 0;
inline constexpr size_t kInodePagesAt = 4;
inline constexpr size_t kInodeFragmentsAt = 8;
inline constexpr size_t kInodeFreeListAt = 12;
inline constexpr size_t kInodePartialListAt = 24;
inline constexpr size_t kInodeFullListAt = 36;
inline constexpr size_t kInodeFragmentPagesAt = 48;
inline constexpr uint32_t kFragmentPages = 32;
static_assert(kInodeFragmentPagesAt + kFragmentPages * 4 <= kInodeBytes);

// A new file: header, two inode pages, and some room, without paying for a whole extent.
inline constexpr uint32_t kInitialPages = 8;

}  // namespace aftersync::storage::space_format
