// BulkLoader: one new last leaf at a time.
#include "core/storage/bulk_load.h"

#include <array>
#include <utility>

#include "core/base/limits.h"
#include "core/storage/btree_shape.h"

namespace aftersync::storage {

namespace f = index_format;

namespace {

uint16_t last_slot(const SlottedPage& node) {
  return static_cast<uint16_t>(node.slots() == 0 ? 0 : node.slots() - 1);
}

}  // namespace

Status BulkLoader::add(std::string_view key, std::string_view value, uint8_t flags) {
  if (key.empty() || key.size() > limits::kMaxKeyBytes) {
    return {Code::invalid_argument, "a key of " + std::to_string(key.size()) + " bytes"};
  }
  if (key.size() + value.size() > f::kMaxRecordBytes) {
    return {Code::too_large, "a record of " + std::to_string(key.size() + value.size()) + " bytes"};
  }
  if (records_ > 0 && key <= last_key_) {
    if (key == last_key_) return {Code::duplicate_key, "bulk load: a key comes twice"};
    return {Code::invalid_argument, "bulk load: keys do not ascend"};
  }
  const size_t bytes = index_internal::record_bytes(key.size(), value.size()) + f::kSlotBytes;
  if (pending_.count() > 0 && pending_.footprint() + bytes > btree_shape::kSequentialFill) {
    RETURN_IF_ERROR(append_leaf());
  }
  if (pending_.count() == 0) first_key_ = key;
  pending_.add(key, value, flags);
  last_key_ = key;
  ++records_;
  return {};
}

Result<Lsn> BulkLoader::finish() {
  if (pending_.count() > 0) RETURN_IF_ERROR(append_leaf());
  return end_;
}

Status BulkLoader::append_leaf() {
  while (true) {
    ASSIGN_OR_RETURN(const Outcome outcome, try_append());
    if (outcome == Outcome::done) break;
    // Only now, as the mini-transaction that found it out is over.
    if (outcome == Outcome::parent_full) RETURN_IF_ERROR(make_room_above());
  }
  pending_ = index_ops::CopyIn(0);
  return {};
}

// Splits one node: the parent that had no room, or the first above it whose own parent has some.
// Whoever appends tries again, and comes back if that was not enough.
Status BulkLoader::make_room_above() {
  BTree::Need need{parent_needs_, 0};
  for (uint16_t level = 1;; ++level) {
    ASSIGN_OR_RETURN(const BTree::Outcome outcome, tree_.split_at(first_key_, level, need));
    if (outcome != BTree::Outcome::parent_full) return {};
    need = {need.in_parent, 0};
  }
}

Result<BulkLoader::Outcome> BulkLoader::try_append() {
  const std::array<SegmentNeed, 1> need{SegmentNeed{tree_.root_.leaves, 1}};
  SpaceAllocator allocator(tree_.store_);
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve(tree_.root_.space, need));
  Mtr mtr(tree_.store_, kLargeMtr);
  RETURN_IF_ERROR(mtr.ready());
  auto parent = tree_.descend(1, Latch::exclusive, last_slot);
  if (!parent.ok()) return parent.status();
  if (parent.value()) {
    return append_child(mtr, mtr.adopt(std::move(parent.value())), reservation);
  }
  auto root = tree_.descend(0, Latch::exclusive, last_slot);
  if (!root.ok()) return root.status();
  if (!root.value() || root.value().page_no() != tree_.root_.root) return Outcome::again;
  Frame* const leaf = mtr.adopt(std::move(root.value()));
  if (SlottedPage(leaf->bytes()).slots() == 0) return fill_empty(mtr, leaf);
  RETURN_IF_ERROR(tree_.grow_root(mtr, leaf, {f::kUsableBytes, 0}, reservation).status());
  return Outcome::again;
}

Result<BulkLoader::Outcome> BulkLoader::fill_empty(Mtr& mtr, Frame* leaf) {
  index_ops::copy_in(mtr, leaf, pending_);
  end_ = mtr.commit();
  return Outcome::done;
}

// `fence`: the key by which the parent knows the leaf; empty in the first leaf of all.
Status BulkLoader::check_order(const SlottedPage& last_leaf, std::string_view fence) const {
  const bool is_empty = last_leaf.slots() == 0;
  const std::string_view last = is_empty ? fence : last_leaf.key(last_slot(last_leaf));
  if (first_key_ > last || (is_empty && first_key_ == last)) return {};
  if (first_key_ == last) return {Code::duplicate_key, "bulk load: a key is in the tree already"};
  return {Code::invalid_argument, "bulk load: a key before the end of the tree"};
}

Result<BulkLoader::Outcome> BulkLoader::append_child(Mtr& mtr, Frame* parent,
                                                     SpaceReservation& reservation) {
  const SlottedPage above(parent->bytes());
  if (above.slots() == 0) return tree_.damaged(parent->id().page, "no children");
  const PageNo last_no = above.child(last_slot(above));
  ASSIGN_OR_RETURN(Frame* const last,
                   mtr.fetch(tree_.page(last_no), Latch::exclusive, PageType::index));
  const SlottedPage leaf(last->bytes());
  RETURN_IF_ERROR(check_order(leaf, above.key(last_slot(above))));
  if (leaf.slots() == 0) return fill_empty(mtr, last);
  const std::string separator(
      btree_shape::shortest_separator(leaf.key(last_slot(leaf)), first_key_));
  parent_needs_ = index_internal::record_bytes(separator.size(), f::kChildBytes) + f::kSlotBytes;
  if (above.total_free() < parent_needs_) return Outcome::parent_full;
  ASSIGN_OR_RETURN(Frame* const made,
                   SpaceAllocator(tree_.store_)
                       .allocate(mtr, tree_.root_.space, tree_.root_.leaves, last_no, reservation));
  mtr.init_page(made, PageType::index, f::kVersion);
  index_ops::init(mtr, made, tree_.root_.index, 0);
  index_ops::copy_in(mtr, made, pending_);
  index_ops::set_links(mtr, made, last_no, kNoPage);
  index_ops::set_links(mtr, last, leaf.prev(), made->id().page);
  char number[f::kChildBytes];
  store_be(number, made->id().page.value());
  index_ops::insert(mtr, parent, above.slots(), separator, {number, sizeof number}, 0);
  end_ = mtr.commit();
  return Outcome::done;
}

}  // namespace aftersync::storage
