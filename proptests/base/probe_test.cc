// PROBE: counts where it stands, and is known even where nobody came by.
#include "core/base/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace aftersync {
namespace {

void visit_first() { PROBE("test/shared"); }
void visit_second() { PROBE("test/shared"); }
void visit_alone(bool really) {
  if (really) PROBE("test/alone");
}

const ProbeReading* find(const std::vector<ProbeReading>& readings, std::string_view name) {
  const auto it = std::find_if(readings.begin(), readings.end(),
                               [&](const ProbeReading& r) { return r.name == name; });
  return it == readings.end() ? nullptr : &*it;
}

uint64_t visits(std::string_view name) {
  const auto readings = read_probes();
  const ProbeReading* reading = find(readings, name);
  return reading == nullptr ? UINT64_MAX : reading->visits;
}

TEST(Probe, IsKnownBeforeItIsReached) {
  reset_probes();
  visit_alone(false);
  EXPECT_EQ(visits("test/alone"), 0u);
  visit_alone(true);
  EXPECT_EQ(visits("test/alone"), 1u);
  EXPECT_EQ(visits("test/no-such"), UINT64_MAX);
}

TEST(Probe, SitesOfOneNameAddUp) {
  reset_probes();
  visit_first();
  visit_first();
  visit_second();
  EXPECT_EQ(visits("test/shared"), 3u);
}

TEST(Probe, ReadingsAreOrderedByNameAndSayWhere) {
  const auto readings = read_probes();
  EXPECT_TRUE(std::is_sorted(readings.begin(), readings.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const ProbeReading* alone = find(readings, "test/alone");
  ASSERT_NE(alone, nullptr);
  EXPECT_NE(alone->file.find("probe_test.cc"), std::string_view::npos);
  EXPECT_GT(alone->line, 0);
}

TEST(Probe, ResetForgetsVisitsAndNotProbes) {
  visit_first();
  visit_alone(true);
  reset_probes();
  EXPECT_EQ(visits("test/shared"), 0u);
  EXPECT_EQ(visits("test/alone"), 0u);
}

TEST(Probe, CountsFromAllThreads) {
  reset_probes();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int turn = 0; turn < 1000; ++turn) visit_alone(true);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(visits("test/alone"), 4000u);
}

}  // namespace
}  // namespace aftersync
