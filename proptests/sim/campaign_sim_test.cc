// Whole scenarios, many times in one process: every run the same again, and nothing left behind.
//
// A quick share of what these commands do for good measure:
//   aftersync-sim run --scenario wal-kv --seeds 1..1000 --twice   (and lock-queue, req-ack)
//   AFTERSYNC_LEAK_SEEDS=10000 build/release/bin/test-sim-sim --gtest_filter='Campaign.*Grow*'
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "proptests/scenario/expanded.h"

namespace aftersync::faults {
namespace {

TEST(Campaign, EverySeedRunTwiceGivesTheSameHash) {
  for (const char* scenario : {"wal-kv", "lock-queue", "req-ack"}) {
    uint64_t before = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      const RunSpec spec = expanded(scenario, seed);
      const auto first = run(spec);
      const auto second = run(spec);
      ASSERT_TRUE(first.ok() && second.ok());
      ASSERT_EQ(first->result.digest, second->result.digest) << scenario << " seed " << seed;
      ASSERT_EQ(first->result.steps, second->result.steps) << scenario << " seed " << seed;
      ASSERT_NE(first->result.digest, before) << scenario << " seed " << seed;
      before = first->result.digest;
    }
  }
}

TEST(Campaign, ATraceChangesNothing) {
  for (const char* scenario : {"wal-kv", "lock-queue", "req-ack"}) {
    const RunSpec spec = expanded(scenario, 7);
    const auto plain = run(spec);
    const auto traced = run(spec, /*keep_trace=*/true);
    ASSERT_TRUE(plain.ok() && traced.ok());
    EXPECT_EQ(plain->result.digest, traced->result.digest) << scenario;
    EXPECT_TRUE(plain->trace.empty());
    EXPECT_FALSE(traced->trace.empty());
  }
}

// The address sanitizer keeps freed memory back for a while, and looks for leaks itself.
#if !defined(__SANITIZE_ADDRESS__)

constexpr size_t kMebibyte = size_t{1} << 20;

// In bytes.
size_t resident_set() {
  size_t pages = 0;
  size_t resident = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  CHECK(file != nullptr);
  CHECK(std::fscanf(file, "%zu %zu", &pages, &resident) == 2);
  std::fclose(file);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(Campaign, ManySeedsInOneProcessDoNotGrowIt) {
  const char* const wanted = std::getenv("AFTERSYNC_LEAK_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 400 : std::strtoull(wanted, nullptr, 10);
  for (const char* scenario : {"lock-queue", "wal-kv", "req-ack"}) {
    const auto loaded = load_scenario(scenario);
    ASSERT_TRUE(loaded.ok());
    size_t warm = 0;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
      if (seed == seeds / 10) warm = resident_set();
      const auto spec = expand(*loaded, seed);
      ASSERT_TRUE(spec.ok());
      const auto outcome = run(*spec);
      ASSERT_TRUE(outcome.ok());
      ASSERT_TRUE(outcome->held()) << outcome->violation;
    }
    const size_t grown = resident_set() - std::min(warm, resident_set());
    std::printf("%s: %llu seeds, resident set grew by %zu KiB\n", scenario,
                static_cast<unsigned long long>(seeds), grown / 1024);
    EXPECT_LT(grown, size_t{50} * kMebibyte * seeds / 10'000 + kMebibyte) << scenario;
  }
}

#endif

}  // namespace
}  // namespace aftersync::faults
