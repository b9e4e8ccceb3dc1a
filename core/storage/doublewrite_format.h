// The doublewrite file: a copy of every page of the batch now being written in place.
//
// A page is 32 sectors; a power loss in the middle of writing it leaves a mix that redo cannot
// repair (redo describes changes to a whole page). So each batch goes here first and is synced;
// only then are the pages written in place and synced; only then may the next batch overwrite this
// one.
//
//   offset  size
//        0  4096  batch header
//     4096        kMaxBatchPages slots of 16 KiB
//
// Batch header:
//        0     8  magic "ASdblwr\n"
//        8     4  format version
//       12     4  pages in the batch, 0..kMaxBatchPages
//       16     8  batch number, growing
//       24        for each page: space id (4), page number (4), page lsn (8), page CRC (4)
//     4092     4  CRC-32C of bytes [0, 4092)
//
// Only pages that the header of a valid last batch lists, and whose CRC is the one listed, may be
// restored: a slot beyond the batch holds an older version of its page, and putting that back would
// undo changes whose redo is gone. And only over a page that is damaged in place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/storage/page_format.h"

namespace aftersync::storage::doublewrite_format {

inline constexpr uint64_t kMagic = 0x415364'626c77720aULL;  // "ASdblwr\n"
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kHeaderBytes = 4096;
inline constexpr size_t kCountAt = 12;
inline constexpr size_t kBatchAt = 16;
inline constexpr size_t kEntriesAt = 24;
inline constexpr size_t kEntryBytes = 20;
inline constexpr size_t kHeaderCrcAt = kHeaderBytes - 4;
inline constexpr size_t kMaxBatchPages = 128;
inline constexpr size_t kFileBytes = kHeaderBytes + kMaxBatchPages * kPageBytes;
static_assert(kEntriesAt + kMaxBatchPages * kEntryBytes <= kHeaderCrcAt);

}  // namespace aftersync::storage::doublewrite_format
