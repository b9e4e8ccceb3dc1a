// What every 16 KiB page begins and ends with, whatever its type.
//
//   offset  size
//        0     4  CRC-32C of bytes [4, 16384); computed when the page goes to disk, not before
//        4     4  page number        \ a page that stands elsewhere was misdirected
//        8     4  space id           /
//       12     1  page type
//       13     1  format version of that type
//       14     2  zero
//       16     8  page lsn: end of the last mini-transaction that changed the page
//       24     4  previous page \ within the level, chain or list that the type defines;
//       28     4  next page     / kNoPage: none
//       32        body, by type
//    16376     8  page lsn again: differs from the first after a torn write
//
// A page of all zeroes has never been written: valid as "unused", an error to anybody who expects a
// type. All integers in pages are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/coding.h"
#include "core/base/ids.h"
#include "core/base/limits.h"

namespace aftersync::storage {

inline constexpr size_t kPageBytes = limits::kPageSizeBytes;

inline constexpr size_t kPageCrcAt = 0;
inline constexpr size_t kPageNoAt = 4;
inline constexpr size_t kPageSpaceAt = 8;
inline constexpr size_t kPageTypeAt = 12;
inline constexpr size_t kPageVersionAt = 13;
inline constexpr size_t kPageLsnAt = 16;
inline constexpr size_t kPagePrevAt = 24;
inline constexpr size_t kPageNextAt = 28;
inline constexpr size_t kPageBodyAt = 32;
inline constexpr size_t kPageTrailerAt = kPageBytes - 8;
inline constexpr size_t kPageBodyBytes = kPageTrailerAt - kPageBodyAt;
static_assert(kPageBodyBytes == 16344);

// As yet all types are in their first version; a page of any other is refused when it is read.
inline constexpr uint8_t kPageVersion = 1;

// Numbers are on disk: never reuse one.
enum class PageType : uint8_t {
  unused = 0,        // never initialised, or freed
  space_header = 1,  // page 0 of a tablespace: space_format.h
  extents = 2,       // extent descriptors of a later part of the file: space_format.h
  segments = 3,      // segment inodes: space_format.h
  index = 4,         // B+tree node: index_page_format.h
  overflow = 5,      // part of a long value: overflow_format.h
  undo = 6,          // undo_format.h
  undo_header = 7,   // directory of rollback segments: undo_format.h
  system = 8,        // page 3 of the system tablespace: catalog_format.h
};

[[nodiscard]] inline PageNo page_no_of(const char* page) {
  return PageNo(load_be<uint32_t>(page + kPageNoAt));
}
[[nodiscard]] inline SpaceId space_of(const char* page) {
  return SpaceId(load_be<uint32_t>(page + kPageSpaceAt));
}
[[nodiscard]] inline PageType type_of(const char* page) {
  return static_cast<PageType>(page[kPageTypeAt]);
}
[[nodiscard]] inline Lsn lsn_of(const char* page) {
  return Lsn(load_be<uint64_t>(page + kPageLsnAt));
}
[[nodiscard]] inline PageNo prev_of(const char* page) {
  return PageNo(load_be<uint32_t>(page + kPagePrevAt));
}
[[nodiscard]] inline PageNo next_of(const char* page) {
  return PageNo(load_be<uint32_t>(page + kPageNextAt));
}

}  // namespace aftersync::storage
