// The workloads that are not transactions: what each checker finds, and what it lets pass.
#include <gtest/gtest.h>

#include "model/history/gtid_text.h"
#include "proptests/history/support.h"

namespace aftersync::model {
namespace {

std::string found(std::string_view text) { return check_short(text).found(); }

TEST(Ledger, AllNodesAgree) {
  EXPECT_EQ(found(R"(
      0 invoke ledger/insert 1
      0 ok ledger/insert
      1 invoke ledger/insert 2
      1 info ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"a","ids":[1,2]}
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[2,1]})"),
            "");
}

TEST(Ledger, LostCommit) {
  const Checked checked = check_short(R"(
      0 invoke ledger/insert 1
      0 ok ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"a","ids":[]})");
  EXPECT_EQ(checked.found(), "lost-commit");
  EXPECT_EQ(checked.story(Anomaly::lost_commit),
            "Entry 1 (index 0-1, process 0) was acknowledged, and is not in the final state of any "
            "node.");
  EXPECT_FALSE(checked.holds("read-uncommitted"));
}

TEST(Ledger, PhantomCommitWasSeenAndIsGone) {
  const Checked checked = check_short(R"(
      0 invoke ledger/insert 1
      1 invoke ledger/read
      1 ok ledger/read {"node":"a","ids":[1]}
      0 info ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[]})");
  EXPECT_EQ(checked.found(), "phantom-commit");
}

// Nobody knows of an unanswered insert that is gone and was never seen.
TEST(Ledger, UnansweredAndGoneIsFine) {
  EXPECT_EQ(found(R"(
      0 invoke ledger/insert 1
      0 info ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[]})"),
            "");
}

TEST(Ledger, AbortedUnknownDuplicate) {
  EXPECT_EQ(found(R"(
      0 invoke ledger/insert 1
      0 fail ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[1,7,7]})"),
            "aborted-commit, unknown-commit, duplicate-commit");
}

TEST(Ledger, DivergenceAndErrantTransaction) {
  EXPECT_EQ(found(R"(
      0 invoke ledger/insert 1
      0 info ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"a","ids":[]}
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[1]})"),
            "divergence");
  EXPECT_EQ(found(R"(
      0 invoke ledger/insert 1
      0 info ledger/insert
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"a","ids":[],"primary":true}
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[1]})"),
            "divergence, errant-transaction");
}

TEST(Ledger, ErrantGtid) {
  const Checked checked = check_short(R"(
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"a","ids":[],"primary":true,"gtids":"U1:1-9"}
      2 invoke ledger/final-read
      2 ok ledger/final-read {"node":"b","ids":[],"gtids":"u1:1-9,\nu2:1"})");
  EXPECT_EQ(checked.found(), "errant-transaction");
  EXPECT_EQ(checked.story(Anomaly::errant_transaction),
            "Node b executed u2:1, which the primary a did not.");
}

TEST(Ledger, WithoutFinalReadItIsUndecided) {
  const Checked checked = check_short("0 invoke ledger/insert 1\n0 ok ledger/insert");
  EXPECT_EQ(checked.found(), "");
  EXPECT_EQ(checked.report.findings.undecided().size(), 1u);
}

TEST(GtidText, Subtracts) {
  const auto minus = [](std::string_view a, std::string_view b) {
    return GtidText::parse(a).value().minus(GtidText::parse(b).value());
  };
  EXPECT_EQ(minus("a:1-10", "a:3-4:8"), "a:1-2:5-7:9-10");
  EXPECT_EQ(minus("a:1-3:4-6", "a:1-6"), "");
  EXPECT_EQ(minus("a:1,b:2:tag:1-2", "b:2"), "a:1,b:tag:1-2");
  EXPECT_FALSE(GtidText::parse("a:0").ok());
  EXPECT_FALSE(GtidText::parse("a:5-2").ok());
  EXPECT_FALSE(GtidText::parse("a").ok());
}

TEST(Set, LostVanishedStale) {
  const std::string start = R"(
      0 invoke set/add 1
      0 ok set/add
      1 invoke set/add 2
      1 info set/add
      3 invoke set/read
      3 ok set/read [1,2]
      3 invoke set/read
      3 ok set/read []
)";
  EXPECT_EQ(found(start), "set-lost, set-vanished");
  const Checked stale = check_short(start + "3 invoke set/read\n3 ok set/read [1,2]\n");
  EXPECT_EQ(stale.found(), "set-stale");
  EXPECT_TRUE(stale.holds("serializable"));
  EXPECT_FALSE(stale.holds("strict-serializable"));
}

TEST(Set, AbortedUnknownDuplicate) {
  EXPECT_EQ(found(R"(
      0 invoke set/add 1
      0 fail set/add
      3 invoke set/read
      3 ok set/read [1,5,1])"),
            "set-aborted, set-unknown, set-duplicate");
}

TEST(Bank, TotalNegativeAccounts) {
  const std::string start = R"(
      0 invoke bank/accounts
      0 ok bank/accounts {"1":10,"2":10}
      0 invoke bank/read
      0 ok bank/read )";
  EXPECT_EQ(found(start + R"({"1":5,"2":15})"), "");
  EXPECT_EQ(found(start + R"({"1":5,"2":10})"), "bank-total");
  EXPECT_EQ(found(start + R"({"1":-5,"2":25})"), "bank-negative");
  EXPECT_EQ(found(start + R"({"1":20})"), "bank-accounts");
}

TEST(Counter, Bounds) {
  const std::string start = R"(
      0 invoke counter/add 5
      0 ok counter/add
      1 invoke counter/add 3
      2 invoke counter/add -1
      3 invoke counter/read
      3 ok counter/read )";
  for (const int shown : {4, 5, 7, 8}) EXPECT_EQ(found(start + std::to_string(shown)), "");
  for (const int shown : {3, 9}) {
    EXPECT_EQ(found(start + std::to_string(shown)), "counter-bounds");
  }
}

TEST(Monotonic, SessionRealTimeDuplicate) {
  EXPECT_EQ(found(R"(
      0 invoke monotonic/inc ["a",null]
      0 ok monotonic/inc ["a",2]
      0 invoke monotonic/read ["a",null]
      0 ok monotonic/read ["a",1])"),
            "monotonic-session");
  EXPECT_EQ(found(R"(
      0 invoke monotonic/inc ["a",null]
      0 ok monotonic/inc ["a",2]
      1 invoke monotonic/read ["a",null]
      1 ok monotonic/read ["a",1])"),
            "monotonic-realtime");
  EXPECT_EQ(found(R"(
      0 invoke monotonic/inc ["a",null]
      1 invoke monotonic/inc ["a",null]
      0 ok monotonic/inc ["a",2]
      1 ok monotonic/inc ["a",2])"),
            "monotonic-duplicate");
}

TEST(Register, ConcurrentOperationsMayTakeEitherOrder) {
  EXPECT_EQ(found(R"(
      0 invoke register/write ["a",1]
      1 invoke register/read ["a",null]
      1 ok register/read ["a",null]
      1 invoke register/read ["a",null]
      1 ok register/read ["a",1]
      0 ok register/write)"),
            "");
}

TEST(Register, StaleReadIsNotLinearizable) {
  const Checked checked = check_short(R"(
      0 invoke register/write ["a",1]
      0 ok register/write
      1 invoke register/read ["a",null]
      1 ok register/read ["a",null])");
  EXPECT_EQ(checked.found(), "nonlinearizable");
  EXPECT_EQ(
      checked.story(Anomaly::nonlinearizable),
      "Register \"a\": no order explains all answers. The longest try put 1 of 2 operations in "
      "order; then the read of null (index 2-3, process 1) had to come next, and could not. It "
      "overlaps: nothing.");
}

TEST(Register, UnansweredWriteMayTakeEffectLateOrNever) {
  const std::string start = R"(
      0 invoke register/write ["a",1]
      0 info register/write
      1 invoke register/read ["a",null]
      1 ok register/read ["a",null]
)";
  EXPECT_EQ(found(start), "");
  EXPECT_EQ(found(start + "1 invoke register/read [\"a\",null]\n1 ok register/read [\"a\",1]\n"),
            "");
}

TEST(Register, CompareAndSet) {
  const std::string start = R"(
      0 invoke register/write ["a",1]
      0 ok register/write
      1 invoke register/cas ["a",[1,2]]
      1 ok register/cas
      1 invoke register/read ["a",null]
      1 ok register/read )";
  EXPECT_EQ(found(start + "[\"a\",2]"), "");
  EXPECT_EQ(found(start + "[\"a\",1]"), "nonlinearizable");
}

// Ten writes that never return would be ten bits of memory for ever; they must not slow the rest.
TEST(Register, LongHistoryWithUnansweredWrites) {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text +=
        std::to_string(1000 + i) + " invoke register/write [\"a\"," + std::to_string(-i) + "]\n";
  }
  for (int i = 1; i <= 3000; ++i) {
    const std::string value = "[\"a\"," + std::to_string(i) + "]";
    text += "0 invoke register/write " + value + "\n1 invoke register/read [\"a\",null]\n";
    text += "0 ok register/write\n1 ok register/read " + value + "\n";
  }
  const Checked checked = check_short(text);
  EXPECT_EQ(checked.found(), "");
  EXPECT_TRUE(checked.report.findings.undecided().empty());
}

TEST(Workloads, ShapesAreCheckedWithTheirLine) {
  const auto error_of = [](const std::string& f, const std::string& value) {
    const std::string start = "{\"index\":0,\"process\":0,\"time\":0,\"f\":\"" + f + "\",\"type\":";
    History history;
    std::string end = start;
    end.replace(9, 1, "1");
    CHECK_OK(read_text(
        start + "\"invoke\",\"value\":" + value + "}\n" + end + "\"ok\",\"value\":" + value + "}\n",
        history));
    return std::string(check_history(history).status().message());
  };
  EXPECT_EQ(error_of("set/add", "\"x\""), "line 1: expected an integer to add");
  EXPECT_EQ(error_of("set/read", "3"), "line 2: expected a list of integers");
  EXPECT_EQ(error_of("ledger/final-read", "[]"),
            "line 2: expected {\"node\": text, \"ids\": list}");
  EXPECT_EQ(error_of("bank/read", "{\"a\":null}"), "line 2: a balance is an integer");
  EXPECT_EQ(error_of("register/cas", "[1,2]"), "line 1: expected [key, [old, new]]");
  EXPECT_EQ(error_of("frob", "1"), "line 1: no checker knows the f \"frob\"");
}

}  // namespace
}  // namespace aftersync::model
