// SpaceLedger: fields, lists and descriptors.
#include "core/storage/space_ledger.h"

#include <bit>

#include "core/base/check.h"
#include "core/storage/page_store.h"

namespace aftersync::storage {

using namespace space_format;

Status SpaceLedger::open() {
  ASSIGN_OR_RETURN(header_,
                   mtr_.fetch({space_, kHeaderPage}, Latch::exclusive, PageType::space_header));
  return {};
}

Result<SpaceLedger::Place> SpaceLedger::inode(SegmentNo segment) {
  CHECK_LT(segment.value(), kMaxSegments);
  const PageNo page(kFirstSegmentsPage.value() + segment.value() / kInodesPerPage);
  ASSIGN_OR_RETURN(Frame* const frame,
                   mtr_.fetch({space_, page}, Latch::exclusive, PageType::segments));
  return Place{frame, kInodesAt + segment.value() % kInodesPerPage * kInodeBytes};
}

Frame* SpaceLedger::must_fetch(PageNo page) {
  const PageType type = page == kHeaderPage ? PageType::space_header : PageType::extents;
  auto frame = mtr_.fetch({space_, page}, Latch::exclusive, type);
  if (!frame.ok()) store_.node().crash("space allocation: " + frame.status().to_string());
  return frame.value();
}

SpaceLedger::Place SpaceLedger::descriptor(uint32_t extent) {
  const PageNo page(extent / kDescriptorsPerPage * kPagesPerExtentsPage);
  Frame* const frame = page == kHeaderPage ? header_ : must_fetch(page);
  return {frame, kDescriptorsAt + extent % kDescriptorsPerPage * kDescriptorBytes};
}

void SpaceLedger::push_back(Place list, uint32_t extent) {
  const uint32_t last = get(list.at(4));
  const Place own = descriptor(extent);
  set(own, last);
  set(own.at(4), kNoExtent);
  set(last == kNoExtent ? list : descriptor(last).at(4), extent);
  set(list.at(4), extent);
  add(list.at(8), 1);
}

void SpaceLedger::remove(Place list, uint32_t extent) {
  const Place own = descriptor(extent);
  const uint32_t before = get(own);
  const uint32_t after = get(own.at(4));
  set(before == kNoExtent ? list : descriptor(before).at(4), after);
  set(after == kNoExtent ? list.at(4) : descriptor(after), before);
  CHECK_GT(length(list), 0u);
  add(list.at(8), -1);
}

ExtentState SpaceLedger::state(uint32_t extent) {
  return static_cast<ExtentState>(get(descriptor(extent).at(8)));
}

void SpaceLedger::set_state(uint32_t extent, ExtentState state, uint32_t owner) {
  const Place own = descriptor(extent);
  set(own.at(8), static_cast<uint32_t>(state));
  set(own.at(12), owner);
}

uint64_t SpaceLedger::bitmap(uint32_t extent) {
  const Place own = descriptor(extent);
  return load_be<uint64_t>(own.frame->bytes() + own.offset + 16);
}

void SpaceLedger::set_bitmap(uint32_t extent, uint64_t bits) {
  const Place own = descriptor(extent);
  mtr_.set(own.frame, own.offset + 16, bits);
}

uint32_t SpaceLedger::free_bit(uint32_t extent, uint32_t from) {
  uint64_t free = ~bitmap(extent);
  if (from > 0) free &= ~uint64_t{0} << from;
  const auto bit = static_cast<uint32_t>(std::countr_zero(free));
  return bit < kExtentPages && extent * kExtentPages + bit < size_pages() ? bit : kExtentPages;
}

void SpaceLedger::touch_next_extent() {
  const Place touched = header(kTouchedExtentsAt);
  const uint32_t extent = get(touched);
  CHECK_LE((extent + 1) * kExtentPages, size_pages());
  set(touched, extent + 1);
  if (extent % kDescriptorsPerPage != 0) {
    set_state(extent, ExtentState::free, 0);
    push_back(header(kFreeListAt), extent);
    return;
  }
  Frame* const page = mtr_.fetch_new({space_, PageNo(extent * kExtentPages)});
  mtr_.init_page(page, PageType::extents);
  set_state(extent, ExtentState::fragment, 0);
  set_bitmap(extent, 1);
  push_back(header(kFragmentListAt), extent);
  add(header(kFragmentPagesFreeAt), kExtentPages - 1);
}

}  // namespace aftersync::storage
