// Index pages: reading and searching one. Layout: index_page_format.h; changes: index_ops.h.
//
// Everything here is about a single page in memory: no latches, no redo, no allocation. A search is
// most of what a point lookup costs, so it is built around cache lines: it probes 8-byte slots, of
// which eight share a line, and compares their 4-byte hints as integers; it goes to a record in the
// heap only when two hints are equal, which with the common prefix taken off is nearly always the
// record that was sought.
//
// A page that has passed its checksum is trusted to be well formed, up to one check: no accessor
// follows an offset out of the page. check() is for those who do not trust it: the structure
// checker, the tests, and programs that judge files.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/index_page_format.h"

namespace aftersync::storage {

struct RecordView {
  std::string_view key;
  std::string_view value;  // what is in the page; see is_overflow
  uint8_t flags = 0;

  [[nodiscard]] bool is_delete_marked() const { return (flags & index_format::kDeleteMark) != 0; }
  [[nodiscard]] bool is_overflow() const { return (flags & index_format::kOverflow) != 0; }
};

namespace index_internal {

struct Slot {
  uint32_t hint;
  uint16_t offset;
  uint16_t key_length;
};

[[nodiscard]] constexpr size_t slot_at(size_t slot) {
  return kPageTrailerAt - index_format::kSlotBytes * (slot + 1);
}
[[nodiscard]] inline Slot load_slot(const char* page, size_t slot) {
  const auto word = load_be<uint64_t>(page + slot_at(slot));
  return {static_cast<uint32_t>(word >> 32), static_cast<uint16_t>(word >> 16),
          static_cast<uint16_t>(word)};
}
[[nodiscard]] constexpr size_t record_bytes(size_t key_bytes, size_t value_bytes) {
  return index_format::kRecordHeaderBytes + key_bytes + value_bytes;
}

// The first four bytes of `rest` as an integer, zero-filled.
[[nodiscard]] inline uint32_t hint_of(std::string_view rest) {
  if (rest.size() >= 4) return load_be<uint32_t>(rest.data());
  char bytes[4] = {};
  std::memcpy(bytes, rest.data(), rest.size());
  return load_be<uint32_t>(bytes);
}

[[nodiscard]] size_t common_prefix(std::string_view a, std::string_view b);

}  // namespace index_internal

// A view of an index page. Costs nothing to make; valid as long as the bytes.
class SlottedPage {
 public:
  explicit SlottedPage(const char* page) : page_(page) {}

  [[nodiscard]] IndexId index_id() const {
    return IndexId(load_be<uint64_t>(page_ + index_format::kIndexIdAt));
  }
  [[nodiscard]] uint16_t level() const { return u16(index_format::kLevelAt); }
  [[nodiscard]] bool is_leaf() const { return level() == 0; }
  [[nodiscard]] uint16_t slots() const { return u16(index_format::kSlotsAt); }
  [[nodiscard]] PageNo prev() const { return prev_of(page_); }
  [[nodiscard]] PageNo next() const { return next_of(page_); }
  [[nodiscard]] size_t prefix() const { return u16(index_format::kPrefixAt); }
  [[nodiscard]] uint16_t last_insert() const { return u16(index_format::kLastInsertAt); }
  [[nodiscard]] int16_t run() const { return static_cast<int16_t>(u16(index_format::kRunAt)); }

  // `slot` < slots().
  [[nodiscard]] RecordView record(uint16_t slot) const {
    const index_internal::Slot at = index_internal::load_slot(page_, slot);
    const size_t value_bytes = load_be<uint16_t>(page_ + at.offset + 1);
    CHECK(at.offset + index_internal::record_bytes(at.key_length, value_bytes) <= kPageTrailerAt);
    const char* key = page_ + at.offset + index_format::kRecordHeaderBytes;
    return {{key, at.key_length},
            {key + at.key_length, value_bytes},
            static_cast<uint8_t>(page_[at.offset])};
  }
  [[nodiscard]] std::string_view key(uint16_t slot) const {
    return key_at(index_internal::load_slot(page_, slot));
  }
  // Bytes that the record takes, its slot included.
  [[nodiscard]] size_t footprint(uint16_t slot) const {
    const RecordView r = record(slot);
    return index_internal::record_bytes(r.key.size(), r.value.size()) + index_format::kSlotBytes;
  }
  // Of an inner node.
  [[nodiscard]] PageNo child(uint16_t slot) const;

  struct Found {
    uint16_t slot;  // of the first record whose key is >= the one sought; slots() if none
    bool exact;
  };
  [[nodiscard]] Found lower_bound(std::string_view key) const { return lower_bound_from(0, key); }
  // Of an inner node: the slot of the child whose subtree holds `key`: the last one whose key is
  // <= it. What stands in slot 0 counts as less than everything.
  [[nodiscard]] uint16_t child_slot(std::string_view key) const {
    const Found found = lower_bound_from(1, key);
    return found.exact ? found.slot : static_cast<uint16_t>(found.slot - 1);
  }
  // The same for the keys below `key`: the last child that may hold one.
  [[nodiscard]] uint16_t child_slot_before(std::string_view key) const {
    return static_cast<uint16_t>(lower_bound_from(1, key).slot - 1);
  }

  // Bytes free for a new record, slot included: at once, and after compaction.
  [[nodiscard]] size_t contiguous_free() const {
    return index_internal::slot_at(slots()) + index_format::kSlotBytes -
           u16(index_format::kHeapEndAt);
  }
  [[nodiscard]] size_t total_free() const {
    return contiguous_free() + u16(index_format::kGarbageAt);
  }
  [[nodiscard]] size_t used() const { return index_format::kUsableBytes - total_free(); }

  // Checks everything that can be checked within the page: offsets, order, overlaps, accounting,
  // hints. Code::corruption says what is wrong.
  Status check() const;
  // The part of it that makes it safe to look at slots; record_is_sound says so of one record.
  Status check_header() const;
  [[nodiscard]] bool record_is_sound(uint16_t slot) const;

 private:
  [[nodiscard]] uint16_t u16(size_t at) const { return load_be<uint16_t>(page_ + at); }
  [[nodiscard]] std::string_view key_at(const index_internal::Slot& at) const {
    const size_t begin = at.offset + index_format::kRecordHeaderBytes;
    CHECK(begin + at.key_length <= kPageTrailerAt);
    return {page_ + begin, at.key_length};
  }
  [[nodiscard]] Found lower_bound_from(uint16_t first, std::string_view key) const;
  Status check_record(uint16_t slot, std::string_view prefix) const;

  const char* page_;
};

}  // namespace aftersync::storage
