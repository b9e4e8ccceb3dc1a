// A B+tree node: sorted slots at the end, records in a heap from the front.
//
//   offset  size
//        0    32  common page header; previous and next page are the siblings on the level
//       32     8  index id
//       40     2  level: 0 for leaves
//       42     2  slots (records)
//       44     2  heap end: where the next record goes
//       46     2  garbage: bytes in the heap that belong to no record
//       48     2  prefix: number of leading key bytes that all keys of the page share (the empty
//       key
//                 of invariant 3 in btree.h left out)
//       50     2  slot of the last insert, kNoSlot: none since the page was made or rearranged
//       52     2  run: how many inserts in a row went right behind the one before (positive) or
//                 right before it (negative, two's complement); tells a split where to cut
//       54     2  zero
//       56     8  largest transaction id that changed this page (leaves of secondary indexes)
//       64        heap
//       ...       free
//                 slots, growing towards the front: slot i stands at 16376 - 8 * (i + 1)
//    16376     8  trailer of every page
//
// Slot, 8 bytes:
//        0     4  hint: the key's first 4 bytes after the prefix, zero-filled at the end
//        4     2  offset of the record in the page
//        6     2  key length
//
// The hint makes a search touch one cache line a probe: records are compared only when hints are
// equal. The prefix makes hints differ where keys are alike (a run of 8-byte integers shares six
// bytes). It is only ever shortened by an insert that does not share it, then all hints are made
// again; a rebuilt page (split, compact, bulk load) computes the longest.
//
// Record in the heap:
//        0     1  flags: kDeleteMark, kOverflow
//        1     2  value length in this page
//        3        key (its length is in the slot), value
// With kOverflow the value's last bytes are an overflow reference: overflow_format.h.
//
// Values by kind of page (record_format.h says what is in a row):
//   inner node              child page number (4). The first record of the leftmost node of a level
//                           has the empty key: less than every key.
//   clustered leaf          transaction id (6), roll pointer (8), row
//   secondary leaf          nothing, or covering data; the key ends with the primary key
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/limits.h"
#include "core/storage/page_format.h"

namespace aftersync::storage::index_format {

inline constexpr uint8_t kVersion = 1;
inline constexpr size_t kIndexIdAt = 32;
inline constexpr size_t kLevelAt = 40;
inline constexpr size_t kSlotsAt = 42;
inline constexpr size_t kHeapEndAt = 44;
inline constexpr size_t kGarbageAt = 46;
inline constexpr size_t kPrefixAt = 48;
inline constexpr size_t kLastInsertAt = 50;
inline constexpr size_t kRunAt = 52;
inline constexpr uint16_t kNoSlot = 0xffff;
inline constexpr size_t kMaxTrxIdAt = 56;
inline constexpr size_t kHeapAt = 64;

inline constexpr size_t kSlotBytes = 8;
inline constexpr size_t kSlotHintAt = 0;
inline constexpr size_t kSlotOffsetAt = 4;
inline constexpr size_t kSlotKeyLengthAt = 6;

inline constexpr size_t kRecordHeaderBytes = 3;
inline constexpr uint8_t kDeleteMark = 1;
inline constexpr uint8_t kOverflow = 2;
inline constexpr uint8_t kKnownFlags = kDeleteMark | kOverflow;

inline constexpr size_t kUsableBytes = kPageTrailerAt - kHeapAt;
// A record, slot included, takes at most half a page, so that every page can be split. This bounds
// key and value together.
inline constexpr size_t kMaxRecordBytes = kUsableBytes / 2 - kSlotBytes - kRecordHeaderBytes;
static_assert(kMaxRecordBytes > limits::kMaxKeyBytes + 2048);

inline constexpr size_t kChildBytes = 4;
inline constexpr size_t kTrxIdBytes = 6;
inline constexpr size_t kRollPtrBytes = 8;
inline constexpr size_t kSystemColumnsBytes = kTrxIdBytes + kRollPtrBytes;

}  // namespace aftersync::storage::index_format
