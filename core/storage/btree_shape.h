// Where a node is cut in two, and when two are joined. Pure decisions about pages.
//
// Cutting. Random inserts cut in the middle. Ascending inserts would leave every page half empty
// that way; so when the page has seen a run of them, or the new record goes behind everything in
// the index, the cut is made where the insert goes, and the left node keeps 15/16 of a page: the
// rest is room to grow in place. Descending inserts are the mirror image.
//
// Joining. A node that has become nearly empty is joined with a neighbour if together they leave
// an eighth of a page free: without that margin the next insert would split them again. Looking is
// not free (the parent is latched exclusively), so it is done only when a node's fill falls past
// one of a few marks, not at each erase below the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/storage/slotted_page.h"

namespace aftersync::storage::btree_shape {

// Bytes, slots included, that a node keeps when it is filled in order.
inline constexpr size_t kSequentialFill = index_format::kUsableBytes / 16 * 15;
inline constexpr size_t kMergeBelow = index_format::kUsableBytes * 2 / 5;
inline constexpr size_t kMergedAtMost = index_format::kUsableBytes / 8 * 7;
inline constexpr size_t kMergeMark = 1024;
inline constexpr int kRunThatCounts = 4;

// Whether a node that had `before` bytes in use and now has `after` should look for a neighbour.
[[nodiscard]] bool wants_merge(size_t before, size_t after);
// Whether neighbours with so many bytes in use are to become one. An empty one always is.
[[nodiscard]] bool should_merge(size_t left, size_t right);

struct Cut {
  uint16_t slot = 0;      // records from here on go to the right
  std::string separator;  // the right node's key in the parent
};
// `key` is about to be inserted (or its record to grow). The node has at least two records.
[[nodiscard]] Cut choose_cut(const SlottedPage& node, std::string_view key);

// The shortest key that is greater than `left` and not greater than `right`; left < right.
[[nodiscard]] std::string_view shortest_separator(std::string_view left, std::string_view right);

}  // namespace aftersync::storage::btree_shape
