// BTree: merges, one pair of nodes a mini-transaction.
#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/btree.h"
#include "core/storage/btree_shape.h"
#include "core/storage/index_ops.h"

namespace aftersync::storage {

namespace f = index_format;

// After a change that has left little in the leaf for `key`. Whatever stops it (a full device, a
// page that cannot be read) will be met again by somebody who has to be told.
void BTree::merge_up(std::string_view key) {
  for (uint16_t level = 0;; ++level) {
    const auto outcome = merge_at(key, level);
    if (!outcome.ok() || outcome.value() != Outcome::done) return;
  }
}

// Joins the node for `key` on `level` with a neighbour under the same parent. `done`: the parent
// has become small itself and should be looked at.
Result<BTree::Outcome> BTree::merge_at(std::string_view key, uint16_t level) {
  {
    Mtr mtr(store_, kLargeMtr);
    RETURN_IF_ERROR(mtr.ready());
    auto held = descend(static_cast<uint16_t>(level + 1), Latch::exclusive,
                        [key](const SlottedPage& node) { return node.child_slot(key); });
    if (!held.ok()) return held.status();
    if (!held.value()) return Outcome::nothing;
    Frame* const parent = mtr.adopt(std::move(held.value()));
    const SlottedPage above(parent->bytes());
    const size_t used = above.used();
    const uint16_t slot = above.child_slot(key);
    Outcome outcome = Outcome::nothing;
    if (slot > 0) {
      ASSIGN_OR_RETURN(outcome, merge_children(mtr, parent, static_cast<uint16_t>(slot - 1)));
    }
    if (outcome == Outcome::nothing && slot + 1 < above.slots()) {
      ASSIGN_OR_RETURN(outcome, merge_children(mtr, parent, slot));
    }
    if (outcome == Outcome::nothing) return outcome;
    const bool is_root = parent->id().page == root_.root;
    const bool single = above.slots() == 1;
    const bool again = btree_shape::wants_merge(used, above.used());
    mtr.commit();
    if (!is_root) return again ? Outcome::done : Outcome::nothing;
    if (!single) return Outcome::nothing;
  }
  RETURN_IF_ERROR(shrink_root());
  return Outcome::nothing;
}

// Moves all records of the child right of `left_slot` to that one's, if they fit. Does not commit.
Result<BTree::Outcome> BTree::merge_children(Mtr& mtr, Frame* parent, uint16_t left_slot) {
  const SlottedPage above(parent->bytes());
  const auto right_slot = static_cast<uint16_t>(left_slot + 1);
  ASSIGN_OR_RETURN(Frame* const left,
                   mtr.fetch(page(above.child(left_slot)), Latch::exclusive, PageType::index));
  ASSIGN_OR_RETURN(Frame* const right,
                   mtr.fetch(page(above.child(right_slot)), Latch::exclusive, PageType::index));
  const SlottedPage to(left->bytes());
  const SlottedPage from(right->bytes());
  const PageNo after = from.next();
  if (!btree_shape::should_merge(to.used(), from.used())) {
    mtr.release(right);
    mtr.release(left);
    return Outcome::nothing;
  }
  if (to.level() + 1 != above.level() || from.level() != to.level() ||
      to.next() != right->id().page) {
    return damaged(left->id().page, "neighbours that are not linked");
  }
  Frame* beyond = nullptr;
  if (after != kNoPage) {
    ASSIGN_OR_RETURN(beyond, mtr.fetch(page(after), Latch::exclusive, PageType::index));
  }
  SpaceAllocator allocator(store_);
  const SegmentNo segment = segment_of(to.level());
  RETURN_IF_ERROR(allocator.prepare(mtr, root_.space, segment));
  index_ops::CopyIn moved(to.slots());
  moved.add(from, 0, from.slots());
  // The page first: it is the one step that may still fail, and then nothing has changed.
  RETURN_IF_ERROR(allocator.free(mtr, segment, right));
  PROBE("btree: merge");
  if (moved.count() > 0) index_ops::copy_in(mtr, left, moved);
  index_ops::set_links(mtr, left, to.prev(), after);
  if (beyond != nullptr) {
    index_ops::set_links(mtr, beyond, left->id().page, SlottedPage(beyond->bytes()).next());
  }
  index_ops::erase(mtr, parent, right_slot);
  return Outcome::done;
}

// A root with one child takes that child's records, until it has more than one or is a leaf.
Status BTree::shrink_root() {
  while (true) {
    Mtr mtr(store_, kLargeMtr);
    RETURN_IF_ERROR(mtr.ready());
    ASSIGN_OR_RETURN(Frame* const root,
                     mtr.fetch(page(root_.root), Latch::exclusive, PageType::index));
    const SlottedPage top(root->bytes());
    if (top.level() == 0 || top.slots() != 1) return {};
    ASSIGN_OR_RETURN(Frame* const child,
                     mtr.fetch(page(top.child(0)), Latch::exclusive, PageType::index));
    const SlottedPage page(child->bytes());
    const uint16_t level = page.level();
    if (level + 1 != top.level()) return damaged(child->id().page, "not the root's child");
    SpaceAllocator allocator(store_);
    RETURN_IF_ERROR(allocator.prepare(mtr, root_.space, segment_of(level)));
    index_ops::CopyIn records(0);
    records.add(page, 0, page.slots());
    RETURN_IF_ERROR(allocator.free(mtr, segment_of(level), child));
    PROBE("btree: the root shrank");
    index_ops::init(mtr, root, root_.index, level);
    if (records.count() > 0) index_ops::copy_in(mtr, root, records);
    mtr.commit();
  }
}

}  // namespace aftersync::storage
