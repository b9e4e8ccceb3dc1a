// Register histories: what little order they give is used, and no more.
#include <gtest/gtest.h>

#include "proptests/history/support.h"

namespace aftersync::model {
namespace {

TEST(RwRegister, SerialHistoryHolds) {
  const Checked checked = check_short(R"(
      0 invoke w x 1, r y
      0 ok     w x 1, r y null
      1 invoke r x, w x 2
      1 ok     r x 1, w x 2)");
  EXPECT_EQ(checked.found(), "");
}

TEST(RwRegister, G0NeedsKnownVersions) {
  const Checked checked = check_short(R"(
      0 invoke r x, w x 1, r y, w y 1
      1 invoke r x, w x 2, r y, w y 2
      0 ok     r x 2, w x 1, r y null, w y 1
      1 ok     r x null, w x 2, r y 1, w y 2)");
  EXPECT_EQ(checked.found(), "observed-transaction-vanishes, G0, G1c, G-single");
}

TEST(RwRegister, G1aG1bAndUnwritten) {
  EXPECT_EQ(check_short(R"(
      0 invoke w x 1
      0 fail
      1 invoke r x
      1 ok r x 1)")
                .found(),
            "G1a");
  EXPECT_EQ(check_short(R"(
      0 invoke w x 1, w x 2
      1 invoke r x
      1 ok r x 1
      0 ok w x 1, w x 2)")
                .found(),
            "G1b");
  EXPECT_EQ(check_short(R"(
      1 invoke r x
      1 ok r x 9)")
                .found(),
            "unwritten-read");
}

TEST(RwRegister, G1cCircularInformationFlow) {
  const Checked checked = check_short(R"(
      0 invoke w x 1, r y
      1 invoke w y 1, r x
      0 ok     w x 1, r y 1
      1 ok     w y 1, r x 1)");
  EXPECT_EQ(checked.found(), "G1c");
}

TEST(RwRegister, InternalAndFuture) {
  EXPECT_EQ(check_short("0 invoke w x 1, r x\n0 ok w x 1, r x null").found(), "internal");
  EXPECT_EQ(check_short("0 invoke r x, w x 1\n0 ok r x 1, w x 1").found(), "future-read");
}

TEST(RwRegister, LostUpdate) {
  const Checked checked = check_short(R"(
      2 invoke w x 1
      2 ok     w x 1
      0 invoke r x, w x 2
      1 invoke r x, w x 3
      0 ok     r x 1, w x 2
      1 ok     r x 1, w x 3)");
  EXPECT_EQ(checked.found(), "lost-update, G2-item");
  EXPECT_FALSE(checked.holds("snapshot-isolation"));
}

TEST(RwRegister, WriteSkewFromNull) {
  const Checked checked = check_short(R"(
      0 invoke r x, w y 1
      1 invoke r y, w x 1
      0 ok     r x null, w y 1
      1 ok     r y null, w x 1)");
  EXPECT_EQ(checked.found(), "G2-item");
  EXPECT_TRUE(checked.holds("snapshot-isolation"));
}

TEST(RwRegister, CyclicVersions) {
  const Checked checked = check_short(R"(
      0 invoke r x, w x 1
      1 invoke r x, w x 2
      0 ok     r x 2, w x 1
      1 ok     r x 1, w x 2)");
  EXPECT_EQ(checked.found(), "cyclic-versions, G0, G1c");
  EXPECT_FALSE(checked.holds("read-uncommitted"));
}

TEST(RwRegister, StaleReadOfNull) {
  const Checked checked = check_short(R"(
      0 invoke w x 1
      0 ok     w x 1
      1 invoke r x
      1 ok     r x null)");
  EXPECT_EQ(checked.found(), "G-single-realtime");
}

// Which of two blind writes came first is unknown, so a stale read of the first cannot be told.
TEST(RwRegister, BlindWritesHaveNoOrder) {
  const Checked checked = check_short(R"(
      0 invoke w x 1
      0 ok     w x 1
      0 invoke w x 2
      0 ok     w x 2
      1 invoke r x
      1 ok     r x 1)");
  EXPECT_EQ(checked.found(), "");
}

}  // namespace
}  // namespace aftersync::model
