// Uid: random bits with the marks of RFC 4122, and a text form that comes back.
#include "core/base/uid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace aftersync {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kText = "3e11fa47-71ca-11e1-9e33-c80aa9429562";  // MySQL manual, 19.1.3

TEST(Uid, TextIsThatOfMySql) {
  const auto uid = Uid::parse(kText);
  ASSERT_TRUE(uid.ok()) << uid.status().to_string();
  EXPECT_EQ(uid->to_string(), kText);
  EXPECT_EQ(uid->bytes().substr(0, 4), "\x3e\x11\xfa\x47");
  std::string upper(kText);
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  EXPECT_EQ(*Uid::parse(upper), *uid);
}

TEST(Uid, MalformedTextIsRefusedAtItsPosition) {
  EXPECT_EQ(Uid::parse("").code(), Code::invalid_argument);
  EXPECT_EQ(Uid::parse(std::string(kText) + "0").code(), Code::invalid_argument);
  for (size_t i = 0; i < kText.size(); ++i) {
    std::string broken(kText);
    broken[i] = kText[i] == '-' ? 'a' : 'g';
    const auto result = Uid::parse(broken);
    EXPECT_EQ(result.code(), Code::invalid_argument) << i;
    EXPECT_THAT(result.status().to_string(), HasSubstr("position " + std::to_string(i)));
    broken[i] = kText[i] == '-' ? '_' : '-';
    EXPECT_EQ(Uid::parse(broken).code(), Code::invalid_argument) << i;
  }
}

TEST(Uid, BytesAreExactlySixteen) {
  EXPECT_EQ(Uid::from_bytes(std::string(15, 'x')).code(), Code::invalid_argument);
  EXPECT_EQ(Uid::from_bytes(std::string(17, 'x')).code(), Code::invalid_argument);
  const auto uid = Uid::from_bytes("0123456789abcdef");
  ASSERT_TRUE(uid.ok());
  EXPECT_EQ(uid->bytes(), "0123456789abcdef");
}

TEST(Uid, NilIsTheDefault) {
  EXPECT_TRUE(Uid().is_nil());
  EXPECT_EQ(Uid().to_string(), "00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(Uid::from_random(0, 0).is_nil());
}

RC_GTEST_PROP(UidProperty, RandomBitsBecomeVersion4, (uint64_t high, uint64_t low)) {
  const std::string text = Uid::from_random(high, low).to_string();
  RC_ASSERT(text[14] == '4');
  RC_ASSERT(std::string_view("89ab").find(text[19]) != std::string_view::npos);
}

RC_GTEST_PROP(UidProperty, TextAndBytesComeBack, (uint64_t high, uint64_t low)) {
  const Uid uid = Uid::from_random(high, low);
  RC_ASSERT(*Uid::parse(uid.to_string()) == uid);
  RC_ASSERT(*Uid::from_bytes(uid.bytes()) == uid);
}

RC_GTEST_PROP(UidProperty, OrderIsThatOfTheText, (uint64_t a, uint64_t b)) {
  const Uid first = Uid::from_random(a, b);
  const Uid second = Uid::from_random(b, a);
  RC_ASSERT((first < second) == (first.to_string() < second.to_string()));
}

RC_GTEST_PROP(UidProperty, NoRandomBitIsLostButSix, (uint64_t high, uint64_t low)) {
  const auto bit = *rc::gen::inRange(0, 128);
  const Uid before = Uid::from_random(high, low);
  const Uid after = bit < 64 ? Uid::from_random(high ^ (uint64_t{1} << bit), low)
                             : Uid::from_random(high, low ^ (uint64_t{1} << (bit - 64)));
  const bool is_a_mark = (bit >= 12 && bit < 16) || bit >= 126;
  RC_ASSERT((before == after) == is_a_mark);
}

}  // namespace
}  // namespace aftersync
