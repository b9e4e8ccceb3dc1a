// Durable pages: what mini-transactions did is there after any restart, with the smallest pool,
// from many tasks; damage is reported and left alone.
#include "core/storage/page_store.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/storage/page_check.h"
#include "proptests/storage/store_fixture.h"

namespace aftersync::storage {
namespace {

// Takes `count` pages in a segment of their own, each initialised as an overflow page.
std::vector<PageNo> make_pages(PageStore& store, size_t count) {
  SpaceAllocator allocator(store);
  SegmentNo segment;
  {
    Mtr mtr(store);
    auto made = allocator.create_segment(mtr, kTestSpace);
    CHECK_OK(made);
    segment = *made;
  }
  std::vector<PageNo> pages;
  while (pages.size() < count) {
    const auto some = static_cast<uint32_t>(std::min<size_t>(5, count - pages.size()));
    const SegmentNeed need{segment, some};
    auto reservation = allocator.reserve(kTestSpace, {&need, 1});
    CHECK_OK(reservation);
    Mtr mtr(store);
    for (uint32_t i = 0; i < some; ++i) {
      auto page = allocator.allocate(mtr, kTestSpace, segment, kNoPage, *reservation);
      CHECK_OK(page);
      mtr.init_page(*page, PageType::overflow);
      pages.push_back((*page)->id().page);
    }
  }
  return pages;
}

uint64_t value_at(PageStore& store, PageNo page, size_t slot) {
  const PinBudget budget(store.pool(), kReadPins);
  auto ref = store.pool().fetch({kTestSpace, page}, Latch::shared, PageType::overflow);
  CHECK_OK(ref);
  return load_be<uint64_t>(ref->bytes() + 64 + slot * 8);
}

Lsn set_value(PageStore& store, PageNo page, size_t slot, uint64_t value) {
  Mtr mtr(store);
  CHECK_OK(mtr.ready());
  auto frame = mtr.fetch({kTestSpace, page}, Latch::exclusive, PageType::overflow);
  CHECK_OK(frame);
  mtr.set(*frame, 64 + slot * 8, value);
  return mtr.commit();
}

TEST(PageStore, ABootstrappedStoreOpensAgain) {
  on_node([](Node& node) {
    { const auto store = open_store(node); }
    {
      const auto store = open_store(node);
      EXPECT_FALSE(store->is_new());
      CHECK_OK(store->close());
    }
    const auto store = open_store(node);
    EXPECT_TRUE(store->recovery_stats().log.clean_shutdown);
    EXPECT_EQ(store->recovery_stats().log.frames, 0u);
  });
}

TEST(PageStore, AnUnfinishedBootstrapIsMadeAgain) {
  on_node([](Node& node) {
    {
      auto store = PageStore::open(node, small_store());
      CHECK_OK(store);
      EXPECT_TRUE((*store)->is_new());
      CHECK_OK((*store)->create_space(kTestSpace));
    }
    const auto store = open_store(node);
    EXPECT_FALSE(store->is_new());
  });
}

TEST(PageStore, OnlyOneMayHaveItOpen) {
  on_node([](Node& node) {
    const auto store = open_store(node);
    EXPECT_EQ(PageStore::open(node, small_store()).code(), Code::unavailable);
  });
}

// Random changes to random pages, restarts with and without a clean end: pages equal the model.
RC_GTEST_PROP(PageStore, PagesEqualTheModelAfterEveryRestart, (uint64_t seed)) {
  on_node([&](Node& node) {
    Prng prng(seed);
    std::vector<PageNo> pages;
    std::map<std::pair<uint32_t, size_t>, uint64_t> model;
    for (int life = 0; life < 3; ++life) {
      const auto store = open_store(node);
      if (life == 0) pages = make_pages(*store, 90);
      for (const auto& [place, value] : model) {
        RC_ASSERT(value_at(*store, PageNo(place.first), place.second) == value);
      }
      for (uint64_t n = prng.below(200); n > 0; --n) {
        const PageNo page = pages[prng.below(pages.size())];
        const size_t slot = prng.below(2000);
        const uint64_t value = prng.next();
        set_value(*store, page, slot, value);
        model[{page.value(), slot}] = value;
        if (prng.chance(0.003)) store->cleaner().checkpoint();
        if (prng.chance(0.003)) CHECK_OK(store->pool().flush_all());
      }
      store->log().flush_to(store->log().end());
      if (prng.chance(0.3)) CHECK_OK(store->close());
    }
  });
}

// Many tasks move amounts between pages, two latched at a time, over a pool that holds a fraction
// of them; the sum never changes, and survives.
TEST(PageStore, ManyTasksOverTheSmallestPool) {
  on_node([](Node& node) {
    constexpr size_t kPages = 400;
    std::vector<PageNo> pages;
    const auto sum = [&](PageStore& store) {
      uint64_t total = 0;
      for (const PageNo page : pages) total += value_at(store, page, 0);
      return total;
    };
    {
      const auto store = open_store(node);
      pages = make_pages(*store, kPages);
      for (const PageNo page : pages) set_value(*store, page, 0, 1000);
      in_tasks(node, 8, [&](size_t task) {
        Prng prng(7, task);
        for (int n = 0; n < 400; ++n) {
          auto a = prng.below(kPages);
          auto b = prng.below(kPages);
          if (a == b) continue;
          if (a > b) std::swap(a, b);
          Mtr mtr(*store);
          CHECK_OK(mtr.ready());
          auto from = mtr.fetch({kTestSpace, pages[a]}, Latch::exclusive, PageType::overflow);
          auto to = mtr.fetch({kTestSpace, pages[b]}, Latch::exclusive, PageType::overflow);
          CHECK_OK(from);
          CHECK_OK(to);
          mtr.set(*from, 64, load_be<uint64_t>((*from)->bytes() + 64) - 1);
          mtr.set(*to, 64, load_be<uint64_t>((*to)->bytes() + 64) + 1);
          if (n % 100 == 0) store->log().flush_to(mtr.commit());
        }
      });
      EXPECT_EQ(sum(*store), 1000 * kPages);
      EXPECT_GT(store->pool().stats().evictions, kPages);
      store->log().flush_to(store->log().end());
    }
    const auto store = open_store(node);
    EXPECT_EQ(sum(*store), 1000 * kPages);
  });
}

void overwrite(Disk& disk, std::string_view path, uint64_t at, std::string_view bytes) {
  auto file = disk.open(path, OpenMode::write);
  CHECK_OK(file);
  CHECK_OK(file->write(at, bytes));
}

std::string contents(Disk& disk, std::string_view path) {
  auto file = disk.open(path, OpenMode::read);
  CHECK_OK(file);
  std::string bytes(*file->size(), '\0');
  CHECK_OK(file->read_exactly(0, bytes));
  return bytes;
}

TEST(PageStore, ATornPageIsRestoredFromTheDoublewriteFile) {
  on_node([](Node& node) {
    std::vector<PageNo> pages;
    {
      const auto store = open_store(node);
      pages = make_pages(*store, 3);
      CHECK_OK(store->pool().flush_all());
      set_value(*store, pages[1], 5, 77);
      CHECK_OK(store->pool().flush_all());
    }
    // The second half of the page never arrived.
    overwrite(node.disk(), space_path(kTestSpace), pages[1].value() * kPageBytes + kPageBytes / 2,
              std::string(kPageBytes / 2, 'x'));
    const auto store = open_store(node);
    EXPECT_EQ(store->recovery_stats().torn_pages_repaired, 1u);
    EXPECT_EQ(value_at(*store, pages[1], 5), 77u);
  });
}

TEST(PageStore, DamageIsReportedAndLeftAlone) {
  on_node([](Node& node) {
    constexpr SpaceId kOther{17};
    std::vector<PageNo> pages;
    {
      const auto store = open_store(node);
      pages = make_pages(*store, 40);
      CHECK_OK(store->create_space(kOther));
      CHECK_OK(store->pool().flush_all());
      for (const PageNo page : pages) {
        if (page != pages[3]) set_value(*store, page, 1, 9);
      }
      CHECK_OK(store->close());
    }
    const std::string path = space_path(kTestSpace);
    overwrite(node.disk(), path, pages[3].value() * kPageBytes + 5000, "rot");
    const std::string before = contents(node.disk(), path);
    const auto store = open_store(node);
    const PinBudget budget(store->pool(), kReadPins);
    const auto got = store->pool().fetch({kTestSpace, pages[3]}, Latch::shared, PageType::overflow);
    EXPECT_EQ(got.code(), Code::corruption);
    const std::string message(got.status().message());
    EXPECT_NE(message.find(path + " page " + std::to_string(pages[3].value()) + ": checksum"),
              std::string::npos)
        << message;
    // Out of use from now on; others are not.
    EXPECT_EQ(store->pool().fetch({kTestSpace, pages[5]}, Latch::shared, PageType::overflow).code(),
              Code::corruption);
    CHECK_OK(store->spaces().open(kOther));
    EXPECT_TRUE(
        store->pool().fetch({kOther, PageNo(0)}, Latch::shared, PageType::space_header).ok());
    EXPECT_EQ(contents(node.disk(), path), before);
  });
}

TEST(PageStore, ALostFileIsReportedAndOthersGoOn) {
  on_node([](Node& node) {
    constexpr SpaceId kOther{17};
    {
      const auto store = open_store(node);
      const auto pages = make_pages(*store, 3);
      CHECK_OK(store->create_space(kOther));
      set_value(*store, pages[0], 0, 1);
      store->log().flush_to(store->log().end());
    }
    CHECK_OK(node.disk().remove(space_path(kTestSpace)));
    auto store = PageStore::open(node, small_store());
    CHECK_OK(store);
    ASSERT_EQ((*store)->recovery_stats().lost_spaces.size(), 1u);
    EXPECT_EQ((*store)->spaces().open(kTestSpace).code(), Code::corruption);
    EXPECT_TRUE((*store)->spaces().open(kOther).ok());
  });
}

TEST(PageStore, ADroppedFileIsNotMissed) {
  on_node([](Node& node) {
    {
      const auto store = open_store(node);
      const auto pages = make_pages(*store, 3);
      set_value(*store, pages[0], 0, 1);
      CHECK_OK(store->drop_space(kTestSpace));
    }
    auto store = PageStore::open(node, small_store());
    CHECK_OK(store);
    EXPECT_TRUE((*store)->recovery_stats().lost_spaces.empty());
    EXPECT_EQ((*store)->spaces().open(kTestSpace).code(), Code::not_found);
  });
}

TEST(PageStore, RedoIsReusedManyTimesRound) {
  on_node([](Node& node) {
    std::vector<PageNo> pages;
    {
      const auto store = open_store(node);
      pages = make_pages(*store, 100);
      const uint64_t rounds = 6 * store->log().capacity();
      const std::string bytes(8000, 'r');
      for (uint64_t n = 0; store->log().end().value() < rounds; ++n) {
        Mtr mtr(*store);
        CHECK_OK(mtr.ready());
        auto frame =
            mtr.fetch({kTestSpace, pages[n % pages.size()]}, Latch::exclusive, PageType::overflow);
        CHECK_OK(frame);
        mtr.set_bytes(*frame, 64, bytes);
        mtr.set(*frame, 64, n);
      }
      store->log().flush_to(store->log().end());
      EXPECT_LE(store->log().used(), store->log().capacity());
    }
    const auto store = open_store(node);
    EXPECT_GT(value_at(*store, pages[1], 0), pages.size());
  });
}

}  // namespace
}  // namespace aftersync::storage
