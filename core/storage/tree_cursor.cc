// TreeCursor: descents that remember fences, and the copy.
#include "core/storage/tree_cursor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault.h"
#include "core/base/probe.h"

namespace aftersync::storage {

namespace f = index_format;

TreeCursor::TreeCursor(BTree& tree) : tree_(tree), copy_(std::make_unique<char[]>(kPageBytes)) {}

RecordView TreeCursor::record() const {
  CHECK(on_record());
  return copy().record(static_cast<uint16_t>(slot_));
}

// Copies the leaf that `choose` leads to, and the fences met on the way: of each side the lowest
// node that has one, as it is the tightest.
template <typename Choose>
Status TreeCursor::load(Choose&& choose) {
  slot_ = -1;
  count_ = 0;
  low_.present = false;
  high_.present = false;
  const PinBudget budget(tree_.store_.pool(), kReadPins);
  const auto leaf = tree_.descend(0, Latch::shared, [&](const SlottedPage& node) {
    const uint16_t slot = choose(node);
    if (slot > 0 && slot < node.slots()) {
      low_.key = node.key(slot);
      low_.present = true;
    }
    if (slot + 1 < node.slots()) {
      high_.key = node.key(static_cast<uint16_t>(slot + 1));
      high_.present = true;
    }
    return slot;
  });
  if (!leaf.ok()) return leaf.status();
  copy_leaf(leaf.value().bytes());
  return {};
}

// What lies between heap and slots is of no use.
void TreeCursor::copy_leaf(const char* page) {
  const SlottedPage view(page);
  const size_t slots_at = kPageTrailerAt - view.slots() * f::kSlotBytes;
  std::memcpy(copy_.get(), page, slots_at - view.contiguous_free());
  std::memcpy(copy_.get() + slots_at, page + slots_at, kPageTrailerAt - slots_at);
  count_ = view.slots();
}

Status TreeCursor::load_at(std::string_view key) {
  return load([key](const SlottedPage& node) { return node.child_slot(key); });
}

Status TreeCursor::load_before(std::string_view key) {
  return load([key](const SlottedPage& node) { return node.child_slot_before(key); });
}

Result<bool> TreeCursor::seek(std::string_view key, Seek mode) {
  if (mode == Seek::before) {
    RETURN_IF_ERROR(load_before(key));
    return backward_from(copy().lower_bound(key).slot - 1);
  }
  RETURN_IF_ERROR(load_at(key));
  const SlottedPage::Found found = copy().lower_bound(key);
  switch (mode) {
    case Seek::at_or_after: return forward_from(found.slot);
    case Seek::after: return forward_from(found.slot + (found.exact ? 1 : 0));
    default: return backward_from(found.exact ? found.slot : found.slot - 1);
  }
}

Result<bool> TreeCursor::first() {
  RETURN_IF_ERROR(load([](const SlottedPage&) { return uint16_t{0}; }));
  return forward_from(0);
}

Result<bool> TreeCursor::last() {
  RETURN_IF_ERROR(load([](const SlottedPage& node) {
    return static_cast<uint16_t>(std::max<int>(node.slots(), 1) - 1);
  }));
  return backward_from(count_ - 1);
}

// On to the record in `slot`, or the first one behind this leaf.
Result<bool> TreeCursor::forward_from(int slot) {
  slot_ = slot;
  while (slot_ >= count_ && high_.present) {
    target_.swap(high_.key);
    RETURN_IF_ERROR(load_at(target_));
    // Not always its first record: the leaf may have been merged with what stood before it.
    slot_ = copy().lower_bound(target_).slot;
    if (slot_ > 0) PROBE("cursor: went on in the middle of a merged leaf");
  }
  slot_ = std::min(slot_, count_);
  return slot_ < count_;
}

// The mirror image: everything below the low fence.
Result<bool> TreeCursor::backward_from(int slot) {
  slot_ = slot;
  while (slot_ < 0 && low_.present) {
    if (AFTERSYNC_FAULT("bug/cursor-skips") && copy().prev() != kNoPage) {
      RETURN_IF_ERROR(load_remembered_link());
      slot_ = count_ - 1;
      continue;
    }
    target_.swap(low_.key);
    RETURN_IF_ERROR(load_before(target_));
    slot_ = copy().lower_bound(target_).slot - 1;
    if (slot_ + 1 < count_) PROBE("cursor: went back into a merged leaf");
  }
  slot_ = std::max(slot_, -1);
  return slot_ >= 0;
}

Result<bool> TreeCursor::next_leaf() { return forward_from(slot_ + 1); }
Result<bool> TreeCursor::previous_leaf() { return backward_from(slot_ - 1); }

// The planted bug: the page that was the left neighbour when the copy was made. It may have been
// split since; what moved to its right half is skipped. (A page that has been freed is passed over
// without harm, so that the only wrong is the one planted.)
Status TreeCursor::load_remembered_link() {
  const PageNo no = copy().prev();
  {
    const PinBudget budget(tree_.store_.pool(), kReadPins);
    const auto left = tree_.store_.pool().fetch(tree_.page(no), Latch::shared, PageType::index);
    if (!left.ok()) return left.status();
    copy_leaf(left.value().bytes());
  }
  if (count_ > 0) {
    low_.key = copy().key(0);
    low_.present = copy().prev() != kNoPage;
  }
  return {};
}

}  // namespace aftersync::storage
