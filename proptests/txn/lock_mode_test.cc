// The matrices of lock modes, as MySQL's manual and InnoDB's source print them.
#include "core/txn/lock_mode.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aftersync::txn {
namespace {

const std::vector<LockType> kTableTypes = {
    {LockMode::is}, {LockMode::ix}, {LockMode::s}, {LockMode::x}, {LockMode::auto_inc}};
const std::vector<LockType> kRecordTypes = {next_key(LockMode::s),    next_key(LockMode::x),
                                            record_only(LockMode::s), record_only(LockMode::x),
                                            gap_only(LockMode::s),    gap_only(LockMode::x),
                                            kInsertIntention};

template <typename Ask>
std::string matrix(const std::vector<LockType>& types, char yes, Ask&& ask) {
  std::string text = "\n";
  for (const LockType a : types) {
    for (const LockType b : types) text += ask(a, b) ? yes : '-';
    text += "  " + to_string(a) + "\n";
  }
  return text;
}

// Rows: wanted; columns, in the same order: there.
TEST(LockMode, WaitsOnTables) {
  EXPECT_EQ(matrix(kTableTypes, 'w', [](auto a, auto b) { return must_wait(a, b, false); }), R"(
---w-  IS
--ww-  IX
-w-ww  S
wwwww  X
--www  AUTO_INC
)");
}

TEST(LockMode, WaitsOnRecords) {
  EXPECT_EQ(matrix(kRecordTypes, 'w', [](auto a, auto b) { return must_wait(a, b, false); }), R"(
-w-w---  S
wwww---  X
-w-w---  S,REC_NOT_GAP
wwww---  X,REC_NOT_GAP
-------  S,GAP
-------  X,GAP
ww--ww-  X,GAP,INSERT_INTENTION
)");
}

TEST(LockMode, OnTheSupremumOnlyInsertsWait) {
  const std::vector<LockType> types = {next_key(LockMode::s), next_key(LockMode::x),
                                       kInsertIntention};
  EXPECT_EQ(matrix(types, 'w', [](auto a, auto b) { return must_wait(a, b, true); }), R"(
---  S
---  X
ww-  X,GAP,INSERT_INTENTION
)");
}

// Rows: held; columns: wanted.
TEST(LockMode, CoversOnTables) {
  EXPECT_EQ(matrix(kTableTypes, '>', [](auto a, auto b) { return covers(a, b, false); }), R"(
>----  IS
>>---  IX
>->--  S
>>>>>  X
---->  AUTO_INC
)");
}

TEST(LockMode, CoversOnRecords) {
  EXPECT_EQ(matrix(kRecordTypes, '>', [](auto a, auto b) { return covers(a, b, false); }), R"(
>->->--  S
>>>>>>-  X
-->----  S,REC_NOT_GAP
-->>---  X,REC_NOT_GAP
---->--  S,GAP
---->>-  X,GAP
-------  X,GAP,INSERT_INTENTION
)");
}

// If one holds what covers a request, whoever waits for the request waits for what is held as well:
// leaving the lesser lock out loses nothing.
TEST(LockMode, WhatCoversKeepsOutAsMuch) {
  for (const LockType held : kRecordTypes) {
    for (const LockType wanted : kRecordTypes) {
      if (!covers(held, wanted, false)) continue;
      for (const LockType third : kRecordTypes) {
        EXPECT_LE(must_wait(third, wanted, false), must_wait(third, held, false))
            << to_string(third) << " against " << to_string(held) << ", " << to_string(wanted);
      }
    }
  }
}

}  // namespace
}  // namespace aftersync::txn
