// Searching an index page.
#include "core/storage/slotted_page.h"

#include <algorithm>

namespace aftersync::storage {

using index_internal::hint_of;
using index_internal::load_slot;
using index_internal::Slot;

size_t index_internal::common_prefix(std::string_view a, std::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  size_t n = 0;
  while (n < limit && a[n] == b[n]) ++n;
  return n;
}

PageNo SlottedPage::child(uint16_t slot) const {
  const RecordView r = record(slot);
  CHECK_EQ(r.value.size(), index_format::kChildBytes);
  return PageNo(load_be<uint32_t>(r.value.data()));
}

// The keys in [first, slots) share the page's prefix, except an empty one in slot 0. So the prefix
// decides alone for a key that does not have it; for one that has, hints and then remainders do.
SlottedPage::Found SlottedPage::lower_bound_from(uint16_t first, std::string_view key) const {
  const uint16_t count = slots();
  CHECK(count <= index_format::kUsableBytes / index_format::kSlotBytes);
  uint16_t low = std::min(first, count);
  uint16_t high = count;
  if (low < high && load_slot(page_, low).key_length == 0) {
    if (key.empty()) return {low, true};
    ++low;
  }
  if (low == high) return {low, false};
  const size_t prefix_bytes = prefix();
  if (prefix_bytes > 0) {
    const std::string_view shared = this->key(low).substr(0, prefix_bytes);
    const int order = key.substr(0, prefix_bytes).compare(shared);
    if (order < 0) return {low, false};
    if (order > 0) return {high, false};
    key.remove_prefix(prefix_bytes);
  }
  const uint32_t hint = hint_of(key);
  while (low < high) {
    const auto middle = static_cast<uint16_t>((low + high) / 2);
    const Slot at = load_slot(page_, middle);
    int order = at.hint < hint ? -1 : 1;
    if (at.hint == hint) {
      order = key_at(at).substr(std::min<size_t>(prefix_bytes, at.key_length)).compare(key);
      if (order == 0) return {middle, true};
    }
    if (order < 0) {
      low = static_cast<uint16_t>(middle + 1);
    } else {
      high = middle;
    }
  }
  return {low, false};
}

}  // namespace aftersync::storage
