// Searching an index page. Most of it is waiting for memory, and most of the rest branches that
// are predicted wrongly. So all lines of a leaf's slots are asked for at once; the search by hints
// has no branch that depends on what it finds; and the common prefix is compared once, at the end,
// with a record that is needed anyway.
#include "core/storage/slotted_page.h"

#include <algorithm>

namespace aftersync::storage {

using index_internal::hint_of;
using index_internal::load_slot;

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

namespace {

constexpr size_t kLineBytes = 64;
// Of a node with more slots than this, an inner one, the lines are in the cache, or too many.
constexpr size_t kPrefetchSlots = 256;

// A search probes slots all over, each probe waiting for the one before; fetched together, their
// cache lines cost little more than one.
void prefetch_slots(const char* page, size_t count) {
  if (count > kPrefetchSlots) return;
  for (size_t at = index_internal::slot_at(count); at < kPageTrailerAt; at += kLineBytes) {
    __builtin_prefetch(page + at);
  }
}

uint32_t load_hint(const char* page, size_t slot) {
  return load_be<uint32_t>(page + index_internal::slot_at(slot));
}

// The first slot in [low, high) whose hint is not below `hint`. Without a branch that depends on
// what is found: half of them would be predicted wrongly.
uint16_t first_not_below(const char* page, uint16_t low, uint16_t high, uint32_t hint) {
  size_t base = low;
  size_t count = high - low;
  while (count > 1) {
    const size_t half = count / 2;
    base = load_hint(page, base + half - 1) < hint ? base + half : base;
    count -= half;
  }
  return static_cast<uint16_t>(count == 1 && load_hint(page, base) < hint ? base + 1 : base);
}

// Among slots [low, high) whose hints are those of `rest`.
SlottedPage::Found find_among_equals(const SlottedPage& page, uint16_t low, uint16_t high,
                                     size_t prefix_bytes, std::string_view rest) {
  while (low < high) {
    const auto middle = static_cast<uint16_t>((low + high) / 2);
    const std::string_view met = page.key(middle);
    const int order = met.substr(std::min(prefix_bytes, met.size())).compare(rest);
    if (order == 0) return {middle, true};
    if (order < 0) {
      low = static_cast<uint16_t>(middle + 1);
    } else {
      high = middle;
    }
  }
  return {low, false};
}

// Among the slots [low, high), by what follows the prefix. `bytes` are those of `page`.
SlottedPage::Found find_rest(const SlottedPage& page, const char* bytes, uint16_t low,
                             uint16_t high, size_t prefix_bytes, std::string_view rest) {
  const uint32_t hint = hint_of(rest);
  low = first_not_below(bytes, low, high, hint);
  if (low == high || load_hint(bytes, low) != hint) return {low, false};
  // Mostly there is one record with this hint; else there may be many.
  if (low + 1 == high || load_hint(bytes, low + 1) != hint) {
    high = static_cast<uint16_t>(low + 1);
  } else if (hint != UINT32_MAX) {
    high = first_not_below(bytes, low, high, hint + 1);
  }
  return find_among_equals(page, low, high, prefix_bytes, rest);
}

}  // namespace

// The keys in [first, slots) share the page's prefix, except an empty one in slot 0. The search
// supposes that `key` has it too, and finds its place by hints; where hints are equal, by what
// follows the prefix. Then a record near that place, which the caller needs anyway, tells whether
// the supposition was right; if not, `key` stands before all of them or behind.
SlottedPage::Found SlottedPage::lower_bound_from(uint16_t first, std::string_view key) const {
  const uint16_t count = slots();
  CHECK(count <= index_format::kUsableBytes / index_format::kSlotBytes);
  prefetch_slots(page_, count);
  uint16_t low = std::min(first, count);
  if (low < count && load_slot(page_, low).key_length == 0) {
    if (key.empty()) return {low, true};
    ++low;
  }
  if (low == count) return {low, false};
  const size_t prefix_bytes = prefix();
  const std::string_view rest = key.substr(std::min(prefix_bytes, key.size()));
  const Found found = find_rest(*this, page_, low, count, prefix_bytes, rest);
  if (prefix_bytes == 0) return found;
  // In an inner node the search ends behind the child that is to be followed.
  const bool before = found.slot == count || (first > 0 && !found.exact && found.slot > low);
  const std::string_view near = this->key(static_cast<uint16_t>(found.slot - (before ? 1 : 0)));
  const int order = key.substr(0, prefix_bytes).compare(near.substr(0, prefix_bytes));
  if (order == 0) return found;
  return {order < 0 ? low : count, false};
}

}  // namespace aftersync::storage
