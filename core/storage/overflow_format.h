// Values too long for their leaf: chains of overflow pages in the index's overflow segment.
//
// Page: common header (next page = next part of the value, previous unused), then
//       32     8  index id
//       40     4  bytes of the value in this page
//       44     4  position of this part in the value
//       48        bytes
//
// Reference, the last 20 bytes of a value whose record has the kOverflow flag:
//        0     4  first page
//        4     4  bytes on overflow pages
//        8     8  owner: the roll pointer's transaction that wrote it (so that purge and rollback
//                 free a chain exactly once)
//       16     4  CRC-32C of the bytes on overflow pages
//
// A chain is written before the record that refers to it, in mini-transactions of a few pages each,
// and never changed: an update of a long value writes a new chain. The old one belongs to the undo
// record until purge.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/storage/page_format.h"

namespace aftersync::storage::overflow_format {

inline constexpr uint8_t kVersion = 1;
inline constexpr size_t kIndexIdAt = 32;
inline constexpr size_t kLengthAt = 40;
inline constexpr size_t kPositionAt = 44;
inline constexpr size_t kBytesAt = 48;
inline constexpr size_t kBytesPerPage = kPageTrailerAt - kBytesAt;

inline constexpr size_t kReferenceBytes = 20;

}  // namespace aftersync::storage::overflow_format
