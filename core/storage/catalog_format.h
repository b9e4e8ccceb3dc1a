// Page 3 of the system tablespace (PageType::system): where everything else is found.
//
//       32     8  magic "AScatlg\n"
//       40     4  format version
//       44     4  zero
//       48     8  ids: every id below this may have been given out (transactions, commits, tables,
//                 indexes, hidden rows: one counter, so that none is ever used twice)
//       56     4  tablespaces: every space id below this may have been given out
//       60     4  zero
//       64        root of the tree of tables: root page (4), segments of leaves (4), inner nodes
//       (4)
//                 and overflow (4)
//       80     1  length of the newest commit note, then the note (up to 254)
//
// The tree of tables is an ordinary clustered tree over (name, definition): TableId 1, index 1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/ids.h"
#include "core/storage/page_format.h"

namespace aftersync::storage::catalog_format {

inline constexpr PageNo kPage{3};
inline constexpr uint64_t kMagic = 0x415363'61746c670aULL;  // "AScatlg\n"
inline constexpr uint32_t kVersion = 1;

inline constexpr size_t kMagicAt = 32;
inline constexpr size_t kVersionAt = 40;
inline constexpr size_t kIdsAt = 48;
inline constexpr size_t kSpacesAt = 56;
inline constexpr size_t kTreeAt = 64;
inline constexpr size_t kTreeBytes = 16;
inline constexpr size_t kNoteAt = 80;

inline constexpr TableId kTablesTable{1};
inline constexpr IndexId kTablesIndex{1};
inline constexpr uint64_t kFirstId = 16;

// In a table's own space, page 0, the owner's part (space_format.h): an index that is being made or
// dropped. Segments of an index that is noted here and not in the catalog are given back at
// startup.
//        0     4  1: there is one, 0: none
//        4    16  its tree, as above
inline constexpr size_t kPendingBytes = 4 + kTreeBytes;

}  // namespace aftersync::storage::catalog_format
