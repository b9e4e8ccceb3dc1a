// Where a node is cut in two, and when two are joined.
#include "core/storage/btree_shape.h"

#include <algorithm>

#include "core/base/check.h"

namespace aftersync::storage::btree_shape {

bool wants_merge(size_t before, size_t after) {
  if (after >= before || after >= kMergeBelow) return false;
  return after == 0 || before >= kMergeBelow || before / kMergeMark != after / kMergeMark;
}

bool should_merge(size_t left, size_t right) {
  const size_t smaller = std::min(left, right);
  return smaller == 0 || (smaller < kMergeBelow && left + right <= kMergedAtMost);
}

std::string_view shortest_separator(std::string_view left, std::string_view right) {
  const size_t shared = index_internal::common_prefix(left, right);
  CHECK_LT(shared, right.size());
  return right.substr(0, shared + 1);
}

namespace {

// The most records from the front that take no more than `bytes`.
uint16_t slots_within(const SlottedPage& node, size_t bytes) {
  size_t total = 0;
  for (uint16_t slot = 0; slot < node.slots(); ++slot) {
    total += node.footprint(slot);
    if (total > bytes) return slot;
  }
  return node.slots();
}

enum class Pattern : uint8_t { random, ascending, descending };

Pattern pattern_of(const SlottedPage& node, SlottedPage::Found at) {
  if (at.exact) return Pattern::random;
  const bool follows = node.last_insert() != index_format::kNoSlot;
  if (at.slot == node.slots() && node.next() == kNoPage) return Pattern::ascending;
  if (follows && at.slot == node.last_insert() + 1 && node.run() >= kRunThatCounts) {
    return Pattern::ascending;
  }
  if (at.slot == 0 && node.prev() == kNoPage) return Pattern::descending;
  if (follows && at.slot == node.last_insert() && node.run() <= -kRunThatCounts) {
    return Pattern::descending;
  }
  return Pattern::random;
}

uint16_t cut_slot(const SlottedPage& node, SlottedPage::Found at) {
  const size_t used = node.used();
  switch (pattern_of(node, at)) {
    case Pattern::ascending: return std::min(at.slot, slots_within(node, kSequentialFill));
    case Pattern::descending: {
      const size_t goes_left = used - std::min(used, kSequentialFill);
      return std::max(at.slot, static_cast<uint16_t>(slots_within(node, goes_left) + 1));
    }
    default: return slots_within(node, used / 2);
  }
}

}  // namespace

Cut choose_cut(const SlottedPage& node, std::string_view key) {
  const uint16_t count = node.slots();
  CHECK_GE(count, 2);
  const SlottedPage::Found at = node.lower_bound(key);
  const auto last = static_cast<uint16_t>(count - 1);
  const uint16_t slot = std::clamp(cut_slot(node, at), uint16_t{1}, last);
  std::string_view below = node.key(static_cast<uint16_t>(slot - 1));
  const std::string_view above = node.key(slot);
  if (!node.is_leaf()) return {slot, std::string(above)};
  // A key that falls on the cut goes to the left node, where it is the last: the run goes on there.
  if (at.slot == slot && !at.exact) below = key;
  return {slot, std::string(shortest_separator(below, above))};
}

}  // namespace aftersync::storage::btree_shape
