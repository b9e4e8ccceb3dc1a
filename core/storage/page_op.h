// Page operations: the vocabulary of redo, and the only way bytes of a page ever change.
//
// The problem. Replay must arrive at the same bytes as the change it replays. If the two are
// different code, they drift apart. So each kind of change is one *pure function* from (page bytes,
// arguments) to page bytes; a mini-transaction encodes the arguments, and then applies that very
// encoding; replay applies it again.
//
// Invariants
//  1. An operation reads nothing but the page and its arguments: no clock, no other page, no
//  address.
//  2. Applied to the same page it gives the same bytes, the page lsn and checksum excepted.
//  3. On arguments that do not fit the page (which replay may meet only if redo or page are wrong)
//     it returns Code::corruption and leaves the page unchanged; it never reads outside either.
//
// A redo record, inside a frame's payload; several follow each other:
//   op (1 byte; top bit set: same page as the record before, the next two fields are absent)
//   space id (varint), page number (varint)
//   length of the arguments (varint), arguments
//
// Each op's arguments are documented at its function, in the file named in the table below.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"

namespace aftersync::storage {

// Numbers are on disk: never reuse one.
enum class PageOp : uint8_t {
  // page_op.cc: any page
  init = 1,        // type (1), version (1): zero body, links kNoPage, page and space id set
  set_bytes = 2,   // offset (2), bytes
  fill = 3,        // offset (2), length (2), byte (1)
  move_bytes = 4,  // to (2), from (2), length (2)
  free_page = 5,   // nothing: becomes PageType::unused
  // slotted_page.cc: PageType::index
  index_init = 16,
  index_insert = 17,
  index_erase = 18,
  index_replace = 19,    // value of another size
  index_patch = 20,      // bytes of a value in place
  index_set_flags = 21,  // delete mark
  index_compact = 22,
  index_copy_in = 23,   // many records at once: split, merge, bulk load
  index_truncate = 24,  // drop the records from a slot on
  index_set_links = 25,
  // undo_page.cc: PageType::undo
  undo_init = 48,
  undo_append = 49,
  undo_truncate = 50,
  // No page: delivered to RecoverySink.
  space_dropped = 112,  // space id in the record; its file is about to be removed
  note = 113,           // bytes that mean something to the transaction layer
};
inline constexpr uint8_t kSamePageBit = 0x80;

// Applies `op`. `page` is kPageBytes long and belongs to `id`. Code::corruption as in invariant 3;
// Code::unsupported for an unknown op.
Status apply_page_op(PageOp op, PageId id, std::string_view args, char* page);

// The families, called by apply_page_op.
Status apply_index_op(PageOp op, PageId id, std::string_view args, char* page);
Status apply_undo_op(PageOp op, PageId id, std::string_view args, char* page);

// One record of a frame, decoded.
struct RedoRecord {
  PageOp op{};
  PageId page;
  std::string_view args;
};
// Calls `visit` (Status(const RedoRecord&)) for each record; Code::corruption for a payload that
// does not parse.
template <typename Visit>
Status for_each_record(std::string_view payload, Visit&& visit);

}  // namespace aftersync::storage

#include "core/storage/page_op_inl.h"
