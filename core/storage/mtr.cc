// Mtr: collecting latches and redo, and the commit that lets both go.
#include "core/storage/mtr.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/storage/page_check.h"
#include "core/storage/page_store.h"

namespace aftersync::storage {

Mtr::Mtr(PageStore& store, MtrSize size)
    : store_(store), size_(size), budget_(store.pool(), size.pins), redo_room_(sizeof inline_) {
  CHECK_LE(size.pins, held_.size());
  redo_ = inline_.data();
  ready_ = store_.log().reserve(Log::frame_bytes(size_.redo_bytes));
  reserved_ = ready_.ok();
}

Mtr::~Mtr() {
  if (!finished_) (void)commit();
}

Mtr::Held* Mtr::find(const Frame* frame) {
  // The page wanted again is mostly the last one taken.
  for (uint32_t i = held_count_; i-- > 0;) {
    if (held_[i].frame == frame) return &held_[i];
  }
  return nullptr;
}

Frame* Mtr::hold(PageRef&& page) {
  CHECK_LT(held_count_, size_.pins);
  Frame* const frame = std::exchange(page.frame_, nullptr);
  held_[held_count_++] = {frame, page.latch_, false};
  return frame;
}

Result<Frame*> Mtr::fetch(PageId id, Latch latch, PageType expected) {
  for (uint32_t i = 0; i < held_count_; ++i) {
    if (held_[i].frame->id() != id) continue;
    CHECK(latch == Latch::shared || held_[i].latch == Latch::exclusive);
    RETURN_IF_ERROR(check_page_type(held_[i].frame->bytes(), expected, space_path(id.space)));
    return held_[i].frame;
  }
  ASSIGN_OR_RETURN(PageRef page, store_.pool().fetch(id, latch, expected));
  return hold(std::move(page));
}

Frame* Mtr::fetch_new(PageId id) {
  for (uint32_t i = 0; i < held_count_; ++i) {
    if (held_[i].frame->id() == id) return held_[i].frame;  // freed and taken again
  }
  return hold(store_.pool().fetch_new(id));
}

Frame* Mtr::adopt(PageRef&& page) {
  CHECK(page && find(page.frame()) == nullptr);
  return hold(std::move(page));
}

void Mtr::release(Frame* frame) {
  Held* const held = find(frame);
  CHECK(held != nullptr && !held->changed);
  PageRef(held->frame, held->latch).release();
  std::copy(held + 1, held_.data() + held_count_, held);
  --held_count_;
}

// Room for `bytes` more of redo; counts them as used.
char* Mtr::room(size_t bytes) {
  CHECK_LE(redo_size_ + bytes, size_.redo_bytes);
  if (redo_size_ + bytes > redo_room_) {
    redo_room_ = std::max(2 * redo_room_, redo_size_ + bytes);
    if (spilled_.empty()) spilled_.assign(redo_, redo_size_);
    spilled_.resize(redo_room_);
    redo_ = spilled_.data();
  }
  char* const at = redo_ + redo_size_;
  redo_size_ += bytes;
  return at;
}

// Writes a record's head and returns where its arguments go.
char* Mtr::begin_record(PageOp op, PageId page, size_t args_size) {
  CHECK(ready_.ok() && !finished_);
  const bool same = redo_size_ > 0 && page == last_page_;
  char head[1 + 3 * kMaxVarintBytes];
  size_t n = 0;
  head[n++] = static_cast<char>(static_cast<uint8_t>(op) | (same ? kSamePageBit : 0));
  if (!same) {
    n += store_varint(head + n, page.space.value());
    n += store_varint(head + n, page.page.value());
    last_page_ = page;
  }
  n += store_varint(head + n, args_size);
  char* const at = room(n + args_size);
  std::memcpy(at, head, n);
  return at + n;
}

void Mtr::apply(Frame* frame, PageOp op, std::string_view args) { apply(frame, op, {args}); }

void Mtr::apply(Frame* frame, PageOp op, std::initializer_list<std::string_view> args) {
  Held* const held = find(frame);
  CHECK(held != nullptr && held->latch == Latch::exclusive);
  size_t size = 0;
  for (const std::string_view part : args) size += part.size();
  char* const record = begin_record(op, frame->id(), size);
  char* to = record;
  for (const std::string_view part : args) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  held->changed = true;
  CHECK_OK(apply_page_op(op, frame->id(), {record, size}, frame->bytes_));
}

void Mtr::init_page(Frame* frame, PageType type, uint8_t version) {
  const char args[] = {static_cast<char>(type), static_cast<char>(version)};
  apply(frame, PageOp::init, {args, sizeof args});
}

void Mtr::set_bytes(Frame* frame, size_t offset, std::string_view bytes) {
  char at[2];
  store_be(at, static_cast<uint16_t>(offset));
  apply(frame, PageOp::set_bytes, {std::string_view(at, sizeof at), bytes});
}

void Mtr::log_only(PageOp op, PageId page, std::string_view args) {
  char* const to = begin_record(op, page, args.size());
  if (!args.empty()) std::memcpy(to, args.data(), args.size());
}

// With the order of appends held. Pages that are dirty already stay where they are in the flush
// list, and nobody can make them clean while this holds their latch.
void Mtr::ordered(const Log::Appended&) {
  for (uint32_t i = 0; i < held_count_; ++i) {
    if (!held_[i].changed || held_[i].frame->is_dirty()) continue;
    store_.pool().flush_order().lock();
    order_held_ = true;
    return;
  }
}

void Mtr::stamp(const Log::Appended& appended) {
  for (uint32_t i = 0; i < held_count_; ++i) {
    if (!held_[i].changed) continue;
    stamp_lsn(held_[i].frame->bytes_, appended.end);
    store_.pool().note_change(*held_[i].frame, appended.start, appended.end);
  }
  if (order_held_) store_.pool().flush_order().unlock();
}

Lsn Mtr::commit() {
  CHECK(!finished_);
  finished_ = true;
  Lsn end;
  if (redo_size_ > 0) {
    const Log::Appended appended = store_.log().append({redo_, redo_size_}, this);
    stamp(appended);
    end = appended.end;
  }
  release_all();
  if (reserved_) store_.log().unreserve(Log::frame_bytes(size_.redo_bytes));
  return end;
}

void Mtr::release_all() {
  while (held_count_ > 0) {
    const Held held = held_[--held_count_];
    PageRef(held.frame, held.latch).release();
  }
}

}  // namespace aftersync::storage
