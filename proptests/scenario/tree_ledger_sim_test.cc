// The ledger that judges readers of a tree: what it must let pass, and what it must not.
#include "faults/storage/tree_ledger.h"

#include <gtest/gtest.h>

namespace aftersync::faults {
namespace {

constexpr auto kAbsent = TreeLedger::kAbsent;

TEST(TreeLedger, ARowThatIsThereAllTheWhileMustBeSeenAsItIs) {
  TreeLedger ledger(2);
  ledger.begin(0, 5);
  ledger.end(0);
  const auto since = ledger.now();
  EXPECT_EQ(ledger.judge(0, since, 5), "");
  EXPECT_EQ(ledger.judge(1, since, kAbsent), "");
  EXPECT_EQ(ledger.judge(0, since, kAbsent).substr(0, 11), "row missed:");
  EXPECT_EQ(ledger.judge(0, since, 4).substr(0, 16), "another version:");
  EXPECT_EQ(ledger.judge(1, since, 9).substr(0, 16), "row that is gone");
}

TEST(TreeLedger, ARowBeingChangedMayBeSeenEitherWay) {
  TreeLedger ledger(1);
  const auto before = ledger.now();
  ledger.begin(0, 5);
  const auto within = ledger.now();
  EXPECT_EQ(ledger.judge(0, before, kAbsent), "");
  EXPECT_EQ(ledger.judge(0, before, 5), "");
  ledger.end(0);
  // A read that began before the change had ended may still have come first.
  EXPECT_EQ(ledger.judge(0, within, kAbsent), "");
  EXPECT_EQ(ledger.judge(0, within, 5), "");
  EXPECT_NE(ledger.judge(0, ledger.now(), kAbsent), "");
}

TEST(TreeLedger, ALongReadMayMeetAnyVersionOfItsTime) {
  TreeLedger ledger(1);
  ledger.begin(0, 5);
  ledger.end(0);
  const auto since = ledger.now();
  ledger.begin(0, 6);
  ledger.end(0);
  ledger.begin(0, kAbsent);
  ledger.end(0);
  for (const TreeLedger::Version seen : {5u, 6u, kAbsent}) {
    EXPECT_EQ(ledger.judge(0, since, seen), "") << seen;
  }
  EXPECT_NE(ledger.judge(0, since, 7), "");
  EXPECT_NE(ledger.judge(0, ledger.now(), 6), "");
  EXPECT_EQ(ledger.judge(0, ledger.now(), kAbsent), "");
}

}  // namespace
}  // namespace aftersync::faults
