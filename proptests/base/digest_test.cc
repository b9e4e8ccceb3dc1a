// Digest: equal inputs agree, different ones do not.
#include "core/base/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace aftersync {
namespace {

uint64_t digest_of(const std::vector<std::string>& parts) {
  Digest digest;
  for (const std::string& part : parts) digest.add(std::string_view(part));
  return digest.value();
}

TEST(Digest, LengthsAreFoldedIn) {
  EXPECT_NE(digest_of({"ab", "c"}), digest_of({"a", "bc"}));
  EXPECT_NE(digest_of({"abc"}), digest_of({"ab", "c"}));
  EXPECT_NE(digest_of({}), digest_of({""}));
  EXPECT_NE(digest_of({""}), digest_of({"", ""}));
  EXPECT_NE(digest_of({"a"}), digest_of({std::string("a\0", 2)}));
}

TEST(Digest, OrderMatters) {
  EXPECT_NE(digest_of({"a", "b"}), digest_of({"b", "a"}));
  Digest first;
  Digest second;
  first.add(1u);
  first.add(2u);
  second.add(2u);
  second.add(1u);
  EXPECT_NE(first.value(), second.value());
}

TEST(Digest, ReadingItChangesNothing) {
  Digest digest;
  digest.add(std::string_view("x"));
  EXPECT_EQ(digest.value(), digest.value());
  static_assert(Digest().value() == Digest().value());
}

RC_GTEST_PROP(DigestProperty, OneBitChangesIt, (std::string bytes)) {
  RC_PRE(!bytes.empty());
  std::string other = bytes;
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  const auto bit = *rc::gen::inRange(0, 8);
  other[at] = static_cast<char>(other[at] ^ (1 << bit));
  RC_ASSERT(digest_of({bytes}) != digest_of({other}));
}

TEST(Digest, ManySmallInputsDoNotCollide) {
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < 20'000; ++i) {
    Digest digest;
    digest.add(i);
    seen.insert(digest.value());
    digest.add(i);
    seen.insert(digest.value());
  }
  EXPECT_EQ(seen.size(), 40'000u);
}

}  // namespace
}  // namespace aftersync
