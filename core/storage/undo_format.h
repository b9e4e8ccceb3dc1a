// Undo on disk: streams of undo records.
//
// The problem. Every writing transaction leaves undo that must outlive it for as long as some view
// may need it; most transactions are small and there are many. A page of its own for each would
// cost 16 KiB a transaction under a long-running view, and lists of logs would make commit touch
// its neighbours' pages.
//
// Shape. The undo tablespace holds *streams*. A stream is a chain of pages that is only ever
// appended to, and one running transaction owns it at a time: its records go to the end, its commit
// is one more record, and then the stream is free for the next transaction, which goes on in the
// same page. Purge consumes a stream from its head, whole pages at a time. So commit changes one
// page, and undo takes no more room than its records.
//
// Directory: page 3 (PageType::undo_header).
//       32     4  number of streams made so far
//       36     4  segment from which undo pages are taken (SegmentNo)
//       40     8  zero
//       48        for each stream 8 bytes:
//                   0  4  first page
//                   4  2  head: offset in the first page of the oldest record not yet purged
//                   6  2  zero
//
// Undo page (PageType::undo): links chain the stream (previous page: older records).
//       32     4  stream
//       36     2  end of the records in this page
//       38     2  zero
//       40        records
//
// Undo record:
//        0     2  length of the whole record
//        2     1  kind: 1 insert, 2 update, 3 delete mark, 4 commit
//        3     6  transaction id
//        9     8  roll pointer of the transaction's previous record (0: its first)
//                 kinds 1 to 3:
//       17     8  table id
//                 kinds 2 and 3:
//       25     6  the row's transaction id before
//       31     8  the row's roll pointer before
//       39     1  the row's flags before
//                 kinds 1 to 3:
//                 key length (2), key
//                 kinds 2 and 3:
//                 value length (2), the value before
//                 kind 4:
//       17     8  commit number
//       25     1  length of the commit note, then the note: opaque bytes of the transaction layer
//        last  2  length of the whole record again, so that a record cut short is noticed
//
// A stream whose last record is not a commit belongs to a transaction that has not ended: after a
// crash it is rolled back.
//
// Roll pointer, 64 bits: bit 63: the record is of kind insert (no older version); bits 46..62:
// zero; bits 14..45: page; bits 0..13: offset. 0: no undo.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/ids.h"
#include "core/storage/page_format.h"

namespace aftersync::storage {

using RollPtr = StrongId<struct RollPtrTag, uint64_t>;

namespace undo_format {

inline constexpr uint8_t kVersion = 1;
inline constexpr PageNo kDirectoryPage{3};
inline constexpr size_t kStreamCountAt = 32;
inline constexpr size_t kSegmentAt = 36;
inline constexpr size_t kStreamsAt = 48;
inline constexpr size_t kStreamBytes = 8;
inline constexpr uint32_t kMaxStreams = (kPageTrailerAt - kStreamsAt) / kStreamBytes;
static_assert(kMaxStreams == 2041);

inline constexpr size_t kStreamAt = 32;
inline constexpr size_t kEndAt = 36;
inline constexpr size_t kRecordsAt = 40;

enum class UndoKind : uint8_t { insert = 1, update = 2, delete_mark = 3, commit = 4 };

inline constexpr size_t kKindAt = 2;
inline constexpr size_t kTrxAt = 3;
inline constexpr size_t kTrxBytes = 6;
inline constexpr size_t kPreviousAt = 9;
inline constexpr size_t kBodyAt = 17;  // of a record
inline constexpr size_t kMaxNoteBytes = 254;
inline constexpr size_t kMaxCommitBytes = kBodyAt + 8 + 1 + kMaxNoteBytes + 2;
// Every page keeps room for a commit, so that committing never needs a new page.
inline constexpr size_t kMaxRecordBytes = kPageTrailerAt - kRecordsAt - kMaxCommitBytes;

inline constexpr uint64_t kInsertBit = uint64_t{1} << 63;
inline constexpr int kPageShift = 14;
static_assert(kPageBytes <= size_t{1} << kPageShift);

[[nodiscard]] constexpr RollPtr roll_ptr(PageNo page, uint16_t offset, bool is_insert) {
  return RollPtr((uint64_t{page.value()} << kPageShift) | offset | (is_insert ? kInsertBit : 0));
}
[[nodiscard]] constexpr PageNo page_of(RollPtr at) {
  return PageNo(static_cast<uint32_t>((at.value() & ~kInsertBit) >> kPageShift));
}
[[nodiscard]] constexpr uint16_t offset_of(RollPtr at) {
  return static_cast<uint16_t>(at.value() & ((1u << kPageShift) - 1));
}
[[nodiscard]] constexpr bool is_insert(RollPtr at) { return (at.value() & kInsertBit) != 0; }

}  // namespace undo_format
}  // namespace aftersync::storage
