// Status and Result: what a failure carries, and that nobody gets past one unseen.
#include "core/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace aftersync {
namespace {

const Code kFailures[] = {
    Code::invalid_argument, Code::not_found,   Code::already_exists,    Code::duplicate_key,
    Code::too_large,        Code::unsupported, Code::permission_denied, Code::no_space,
    Code::bad_state,        Code::timed_out,   Code::unavailable,       Code::connection_lost,
    Code::shutdown,         Code::deadlock,    Code::lock_wait_timeout, Code::conflict,
    Code::corruption,       Code::io_error,    Code::internal,
};

TEST(Status, AnOkStatusIsEmptyAndSmall) {
  const Status ok;
  EXPECT_TRUE(ok.ok());
  EXPECT_EQ(ok.code(), Code::ok);
  EXPECT_EQ(ok.code_class(), CodeClass::ok);
  EXPECT_EQ(ok.message(), "");
  EXPECT_EQ(ok.to_string(), "ok");
  EXPECT_EQ(sizeof(Status), sizeof(void*));
}

TEST(Status, AFailureCarriesCodeAndMessage) {
  const Status status(Code::corruption, "t1.ibd page 7: checksum");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), Code::corruption);
  EXPECT_EQ(status.message(), "t1.ibd page 7: checksum");
  EXPECT_EQ(status.to_string(), "corruption: t1.ibd page 7: checksum");
}

TEST(Status, EveryCodeHasItsOwnNameAndAClass) {
  std::set<std::string_view> names = {to_string(Code::ok), "unknown"};
  for (const Code code : kFailures) {
    EXPECT_TRUE(names.insert(to_string(code)).second) << to_string(code);
    EXPECT_NE(class_of(code), CodeClass::ok);
    EXPECT_EQ(Status(code, "x").code_class(), class_of(code));
  }
}

TEST(Status, ClassesSayWhatACallerMayDo) {
  EXPECT_EQ(class_of(Code::no_space), CodeClass::client);
  EXPECT_EQ(class_of(Code::bad_state), CodeClass::client);
  EXPECT_EQ(class_of(Code::timed_out), CodeClass::retry);
  EXPECT_EQ(class_of(Code::shutdown), CodeClass::retry);
  EXPECT_EQ(class_of(Code::conflict), CodeClass::retry);
  EXPECT_EQ(class_of(Code::corruption), CodeClass::stop);
  EXPECT_EQ(class_of(Code::io_error), CodeClass::stop);
  EXPECT_EQ(class_of(Code::internal), CodeClass::stop);
}

TEST(Status, InPutsAPlaceBeforeTheMessage) {
  const Status status(Code::not_found, "no such file");
  EXPECT_EQ(status.in("open t1.ibd").in("recovery").to_string(),
            "not_found: recovery: open t1.ibd: no such file");
  EXPECT_TRUE(Status().in("anywhere").ok());
}

TEST(Status, CopiesAreIndependent) {
  Status first(Code::io_error, "first");
  Status second = first;
  first = Status(Code::timed_out, "other");
  EXPECT_EQ(second.to_string(), "io_error: first");
  second = Status();
  EXPECT_TRUE(second.ok());
  Status& same = first;
  first = same;
  EXPECT_EQ(first.to_string(), "timed_out: other");
  const Status moved = std::move(first);
  EXPECT_EQ(moved.to_string(), "timed_out: other");
}

TEST(Result, HoldsAValueOrAFailure) {
  Result<std::string> value(std::string("x"));
  EXPECT_TRUE(value.ok());
  EXPECT_TRUE(value.status().ok());
  EXPECT_EQ(*value, "x");
  EXPECT_EQ(value->size(), 1u);
  *value += "y";
  EXPECT_EQ(value.value(), "xy");
  EXPECT_EQ(*std::move(value), "xy");

  const Result<std::string> failure(Code::not_found, "nothing");
  EXPECT_FALSE(failure.ok());
  EXPECT_EQ(failure.code(), Code::not_found);
  EXPECT_EQ(failure.status().to_string(), "not_found: nothing");
}

TEST(Result, HoldsWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

Result<std::vector<int>> three() { return std::vector<int>{1, 2, 3}; }

TEST(Result, ATemporaryMayBeWalkedOver) {
  int sum = 0;
  for (const int number : *three()) sum += number;
  EXPECT_EQ(sum, 6);
}

Status fail_if(bool fail) {
  if (fail) return {Code::bad_state, "told to"};
  return {};
}

Result<int> seven_or_fail(bool fail) {
  RETURN_IF_ERROR(fail_if(fail));
  return 7;
}

Result<int> doubled(bool fail_first, bool fail_second) {
  ASSIGN_OR_RETURN(const int one, seven_or_fail(fail_first));
  ASSIGN_OR_RETURN(const int two, seven_or_fail(fail_second));
  return one + two;
}

TEST(Result, MacrosReturnTheFirstFailure) {
  EXPECT_EQ(*doubled(false, false), 14);
  EXPECT_EQ(doubled(true, false).status().to_string(), "bad_state: told to");
  EXPECT_EQ(doubled(false, true).code(), Code::bad_state);
}

TEST(ResultDeath, MisuseIsChecked) {
  EXPECT_DEATH(Result<int>{Status()}, "CHECK failed");
  EXPECT_DEATH((void)Result<int>(Code::not_found, "x").value(), "CHECK failed");
  EXPECT_DEATH(
      {
        const Result<int> failure(Code::not_found, "x");
        (void)*failure;
      },
      "CHECK failed");
  EXPECT_DEATH(Status(Code::ok, "x"), "CHECK failed");
}

}  // namespace
}  // namespace aftersync
