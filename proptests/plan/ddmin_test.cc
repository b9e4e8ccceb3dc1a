// ddmin: finds what matters, wherever it stands, and asks only about shorter lists.
#include "faults/plan/ddmin.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <set>

namespace aftersync::faults {
namespace {

bool contains(const std::vector<int>& items, const std::set<int>& wanted) {
  size_t found = 0;
  for (const int item : items) found += wanted.count(item);
  return found == wanted.size();
}

RC_GTEST_PROP(Ddmin, LeavesExactlyWhatMatters, ()) {
  const auto count = *rc::gen::inRange(0, 200);
  std::vector<int> items(static_cast<size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  std::set<int> wanted;
  if (count > 0) {
    for (const int item : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, count))) {
      if (wanted.size() < 6) wanted.insert(item);
    }
  }
  int asked = 0;
  const std::vector<int> left = ddmin(items, [&](const std::vector<int>& part) {
    ++asked;
    RC_ASSERT(part.size() < items.size());
    RC_ASSERT(std::is_sorted(part.begin(), part.end()));
    return contains(part, wanted);
  });
  RC_ASSERT(std::set<int>(left.begin(), left.end()) == wanted);
  RC_ASSERT(left.size() == wanted.size());
  RC_ASSERT(asked <= 20 + 40 * static_cast<int>(wanted.size() + 1) * 8);
}

TEST(Ddmin, IsOneMinimalWhenItemsDependOnOneAnother) {
  // Fails with an even number of items that holds 3.
  const auto fails = [](const std::vector<int>& part) {
    return !part.empty() && part.size() % 2 == 0 &&
           std::find(part.begin(), part.end(), 3) != part.end();
  };
  const std::vector<int> left = ddmin(std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}, fails);
  EXPECT_EQ(left.size(), 2u);
  EXPECT_TRUE(fails(left));
}

TEST(Ddmin, AsksAboutNothingFirst) {
  int asked = 0;
  const auto left = ddmin(std::vector<int>{1, 2, 3}, [&](const std::vector<int>& part) {
    ++asked;
    return part.empty();
  });
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace aftersync::faults
