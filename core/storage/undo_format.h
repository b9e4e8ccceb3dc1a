// Undo on disk: rollback segments, undo logs, undo records, roll pointers.
//
// Undo tablespace: page 3 (PageType::undo_header) is the directory.
//       32     4  number of rollback segments
//       36     8  history: sequence number of the oldest entry not yet purged
//       64        for each rollback segment 32 bytes:
//                   0  4  segment slot (SegmentNo)
//                   4  4  first page of its history list   \ committed undo logs, oldest first,
//                   8  4  last page of its history list    / linked through their first pages
//                  12  4  logs in the history list
//                  16  4  first page of its active list
//                  20  4  first page of its cache (logs to be used again)
//
// Undo log: a chain of pages (next page = later records), one transaction each. Its first page:
//       32     8  transaction id
//       40     1  state: 1 active, 2 prepared, 3 committed (in history), 4 cached
//       41     1  rollback segment
//       42     2  end of records in this page
//       44     4  first page of this log
//       48     4  previous log on the list it stands on
//       52     4  next log on the list it stands on
//       56     8  commit number (state 3)
//       64     2  length of the commit note
//       66   254  commit note: opaque bytes of the transaction layer (a GTID)
//      320        records
// Later pages have the same header with bytes 48..319 zero.
//
// Undo record:
//        0     2  length of the whole record
//        2     1  kind: 1 insert, 2 update, 3 delete mark
//        3     8  table id
//       11     8  roll pointer of the transaction's previous record (0: its first)
//       19     6  the row's transaction id before   \ kinds 2 and 3
//       25     8  the row's roll pointer before      /
//       33     2  key length, key
//                 kind 2, 3: flags (1), value length (2), value (what was replaced)
//        last  2  length of the whole record again, to walk backwards
//
// Roll pointer, 64 bits: bit 63: the record is of kind insert (no older version); bits 55..62:
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
inline constexpr uint32_t kRollbackSegments = 32;
inline constexpr size_t kDirectoryEntriesAt = 64;
inline constexpr size_t kDirectoryEntryBytes = 32;

inline constexpr size_t kTrxIdAt = 32;
inline constexpr size_t kStateAt = 40;
inline constexpr size_t kSegmentAt = 41;
inline constexpr size_t kEndAt = 42;
inline constexpr size_t kFirstPageAt = 44;
inline constexpr size_t kListPrevAt = 48;
inline constexpr size_t kListNextAt = 52;
inline constexpr size_t kCommitNumberAt = 56;
inline constexpr size_t kNoteLengthAt = 64;
inline constexpr size_t kNoteAt = 66;
inline constexpr size_t kMaxNoteBytes = 254;
inline constexpr size_t kRecordsAt = 320;

enum class UndoKind : uint8_t { insert = 1, update = 2, delete_mark = 3 };
enum class UndoState : uint8_t { active = 1, prepared = 2, committed = 3, cached = 4 };

inline constexpr uint64_t kInsertBit = uint64_t{1} << 63;
static_assert(kPageBytes <= size_t{1} << 14);

}  // namespace undo_format
}  // namespace aftersync::storage
