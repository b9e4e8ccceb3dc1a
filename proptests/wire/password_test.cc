// Passwords against published vectors, and answers against each other.
#include "core/wire/password.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/wire/accounts.h"
#include "core/wire/crypto.h"

namespace aftersync::wire {
namespace {

constexpr std::string_view kScramble = "abcdefghij0123456789";
constexpr std::string_view kSalt = "ABCDEFGHIJ0123456789";

// MySQL manual, PASSWORD('password') since 4.1.
TEST(Password, NativeVector) {
  EXPECT_EQ(native_authentication_string("password"), "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
  EXPECT_EQ(native_authentication_string(""), "");
}

// What crypt(3) of the GNU C library makes of "$5$...".
TEST(Password, Sha256CryptAsInCrypt3) {
  EXPECT_EQ(sha256_crypt("Hello world!", "saltstring", 5000),
            "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5");
  EXPECT_EQ(sha256_crypt("Hello world!", "saltstringsaltst", 10000),
            "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA");
  EXPECT_EQ(sha256_crypt("we have a short salt string but not a short password", "short", 77777),
            "JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/");
}

RC_GTEST_PROP(Password, NativeAnswers, (std::string password, std::string other)) {
  const std::string kept = native_authentication_string(password);
  RC_ASSERT(native_answer_is_right(native_answer(password, kScramble), kScramble, kept));
  RC_ASSERT(native_answer_is_right(native_answer(other, kScramble), kScramble, kept) ==
            (other == password));
}

TEST(Password, NativeAnswersThatAreNone) {
  const std::string kept = native_authentication_string("x");
  for (const std::string_view answer : {"", "short", "twenty-one bytes, one"}) {
    EXPECT_FALSE(native_answer_is_right(answer, kScramble, kept));
  }
  const std::string answer = native_answer("x", kScramble);
  EXPECT_FALSE(native_answer_is_right(answer, kScramble, "*"));
  EXPECT_FALSE(native_answer_is_right(answer, kScramble, "*" + std::string(40, 'g')));
  EXPECT_FALSE(native_answer_is_right(answer, kScramble, ""));
}

TEST(Password, Sha2Kept) {
  const std::string kept = sha2_authentication_string("secret", kSalt);
  EXPECT_EQ(kept.size(), 70u);
  EXPECT_TRUE(kept.starts_with("$A$005$ABCDEFGHIJ0123456789"));
  EXPECT_TRUE(sha2_password_is_right("secret", kept));
  EXPECT_FALSE(sha2_password_is_right("Secret", kept));
  EXPECT_FALSE(sha2_password_is_right("", kept));
  EXPECT_TRUE(sha2_password_is_right("", ""));
  EXPECT_FALSE(sha2_password_is_right("secret", ""));
  EXPECT_FALSE(sha2_password_is_right("secret", "*"));
  EXPECT_FALSE(sha2_password_is_right("secret", "$A$000$" + kept.substr(7)));
  EXPECT_FALSE(sha2_password_is_right("secret", "$A$zzz$" + kept.substr(7)));
}

RC_GTEST_PROP(Password, Sha2FastAnswers, (std::string password, std::string other)) {
  RC_PRE(!password.empty());
  const std::string digest = sha256({sha256({password})});
  RC_ASSERT(sha2_answer_is_right(sha2_answer(password, kScramble), kScramble, digest));
  RC_ASSERT(sha2_answer_is_right(sha2_answer(other, kScramble), kScramble, digest) ==
            (other == password));
}

TEST(FastAuthentication, AChangedPasswordIsForgotten) {
  FastAuthentication fast;
  Account account{.user = "u", .host = "%", .plugin = "p", .authentication_string = "one"};
  EXPECT_FALSE(fast.find(account));
  fast.remember(account, "digest");
  EXPECT_EQ(fast.find(account), "digest");
  account.authentication_string = "two";
  EXPECT_FALSE(fast.find(account));
  account.authentication_string = "one";
  fast.clear();
  EXPECT_FALSE(fast.find(account));
}

}  // namespace
}  // namespace aftersync::wire
