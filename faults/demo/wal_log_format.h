// The toy write-ahead log on disk: the whole contract between its writer and its recovery.
//
// A log is the files "wal-00000001.log", "wal-00000002.log", ... of a directory, without gaps. A
// file is a sequence of records, back to back, from offset 0:
//
//   offset  bytes  what
//        0      4  length of the payload, big-endian
//        4      4  CRC-32C of sequence and payload
//        8      8  sequence: 1, 2, 3, ... through all files
//       16      n  payload
//
// The last file may end in anything: what a crash left of a record that nobody acknowledged. The
// sequence keeps old bytes behind a cut tail from being taken for new records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aftersync::demo::wal_log {

inline constexpr size_t kLengthOffset = 0;
inline constexpr size_t kCrcOffset = 4;
inline constexpr size_t kSequenceOffset = 8;
inline constexpr size_t kHeaderBytes = 16;
inline constexpr size_t kMaxPayloadBytes = 64 * 1024;
inline constexpr size_t kFileNumberDigits = 8;
inline constexpr std::string_view kFilePrefix = "wal-";
inline constexpr std::string_view kFileSuffix = ".log";
// The last file while recovery writes it anew.
inline constexpr std::string_view kRewrittenFile = "wal-rewritten.tmp";

static_assert(kSequenceOffset + sizeof(uint64_t) == kHeaderBytes);

}  // namespace aftersync::demo::wal_log
