// Strong ids: integers that do not mix.
#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace aftersync {
namespace {

static_assert(!std::is_convertible_v<uint64_t, Lsn>, "no id out of the blue");
static_assert(!std::is_convertible_v<Lsn, uint64_t>, "and none back");
static_assert(!std::is_constructible_v<Lsn, TrxId>, "a transaction is no position");
static_assert(!std::is_assignable_v<Lsn&, uint64_t>);
static_assert(sizeof(PageNo) == 4 && sizeof(Lsn) == 8, "an id costs what its number costs");
static_assert(std::is_trivially_copyable_v<PageId>);

template <typename A, typename B>
concept Comparable = requires(A a, B b) {
  a < b;
};
static_assert(Comparable<Lsn, Lsn> && !Comparable<Lsn, TrxId> && !Comparable<Lsn, uint64_t>);

TEST(Ids, CompareAsTheirNumbers) {
  EXPECT_EQ(Lsn(), Lsn(0));
  EXPECT_LT(Lsn(1), Lsn(2));
  EXPECT_GE(Lsn(2), Lsn(2));
  EXPECT_EQ(Lsn(7).value(), 7u);
  EXPECT_EQ(Lsn(7).next(), Lsn(8));
  EXPECT_EQ(PageNo::max().value(), UINT32_MAX);
  EXPECT_EQ(kNoPage, PageNo::max());
}

TEST(Ids, PageIdsAreOrderedBySpaceThenPage) {
  const PageId low{SpaceId(1), PageNo(9)};
  const PageId high{SpaceId(2), PageNo(0)};
  EXPECT_LT(low, high);
  EXPECT_LT(high, (PageId{SpaceId(2), PageNo(1)}));
  EXPECT_EQ(low, (PageId{SpaceId(1), PageNo(9)}));
}

TEST(Ids, HashesOfNeighboursDiffer) {
  std::unordered_set<size_t> hashes;
  for (uint32_t space = 0; space < 30; ++space) {
    for (uint32_t page = 0; page < 30; ++page) {
      hashes.insert(std::hash<PageId>()({SpaceId(space), PageNo(page)}));
    }
  }
  EXPECT_EQ(hashes.size(), 900u);
  EXPECT_EQ(std::hash<Lsn>()(Lsn(5)), std::hash<Lsn>()(Lsn(5)));
}

}  // namespace
}  // namespace aftersync
