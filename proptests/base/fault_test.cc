// Fault points: only what is registered, only while it is on, only when the decision says so.
#include "core/base/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/base/limits.h"

namespace aftersync {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

#if AFTERSYNC_FAULTS

constexpr const char* kPoint = "bug/wal-kv-no-fsync";

class Fault : public ::testing::Test {
 protected:
  ~Fault() override { disable_all_faults(); }
};

bool visit() { return AFTERSYNC_FAULT("bug/wal-kv-no-fsync"); }
bool visit_other() { return AFTERSYNC_FAULT("bug/wal-kv-no-checksum"); }

TEST_F(Fault, TheRegistryIsInOrder) {
  std::set<std::string_view> names;
  for (const FaultPoint& point : fault_points()) {
    EXPECT_TRUE(names.insert(point.name).second) << point.name << " stands twice";
    EXPECT_LE(std::string_view(point.name).size(), limits::kMaxFaultNameBytes);
    EXPECT_GE(std::string_view(point.description).size(), 10u) << point.name;
    EXPECT_NE(std::string_view(point.name).find('/'), std::string_view::npos) << point.name;
    EXPECT_TRUE(check_fault_name(point.name).ok());
  }
  EXPECT_TRUE(names.contains(kPoint));
}

TEST_F(Fault, AnUnknownNameIsRefusedAndTheNearestSuggested) {
  const Status typo = check_fault_name("bug/wal-kv-no-fsink");
  EXPECT_EQ(typo.code(), Code::invalid_argument);
  EXPECT_THAT(typo.to_string(), HasSubstr("'bug/wal-kv-no-fsink'"));
  EXPECT_THAT(typo.to_string(), HasSubstr("did you mean 'bug/wal-kv-no-fsync'?"));
  EXPECT_EQ(enable_fault("bug/wal-kv-no-fsink").to_string(), typo.to_string());

  const Status nonsense = check_fault_name("xyzzy");
  EXPECT_EQ(nonsense.code(), Code::invalid_argument);
  EXPECT_THAT(nonsense.to_string(), Not(HasSubstr("did you mean")));
  EXPECT_EQ(check_fault_name("").code(), Code::invalid_argument);
  EXPECT_EQ(check_fault_name(std::string(1'000'000, 'x')).code(), Code::invalid_argument);
}

TEST_F(Fault, APointIsOffUntilEnabledAndAfterDisabled) {
  EXPECT_FALSE(visit());
  ASSERT_TRUE(enable_fault(kPoint).ok());
  EXPECT_TRUE(visit());
  EXPECT_TRUE(visit());
  EXPECT_FALSE(visit_other());
  disable_fault(kPoint);
  EXPECT_FALSE(visit());
  disable_fault(kPoint);
  disable_fault("no such point");
}

TEST_F(Fault, DisableAllDisablesAll) {
  ASSERT_TRUE(enable_fault(kPoint).ok());
  ASSERT_TRUE(enable_fault("bug/wal-kv-no-checksum").ok());
  EXPECT_TRUE(visit() && visit_other());
  disable_all_faults();
  EXPECT_FALSE(visit() || visit_other());
  ASSERT_TRUE(enable_fault(kPoint).ok());
  EXPECT_TRUE(visit());
  EXPECT_FALSE(visit_other());
}

struct EveryThird {
  int visits = 0;
  std::string last_name;
  static bool decide(const char* name, void* context) {
    auto& self = *static_cast<EveryThird*>(context);
    self.last_name = name;
    return ++self.visits % 3 == 0;
  }
};

TEST_F(Fault, TheDecisionIsAskedAtEachVisit) {
  EveryThird every_third;
  ASSERT_TRUE(enable_fault(kPoint, EveryThird::decide, &every_third).ok());
  std::string fired;
  for (int i = 0; i < 7; ++i) fired += visit() ? 'x' : '.';
  EXPECT_EQ(fired, "..x..x.");
  EXPECT_EQ(every_third.visits, 7);
  EXPECT_EQ(every_third.last_name, kPoint);
  EXPECT_FALSE(visit_other());
  EXPECT_EQ(every_third.visits, 7);
}

TEST_F(Fault, EnablingAgainReplacesTheDecision) {
  EveryThird every_third;
  ASSERT_TRUE(enable_fault(kPoint, EveryThird::decide, &every_third).ok());
  EXPECT_FALSE(visit());
  ASSERT_TRUE(enable_fault(kPoint).ok());
  EXPECT_TRUE(visit());
  EXPECT_EQ(every_third.visits, 1);
}

#else

TEST(FaultsOff, NothingIsLeft) {
  EXPECT_TRUE(fault_points().empty());
  EXPECT_FALSE(AFTERSYNC_FAULT("any"));
  EXPECT_EQ(enable_fault("any").code(), Code::unsupported);
}

#endif

}  // namespace
}  // namespace aftersync
