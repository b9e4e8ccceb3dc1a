// BTree: splits, one node a mini-transaction.
#include <array>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/btree.h"
#include "core/storage/btree_shape.h"
#include "core/storage/index_ops.h"

namespace aftersync::storage {

namespace f = index_format;

// Splits what has to be split until the leaf for `key` has `bytes` free, or has been changed by
// somebody else meanwhile. From the leaf up to the first node with a parent that has room, then
// again from the leaf.
Status BTree::make_room(std::string_view key, size_t bytes) {
  uint16_t level = 0;
  Need need{bytes, 0};
  while (true) {
    ASSIGN_OR_RETURN(const Outcome outcome, split_at(key, level, need));
    if (outcome == Outcome::parent_full) {
      ++level;
      need = {need.in_parent, 0};
      continue;
    }
    if (level == 0) return {};
    level = 0;
    need = {bytes, 0};
  }
}

Result<BTree::Outcome> BTree::split_at(std::string_view key, uint16_t level, Need& need) {
  const std::array<SegmentNeed, 1> needs{SegmentNeed{segment_of(level), 1}};
  ASSIGN_OR_RETURN(SpaceReservation reservation,
                   SpaceAllocator(store_).reserve(root_.space, needs));
  Mtr mtr(store_, kLargeMtr);
  RETURN_IF_ERROR(mtr.ready());
  const auto choose = [key](const SlottedPage& node) { return node.child_slot(key); };
  auto parent = descend(static_cast<uint16_t>(level + 1), Latch::exclusive, choose);
  if (!parent.ok()) return parent.status();
  if (parent.value()) {
    return split_child(mtr, mtr.adopt(std::move(parent.value())), key, need, reservation);
  }
  auto root = descend(level, Latch::exclusive, choose);
  if (!root.ok()) return root.status();
  // Neither is there when the tree has just lost a level.
  if (!root.value() || root.value().page_no() != root_.root) return Outcome::nothing;
  return grow_root(mtr, mtr.adopt(std::move(root.value())), need, reservation);
}

// Moves the root's records to a new page, its only child, which can then be split.
Result<BTree::Outcome> BTree::grow_root(Mtr& mtr, Frame* root, const Need& need,
                                        SpaceReservation& reservation) {
  const SlottedPage page(root->bytes());
  const uint16_t level = page.level();
  if (page.total_free() >= need.here) return Outcome::nothing;
  index_ops::CopyIn records(0);
  records.add(page, 0, page.slots());
  ASSIGN_OR_RETURN(Frame* const child,
                   SpaceAllocator(store_).allocate(mtr, root_.space, segment_of(level), root_.root,
                                                   reservation));
  PROBE("btree: the root grew");
  mtr.init_page(child, PageType::index, f::kVersion);
  index_ops::init(mtr, child, root_.index, level);
  index_ops::copy_in(mtr, child, records);
  index_ops::init(mtr, root, root_.index, static_cast<uint16_t>(level + 1));
  char number[f::kChildBytes];
  store_be(number, child->id().page.value());
  index_ops::insert(mtr, root, 0, "", {number, sizeof number}, 0);
  mtr.commit();
  return Outcome::done;
}

// `parent` is held exclusively. All that can fail comes before the first change: the pages to the
// right and the allocator's. Readers that wait for the node find it whole, and reach the other half
// through the parent only, which they cannot have passed before.
Result<BTree::Outcome> BTree::split_child(Mtr& mtr, Frame* parent, std::string_view key, Need& need,
                                          SpaceReservation& reservation) {
  const SlottedPage above(parent->bytes());
  const uint16_t slot = above.child_slot(key);
  if (slot >= above.slots()) return damaged(parent->id().page, "an inner node without children");
  const PageNo no = above.child(slot);
  ASSIGN_OR_RETURN(Frame* const node, mtr.fetch(page(no), Latch::exclusive, PageType::index));
  const SlottedPage view(node->bytes());
  const uint16_t level = view.level();
  if (level + 1 != above.level()) return damaged(no, "a level that its parent does not expect");
  if (view.total_free() >= need.here || view.slots() < 2) return Outcome::nothing;

  const btree_shape::Cut cut = btree_shape::choose_cut(view, key);
  need.in_parent =
      index_internal::record_bytes(cut.separator.size(), f::kChildBytes) + f::kSlotBytes;
  if (above.total_free() < need.in_parent) return Outcome::parent_full;
  Frame* right = nullptr;
  if (view.next() != kNoPage) {
    ASSIGN_OR_RETURN(right, mtr.fetch(page(view.next()), Latch::exclusive, PageType::index));
  }
  index_ops::CopyIn moved(0);
  moved.add(view, cut.slot, view.slots());
  ASSIGN_OR_RETURN(Frame* const made, SpaceAllocator(store_).allocate(
                                          mtr, root_.space, segment_of(level), no, reservation));

  PROBE("btree: split");
  const PageNo made_no = made->id().page;
  mtr.init_page(made, PageType::index, f::kVersion);
  index_ops::init(mtr, made, root_.index, level);
  index_ops::copy_in(mtr, made, moved);
  index_ops::set_links(mtr, made, no, view.next());
  if (right != nullptr) {
    index_ops::set_links(mtr, right, made_no, SlottedPage(right->bytes()).next());
  }
  index_ops::truncate(mtr, node, cut.slot);
  index_ops::set_links(mtr, node, view.prev(), made_no);
  char number[f::kChildBytes];
  store_be(number, made_no.value());
  index_ops::insert(mtr, parent, static_cast<uint16_t>(slot + 1), cut.separator,
                    {number, sizeof number}, 0);
  mtr.commit();
  return Outcome::done;
}

}  // namespace aftersync::storage
