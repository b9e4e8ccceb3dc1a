// apply_index_op: the operations on index pages, as pure functions. Arguments: index_ops.h.
//
// Replay may hand over a page and arguments that do not belong together; then nothing may be
// changed. So every operation first looks at all it will touch, and only then writes. What it does
// not touch it does not judge: a whole check of the page at each insert would cost more than the
// insert.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "core/base/coding.h"
#include "core/base/limits.h"
#include "core/storage/page_op.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage {

namespace f = index_format;
using index_internal::common_prefix;
using index_internal::hint_of;
using index_internal::load_slot;
using index_internal::record_bytes;
using index_internal::Slot;
using index_internal::slot_at;

namespace {

// A damaged page may hold a key shorter than its prefix; nothing is read outside of it then either.
uint32_t hint_after(std::string_view key, size_t prefix) {
  return hint_of(key.substr(std::min(prefix, key.size())));
}

using Image = std::array<char, kPageBytes>;

class Editor {
 public:
  Editor(char* page, PageId id) : page_(page), id_(id), view_(page) {}

  Status apply(PageOp op, std::string_view args);

 private:
  Status init(Reader& in);
  Status insert(Reader& in);
  Status erase(Reader& in);
  Status replace(Reader& in);
  Status patch(Reader& in);
  Status set_flags(Reader& in);
  Status compact(Reader& in);
  Status copy_in(Reader& in);
  Status truncate(Reader& in);
  Status set_links(Reader& in);

  [[nodiscard]] Status refuse(std::string_view why) const {
    return {Code::corruption, "index operation on page " + std::to_string(id_.page.value()) +
                                  " of space " + std::to_string(id_.space.value()) + ": " +
                                  std::string(why)};
  }
  [[nodiscard]] uint16_t u16(size_t at) const { return load_be<uint16_t>(page_ + at); }
  void set_u16(size_t at, size_t value) { store_be(page_ + at, static_cast<uint16_t>(value)); }
  [[nodiscard]] uint16_t slots() const { return view_.slots(); }
  [[nodiscard]] bool all_sound() const;
  [[nodiscard]] bool may_stand(uint16_t slot, std::string_view key) const;
  [[nodiscard]] std::string_view value_ok(std::string_view key, std::string_view value,
                                          unsigned flags) const;

  bool rebuild(uint16_t keep, uint16_t without, Image& image) const;
  void forget_inserts() {
    set_u16(f::kLastInsertAt, f::kNoSlot);
    set_u16(f::kRunAt, 0);
  }
  void note_insert(uint16_t slot);
  size_t shared_with(std::string_view key) const;
  void set_prefix(size_t bytes);
  void put_record(uint16_t slot, std::string_view key, std::string_view value, uint8_t flags);
  void open_slots(uint16_t slot, size_t count);
  void drop_bytes(size_t offset, size_t bytes);

  char* page_;
  const PageId id_;
  const SlottedPage view_;
};

bool Editor::all_sound() const {
  for (uint16_t slot = 0; slot < slots(); ++slot) {
    if (!view_.record_is_sound(slot)) return false;
    if (load_slot(page_, slot).key_length < view_.prefix() && view_.key(slot) != "") return false;
  }
  return true;
}

// Whether `key` may come to stand before what is in `slot` now.
bool Editor::may_stand(uint16_t slot, std::string_view key) const {
  if (key.empty() && (slot != 0 || view_.is_leaf())) return false;
  if (slot > 0) {
    const auto before = static_cast<uint16_t>(slot - 1);
    if (!view_.record_is_sound(before) || view_.key(before) >= key) return false;
  }
  return slot == slots() || (view_.record_is_sound(slot) && key < view_.key(slot));
}

// Empty, or why there can be no such record.
std::string_view Editor::value_ok(std::string_view key, std::string_view value,
                                  unsigned flags) const {
  if ((flags & ~unsigned{f::kKnownFlags}) != 0) return "unknown flags";
  if (key.size() > limits::kMaxKeyBytes || key.size() + value.size() > f::kMaxRecordBytes) {
    return "record too large";
  }
  if (!view_.is_leaf() && value.size() != f::kChildBytes) return "not a child pointer";
  return {};
}

// Makes in `image` the page with the first `keep` records, the one in slot `without` left out, in
// key order without gaps and with the longest prefix. False when the page is not well formed.
bool Editor::rebuild(uint16_t keep, uint16_t without, Image& image) const {
  std::memcpy(image.data(), page_, f::kHeapAt);
  std::memset(image.data() + f::kHeapAt, 0, kPageTrailerAt - f::kHeapAt);
  std::memcpy(image.data() + kPageTrailerAt, page_ + kPageTrailerAt, kPageBytes - kPageTrailerAt);
  size_t heap_end = f::kHeapAt;
  size_t accounted = u16(f::kGarbageAt);
  uint16_t count = 0;
  for (uint16_t slot = 0; slot < slots(); ++slot) {
    if (!view_.record_is_sound(slot)) return false;
    const RecordView r = view_.record(slot);
    const size_t bytes = record_bytes(r.key.size(), r.value.size());
    accounted += bytes;
    if (slot >= keep || slot == without) continue;
    if (heap_end + bytes > slot_at(count)) return false;
    std::memcpy(image.data() + heap_end, page_ + load_slot(page_, slot).offset, bytes);
    store_be(image.data() + slot_at(count) + f::kSlotOffsetAt, static_cast<uint16_t>(heap_end));
    store_be(image.data() + slot_at(count) + f::kSlotKeyLengthAt,
             static_cast<uint16_t>(r.key.size()));
    heap_end += bytes;
    ++count;
  }
  if (accounted != u16(f::kHeapEndAt) - f::kHeapAt) return false;
  Editor made(image.data(), id_);
  made.set_u16(f::kSlotsAt, count);
  made.set_u16(f::kHeapEndAt, heap_end);
  made.set_u16(f::kGarbageAt, 0);
  made.forget_inserts();
  // Keys are in order, so what the first and the last share all share.
  const auto first = static_cast<uint16_t>(count > 1 && made.view_.key(0).empty() ? 1 : 0);
  made.set_prefix(count == 0 ? 0
                             : common_prefix(made.view_.key(first),
                                             made.view_.key(static_cast<uint16_t>(count - 1))));
  return true;
}

void Editor::note_insert(uint16_t slot) {
  const uint16_t last = view_.last_insert();
  int run = 0;
  if (last != f::kNoSlot && slot == last + 1) run = std::max<int>(view_.run(), 0) + 1;
  if (last != f::kNoSlot && slot == last) run = std::min<int>(view_.run(), 0) - 1;
  run = std::clamp(run, -INT16_MAX, INT16_MAX);
  set_u16(f::kLastInsertAt, slot);
  set_u16(f::kRunAt, static_cast<uint16_t>(static_cast<int16_t>(run)));
}

// How much of the prefix a page with one more key has: all of a first key, never more than now.
size_t Editor::shared_with(std::string_view key) const {
  const uint16_t last = slots();
  if (key.empty()) return view_.prefix();
  const std::string_view some = last == 0 ? "" : view_.key(static_cast<uint16_t>(last - 1));
  if (some.empty()) return key.size();
  return common_prefix(key, some.substr(0, view_.prefix()));
}

void Editor::set_prefix(size_t bytes) {
  set_u16(f::kPrefixAt, bytes);
  for (uint16_t slot = 0; slot < slots(); ++slot) {
    store_be(page_ + slot_at(slot) + f::kSlotHintAt, hint_after(view_.key(slot), bytes));
  }
}

void Editor::open_slots(uint16_t slot, size_t count) {
  char* end = page_ + slot_at(slots()) + f::kSlotBytes;
  std::memmove(end - count * f::kSlotBytes, end, (slots() - slot) * f::kSlotBytes);
  set_u16(f::kSlotsAt, slots() + count);
}

// Writes the record at the heap's end, which has room, and its slot.
void Editor::put_record(uint16_t slot, std::string_view key, std::string_view value,
                        uint8_t flags) {
  const size_t offset = u16(f::kHeapEndAt);
  char* to = page_ + offset;
  *to = static_cast<char>(flags);
  store_be(to + 1, static_cast<uint16_t>(value.size()));
  std::memcpy(to + f::kRecordHeaderBytes, key.data(), key.size());
  std::memcpy(to + f::kRecordHeaderBytes + key.size(), value.data(), value.size());
  set_u16(f::kHeapEndAt, offset + record_bytes(key.size(), value.size()));
  const uint32_t hint = hint_after(key, view_.prefix());
  store_be(page_ + slot_at(slot), (uint64_t{hint} << 32) | (uint64_t{offset} << 16) | key.size());
}

// Bytes of the heap that belong to no record any more.
void Editor::drop_bytes(size_t offset, size_t bytes) {
  if (offset + bytes == u16(f::kHeapEndAt)) {
    set_u16(f::kHeapEndAt, offset);
  } else {
    set_u16(f::kGarbageAt, u16(f::kGarbageAt) + bytes);
  }
}

Status Editor::init(Reader& in) {
  const auto index = in.be<uint64_t>();
  const auto level = in.be<uint16_t>();
  if (!in.ok() || !in.at_end()) return refuse("arguments of init");
  std::memset(page_ + kPageBodyAt, 0, kPageTrailerAt - kPageBodyAt);
  store_be(page_ + f::kIndexIdAt, index);
  set_u16(f::kLevelAt, level);
  set_u16(f::kHeapEndAt, f::kHeapAt);
  forget_inserts();
  return {};
}

Status Editor::insert(Reader& in) {
  const auto slot = in.be<uint16_t>();
  const auto flags = in.be<uint8_t>();
  const std::string_view key = in.bytes(in.be<uint16_t>());
  const std::string_view value = in.rest();
  if (!in.ok() || slot > slots()) return refuse("arguments of insert");
  if (const auto why = value_ok(key, value, flags); !why.empty()) return refuse(why);
  if (!may_stand(slot, key)) return refuse("insert out of order");
  const size_t need = record_bytes(key.size(), value.size()) + f::kSlotBytes;
  if (need > view_.total_free()) return refuse("no room for an insert");
  const bool compact_first = need > view_.contiguous_free();
  Image image;
  if (compact_first && !rebuild(slots(), f::kNoSlot, image)) return refuse("damaged page");
  if (slots() > 0 && !view_.record_is_sound(static_cast<uint16_t>(slots() - 1))) {
    return refuse("damaged page");
  }
  if (!compact_first && shared_with(key) != view_.prefix() && !all_sound()) {
    return refuse("damaged page");
  }
  const uint16_t last_insert = view_.last_insert();
  const auto run = static_cast<uint16_t>(view_.run());
  if (compact_first) {
    std::memcpy(page_, image.data(), kPageBytes);
    set_u16(f::kLastInsertAt, last_insert);
    set_u16(f::kRunAt, run);
  }
  if (const size_t shared = shared_with(key); shared != view_.prefix()) set_prefix(shared);
  open_slots(slot, 1);
  put_record(slot, key, value, flags);
  note_insert(slot);
  return {};
}

Status Editor::erase(Reader& in) {
  const auto slot = in.be<uint16_t>();
  if (!in.ok() || !in.at_end() || slot >= slots()) return refuse("arguments of erase");
  if (!view_.record_is_sound(slot)) return refuse("damaged page");
  const RecordView r = view_.record(slot);
  const size_t bytes = record_bytes(r.key.size(), r.value.size());
  drop_bytes(load_slot(page_, slot).offset, bytes);
  char* end = page_ + slot_at(slots()) + f::kSlotBytes;
  std::memmove(end + f::kSlotBytes, end, (slots() - slot - 1u) * f::kSlotBytes);
  set_u16(f::kSlotsAt, slots() - 1u);
  // With the last key that is not empty go the prefix and, if there is none left, the garbage.
  if (slots() == 0) {
    set_u16(f::kHeapEndAt, f::kHeapAt);
    set_u16(f::kGarbageAt, 0);
  }
  if (slots() == 0 || (slots() == 1 && load_slot(page_, 0).key_length == 0)) {
    set_u16(f::kPrefixAt, 0);
  }
  forget_inserts();
  return {};
}

Status Editor::replace(Reader& in) {
  const auto slot = in.be<uint16_t>();
  const auto flags = in.be<uint8_t>();
  const std::string_view value = in.rest();
  if (!in.ok() || slot >= slots()) return refuse("arguments of replace");
  if (!view_.record_is_sound(slot)) return refuse("damaged page");
  const RecordView old = view_.record(slot);
  if (const auto why = value_ok(old.key, value, flags); !why.empty()) return refuse(why);
  const size_t offset = load_slot(page_, slot).offset;
  const size_t old_bytes = record_bytes(old.key.size(), old.value.size());
  const size_t new_bytes = record_bytes(old.key.size(), value.size());
  if (new_bytes <= old_bytes) {
    page_[offset] = static_cast<char>(flags);
    store_be(page_ + offset + 1, static_cast<uint16_t>(value.size()));
    std::memcpy(page_ + offset + f::kRecordHeaderBytes + old.key.size(), value.data(),
                value.size());
    drop_bytes(offset + new_bytes, old_bytes - new_bytes);
    return {};
  }
  if (new_bytes > view_.total_free() + old_bytes) return refuse("no room for a replace");
  const std::string key(old.key);
  if (new_bytes <= view_.contiguous_free()) {
    drop_bytes(offset, old_bytes);
    put_record(slot, key, value, flags);
    return {};
  }
  Image image;
  if (!rebuild(slots(), slot, image)) return refuse("damaged page");
  std::memcpy(page_, image.data(), kPageBytes);
  if (const size_t shared = shared_with(key); shared != view_.prefix()) set_prefix(shared);
  open_slots(slot, 1);
  put_record(slot, key, value, flags);
  return {};
}

Status Editor::patch(Reader& in) {
  const auto slot = in.be<uint16_t>();
  const auto offset = in.be<uint16_t>();
  const std::string_view bytes = in.rest();
  if (!in.ok() || slot >= slots()) return refuse("arguments of patch");
  if (!view_.record_is_sound(slot)) return refuse("damaged page");
  const RecordView r = view_.record(slot);
  if (offset + bytes.size() > r.value.size()) return refuse("patch outside the value");
  std::memcpy(page_ + (r.value.data() - page_) + offset, bytes.data(), bytes.size());
  return {};
}

Status Editor::set_flags(Reader& in) {
  const auto slot = in.be<uint16_t>();
  const auto flags = in.be<uint8_t>();
  if (!in.ok() || !in.at_end() || slot >= slots()) return refuse("arguments of set_flags");
  if ((flags & ~unsigned{f::kKnownFlags}) != 0) return refuse("unknown flags");
  if (!view_.record_is_sound(slot)) return refuse("damaged page");
  page_[load_slot(page_, slot).offset] = static_cast<char>(flags);
  return {};
}

Status Editor::compact(Reader& in) {
  if (!in.at_end()) return refuse("arguments of compact");
  Image image;
  if (!rebuild(slots(), f::kNoSlot, image)) return refuse("damaged page");
  std::memcpy(page_, image.data(), kPageBytes);
  return {};
}

Status Editor::truncate(Reader& in) {
  const auto slot = in.be<uint16_t>();
  if (!in.ok() || !in.at_end() || slot > slots()) return refuse("arguments of truncate");
  Image image;
  if (!rebuild(slot, f::kNoSlot, image)) return refuse("damaged page");
  std::memcpy(page_, image.data(), kPageBytes);
  return {};
}

Status Editor::set_links(Reader& in) {
  const auto prev = in.be<uint32_t>();
  const auto next = in.be<uint32_t>();
  if (!in.ok() || !in.at_end()) return refuse("arguments of set_links");
  store_be(page_ + kPagePrevAt, prev);
  store_be(page_ + kPageNextAt, next);
  return {};
}

struct CopiedRecord {
  uint8_t flags = 0;
  std::string_view key;
  std::string_view value;
};

bool next_copied(Reader& in, CopiedRecord& record) {
  record.flags = in.be<uint8_t>();
  const auto key_bytes = in.be<uint16_t>();
  const auto value_bytes = in.be<uint16_t>();
  record.key = in.bytes(key_bytes);
  record.value = in.bytes(value_bytes);
  return in.ok();
}

Status Editor::copy_in(Reader& in) {
  const auto slot = in.be<uint16_t>();
  if (!in.ok() || slot > slots()) return refuse("arguments of copy_in");
  size_t need = 0;
  size_t count = 0;
  CopiedRecord record;
  std::string_view first;
  std::string_view last;
  for (Reader look(in.rest()); !look.at_end(); ++count) {
    if (!next_copied(look, record)) return refuse("arguments of copy_in");
    if (const auto why = value_ok(record.key, record.value, record.flags); !why.empty()) {
      return refuse(why);
    }
    if (count > 0 && (last >= record.key)) return refuse("copy_in out of order");
    if (count == 0) first = record.key;
    last = record.key;
    need += record_bytes(record.key.size(), record.value.size()) + f::kSlotBytes;
  }
  if (count == 0) return refuse("nothing to copy in");
  if (!may_stand(slot, first)) return refuse("copy_in out of order");
  if (slot < slots() && last >= view_.key(slot)) return refuse("copy_in out of order");
  if (need > view_.total_free()) return refuse("no room for copy_in");
  // Always from a rebuilt page: in order, no gaps, and every record known to be sound.
  Image image;
  if (!rebuild(slots(), f::kNoSlot, image)) return refuse("damaged page");
  std::memcpy(page_, image.data(), kPageBytes);
  set_u16(f::kPrefixAt, 0);
  open_slots(slot, count);
  for (size_t i = 0; next_copied(in, record); ++i) {
    put_record(static_cast<uint16_t>(slot + i), record.key, record.value, record.flags);
    if (in.at_end()) break;
  }
  const std::string_view least = view_.key(view_.key(0).empty() && slots() > 1 ? 1 : 0);
  set_prefix(common_prefix(least, view_.key(static_cast<uint16_t>(slots() - 1))));
  return {};
}

Status Editor::apply(PageOp op, std::string_view args) {
  if (type_of(page_) != PageType::index) return refuse("another page type");
  Reader in(args);
  if (op == PageOp::index_init) return init(in);
  RETURN_IF_ERROR(view_.check_header());
  switch (op) {
    case PageOp::index_insert: return insert(in);
    case PageOp::index_erase: return erase(in);
    case PageOp::index_replace: return replace(in);
    case PageOp::index_patch: return patch(in);
    case PageOp::index_set_flags: return set_flags(in);
    case PageOp::index_compact: return compact(in);
    case PageOp::index_copy_in: return copy_in(in);
    case PageOp::index_truncate: return truncate(in);
    case PageOp::index_set_links: return set_links(in);
    default: return {Code::unsupported, "index operation " + std::to_string(int(op))};
  }
}

}  // namespace

Status apply_index_op(PageOp op, PageId id, std::string_view args, char* page) {
  return Editor(page, id).apply(op, args);
}

}  // namespace aftersync::storage
