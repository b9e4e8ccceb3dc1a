// One history an anomaly, short enough to be understood by reading it. Each test also names what is
// still allowed, so that a checker that cries wolf fails as well as one that is blind.
#include <gtest/gtest.h>

#include "proptests/history/support.h"

namespace aftersync::model {
namespace {

TEST(ListAppend, SerialHistoryHolds) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, r y
      0 ok     append x 1, r y []
      1 invoke append x 2, append y 1
      1 ok     append x 2, append y 1
      0 invoke r x, r y
      0 ok     r x [1 2], r y [1])");
  EXPECT_EQ(checked.found(), "");
  EXPECT_TRUE(checked.holds("strict-serializable"));
}

// T1 and T2 each have an append on top of the other's.
TEST(ListAppend, G0DirtyWrite) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, append y 1
      1 invoke append x 2, append y 2
      0 ok     append x 1, append y 1
      1 ok     append x 2, append y 2
      2 invoke r x, r y
      2 ok     r x [1 2], r y [2 1])");
  EXPECT_TRUE(checked.report.findings.has(Anomaly::g0));
  EXPECT_FALSE(checked.holds("read-uncommitted"));
  EXPECT_EQ(checked.story(Anomaly::g0),
            "A circle of 2 transactions:\n"
            "    T1 is index 0-2, process 0, ok: append x 1; append y 1\n"
            "    T2 is index 1-3, process 1, ok: append x 2; append y 2\n"
            "    T1 < T2, because T2 appended 2 to key x after T1 appended 1 (ww);\n"
            "    but T2 < T1, because T1 appended 1 to key y after T2 appended 2 (ww): a "
            "contradiction.");
}

TEST(ListAppend, G1aAbortedRead) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      1 invoke r x
      0 fail   append x 1
      1 ok     r x [1])");
  EXPECT_EQ(checked.found(), "G1a");
  EXPECT_TRUE(checked.holds("read-uncommitted"));
  EXPECT_FALSE(checked.holds("read-committed"));
}

TEST(ListAppend, G1bIntermediateRead) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, append x 2
      1 invoke r x
      1 ok     r x [1]
      0 ok     append x 1, append x 2
      2 invoke r x
      2 ok     r x [1 2])");
  EXPECT_TRUE(checked.report.findings.has(Anomaly::g1b));
  EXPECT_FALSE(checked.holds("read-committed"));
  EXPECT_TRUE(checked.holds("strong-read-uncommitted"));
}

TEST(ListAppend, G1cCircularInformationFlow) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, r y
      1 invoke append y 1, r x
      0 ok     append x 1, r y [1]
      1 ok     append y 1, r x [1])");
  EXPECT_EQ(checked.found(), "G1c");
  EXPECT_TRUE(checked.holds("strong-read-uncommitted"));
  EXPECT_FALSE(checked.holds("read-committed"));
  EXPECT_EQ(checked.story(Anomaly::g1c),
            "A circle of 2 transactions:\n"
            "    T1 is index 0-2, process 0, ok: append x 1; r y [1]\n"
            "    T2 is index 1-3, process 1, ok: append y 1; r x [1]\n"
            "    T1 < T2, because T2 read key x as [1], and so saw T1's append of 1 (wr);\n"
            "    but T2 < T1, because T1 read key y as [1], and so saw T2's append of 1 (wr): a "
            "contradiction.");
}

TEST(ListAppend, InternalReadForgetsOwnAppend) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, r x
      0 ok     append x 1, r x [])");
  EXPECT_EQ(checked.found(), "internal");
  EXPECT_TRUE(checked.holds("strong-read-committed"));
  EXPECT_FALSE(checked.holds("snapshot-isolation"));
}

TEST(ListAppend, FutureReadSeesOwnLaterAppend) {
  const Checked checked = check_short(R"(
      0 invoke r x, append x 1
      0 ok     r x [1], append x 1)");
  EXPECT_EQ(checked.found(), "future-read");
  EXPECT_FALSE(checked.holds("read-atomic"));
}

TEST(ListAppend, DirtyUpdateBuildsOnAborted) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      0 fail   append x 1
      1 invoke append x 2
      1 ok     append x 2
      2 invoke r x
      2 ok     r x [1 2])");
  EXPECT_EQ(checked.found(), "G1a, dirty-update");
}

TEST(ListAppend, LostUpdateAlsoWhenNobodyReadsTheResult) {
  const Checked checked = check_short(R"(
      0 invoke r x, append x 1
      1 invoke r x, append x 2
      0 ok     r x [], append x 1
      1 ok     r x [], append x 2)");
  EXPECT_TRUE(checked.report.findings.has(Anomaly::lost_update));
  EXPECT_TRUE(checked.holds("monotonic-atomic-view"));
  EXPECT_FALSE(checked.holds("cursor-stability"));
  EXPECT_FALSE(checked.holds("snapshot-isolation"));
}

// The reader sees T1's append to x and misses its append to y, read earlier.
TEST(ListAppend, GSingleReadSkew) {
  const Checked checked = check_short(R"(
      1 invoke r y, r x
      0 invoke append x 1, append y 1
      0 ok     append x 1, append y 1
      1 ok     r y [], r x [1])");
  EXPECT_EQ(checked.found(), "G-single");
  EXPECT_TRUE(checked.holds("monotonic-atomic-view"));
  EXPECT_TRUE(checked.holds("cursor-stability"));
  EXPECT_FALSE(checked.holds("consistent-view"));
  EXPECT_FALSE(checked.holds("repeatable-read"));
  EXPECT_FALSE(checked.holds("snapshot-isolation"));
  EXPECT_EQ(checked.story(Anomaly::g_single),
            "A circle of 2 transactions:\n"
            "    T1 is index 0-3, process 1, ok: r y []; r x [1]\n"
            "    T2 is index 1-2, process 0, ok: append x 1; append y 1\n"
            "    T1 < T2, because T1 read key y as [], and so missed T2's append of 1, which no "
            "read shows (rw);\n"
            "    but T2 < T1, because T1 read key x as [1], and so saw T2's append of 1 (wr): a "
            "contradiction.");
}

// The same reads the other way round: what was seen has vanished.
TEST(ListAppend, ObservedTransactionVanishes) {
  const Checked checked = check_short(R"(
      1 invoke r x, r y
      0 invoke append x 1, append y 1
      0 ok     append x 1, append y 1
      1 ok     r x [1], r y [])");
  EXPECT_EQ(checked.found(), "observed-transaction-vanishes, G-single");
  EXPECT_TRUE(checked.holds("read-committed"));
  EXPECT_FALSE(checked.holds("monotonic-atomic-view"));
}

// Two readers disagree on which of two writers came first.
TEST(ListAppend, GNonadjacentLongFork) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      1 invoke append y 1
      2 invoke r x, r y
      3 invoke r x, r y
      0 ok     append x 1
      1 ok     append y 1
      2 ok     r x [1], r y []
      3 ok     r x [], r y [1])");
  EXPECT_EQ(checked.found(), "G-nonadjacent");
  EXPECT_TRUE(checked.holds("consistent-view"));
  EXPECT_FALSE(checked.holds("snapshot-isolation"));
  EXPECT_EQ(checked.report.cycles.cycles.at(Anomaly::g_nonadjacent).transactions.size(), 4u);
}

// Each reads what the other writes, and misses it: allowed by snapshot isolation.
TEST(ListAppend, G2ItemWriteSkew) {
  const Checked checked = check_short(R"(
      0 invoke r x, append y 1
      1 invoke r y, append x 1
      0 ok     r x [], append y 1
      1 ok     r y [], append x 1)");
  EXPECT_EQ(checked.found(), "G2-item");
  EXPECT_TRUE(checked.holds("strong-snapshot-isolation"));
  EXPECT_FALSE(checked.holds("repeatable-read"));
  EXPECT_FALSE(checked.holds("serializable"));
}

TEST(ListAppend, DuplicateElements) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      0 ok     append x 1
      1 invoke r x
      1 ok     r x [1 1])");
  EXPECT_EQ(checked.found(), "duplicate-elements");
  EXPECT_FALSE(checked.holds("read-uncommitted"));
}

TEST(ListAppend, IncompatibleOrder) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      1 invoke append x 2
      0 ok     append x 1
      1 ok     append x 2
      2 invoke r x
      3 invoke r x
      2 ok     r x [1 2]
      3 ok     r x [2 1])");
  EXPECT_TRUE(checked.report.findings.has(Anomaly::incompatible_order));
  EXPECT_FALSE(checked.holds("read-committed"));
}

// One transaction's appends stand in another order than it made them.
TEST(ListAppend, ProgramOrder) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, append x 2
      0 ok     append x 1, append x 2
      1 invoke r x
      1 ok     r x [2 1])");
  EXPECT_TRUE(checked.report.findings.has(Anomaly::incompatible_order));
  EXPECT_FALSE(checked.holds("serializable"));
}

TEST(ListAppend, UnwrittenRead) {
  const Checked checked = check_short(R"(
      0 invoke r x
      0 ok     r x [7])");
  EXPECT_EQ(checked.found(), "unwritten-read");
}

// A client does not see its own earlier append.
TEST(ListAppend, StaleReadInOneSession) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      0 ok     append x 1
      0 invoke r x
      0 ok     r x [])");
  EXPECT_EQ(checked.found(), "G-single-process");
  EXPECT_TRUE(checked.holds("serializable"));
  EXPECT_FALSE(checked.holds("strong-session-snapshot-isolation"));
}

// Another client does not see an append that had been acknowledged: what a lost commit looks like.
TEST(ListAppend, StaleReadInRealTime) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      0 ok     append x 1
      1 invoke r x
      1 ok     r x [])");
  EXPECT_EQ(checked.found(), "G-single-realtime");
  EXPECT_TRUE(checked.holds("strong-session-serializable"));
  EXPECT_FALSE(checked.holds("strong-snapshot-isolation"));
}

TEST(ListAppend, ConcurrentOperationsHaveNoRealTimeOrder) {
  const Checked checked = check_short(R"(
      0 invoke append x 1
      1 invoke r x
      0 ok     append x 1
      1 ok     r x [])");
  EXPECT_EQ(checked.found(), "");
}

TEST(ListAppend, UnansweredMayOrMayNotHaveHappened) {
  const Checked seen = check_short(R"(
      0 invoke append x 1
      0 info
      1 invoke r x
      1 ok     r x [1])");
  EXPECT_EQ(seen.found(), "");
  const Checked unseen = check_short(R"(
      0 invoke append x 1
      0 info
      1 invoke r x
      1 ok     r x [])");
  EXPECT_EQ(unseen.found(), "");
}

// It was read, so it happened, and all of it did: y 1 cannot be missing later.
TEST(ListAppend, UnansweredThatWasSeenHappenedWhole) {
  const Checked checked = check_short(R"(
      0 invoke append x 1, append y 1
      1 invoke r x
      1 ok     r x [1]
      1 invoke r y
      1 ok     r y [])");
  EXPECT_EQ(checked.found(), "G-single-process");
}

// Many stale readers of many unread appends: pairs would be a million edges.
TEST(ListAppend, UnreadAppendsStayLinear) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    const std::string process = std::to_string(i);
    text += process + " invoke r x, append x " + process + "\n";
  }
  for (int i = 0; i < 1000; ++i) {
    const std::string process = std::to_string(i);
    text += process + " ok r x [], append x " + process + "\n";
  }
  const Checked checked = check_short(text);
  EXPECT_LT(checked.report.edges, 10'000u);
  EXPECT_TRUE(checked.report.findings.has(Anomaly::lost_update));
  EXPECT_EQ(checked.report.findings.of(Anomaly::g2_item).count, 1u);
  EXPECT_EQ(checked.report.cycles.cycles.at(Anomaly::g2_item).transactions.size(), 2u);
}

}  // namespace
}  // namespace aftersync::model
