// Overflow values: what does not fit in a leaf, kept on a chain of pages. Format:
// overflow_format.h.
//
// A value is cut: its beginning stays in the record (where system columns can be patched and short
// columns read), then comes a reference, and the rest is on the chain. A chain is complete before
// the record that refers to it exists, and is never changed: an update writes a new one, and the
// old one goes with the undo record that still needs it.
//
// Who frees. Exactly one of: rollback of the change that wrote the chain, purge of the change that
// replaced it. A crash between writing a chain and writing the record leaves a chain that nobody
// refers to: its pages stay in the segment until the index is dropped. That costs room and nothing
// else; the alternative is an undo record for each chain.
//
// Latches: none may be held on entry. Chains are written in mini-transactions of a few pages.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/index_page_format.h"
#include "core/storage/overflow_format.h"
#include "core/storage/page_reader.h"

namespace aftersync::storage {

struct OverflowReference {
  PageNo first = kNoPage;
  uint32_t bytes = 0;  // on the chain
  uint64_t owner = 0;
  uint32_t crc = 0;
};

// Whether a record must keep part of its value elsewhere.
[[nodiscard]] constexpr bool needs_overflow(size_t key_bytes, size_t value_bytes) {
  return key_bytes + value_bytes > index_format::kMaxRecordBytes;
}
// Bytes of a long value that stay in its record, before the reference.
inline constexpr size_t kOverflowInlineBytes = 256;

// The reference at the end of a record's value. Code::corruption when there is no room for one.
[[nodiscard]] Result<OverflowReference> overflow_reference(std::string_view record_value);

// Writes all of `value` behind the first kOverflowInlineBytes to a new chain; returns what to put
// in the record, with the flag kOverflow. `value` is longer than kOverflowInlineBytes and at most
// limits::kMaxValueBytes + 1 MiB (a row of one such value): Code::too_large. Code::no_space:
// nothing is left behind.
[[nodiscard]] Result<std::string> write_overflow(PageStore& store, const TreeRoot& tree,
                                                 std::string_view value, uint64_t owner);

// Makes the whole value of a record with the flag. Code::corruption when the chain is not what the
// reference says.
[[nodiscard]] Result<std::string> read_overflow(PageStore& store, const TreeRoot& tree,
                                                std::string_view record_value);

// Gives the chain's pages back. The record is gone, or refers to another chain.
Status free_overflow(PageStore& store, const TreeRoot& tree, std::string_view record_value);

// Follows the chain and checks every part; calls `on_page` for each page.
Status check_overflow(PageReader& reader, const TreeRoot& tree, std::string_view record_value,
                      const std::function<Status(PageNo)>& on_page);
// read_overflow() for whoever has no store, but pages.
[[nodiscard]] Result<std::string> read_overflow(PageReader& reader, const TreeRoot& tree,
                                                std::string_view record_value);

}  // namespace aftersync::storage
