// Allocation: no page has two owners, nothing leaks, room once promised is there, and the ledger of
// the space adds up after any sequence of steps and restarts.
#include "core/storage/segment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "proptests/storage/store_fixture.h"

namespace aftersync::storage {
namespace {

using Owned = std::map<uint32_t, std::set<uint32_t>>;  // segment -> pages

SegmentNo make_segment(PageStore& store) {
  Mtr mtr(store);
  auto made = SpaceAllocator(store).create_segment(mtr, kTestSpace);
  CHECK_OK(made);
  return *made;
}

void take(PageStore& store, SegmentNo segment, uint32_t count, Owned& owned) {
  SpaceAllocator allocator(store);
  const SegmentNeed need{segment, count};
  auto reservation = allocator.reserve(kTestSpace, {&need, 1});
  CHECK_OK(reservation);
  for (uint32_t i = 0; i < count; ++i) {
    auto& pages = owned[segment.value()];
    const PageNo near = pages.empty() ? kNoPage : PageNo(*pages.rbegin());
    Mtr mtr(store);
    auto page = allocator.allocate(mtr, kTestSpace, segment, near, *reservation);
    CHECK_OK(page);
    mtr.init_page(*page, PageType::overflow);
    for (const auto& [other, theirs] : owned) {
      CHECK(!theirs.contains((*page)->id().page.value()));
    }
    pages.insert((*page)->id().page.value());
  }
}

void give_back(PageStore& store, SegmentNo segment, uint32_t page) {
  Mtr mtr(store);
  auto frame = mtr.fetch({kTestSpace, PageNo(page)}, Latch::exclusive, PageType::overflow);
  CHECK_OK(frame);
  CHECK_OK(SpaceAllocator(store).free(mtr, segment, *frame));
}

void drop_segment(PageStore& store, SegmentNo segment) {
  while (true) {
    Mtr mtr(store);
    auto done = SpaceAllocator(store).free_segment_step(mtr, kTestSpace, segment);
    CHECK_OK(done);
    if (*done) return;
  }
}

void check(PageStore& store, const Owned& owned) {
  SpaceAllocator allocator(store);
  CHECK_OK(allocator.check(kTestSpace));
  for (const auto& [segment, pages] : owned) {
    auto usage = allocator.usage(kTestSpace, SegmentNo(segment));
    CHECK_OK(usage);
    CHECK_EQ(usage->pages, pages.size());
  }
}

void random_step(PageStore& store, Prng& prng, Owned& owned) {
  if (owned.empty() || (owned.size() < 5 && prng.chance(0.05))) {
    owned[make_segment(store).value()];
    return;
  }
  auto it = std::next(owned.begin(), static_cast<ptrdiff_t>(prng.below(owned.size())));
  auto& [segment, pages] = *it;
  if (prng.chance(0.02)) {
    drop_segment(store, SegmentNo(segment));
    owned.erase(it);
  } else if (prng.chance(0.55)) {
    take(store, SegmentNo(segment), static_cast<uint32_t>(prng.between(1, 30)), owned);
  } else {
    for (uint64_t n = prng.below(20); n > 0 && !pages.empty(); --n) {
      auto page = pages.lower_bound(static_cast<uint32_t>(prng.below(*pages.rbegin() + 1)));
      give_back(store, SegmentNo(segment), *page);
      pages.erase(page);
    }
  }
}

RC_GTEST_PROP(Segment, TheLedgerAddsUpAfterAnySteps, (uint64_t seed)) {
  on_node([&](Node& node) {
    Prng prng(seed);
    Owned owned;
    for (int life = 0; life < 3; ++life) {
      const auto store = open_store(node);
      check(*store, owned);
      for (uint64_t n = prng.below(40); n > 0; --n) random_step(*store, prng, owned);
      check(*store, owned);
      store->log().flush_to(store->log().end());
    }
  });
}

TEST(Segment, GrowsPastAnExtentsPage) {
  on_node([](Node& node) {
    Owned owned;
    {
      const auto store = open_store(node, small_store(128));
      const SegmentNo segment = make_segment(*store);
      // 16384 pages are 256 extents; the next one begins with a page of descriptors.
      SpaceAllocator allocator(*store);
      for (uint32_t done = 0; done < 17'000; done += 200) {
        const SegmentNeed need{segment, 200};
        auto reservation = allocator.reserve(kTestSpace, {&need, 1});
        CHECK_OK(reservation);
        for (int i = 0; i < 200; ++i) {
          Mtr mtr(*store);
          auto page = allocator.allocate(mtr, kTestSpace, segment, kNoPage, *reservation);
          CHECK_OK(page);
          mtr.init_page(*page, PageType::overflow);
          owned[segment.value()].insert((*page)->id().page.value());
        }
      }
      EXPECT_FALSE(owned[segment.value()].contains(16384));
      check(*store, owned);
      CHECK_OK(store->close());
    }
    const auto store = open_store(node, small_store(128));
    check(*store, owned);
    for (const auto& [segment, pages] : owned) drop_segment(*store, SegmentNo(segment));
    check(*store, {});
  });
}

TEST(Segment, ManyTasksTakeAndGiveBack) {
  on_node([](Node& node) {
    const auto store = open_store(node, small_store(256));
    std::vector<SegmentNo> segments;
    for (int i = 0; i < 3; ++i) segments.push_back(make_segment(*store));
    std::vector<Owned> owned(6);
    in_tasks(node, owned.size(), [&](size_t task) {
      Prng prng(3, task);
      const SegmentNo segment = segments[task % segments.size()];
      auto& pages = owned[task][segment.value()];
      for (int n = 0; n < 60; ++n) {
        if (prng.chance(0.6) || pages.empty()) {
          take(*store, segment, static_cast<uint32_t>(prng.between(1, 6)), owned[task]);
        } else {
          give_back(*store, segment, *pages.begin());
          pages.erase(pages.begin());
        }
      }
    });
    Owned all;
    for (const Owned& one : owned) {
      for (const auto& [segment, pages] : one) {
        for (const uint32_t page : pages) EXPECT_TRUE(all[segment].insert(page).second);
      }
    }
    check(*store, all);
  });
}

TEST(Segment, AllInodesMayBeUsed) {
  on_node([](Node& node) {
    const auto store = open_store(node);
    for (uint32_t i = 0; i < space_format::kMaxSegments; ++i) {
      EXPECT_EQ(make_segment(*store).value(), i);
    }
    Mtr mtr(*store);
    EXPECT_EQ(SpaceAllocator(*store).create_segment(mtr, kTestSpace).code(), Code::too_large);
  });
}

}  // namespace
}  // namespace aftersync::storage
