// Allocation inside a tablespace: pages to segments. Format and terms: space_format.h.
//
// The problem. Taking a page may need the file to grow, and the device may be full; but an
// operation that has begun to change pages can no longer fail. So room is *reserved* first, by
// reserve(), with no latch held: it extends the file if it must (in a mini-transaction of its own)
// and sets pages aside. Allocation under a reservation always succeeds.
//
// Latches: every function here latches page 0 of the space exclusively first (which serialises
// allocation within a space), then segments pages, then extents pages in page order, all until the
// mini-transaction ends. These come after all index and undo pages in the latch order.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/mtr.h"
#include "core/storage/space.h"

namespace aftersync::storage {

// Slot of a segment's inode; stored wherever the owner keeps its root.
using SegmentNo = StrongId<struct SegmentNoTag, uint32_t>;

// Room set aside in one space; gives back the rest when destroyed.
class [[nodiscard]] SpaceReservation {
 public:
  SpaceReservation() = default;
  SpaceReservation(SpaceReservation&& other) noexcept;
  SpaceReservation& operator=(SpaceReservation&& other) noexcept;
  ~SpaceReservation();

 private:
  friend class SpaceAllocator;
  std::shared_ptr<Space> space_;
  uint32_t pages_ = 0;    // single pages of fragment extents
  uint32_t extents_ = 0;  // whole extents
};

struct SegmentNeed {
  SegmentNo segment;
  uint32_t pages;
};

// Stateless; the state is in the pages.
class SpaceAllocator {
 public:
  explicit SpaceAllocator(PageStore& store) : store_(store) {}

  // Sets room aside for the given pages of existing segments. The caller holds nothing.
  // Code::no_space: the device is full; nothing changed.
  [[nodiscard]] Result<SpaceReservation> reserve(SpaceId space, std::span<const SegmentNeed> needs);
  // The same for `pages` pages of segments still to be created (up to 32 a segment).
  [[nodiscard]] Result<SpaceReservation> reserve_fragments(SpaceId space, uint32_t pages);

  // Takes a free inode. Code::too_large when all are in use.
  [[nodiscard]] Result<SegmentNo> create_segment(Mtr& mtr, SpaceId space);
  // A page for `segment`, latched exclusively and not initialised; `near` is where it would best be
  // (kNoPage: anywhere). The page has been counted against `reservation`. Fails only before any
  // change, and only if pages of the allocator cannot be read.
  [[nodiscard]] Result<Frame*> allocate(Mtr& mtr, SpaceId space, SegmentNo segment, PageNo near,
                                        SpaceReservation& reservation);
  // Loads what allocate() and free() will touch, so that they cannot fail for I/O in the middle of
  // an operation: latches page 0 and the inode. Optional.
  Status prepare(Mtr& mtr, SpaceId space, SegmentNo segment);
  // Gives back a page that the caller holds exclusively; it becomes PageType::unused.
  Status free(Mtr& mtr, SegmentNo segment, Frame* page);
  // Gives back up to one extent of the segment, and the inode when it is empty: true when done. For
  // dropping an index in steps, each in a mini-transaction of its own. The pages are not touched.
  [[nodiscard]] Result<bool> free_segment_step(Mtr& mtr, SpaceId space, SegmentNo segment);

  struct Usage {
    uint32_t pages = 0;
    uint32_t extents = 0;
  };
  [[nodiscard]] Result<Usage> usage(SpaceId space, SegmentNo segment);

 private:
  PageStore& store_;
};

}  // namespace aftersync::storage
