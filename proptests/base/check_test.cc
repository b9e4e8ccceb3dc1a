// CHECK: on in every build, says what was seen, has no side effect of its own.
#include "core/base/check.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "core/base/ids.h"
#include "core/base/status.h"

namespace aftersync {
namespace {

TEST(CheckDeath, AFailureNamesFileAndExpression) {
  const bool sky_is_green = false;
  EXPECT_DEATH(CHECK(sky_is_green), "check_test.cc:[0-9]+: CHECK failed: sky_is_green");
  EXPECT_EXIT(CHECK(sky_is_green), ::testing::KilledBySignal(SIGABRT), "");
}

TEST(CheckDeath, AComparisonTellsBothValues) {
  const int found = 3;
  EXPECT_DEATH(CHECK_EQ(found, 4), "found == 4 \\(3 against 4\\)");
  EXPECT_DEATH(CHECK_NE(found, 3), "found != 3 \\(3 against 3\\)");
  EXPECT_DEATH(CHECK_LT(found, 3), "found < 3");
  EXPECT_DEATH(CHECK_LE(found, 2), "found <= 2");
  EXPECT_DEATH(CHECK_GT(found, 3), "found > 3");
  EXPECT_DEATH(CHECK_GE(found, 4), "found >= 4");
  EXPECT_DEATH(CHECK_EQ(std::string("a"), "b"), "\"a\" against \"b\"");
  EXPECT_DEATH(CHECK_EQ(true, false), "true against false");
  EXPECT_DEATH(CHECK_EQ(Lsn(5), Lsn(6)), "5 against 6");
}

TEST(CheckDeath, CheckOkTellsTheStatus) {
  EXPECT_DEATH(CHECK_OK(Status(Code::io_error, "disk on fire")), "io_error: disk on fire");
  EXPECT_DEATH(CHECK_OK(Result<int>(Code::not_found, "gone")), "not_found: gone");
}

TEST(Check, WhatHoldsPasses) {
  CHECK(true);
  CHECK_EQ(1, 1);
  CHECK_NE(1, 2);
  CHECK_LT(1, 2);
  CHECK_LE(2, 2);
  CHECK_GT(2, 1);
  CHECK_GE(2, 2);
  CHECK_OK(Status());
  CHECK_OK(Result<int>(1));
}

TEST(Check, OperandsAreEvaluatedOnce) {
  int evaluated = 0;
  CHECK(++evaluated > 0);
  EXPECT_EQ(evaluated, 1);
  CHECK_EQ(++evaluated, 2);
  CHECK_GE(3, ++evaluated);
  EXPECT_EQ(evaluated, 3);
}

TEST(Check, IsOneStatement) {
  if (true)
    CHECK(true);
  else
    CHECK_EQ(1, 2);
}

// What the simulator does: a failure becomes something that is caught, and told with its seed.
TEST(Check, AHandlerTakesOver) {
  struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const CheckFailedHandler before = set_check_failed_handler(
      [](const char*, int, const char* expression, std::string_view detail) {
        throw Failure(std::string(expression) + "|" + std::string(detail));
      });
  std::string caught;
  try {
    CHECK_EQ(1, 2);
  } catch (const Failure& failure) {
    caught = failure.what();
  }
  set_check_failed_handler(before);
  EXPECT_EQ(caught, "1 == 2|1 against 2");
  EXPECT_DEATH(CHECK(false), "CHECK failed: false");
}

TEST(CheckDeath, AHandlerThatReturnsDoesNotSaveTheProcess) {
  EXPECT_EXIT(
      {
        set_check_failed_handler([](const char*, int, const char*, std::string_view) {});
        CHECK(false);
      },
      ::testing::KilledBySignal(SIGABRT), "");
}

TEST(Check, MaybeIsItsArgument) {
  EXPECT_TRUE(maybe(true));
  EXPECT_FALSE(maybe(false));
}

}  // namespace
}  // namespace aftersync
