// SpaceAllocator: promises, and pages handed out and taken back.
#include "core/storage/segment.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "core/base/check.h"
#include "core/base/probe.h"
#include "core/storage/page_store.h"
#include "core/storage/space_ledger.h"

namespace aftersync::storage {

using namespace space_format;
using Place = SpaceLedger::Place;

SpaceReservation& SpaceReservation::operator=(SpaceReservation&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  space_ = std::exchange(other.space_, nullptr);
  pages_ = other.pages_;
  extents_ = other.extents_;
  extent_pages_ = other.extent_pages_;
  slots_ = other.slots_;
  named_ = other.named_;
  any_new_segment_ = other.any_new_segment_;
  return *this;
}

void SpaceReservation::give_back() {
  if (space_ == nullptr) return;
  const MutexLock lock(space_->mutex_);
  space_->promised_pages_ -= pages_;
  space_->promised_extents_ -= extents_;
  for (uint32_t i = 0; i < named_; ++i) {
    space_->promised_slots_[slots_[i].segment] -= slots_[i].count;
  }
  space_.reset();
}

SpaceReservation::Slots* SpaceReservation::slots_of(SegmentNo segment) {
  for (uint32_t i = 0; i < named_; ++i) {
    if (slots_[i].segment == segment.value()) return &slots_[i];
  }
  return nullptr;
}

namespace {

// How many whole extents to add to a file beyond what is needed now.
uint32_t growth(uint32_t extents) {
  if (extents < 16) return 1;
  return extents < 256 ? 4 : 16;
}

PageNo take_fragment_page(SpaceLedger& ledger, Place inode) {
  const Place fragments = ledger.header(kFragmentListAt);
  const Place free_pages = ledger.header(kFragmentPagesFreeAt);
  uint32_t extent = ledger.first(fragments);
  while (extent != kNoExtent && ledger.free_bit(extent, 0) == kExtentPages) {
    extent = ledger.next_of(extent);
  }
  if (extent == kNoExtent) {
    extent = ledger.first(ledger.header(kFreeListAt));
    CHECK_NE(extent, kNoExtent);
    ledger.remove(ledger.header(kFreeListAt), extent);
    ledger.set_state(extent, ExtentState::fragment, 0);
    ledger.push_back(fragments, extent);
    ledger.add(free_pages, kExtentPages);
  }
  const uint32_t bit = ledger.free_bit(extent, 0);
  const uint64_t bits = ledger.bitmap(extent) | uint64_t{1} << bit;
  ledger.set_bitmap(extent, bits);
  ledger.add(free_pages, -1);
  if (bits == ~uint64_t{0}) {
    ledger.remove(fragments, extent);
    ledger.push_back(ledger.header(kFullFragmentListAt), extent);
  }
  const PageNo page(extent * kExtentPages + bit);
  uint32_t slot = 0;
  while (ledger.get(inode.at(kInodeFragmentPagesAt + slot * 4)) != kNoPage.value()) ++slot;
  CHECK_LT(slot, kFragmentPages);
  ledger.set(inode.at(kInodeFragmentPagesAt + slot * 4), page.value());
  ledger.add(inode.at(kInodeFragmentsAt), 1);
  return page;
}

uint32_t take_extent(SpaceLedger& ledger, Place partial, SegmentNo segment) {
  const Place free = ledger.header(kFreeListAt);
  const uint32_t extent = ledger.first(free);
  CHECK_NE(extent, kNoExtent);
  ledger.remove(free, extent);
  ledger.set_state(extent, ExtentState::segment, segment.value());
  ledger.push_back(partial, extent);
  return extent;
}

// From the extent of `near` if the segment has room there, else from a partial extent, else from a
// new one.
PageNo take_extent_page(SpaceLedger& ledger, Place inode, SegmentNo segment, PageNo near,
                        bool& took_extent) {
  const Place partial = inode.at(kInodePartialListAt);
  uint32_t extent = kNoExtent;
  uint32_t bit = 0;
  if (near != kNoPage && near.value() < ledger.size_pages()) {
    const uint32_t e = near.value() / kExtentPages;
    if (ledger.state(e) == ExtentState::segment && ledger.owner(e) == segment.value() &&
        ledger.bitmap(e) != ~uint64_t{0}) {
      extent = e;
      bit = ledger.free_bit(e, near.value() % kExtentPages);
      if (bit == kExtentPages) bit = ledger.free_bit(e, 0);
    }
  }
  if (extent == kNoExtent) {
    extent = ledger.first(partial);
    took_extent = extent == kNoExtent;
    if (took_extent) extent = take_extent(ledger, partial, segment);
    bit = ledger.free_bit(extent, 0);
  }
  const uint64_t bits = ledger.bitmap(extent) | uint64_t{1} << bit;
  ledger.set_bitmap(extent, bits);
  if (bits == ~uint64_t{0}) {
    ledger.remove(partial, extent);
    ledger.push_back(inode.at(kInodeFullListAt), extent);
  }
  return PageNo(extent * kExtentPages + bit);
}

void free_fragment(SpaceLedger& ledger, Place inode, uint32_t slot) {
  const Place entry = inode.at(kInodeFragmentPagesAt + slot * 4);
  const uint32_t number = ledger.get(entry);
  ledger.set(entry, kNoPage.value());
  ledger.add(inode.at(kInodeFragmentsAt), -1);
  const uint32_t extent = number / kExtentPages;
  const uint64_t before = ledger.bitmap(extent);
  const uint64_t bits = before & ~(uint64_t{1} << number % kExtentPages);
  CHECK_NE(bits, before);
  ledger.set_bitmap(extent, bits);
  const Place fragments = ledger.header(kFragmentListAt);
  if (before == ~uint64_t{0}) {
    ledger.remove(ledger.header(kFullFragmentListAt), extent);
    ledger.push_back(fragments, extent);
  }
  ledger.add(ledger.header(kFragmentPagesFreeAt), 1);
  if (bits != 0) return;
  ledger.remove(fragments, extent);
  ledger.add(ledger.header(kFragmentPagesFreeAt), -static_cast<int32_t>(kExtentPages));
  ledger.set_state(extent, ExtentState::free, 0);
  ledger.push_back(ledger.header(kFreeListAt), extent);
}

void free_extent_page(SpaceLedger& ledger, Place inode, SegmentNo segment, uint32_t number) {
  const uint32_t extent = number / kExtentPages;
  CHECK(ledger.state(extent) == ExtentState::segment && ledger.owner(extent) == segment.value());
  const uint64_t before = ledger.bitmap(extent);
  const uint64_t bits = before & ~(uint64_t{1} << number % kExtentPages);
  CHECK_NE(bits, before);
  ledger.set_bitmap(extent, bits);
  const Place partial = inode.at(kInodePartialListAt);
  if (before == ~uint64_t{0}) {
    ledger.remove(inode.at(kInodeFullListAt), extent);
    ledger.push_back(partial, extent);
  }
  if (bits != 0) return;
  ledger.remove(partial, extent);
  ledger.set_state(extent, ExtentState::free, 0);
  ledger.push_back(ledger.header(kFreeListAt), extent);
}

}  // namespace

// What is promised must be there: single pages from fragment extents, or from free extents that
// nobody has been promised. Called with page 0 latched, so the counts stand still.
struct SpaceAllocator::Room {
  uint64_t fragment_pages;
  uint64_t free_extents;
  uint64_t pages;    // promised and wanted
  uint64_t extents;  // promised and wanted

  [[nodiscard]] bool enough() const {
    return free_extents >= extents &&
           fragment_pages + kExtentPages * (free_extents - extents) >= pages;
  }
  // Extents missing, when only whole ones are added.
  [[nodiscard]] uint32_t missing() const {
    Room r = *this;
    uint32_t n = 0;
    for (; !r.enough(); ++n) ++r.free_extents;
    return n;
  }
};

Result<SpaceReservation> SpaceAllocator::reserve(SpaceId space_id,
                                                 std::span<const SegmentNeed> needs) {
  CHECK_LE(needs.size(), SpaceReservation::kMaxSegmentsNamed);
  ASSIGN_OR_RETURN(const auto space, store_.spaces().find(space_id));
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  SpaceLedger ledger(store_, mtr, space_id);
  RETURN_IF_ERROR(ledger.open());
  SpaceReservation wanted;
  for (const SegmentNeed& need : needs) {
    ASSIGN_OR_RETURN(const Place inode, ledger.inode(need.segment));
    const MutexLock lock(space->mutex_);
    const uint32_t taken =
        ledger.get(inode.at(kInodeFragmentsAt)) + space->promised_slots_[need.segment.value()];
    const uint32_t slots = std::min(need.pages, kFragmentPages - std::min(kFragmentPages, taken));
    wanted.slots_[wanted.named_++] = {need.segment.value(), slots};
    wanted.pages_ += slots;
    const uint32_t rest = need.pages - slots;
    wanted.extents_ += (rest + kExtentPages - 1) / kExtentPages;
    wanted.extent_pages_ += rest;
  }
  RETURN_IF_ERROR(make_room(*space, ledger, wanted));
  return promise(space, std::move(wanted));
}

Result<SpaceReservation> SpaceAllocator::reserve_fragments(SpaceId space_id, uint32_t pages) {
  ASSIGN_OR_RETURN(const auto space, store_.spaces().find(space_id));
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  SpaceLedger ledger(store_, mtr, space_id);
  RETURN_IF_ERROR(ledger.open());
  SpaceReservation wanted;
  wanted.pages_ = pages;
  wanted.any_new_segment_ = true;
  RETURN_IF_ERROR(make_room(*space, ledger, wanted));
  return promise(space, std::move(wanted));
}

SpaceReservation SpaceAllocator::promise(const std::shared_ptr<Space>& space,
                                         SpaceReservation wanted) {
  const MutexLock lock(space->mutex_);
  space->promised_pages_ += wanted.pages_;
  space->promised_extents_ += wanted.extents_;
  for (uint32_t i = 0; i < wanted.named_; ++i) {
    space->promised_slots_[wanted.slots_[i].segment] += wanted.slots_[i].count;
  }
  wanted.space_ = space;
  return wanted;
}

// Grows the file until what is wanted fits beside what is promised. The file first, the header in
// `mtr` afterwards: a full device changes nothing.
Status SpaceAllocator::make_room(Space& space, SpaceLedger& ledger,
                                 const SpaceReservation& wanted) {
  const auto look = [&] {
    const MutexLock lock(space.mutex_);
    return Room{ledger.get(ledger.header(kFragmentPagesFreeAt)),
                ledger.length(ledger.header(kFreeListAt)), space.promised_pages_ + wanted.pages_,
                space.promised_extents_ + wanted.extents_};
  };
  const auto set_size = [&](uint32_t pages) { ledger.set(ledger.header(kSizePagesAt), pages); };
  Room room = look();
  if (room.enough()) return {};
  if (const uint32_t small = ledger.size_pages(); small < kExtentPages) {
    const bool in_extent_0 = room.free_extents >= room.extents;
    uint32_t target = in_extent_0 ? small * 2 : kExtentPages;
    while (in_extent_0 && target < kExtentPages &&
           room.fragment_pages + (target - small) < room.pages) {
      target *= 2;
    }
    target = std::min(target, kExtentPages);
    RETURN_IF_ERROR(space.extend(small, target));
    set_size(target);
    ledger.add(ledger.header(kFragmentPagesFreeAt), static_cast<int32_t>(target - small));
    room = look();
  }
  uint32_t missing = room.missing();
  if (missing == 0) return {};
  const uint32_t size = ledger.size_pages();
  const uint32_t have = size / kExtentPages;
  // An extent that begins with descriptors is none to be promised.
  if ((have + missing) / kDescriptorsPerPage != (have - 1) / kDescriptorsPerPage) ++missing;
  uint32_t add = std::max(missing, growth(have));
  Status extended = space.extend(size, (have + add) * kExtentPages);
  if (extended.code() == Code::no_space && add > missing) {
    PROBE("space: smaller extension on a full device");
    add = missing;
    extended = space.extend(size, (have + add) * kExtentPages);
  }
  RETURN_IF_ERROR(extended);
  set_size((have + add) * kExtentPages);
  for (uint32_t i = 0; i < add; ++i) ledger.touch_next_extent();
  CHECK(look().enough());
  return {};
}

Result<SegmentNo> SpaceAllocator::create_segment(Mtr& mtr, SpaceId space) {
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  for (uint32_t s = 0; s < kMaxSegments; ++s) {
    ASSIGN_OR_RETURN(const Place inode, ledger.inode(SegmentNo(s)));
    if (ledger.get(inode) != 0) continue;
    char fresh[kInodeBytes] = {};
    store_be(fresh, uint32_t{1});
    for (const size_t list : {kInodeFreeListAt, kInodePartialListAt, kInodeFullListAt}) {
      store_be(fresh + list, kNoExtent);
      store_be(fresh + list + 4, kNoExtent);
    }
    std::memset(fresh + kInodeFragmentPagesAt, 0xff, kFragmentPages * 4);
    mtr.set_bytes(inode.frame, inode.offset, {fresh, sizeof fresh});
    return SegmentNo(s);
  }
  return {Code::too_large,
          space_path(space) + ": all " + std::to_string(kMaxSegments) + " segments are in use"};
}

Status SpaceAllocator::prepare(Mtr& mtr, SpaceId space, SegmentNo segment) {
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  return ledger.inode(segment).status();
}

Result<Frame*> SpaceAllocator::allocate(Mtr& mtr, SpaceId space_id, SegmentNo segment, PageNo near,
                                        SpaceReservation& reservation) {
  SpaceLedger ledger(store_, mtr, space_id);
  RETURN_IF_ERROR(ledger.open());
  ASSIGN_OR_RETURN(const Place inode, ledger.inode(segment));
  CHECK(reservation.space_ != nullptr && reservation.space_->id() == space_id);
  SpaceReservation::Slots* const slots = reservation.slots_of(segment);
  const bool single =
      slots != nullptr ? slots->count > 0 : reservation.any_new_segment_ && reservation.pages_ > 0;
  bool took_extent = false;
  const PageNo page = single ? take_fragment_page(ledger, inode)
                             : take_extent_page(ledger, inode, segment, near, took_extent);
  {
    Space& space = *reservation.space_;
    const MutexLock lock(space.mutex_);
    if (single) {
      CHECK_GT(reservation.pages_, 0u);
      --reservation.pages_;
      --space.promised_pages_;
      if (slots != nullptr) {
        --slots->count;
        --space.promised_slots_[segment.value()];
      }
    } else {
      CHECK_GT(reservation.extent_pages_, 0u);
      --reservation.extent_pages_;
      if (took_extent) {
        CHECK_GT(reservation.extents_, 0u);
        --reservation.extents_;
        --space.promised_extents_;
      }
    }
  }
  ledger.add(inode.at(kInodePagesAt), 1);
  return mtr.fetch_new({space_id, page});
}

Status SpaceAllocator::free(Mtr& mtr, SegmentNo segment, Frame* page) {
  const SpaceId space = page->id().space;
  const uint32_t number = page->id().page.value();
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  ASSIGN_OR_RETURN(const Place inode, ledger.inode(segment));
  mtr.apply(page, PageOp::free_page);
  if (ledger.state(number / kExtentPages) == ExtentState::fragment) {
    uint32_t slot = 0;
    while (ledger.get(inode.at(kInodeFragmentPagesAt + slot * 4)) != number) {
      CHECK_LT(++slot, kFragmentPages);
    }
    free_fragment(ledger, inode, slot);
  } else {
    free_extent_page(ledger, inode, segment, number);
  }
  ledger.add(inode.at(kInodePagesAt), -1);
  return {};
}

Result<bool> SpaceAllocator::free_segment_step(Mtr& mtr, SpaceId space, SegmentNo segment) {
  constexpr uint32_t kFragmentsAStep = 8;
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  ASSIGN_OR_RETURN(const Place inode, ledger.inode(segment));
  if (ledger.get(inode) == 0) return true;
  for (const size_t at : {kInodeFullListAt, kInodePartialListAt, kInodeFreeListAt}) {
    const uint32_t extent = ledger.first(inode.at(at));
    if (extent == kNoExtent) continue;
    ledger.remove(inode.at(at), extent);
    ledger.add(inode.at(kInodePagesAt), -std::popcount(ledger.bitmap(extent)));
    ledger.set_bitmap(extent, 0);
    ledger.set_state(extent, ExtentState::free, 0);
    ledger.push_back(ledger.header(kFreeListAt), extent);
    return false;
  }
  uint32_t freed = 0;
  for (uint32_t slot = 0; slot < kFragmentPages; ++slot) {
    if (ledger.get(inode.at(kInodeFragmentPagesAt + slot * 4)) == kNoPage.value()) continue;
    if (freed++ == kFragmentsAStep) return false;
    free_fragment(ledger, inode, slot);
    ledger.add(inode.at(kInodePagesAt), -1);
  }
  CHECK_EQ(ledger.get(inode.at(kInodePagesAt)), 0u);
  ledger.set(inode, 0);
  return true;
}

Result<SpaceAllocator::Usage> SpaceAllocator::usage(SpaceId space, SegmentNo segment) {
  Mtr mtr(store_);
  SpaceLedger ledger(store_, mtr, space);
  RETURN_IF_ERROR(ledger.open());
  ASSIGN_OR_RETURN(const Place inode, ledger.inode(segment));
  Usage usage;
  usage.pages = ledger.get(inode.at(kInodePagesAt));
  for (const size_t at : {kInodeFullListAt, kInodePartialListAt, kInodeFreeListAt}) {
    usage.extents += ledger.length(inode.at(at));
  }
  return usage;
}

}  // namespace aftersync::storage
