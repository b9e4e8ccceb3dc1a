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
//   - space: each page reached belongs to the tree's segment for its purpose; the leaf and inner
//     segments own no others; the overflow segment may (chains may still belong to undo).
//
// For a tree that nobody changes meanwhile.
#pragma once

#include <cstdint>
#include <functional>

#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/page_reader.h"
#include "core/storage/space_check.h"

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

// Called with every record of the leaves, in order.
using VisitRecord = std::function<Status(const RecordView& record)>;

// Code::corruption, with page and what is wrong, at the first thing found; or what `visit` (may be
// empty) answers. `map` is that of the tree's space.
[[nodiscard]] Result<TreeReport> check_tree(PageReader& reader, const SpaceMap& map,
                                            const TreeRoot& root, const VisitRecord& visit = {});
// The same, and the ledger of the space first, of a store that is open.
[[nodiscard]] Result<TreeReport> check_tree(PageStore& store, const TreeRoot& root);

}  // namespace aftersync::storage
