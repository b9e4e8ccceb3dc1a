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

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/mtr.h"
#include "core/storage/space.h"

namespace aftersync::storage {

class SpaceLedger;

// Slot of a segment's inode; stored wherever the owner keeps its root.
using SegmentNo = StrongId<struct SegmentNoTag, uint32_t>;

struct SegmentNeed {
  SegmentNo segment;
  uint32_t pages;
};

// Room set aside in one space; gives back the rest when destroyed.
class [[nodiscard]] SpaceReservation {
 public:
  static constexpr size_t kMaxSegmentsNamed = 4;

  SpaceReservation() = default;
  SpaceReservation(SpaceReservation&& other) noexcept { *this = std::move(other); }
  SpaceReservation& operator=(SpaceReservation&& other) noexcept;
  ~SpaceReservation() { give_back(); }

 private:
  friend class SpaceAllocator;
  struct Slots {
    uint32_t segment;
    uint32_t count;
  };
  void give_back();
  Slots* slots_of(SegmentNo segment);

  std::shared_ptr<Space> space_;
  uint32_t pages_ = 0;         // single pages of fragment extents
  uint32_t extents_ = 0;       // whole extents
  uint32_t extent_pages_ = 0;  // pages still to come out of those
  std::array<Slots, kMaxSegmentsNamed> slots_{};
  uint32_t named_ = 0;
  bool any_new_segment_ = false;
};

// Stateless; the state is in the pages.
class SpaceAllocator {
 public:
  explicit SpaceAllocator(PageStore& store) : store_(store) {}

  // Sets room aside for the given pages of existing segments. The caller holds nothing.
  // Code::no_space: the device is full; nothing changed.
  [[nodiscard]] Result<SpaceReservation> reserve(SpaceId space, std::span<const SegmentNeed> needs);
  // The same for `pages` pages of segments still to be created, up to 32 a segment.
  [[nodiscard]] Result<SpaceReservation> reserve_fragments(SpaceId space, uint32_t pages);

  // Takes a free inode. Code::too_large when all are in use.
  [[nodiscard]] Result<SegmentNo> create_segment(Mtr& mtr, SpaceId space);
  // A page for `segment`, latched exclusively and not initialised; `near` is where it would best be
  // (kNoPage: anywhere). The page is counted against `reservation`, which must cover it. Fails only
  // before any change, and only if pages of the allocator cannot be read.
  [[nodiscard]] Result<Frame*> allocate(Mtr& mtr, SpaceId space, SegmentNo segment, PageNo near,
                                        SpaceReservation& reservation);
  // Latches what allocate() and free() need first, so that a later call of them in the same
  // mini-transaction cannot fail. Call it before the operation's first change.
  Status prepare(Mtr& mtr, SpaceId space, SegmentNo segment);
  // Gives back a page that the caller holds exclusively; it becomes PageType::unused.
  Status free(Mtr& mtr, SegmentNo segment, Frame* page);
  // Gives back one extent of the segment or some of its single pages, and the inode when it is
  // empty: true when done. For dropping an index in steps, each in a mini-transaction of its own.
  // The pages are not touched.
  [[nodiscard]] Result<bool> free_segment_step(Mtr& mtr, SpaceId space, SegmentNo segment);

  struct Usage {
    uint32_t pages = 0;
    uint32_t extents = 0;
  };
  [[nodiscard]] Result<Usage> usage(SpaceId space, SegmentNo segment);
  // Checks lists, descriptors, inodes and counts of a whole space against each other.
  Status check(SpaceId space);

 private:
  struct Room;
  Status make_room(Space& space, SpaceLedger& ledger, const SpaceReservation& wanted);
  static SpaceReservation promise(const std::shared_ptr<Space>& space, SpaceReservation wanted);
  PageStore& store_;
};

}  // namespace aftersync::storage
