// Prng: a seed must mean the same numbers next year, on any machine.
#include "core/base/prng.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace aftersync {
namespace {

// The published reference output for this seed.
TEST(Prng, SplitMix64IsTheOriginal) {
  uint64_t state = 1234567;
  EXPECT_EQ(splitmix64(state), 6457827717110365317u);
  EXPECT_EQ(splitmix64(state), 3203168211198807973u);
  EXPECT_EQ(splitmix64(state), 9817491932198370423u);
  EXPECT_EQ(splitmix64(state), 4593380528125082431u);
}

// Computed once by an implementation of its own, from the generator's definition. When this fails,
// every seed that was ever written down has lost its meaning.
TEST(Prng, SeedsKeepTheirMeaning) {
  Prng plain(1);
  EXPECT_EQ(plain.next(), 17154914556750032435u);
  EXPECT_EQ(plain.next(), 15481925071032317162u);
  EXPECT_EQ(plain.next(), 3049712571244418729u);
  Prng stream(42, 7);
  EXPECT_EQ(stream.next(), 7094150420702097787u);
  EXPECT_EQ(stream.next(), 16892645422181031343u);
  Prng bounded(5);
  EXPECT_EQ(bounded.below(1000), 804u);
  EXPECT_EQ(bounded.below(1000), 651u);
}

TEST(Prng, StreamsOfOneSeedDiffer) {
  std::set<uint64_t> firsts;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (uint64_t stream = 0; stream < 30; ++stream) firsts.insert(Prng(seed, stream).next());
  }
  EXPECT_EQ(firsts.size(), 900u);
}

RC_GTEST_PROP(PrngProperty, TheSameSeedGivesTheSameNumbers, (uint64_t seed, uint64_t stream)) {
  Prng first(seed, stream);
  Prng second(seed, stream);
  for (int i = 0; i < 10; ++i) RC_ASSERT(first.next() == second.next());
}

RC_GTEST_PROP(PrngProperty, BelowStaysBelow, (uint64_t seed, uint64_t bound)) {
  RC_PRE(bound > 0);
  Prng prng(seed);
  for (int i = 0; i < 20; ++i) RC_ASSERT(prng.below(bound) < bound);
  RC_ASSERT(prng.below(1) == 0u);
}

RC_GTEST_PROP(PrngProperty, BetweenStaysBetween, (uint64_t seed, uint64_t a, uint64_t b)) {
  Prng prng(seed);
  const uint64_t low = std::min(a, b);
  const uint64_t high = std::max(a, b);
  for (int i = 0; i < 20; ++i) {
    const uint64_t drawn = prng.between(low, high);
    RC_ASSERT(low <= drawn && drawn <= high);
  }
  RC_ASSERT(prng.between(low, low) == low);
}

TEST(Prng, TheWholeRangeIsARange) {
  Prng prng(1);
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(prng.between(0, UINT64_MAX));
  EXPECT_EQ(seen.size(), 100u);
}

// Chi-squared against the uniform distribution, 99 degrees of freedom: 180 is far beyond chance.
TEST(Prng, BelowIsUniform) {
  Prng prng(3);
  constexpr int kDraws = 100'000;
  int counts[100] = {};
  for (int i = 0; i < kDraws; ++i) ++counts[prng.below(100)];
  double chi_squared = 0;
  for (const int count : counts) {
    const double difference = count - kDraws / 100;
    chi_squared += difference * difference / (kDraws / 100);
  }
  EXPECT_LT(chi_squared, 180);
}

TEST(Prng, ChanceIsAsLikelyAsTold) {
  Prng prng(4);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += prng.chance(0.25) ? 1 : 0;
  EXPECT_NEAR(hits, 2500, 250);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(prng.chance(0));
    EXPECT_FALSE(prng.chance(-1));
    EXPECT_TRUE(prng.chance(1));
    EXPECT_TRUE(prng.chance(2));
  }
}

TEST(PrngDeath, EmptyRangesAreChecked) {
  EXPECT_DEATH((void)Prng(1).below(0), "bound > 0");
  EXPECT_DEATH((void)Prng(1).between(2, 1), "low <= high");
}

}  // namespace
}  // namespace aftersync
