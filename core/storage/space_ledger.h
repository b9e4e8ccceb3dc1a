// SpaceLedger: the header, descriptors and inodes of one space within one mini-transaction.
// Internal to the allocator; format in space_format.h, policy in segment.cc.
//
// Latches page 0 exclusively when opened, other pages as they are needed, all until the
// mini-transaction ends. Pages it needs after a change has been made *must* be readable: without
// them the change can be neither finished nor taken back, so the process stops.
#pragma once

#include <cstdint>

#include "core/base/status.h"
#include "core/storage/mtr.h"
#include "core/storage/segment.h"
#include "core/storage/space_format.h"

namespace aftersync::storage {

class SpaceLedger {
 public:
  // A field somewhere in the ledger's pages.
  struct Place {
    Frame* frame = nullptr;
    size_t offset = 0;
    [[nodiscard]] Place at(size_t more) const { return {frame, offset + more}; }
  };

  SpaceLedger(PageStore& store, Mtr& mtr, SpaceId space)
      : store_(store), mtr_(mtr), space_(space) {}
  Status open();
  // The inode of a segment in use; Code::invalid_argument otherwise.
  [[nodiscard]] Result<Place> inode(SegmentNo segment);

  [[nodiscard]] uint32_t get(Place p) const {
    return load_be<uint32_t>(p.frame->bytes() + p.offset);
  }
  void set(Place p, uint32_t value) { mtr_.set(p.frame, p.offset, value); }
  void add(Place p, int32_t change) { set(p, get(p) + static_cast<uint32_t>(change)); }

  [[nodiscard]] Place header(size_t offset) const { return {header_, offset}; }
  [[nodiscard]] uint32_t size_pages() const { return get(header(space_format::kSizePagesAt)); }

  // Lists of extents.
  [[nodiscard]] uint32_t first(Place list) const { return get(list); }
  [[nodiscard]] uint32_t length(Place list) const { return get(list.at(8)); }
  void push_back(Place list, uint32_t extent);
  void remove(Place list, uint32_t extent);

  // Descriptors.
  [[nodiscard]] uint32_t previous_of(uint32_t extent) { return get(descriptor(extent)); }
  [[nodiscard]] uint32_t next_of(uint32_t extent) { return get(descriptor(extent).at(4)); }
  [[nodiscard]] space_format::ExtentState state(uint32_t extent);
  [[nodiscard]] uint32_t owner(uint32_t extent) { return get(descriptor(extent).at(12)); }
  void set_state(uint32_t extent, space_format::ExtentState state, uint32_t owner);
  [[nodiscard]] uint64_t bitmap(uint32_t extent);
  void set_bitmap(uint32_t extent, uint64_t bits);
  // The first free page of the extent from `from` on, within the usable size; 64 when none.
  [[nodiscard]] uint32_t free_bit(uint32_t extent, uint32_t from);

  // Makes the next untouched extent available: on the free list, or, when its first page is needed
  // for descriptors, on the fragment list.
  void touch_next_extent();

 private:
  [[nodiscard]] Place descriptor(uint32_t extent);
  Frame* must_fetch(PageNo page);

  PageStore& store_;
  Mtr& mtr_;
  const SpaceId space_;
  Frame* header_ = nullptr;
};

}  // namespace aftersync::storage
