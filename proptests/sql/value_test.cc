// Values against plain references: decimals against wide integers, the calendar against itself,
// LIKE against a recursive definition.
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/prng.h"
#include "core/sql/eval/compare.h"
#include "core/sql/value/convert.h"
#include "core/sql/value/decimal.h"
#include "core/sql/value/temporal.h"

namespace aftersync {
namespace {

using sql::Decimal;
using Wide = __int128;

// A number of at most 15 digits, `scale` of them behind the point, and what it is without it.
struct Small {
  Decimal decimal;
  Wide units = 0;
  unsigned scale = 0;
};

std::string text_of(Wide units, unsigned scale) {
  std::string digits;
  const bool minus = units < 0;
  for (Wide rest = minus ? -units : units; rest > 0; rest /= 10) {
    digits.insert(0, 1, static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return (minus ? "-" : "") + digits;
}

Small some_small(Prng& random) {
  Small made;
  made.scale = static_cast<unsigned>(random.below(7));
  uint64_t bound = 1;
  for (uint64_t digits = random.below(16); digits > 0; --digits) bound *= 10;
  made.units = static_cast<Wide>(random.below(bound));
  if (random.chance(0.5)) made.units = -made.units;
  made.decimal = *Decimal::parse(text_of(made.units, made.scale));
  return made;
}

Wide power(unsigned exponent) {
  Wide value = 1;
  for (; exponent > 0; --exponent) value *= 10;
  return value;
}

RC_GTEST_PROP(SqlDecimal, ComputesAsWholeNumbersDo, (uint64_t seed)) {
  Prng random(seed);
  const Small a = some_small(random);
  const Small b = some_small(random);
  const unsigned scale = std::max(a.scale, b.scale);
  const Wide left = a.units * power(scale - a.scale);
  const Wide right = b.units * power(scale - b.scale);
  RC_ASSERT(a.decimal.to_string() == text_of(a.units, a.scale));
  RC_ASSERT(Decimal::add(a.decimal, b.decimal)->to_string() == text_of(left + right, scale));
  RC_ASSERT(Decimal::subtract(a.decimal, b.decimal)->to_string() == text_of(left - right, scale));
  RC_ASSERT(Decimal::multiply(a.decimal, b.decimal)->to_string() ==
            text_of(a.units * b.units, a.scale + b.scale));
  const int order = left < right ? -1 : left > right ? 1 : 0;
  RC_ASSERT(Decimal::compare(a.decimal, b.decimal) == order);
  if (right == 0) return;
  RC_ASSERT(Decimal::modulo(a.decimal, b.decimal)->to_string() == text_of(left % right, scale));
  const Wide doubled = 2 * left * power(4);
  const Wide half_up = (doubled + ((doubled < 0) == (right < 0) ? right : -right)) / (2 * right);
  RC_ASSERT(Decimal::divide(a.decimal, b.decimal, 4)->to_string() == text_of(half_up, 4));
}

RC_GTEST_PROP(SqlDecimal, RoundsHalfAwayFromZero, (uint64_t seed)) {
  Prng random(seed);
  const Small a = some_small(random);
  const auto scale = static_cast<unsigned>(random.below(a.scale + 1));
  const Wide unit = power(a.scale - scale);
  const Wide half = a.units < 0 ? -unit : unit;
  RC_ASSERT(a.decimal.rounded(scale).to_string() ==
            text_of((2 * a.units + half) / (2 * unit), scale));
  RC_ASSERT(a.decimal.truncated(scale).to_string() == text_of(a.units / unit, scale));
  const Decimal floor = a.decimal.floor();
  const Decimal ceiling = a.decimal.ceiling();
  RC_ASSERT(Decimal::compare(floor, a.decimal) <= 0 && Decimal::compare(ceiling, a.decimal) >= 0);
  const Wide whole = a.units % power(a.scale) == 0 ? 0 : 1;
  RC_ASSERT(Decimal::subtract(ceiling, floor)->to_string() == text_of(whole, 0));
}

TEST(SqlDecimal, SixtyFiveDigitsAndNoMore) {
  const std::string most(65, '9');
  const auto value = Decimal::parse(most);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->to_string(), most);
  EXPECT_FALSE(Decimal::parse("1" + most).has_value());
  EXPECT_FALSE(Decimal::add(*value, Decimal::of(int64_t{1})).has_value());
  EXPECT_FALSE(Decimal::multiply(*value, *value).has_value());
  EXPECT_EQ(Decimal::divide(*value, *value, 4)->to_string(), "1.0000");
  EXPECT_EQ(Decimal::parse("0." + std::string(31, '6'))->to_string(),
            "0." + std::string(29, '6') + "7");
  EXPECT_EQ(Decimal::of(UINT64_MAX).to_unsigned(), UINT64_MAX);
  EXPECT_EQ(Decimal::of(INT64_MIN).to_signed(), INT64_MIN);
  EXPECT_EQ(Decimal::of(UINT64_MAX).to_signed(), std::nullopt);
}

TEST(SqlTemporal, EveryDayFollowsTheOneBefore) {
  int64_t days = sql::day_number(1, 1, 1);
  EXPECT_EQ(days, 366);
  for (uint32_t year = 1; year <= 9999; ++year) {
    for (uint32_t month = 1; month <= 12; ++month) {
      for (uint32_t day = 1; day <= sql::days_in_month(year, month); ++day, ++days) {
        ASSERT_EQ(sql::day_number(year, month, day), days);
        if (days % 97 != 0) continue;
        const sql::Temporal back = sql::date_of_day_number(days);
        ASSERT_TRUE(back.year == year && back.month == month && back.day == day) << days;
      }
    }
  }
}

RC_GTEST_PROP(SqlTemporal, TextsReadBack, (uint64_t seed)) {
  Prng random(seed);
  const auto micros = static_cast<int64_t>(random.between(366, 3652424)) * 86'400'000'000 +
                      static_cast<int64_t>(random.below(86'400'000'000));
  sql::Temporal value = sql::datetime_of_ordinal(micros);
  value.decimals = 6;
  RC_ASSERT(value.ordinal() == micros);
  const auto parsed = sql::parse_datetime(value.to_string());
  RC_ASSERT(parsed && parsed->exact && parsed->value == value);
  sql::Temporal time = sql::time_of_ordinal(static_cast<int64_t>(random.below(3'020'399'000'000)) *
                                            (random.chance(0.5) ? 1 : -1));
  time.decimals = 6;
  const auto again = sql::parse_time(time.to_string());
  RC_ASSERT(again && again->exact && again->value.ordinal() == time.ordinal());
}

RC_GTEST_PROP(SqlConvert, DoublesReadBack, (uint64_t seed)) {
  Prng random(seed);
  double value = 0;
  uint64_t bits = random.next();
  std::memcpy(&value, &bits, sizeof value);
  if (!std::isfinite(value)) return;
  size_t used = 0;
  const std::string text = sql::double_text(value);
  RC_ASSERT(sql::double_prefix(text, used) == value);
  RC_ASSERT(used == text.size());
}

bool like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    return like(text, pattern.substr(1)) || (!text.empty() && like(text.substr(1), pattern));
  }
  if (pattern[0] == '\\' && pattern.size() > 1)
    pattern.remove_prefix(1);
  else if (pattern[0] == '_')
    return !text.empty() && like(text.substr(1), pattern.substr(1));
  return !text.empty() && text[0] == pattern[0] && like(text.substr(1), pattern.substr(1));
}

RC_GTEST_PROP(SqlLike, MatchesAsItsDefinitionSays, (uint64_t seed)) {
  Prng random(seed);
  const auto some = [&](std::string_view letters, uint64_t most) {
    std::string made;
    for (uint64_t n = random.below(most + 1); n > 0; --n)
      made += letters[random.below(letters.size())];
    return made;
  };
  const std::string text = some("ab%_\\", 8);
  const std::string pattern = some("ab%_\\", 6);
  RC_LOG() << text << " LIKE " << pattern << "\n";
  RC_ASSERT(sql::matches_like(storage::Collation::binary, text, pattern, "\\") ==
            like(text, pattern));
}

TEST(SqlLike, LongRunsOfPercentAreNoTrouble) {
  std::string pattern;
  for (int i = 0; i < 5'000; ++i) pattern += "%a";
  EXPECT_FALSE(sql::matches_like(storage::Collation::utf8mb4_general_ci, std::string(4'000, 'a'),
                                 pattern, "\\"));
  EXPECT_TRUE(sql::matches_like(storage::Collation::utf8mb4_general_ci, "GRÜN", "gr_n", "\\"));
}

}  // namespace
}  // namespace aftersync
