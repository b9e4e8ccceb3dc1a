// SlottedPage::check: everything about an index page that can be judged from the page alone. It
// believes nothing: each offset is checked before it is followed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/base/limits.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage {

namespace f = index_format;
using index_internal::common_prefix;
using index_internal::load_slot;
using index_internal::record_bytes;
using index_internal::Slot;
using index_internal::slot_at;

namespace {

constexpr size_t kMaxSlots = f::kUsableBytes / (f::kSlotBytes + f::kRecordHeaderBytes);

Status damaged(const std::string& what) { return {Code::corruption, "index page: " + what}; }

std::string slot_text(uint16_t slot) { return "slot " + std::to_string(slot) + ": "; }

struct Extent {
  uint16_t begin;
  uint16_t end;
};

// Whether any two of the heap's records share a byte, and how many bytes they take together.
Status check_extents(const char* page, uint16_t slots, size_t heap_end, size_t garbage) {
  std::array<Extent, kMaxSlots> extents;
  size_t total = 0;
  for (uint16_t slot = 0; slot < slots; ++slot) {
    const Slot at = load_slot(page, slot);
    const size_t bytes = record_bytes(at.key_length, load_be<uint16_t>(page + at.offset + 1));
    extents[slot] = {at.offset, static_cast<uint16_t>(at.offset + bytes)};
    total += bytes;
  }
  std::sort(extents.begin(), extents.begin() + slots,
            [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  for (uint16_t i = 1; i < slots; ++i) {
    if (extents[i].begin < extents[i - 1].end) {
      return damaged("records overlap at offset " + std::to_string(extents[i].begin));
    }
  }
  if (total + garbage != heap_end - f::kHeapAt) {
    return damaged("heap of " + std::to_string(heap_end - f::kHeapAt) + " bytes, expected " +
                   std::to_string(total) + " in records and " + std::to_string(garbage) +
                   " of garbage");
  }
  return {};
}

}  // namespace

Status SlottedPage::check_header() const {
  if (type_of(page_) != PageType::index) return damaged("another page type");
  if (static_cast<uint8_t>(page_[kPageVersionAt]) != f::kVersion) {
    return {Code::unsupported, "index page: format version " +
                                   std::to_string(static_cast<uint8_t>(page_[kPageVersionAt]))};
  }
  const size_t heap_end = u16(f::kHeapEndAt);
  if (slots() > kMaxSlots) return damaged(std::to_string(slots()) + " slots");
  if (heap_end < f::kHeapAt || heap_end > slot_at(slots()) + f::kSlotBytes) {
    return damaged("heap end at " + std::to_string(heap_end));
  }
  if (u16(f::kGarbageAt) > heap_end - f::kHeapAt) return damaged("more garbage than heap");
  if (last_insert() != f::kNoSlot && last_insert() >= std::max<size_t>(slots(), 1)) {
    return damaged("last insert in slot " + std::to_string(last_insert()));
  }
  return {};
}

bool SlottedPage::record_is_sound(uint16_t slot) const {
  const Slot at = load_slot(page_, slot);
  const size_t heap_end = u16(f::kHeapEndAt);
  if (at.offset < f::kHeapAt || at.offset + record_bytes(at.key_length, 0) > heap_end) return false;
  const size_t value_bytes = load_be<uint16_t>(page_ + at.offset + 1);
  return at.offset + record_bytes(at.key_length, value_bytes) <= heap_end;
}

Status SlottedPage::check_record(uint16_t slot, std::string_view shared) const {
  if (!record_is_sound(slot)) return damaged(slot_text(slot) + "record outside the heap");
  const Slot at = load_slot(page_, slot);
  const RecordView r = record(slot);
  if (r.key.size() + r.value.size() > f::kMaxRecordBytes || r.key.size() > limits::kMaxKeyBytes) {
    return damaged(slot_text(slot) + "record too large");
  }
  if ((r.flags & ~f::kKnownFlags) != 0) return damaged(slot_text(slot) + "unknown flags");
  if (level() > 0 && r.value.size() != f::kChildBytes) {
    return damaged(slot_text(slot) + "not a child pointer");
  }
  if (r.key.empty()) {
    if (slot != 0 || level() == 0) return damaged(slot_text(slot) + "empty key");
    return at.hint == 0 ? Status() : damaged(slot_text(slot) + "hint of an empty key");
  }
  if (!r.key.starts_with(shared)) return damaged(slot_text(slot) + "key without the page's prefix");
  if (at.hint != index_internal::hint_of(r.key.substr(shared.size()))) {
    return damaged(slot_text(slot) + "hint does not match the key");
  }
  return {};
}

Status SlottedPage::check() const {
  RETURN_IF_ERROR(check_header());
  if (level() > 0 && slots() == 0) return damaged("an inner node without children");
  std::string_view shared;
  for (uint16_t slot = 0; slot < slots(); ++slot) {
    // The first key that is not empty says what the prefix is; check_record judges its bounds.
    const Slot at = load_slot(page_, slot);
    if (shared.empty() && at.key_length > 0) {
      if (prefix() > at.key_length) return damaged(slot_text(slot) + "shorter than the prefix");
      const size_t begin = at.offset + f::kRecordHeaderBytes;
      if (begin + prefix() > kPageTrailerAt) {
        return damaged(slot_text(slot) + "record outside the heap");
      }
      shared = {page_ + begin, prefix()};
    }
    RETURN_IF_ERROR(check_record(slot, shared));
    if (slot > 0 && key(static_cast<uint16_t>(slot - 1)) >= key(slot)) {
      return damaged(slot_text(slot) + "key not greater than the one before");
    }
  }
  if (shared.size() != prefix()) return damaged("a prefix and no keys");
  return check_extents(page_, slots(), u16(f::kHeapEndAt), u16(f::kGarbageAt));
}

}  // namespace aftersync::storage
