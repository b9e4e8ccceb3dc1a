// GTID sets against sets of single GTIDs, and the text and bytes that MySQL exchanges.
#include "core/binlog/gtid_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/base/coding.h"

namespace aftersync::binlog {
namespace {

constexpr uint64_t kNumbers = 24;
const std::string kA = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const std::string kB = "70192f06-0000-4000-8000-000000000001";

using Singles = std::set<Gtid>;

Uid source(const std::string& text) {
  const auto uid = Uid::parse(text);
  EXPECT_TRUE(uid.ok());
  return *uid;
}

std::vector<Uid> sources() { return {source(kA), source(kB), Uid::from_random(7, 9)}; }

// An interval of one source, also as single GTIDs.
struct Interval {
  Uid source;
  uint64_t first = 1;
  uint64_t last = 1;

  void add_to(Singles& singles) const {
    for (uint64_t n = first; n <= last; ++n) singles.insert({source, n});
  }
};

rc::Gen<Interval> intervals() {
  return rc::gen::apply(
      [](size_t which, uint64_t a, uint64_t b) {
        return Interval{sources()[which], std::min(a, b), std::max(a, b)};
      },
      rc::gen::inRange<size_t>(0, 3), rc::gen::inRange<uint64_t>(1, kNumbers + 1),
      rc::gen::inRange<uint64_t>(1, kNumbers + 1));
}

struct Both {
  GtidSet set;
  Singles singles;

  // Adds some intervals and takes others away.
  static Both drawn() {
    Both both;
    for (const Interval& i : *rc::gen::container<std::vector<Interval>>(intervals())) {
      if (*rc::gen::arbitrary<bool>()) {
        both.set.add(i.source, i.first, i.last);
        i.add_to(both.singles);
        continue;
      }
      GtidSet removed;
      removed.add(i.source, i.first, i.last);
      both.set.remove(removed);
      Singles gone;
      i.add_to(gone);
      for (const Gtid& gtid : gone) both.singles.erase(gtid);
    }
    return both;
  }
};

GtidSet from_singles(const Singles& singles) {
  GtidSet set;
  for (const Gtid& gtid : singles) set.add(gtid);
  return set;
}

GtidSet parsed(const std::string& text) {
  const auto set = GtidSet::parse(text);
  EXPECT_TRUE(set.ok()) << set.status().to_string();
  return set.ok() ? *set : GtidSet();
}

RC_GTEST_PROP(GtidSet, HoldsWhatWasAddedAndNotRemoved, ()) {
  const Both both = Both::drawn();
  RC_ASSERT(both.set.count() == both.singles.size());
  RC_ASSERT(both.set.empty() == both.singles.empty());
  for (const Uid& uid : sources()) {
    for (uint64_t n = 1; n <= kNumbers + 1; ++n) {
      const bool is_in = both.singles.count({uid, n}) > 0;
      RC_ASSERT(both.set.contains(Gtid{uid, n}) == is_in);
      uint64_t unused = n;
      while (both.singles.count({uid, unused}) > 0) ++unused;
      RC_ASSERT(both.set.first_unused(uid, n) == unused);
    }
  }
  // However it came about, a set has one form.
  RC_ASSERT(both.set == from_singles(both.singles));
}

RC_GTEST_PROP(GtidSet, UnionDifferenceAndQuestionsAreThoseOfSets, ()) {
  const Both a = Both::drawn();
  const Both b = Both::drawn();
  Singles joint = a.singles;
  joint.insert(b.singles.begin(), b.singles.end());
  Singles rest;
  std::set_difference(a.singles.begin(), a.singles.end(), b.singles.begin(), b.singles.end(),
                      std::inserter(rest, rest.end()));
  GtidSet sum = a.set;
  sum.add(b.set);
  RC_ASSERT(sum == from_singles(joint));
  GtidSet difference = a.set;
  difference.remove(b.set);
  RC_ASSERT(difference == from_singles(rest));
  RC_ASSERT(a.set.intersects(b.set) == (rest.size() < a.singles.size()));
  RC_ASSERT(a.set.contains(b.set) == (joint.size() == a.singles.size()));
}

RC_GTEST_PROP(GtidSet, TextAndBytesComeBack, ()) {
  const Both both = Both::drawn();
  const auto from_text = GtidSet::parse(both.set.to_string());
  RC_ASSERT(from_text.ok());
  RC_ASSERT(*from_text == both.set);
  const auto from_bytes = GtidSet::decode(both.set.encode());
  RC_ASSERT(from_bytes.ok());
  RC_ASSERT(*from_bytes == both.set);
}

RC_GTEST_PROP(GtidSet, BytesThatAreNoSetAreRefusedOrReadAsOne, ()) {
  std::string bytes = Both::drawn().set.encode();
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  if (*rc::gen::arbitrary<bool>()) {
    bytes.resize(at);
    RC_ASSERT(GtidSet::decode(bytes).code() == Code::corruption);
    return;
  }
  bytes[at] = *rc::gen::arbitrary<char>();
  const auto set = GtidSet::decode(bytes);
  if (set.ok()) {
    RC_ASSERT(*GtidSet::decode(set->encode()) == *set);
  } else {
    RC_ASSERT(set.code() == Code::corruption);
  }
}

TEST(GtidSet, ReadsWhatTheManualShows) {
  EXPECT_EQ(parsed(kA + ":1-3:11:47-49").to_string(), kA + ":1-3:11:47-49");
  EXPECT_EQ(parsed(kB + ":1,\n " + kA + ":5").to_string(), kA + ":5,\n" + kB + ":1");
  EXPECT_EQ(parsed("3E11FA47-71CA-11E1-9E33-C80AA9429562 : 1 - 3").to_string(), kA + ":1-3");
  EXPECT_EQ(parsed(kA + ":3:1:2," + kA + ":7").to_string(), kA + ":1-3:7");
  EXPECT_EQ(parsed("").to_string(), "");
  EXPECT_EQ(parsed(" ,, \n").to_string(), "");
  EXPECT_EQ(parsed(kA + ":5-3").to_string(), "");
}

TEST(GtidSet, NamesWhereTextIsMalformed) {
  const auto error = [](const std::string& text) {
    return std::string(GtidSet::parse(text).status().message());
  };
  EXPECT_EQ(error("banana"), "malformed GTID at character 1: a UUID expected, found 'banana'");
  EXPECT_EQ(error(kA), "malformed GTID at character 37: ':' expected, found ''");
  EXPECT_EQ(error(kA + ":0"),
            "malformed GTID at character 38: a number from 1 to "
            "9223372036854775806 expected, found '0'");
  EXPECT_EQ(error(kA + ":9223372036854775807").substr(0, 32), "malformed GTID at character 38: ");
  EXPECT_EQ(error(kA + ":1-"),
            "malformed GTID at character 40: a number from 1 to "
            "9223372036854775806 expected, found ''");
  EXPECT_EQ(error(kA + ":1 2"), "malformed GTID at character 40: ',' or ':' expected, found '2'");
}

TEST(GtidSet, TheHighestNumberIsTheLast) {
  GtidSet set;
  set.add(source(kA), 1, kMaxGtidNumber);
  EXPECT_EQ(set.first_unused(source(kA)), kMaxGtidNumber + 1);
  EXPECT_EQ(parsed(set.to_string()), set);
  EXPECT_EQ(*GtidSet::decode(set.encode()), set);
}

TEST(GtidSet, BytesAreThoseOfAPreviousGtidsEvent) {
  std::string expected;
  append_le<uint64_t>(expected, 1);
  expected += source(kA).bytes();
  append_le<uint64_t>(expected, 2);
  for (const uint64_t n : {1, 4, 9, 10}) append_le(expected, n);
  EXPECT_EQ(parsed(kA + ":1-3:9").encode(), expected);
}

TEST(GtidSet, WithItself) {
  GtidSet set = parsed(kA + ":1-3:9," + kB + ":4");
  const GtidSet before = set;
  const GtidSet& same = set;
  set.add(same);
  EXPECT_EQ(set, before);
  set.remove(same);
  EXPECT_TRUE(set.empty());
}

TEST(Gtid, TextComesBack) {
  const auto gtid = Gtid::parse(" " + kA + " : 23 ");
  ASSERT_TRUE(gtid.ok());
  EXPECT_EQ(gtid->to_string(), kA + ":23");
  EXPECT_EQ(Gtid::parse(kA + ":1-2").code(), Code::invalid_argument);
  EXPECT_EQ(Gtid::parse(kA).code(), Code::invalid_argument);
}

}  // namespace
}  // namespace aftersync::binlog
