// Redo on disk: the contract shared by writer, scanner and offline tools.
//
// The redo log is one endless stream of bytes; an Lsn is a position in that stream. The stream is
// cut into *frames* (one mini-transaction each, opaque here) and, across frames, into *blocks* of
// one sector. Blocks go round a ring made of a fixed set of files.
//
//   stream   | frame | frame      | frame  | ...            positions are Lsns
//   blocks   [ 492 bytes ][ 492 bytes ][ 492 bytes ] ...    block n holds [n*492, (n+1)*492)
//   ring     slot = n mod ring_slots; slots fill file 0, then file 1, ...
//
// Why one sector a block: the last block is rewritten as it fills, and a sector is either old or
// new after a power loss. A larger block could tear and take durable frames with it.
//
// All integers big-endian.
//
// File `redo_N.log`: 4096 bytes of header, then slots of 512 bytes.
//   offset  size
//        0     8  magic "ASredo\r\n" (a text-mode copy breaks it)
//        8     4  format version
//       12     4  file number N
//       16     4  number of files
//       20     4  slots in each file
//       24    16  uid of the log: the same in all its files
//       40     4  CRC-32C of bytes [0, 40)
//      512   512  checkpoint block A  (file 0 only)
//     1024   512  checkpoint block B  (file 0 only)
//
// Checkpoint block: written alternately, so that one is always whole; the newest valid one counts.
//        0     8  magic "AScheck\n"
//        8     8  sequence: odd ones go to block A, even ones to B
//       16     8  checkpoint lsn: recovery starts here; always the start of a frame
//       24     4  epoch in force (see block)
//       28     4  1 after a clean shutdown, else 0
//       32    16  uid of the log
//      508     4  CRC-32C of bytes [0, 508)
//
// Block:
//        0     4  CRC-32C of bytes [4, 512)
//        4     4  epoch: raised at every recovery, before anything is written
//        8     8  block number n
//       16     2  bytes of the stream in this block, counted from its start: 0..492
//       18     2  d: when this was written, all blocks up to n - d were durable (65535: unknown)
//       20   492  the stream
//
// The stream ends at the first block that fails its CRC, bears another number, or has a lower
// epoch than the block before (remains of an earlier life that recovery cut off), and in the first
// block that is not full.
//
// Frame: one mini-transaction.
//        0     4  payload length, 1..kMaxFramePayload
//        4     4  CRC-32C of: payload, start lsn of the frame (8 bytes), payload length (4 bytes)
//        8        payload
// A frame that is not complete in the stream never happened.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/ids.h"
#include "core/base/limits.h"

namespace aftersync::redo {

inline constexpr uint64_t kFileMagic = 0x415372'65646f0d0aULL;        // "ASredo\r\n"
inline constexpr uint64_t kCheckpointMagic = 0x415363'6865636b0aULL;  // "AScheck\n"
inline constexpr uint32_t kFormatVersion = 1;

inline constexpr size_t kFileHeaderBytes = 4096;
inline constexpr size_t kHeaderCrcAt = 40;
inline constexpr size_t kCheckpointBytes = limits::kSectorBytes;
inline constexpr size_t kCheckpointAt[2] = {512, 1024};  // [sequence % 2 == 1 ? 0 : 1]
inline constexpr size_t kCheckpointCrcAt = kCheckpointBytes - 4;

inline constexpr size_t kBlockBytes = limits::kSectorBytes;
inline constexpr size_t kBlockHeaderBytes = 20;
inline constexpr size_t kBlockPayload = kBlockBytes - kBlockHeaderBytes;
static_assert(kBlockPayload == 492);

inline constexpr uint16_t kDurableUnknown = UINT16_MAX;

inline constexpr size_t kFrameHeaderBytes = 8;
inline constexpr size_t kMaxFramePayload = 512 * 1024;  // bound of one mini-transaction's redo

// The stream starts here, so that lsn 0 can mean "never".
inline constexpr Lsn kFirstLsn{kBlockPayload};

[[nodiscard]] constexpr uint64_t block_of(Lsn lsn) { return lsn.value() / kBlockPayload; }
[[nodiscard]] constexpr size_t offset_in_block(Lsn lsn) { return lsn.value() % kBlockPayload; }
[[nodiscard]] constexpr Lsn block_start(uint64_t block) { return Lsn(block * kBlockPayload); }

static_assert(kCheckpointAt[1] + kCheckpointBytes <= kFileHeaderBytes);
static_assert(kFileHeaderBytes % kBlockBytes == 0);

}  // namespace aftersync::redo
