// Every fixed limit of the system, in one place, so that what bounds what can be read at a glance.
//
// A limit is part of the contract: exceeding it is Code::too_large (or no_space), never a crash.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aftersync::limits {

inline constexpr size_t kPageSizeBytes = 16 * 1024;             // InnoDB's default page size
inline constexpr size_t kExtentPages = 64;                      // 1 MiB extents of 16 KiB pages
inline constexpr size_t kMaxKeyBytes = 3072;                    // InnoDB: DYNAMIC row format
inline constexpr size_t kMaxValueBytes = 16 * 1024 * 1024 - 1;  // MEDIUMBLOB; overflow pages
inline constexpr size_t kMaxIdentifierChars = 64;               // MySQL manual 9.2.1
inline constexpr size_t kMaxColumns = 1017;                     // InnoDB: columns in a table
inline constexpr size_t kMaxIndexesPerTable = 64;               // InnoDB: secondary indexes
inline constexpr size_t kMaxKeyParts = 16;                      // MySQL: columns in an index
inline constexpr size_t kSectorBytes = 512;                     // unit of atomic device writes
inline constexpr size_t kMaxPathBytes = 512;                    // paths handed to platform Disk
inline constexpr size_t kMaxFaultNameBytes = 64;                // names in fault_points.def

}  // namespace aftersync::limits
