// The structure checker of a tree: walks all of it and believes none of it.
//
// It shares only the page format with the code that makes trees, and does not use its descents: a
// mistake there must not hide itself. Checked are
//   - each page by itself: type, index, level, order, hints, accounting (SlottedPage::check);
//   - each node against its parent: keys within the fences, level one below, the first key equal to
//     the parent's entry (inner nodes), no page reached twice;
//   - each level from left to right: the links are the order in which parents name the nodes, both
//     ways, with kNoPage at the ends;
//   - fill: no empty node where there should be none (invariant 4 of btree.h);
//   - overflow values: every chain whole, its parts in order, of the right length and checksum, no
//     page in two chains;
//   - space: the leaf and inner segments own exactly the pages that were reached; the overflow
//     segment owns at least those (chains may still belong to undo).
//
// For a tree that nobody changes meanwhile. Latches one page at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"
#include "core/storage/btree.h"

namespace aftersync::storage {

struct TreeReport {
  uint64_t records = 0;
  uint64_t delete_marked = 0;
  uint64_t leaves = 0;       // the root included if it is one
  uint64_t inner_nodes = 0;  // the same
  uint64_t overflow_pages = 0;
  uint64_t leaf_bytes = 0;  // used in leaves, slots included
  uint16_t levels = 0;

  // Share of the leaves' room that is in use.
  [[nodiscard]] double fill() const;
};

// Code::corruption, with page and what is wrong, at the first thing found.
[[nodiscard]] Result<TreeReport> check_tree(PageStore& store, const TreeRoot& root);

}  // namespace aftersync::storage
