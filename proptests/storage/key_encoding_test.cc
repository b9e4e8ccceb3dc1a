// Keys against the table model: the bytes of two encoded rows compare as the model, which never
// saw an encoding, says that the rows do. For random schemas and values.
#include "core/storage/key_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/base/limits.h"
#include "core/base/prng.h"
#include "core/storage/decimal.h"
#include "model/table/value.h"

namespace aftersync::storage {
namespace {

struct Column {
  KeyPart part;
  model::Order order = model::Order::integer;
  bool pads = false;       // compared as if padded with spaces, by bytes
  unsigned precision = 0;  // of a decimal
  unsigned scale = 0;
};

// A value in both worlds.
struct Both {
  Value engine;
  model::Value model;
};

Column some_column(Prng& random) {
  Column c;
  c.part.nullable = random.chance(0.5);
  c.part.descending = random.chance(0.5);
  constexpr uint8_t kWidths[] = {1, 2, 3, 4, 8};
  c.part.width = kWidths[random.below(5)];
  switch (random.below(8)) {
    case 0: c.part.type = ColumnType::signed_integer; break;
    case 1:
      c.part.type = ColumnType::unsigned_integer;
      c.order = model::Order::unsigned_integer;
      break;
    case 2:
      c.part.type = random.chance(0.3) ? ColumnType::float_number : ColumnType::double_number;
      c.order = model::Order::floating;
      break;
    case 3:
      c.part.type = ColumnType::decimal;
      c.order = model::Order::decimal;
      c.precision = static_cast<unsigned>(random.between(1, 65));
      c.scale = static_cast<unsigned>(random.below(std::min(c.precision, 30u) + 1));
      c.part.width = static_cast<uint8_t>(packed_decimal_bytes(c.precision, c.scale));
      break;
    case 4:
      c.part.type = random.chance(0.5) ? ColumnType::bytes : ColumnType::string;
      c.order = model::Order::bytes;
      break;
    case 5: {
      c.part.type = ColumnType::string;
      constexpr Collation kPadded[] = {Collation::utf8mb4_bin, Collation::latin1_bin,
                                       Collation::ascii_bin};
      c.part.collation = kPadded[random.below(3)];
      c.order = model::Order::bytes;
      c.pads = true;
      break;
    }
    case 6: {
      c.part.type = ColumnType::string;
      constexpr Collation kCi[] = {Collation::utf8mb4_general_ci, Collation::latin1_general_ci,
                                   Collation::ascii_general_ci};
      c.part.collation = kCi[random.below(3)];
      c.order = model::Order::ascii_ci;
      break;
    }
    default: c.part.type = random.chance(0.5) ? ColumnType::datetime : ColumnType::date;
  }
  return c;
}

int64_t some_signed(const KeyPart& part, Prng& random) {
  const unsigned bytes = part.type == ColumnType::signed_integer ? part.width
                         : part.type == ColumnType::date         ? 3
                                                                 : 8;
  const auto bits = static_cast<int64_t>(random.next() << random.below(64));
  switch (random.below(4)) {
    case 0: return static_cast<int64_t>(random.between(0, 4)) - 2;
    case 1: return std::numeric_limits<int64_t>::max() >> (64 - 8 * bytes);
    case 2: return std::numeric_limits<int64_t>::min() >> (64 - 8 * bytes);
    default: return bits >> (64 - 8 * bytes);
  }
}

double some_double(bool is_float, Prng& random) {
  const double inf = std::numeric_limits<double>::infinity();
  const double some[] = {0.0, -0.0, 1, -1, 0.5, 1e30, -1e30, inf, -inf};
  double d = some[random.below(9)];
  if (random.chance(0.5)) {
    const uint64_t bits = random.next();
    std::memcpy(&d, &bits, sizeof d);
  }
  if (std::isnan(d)) d = 7;
  if (!is_float) return d;
  if (std::isfinite(d) && std::abs(d) > 1e38) d = 1e38;
  return static_cast<double>(static_cast<float>(d));
}

std::string some_text(Prng& random) {
  std::string text;
  const std::string_view letters("aAb \t!\x01~", 8);
  for (uint64_t n = random.below(6); n > 0; --n) {
    text.append(random.chance(0.05) ? random.between(1, 80) : 1, letters[random.below(8)]);
  }
  return text;
}

std::string some_bytes(Prng& random) {
  std::string bytes;
  for (uint64_t n = random.below(6); n > 0; --n)
    bytes +=
        "\x00\x01\xff\xfe"
        "a"[random.below(5)];
  return bytes;
}

Both some_decimal(const Column& c, Prng& random) {
  std::string digits;
  const uint64_t length = random.between(1, c.precision);
  for (uint64_t i = 0; i < length; ++i) {
    digits += static_cast<char>('0' + (random.chance(0.5) ? 0 : random.below(10)));
  }
  const bool negative = random.chance(0.5);
  std::string padded(c.precision - length, '0');
  padded += digits;
  const std::string text = (negative ? "-" : "") + padded.substr(0, c.precision - c.scale) + "." +
                           padded.substr(c.precision - c.scale);
  const auto packed = pack_decimal(text, c.precision, c.scale);
  CHECK_OK(packed);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return {*packed, model::Decimal{negative && !digits.empty(), digits}};
}

Both some_value(const Column& c, Prng& random) {
  if (c.part.nullable && random.chance(0.2)) return {Value(), model::Null()};
  switch (c.order) {
    case model::Order::integer: {
      const int64_t v = some_signed(c.part, random);
      return {v, v};
    }
    case model::Order::unsigned_integer: {
      const uint64_t v = random.chance(0.5)
                             ? random.below(3)
                             : random.next() >> (64 - 8 * c.part.width + random.below(8));
      return {v, v};
    }
    case model::Order::floating: {
      const double v = some_double(c.part.type == ColumnType::float_number, random);
      return {v, v};
    }
    case model::Order::decimal: return some_decimal(c, random);
    case model::Order::bytes: {
      const std::string v = c.pads ? some_text(random) : some_bytes(random);
      return {v, v};
    }
    default: {
      const std::string v = some_text(random);
      return {v, v};
    }
  }
}

std::weak_ordering compare_by_model(const Column& c, model::Value a, model::Value b) {
  auto* x = std::get_if<std::string>(&a);
  auto* y = std::get_if<std::string>(&b);
  if (c.pads && x != nullptr && y != nullptr) {
    const size_t width = std::max(x->size(), y->size());
    x->resize(width, ' ');
    y->resize(width, ' ');
  }
  return c.part.descending ? model::compare(c.order, b, a) : model::compare(c.order, a, b);
}

ValueView view(const Value& value) {
  return std::visit([](const auto& v) -> ValueView { return v; }, value);
}

std::string shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    text += kHex[static_cast<uint8_t>(c) >> 4];
    text += kHex[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

RC_GTEST_PROP(KeyEncodingProperty, BytesCompareAsTheModelSays, (uint64_t seed)) {
  Prng random(seed);
  std::vector<Column> columns;
  for (uint64_t n = random.between(1, 4); n > 0; --n) columns.push_back(some_column(random));
  for (int pair = 0; pair < 20; ++pair) {
    std::string a;
    std::string b;
    std::weak_ordering expected = std::weak_ordering::equivalent;
    model::Row row_a;
    model::Row row_b;
    std::vector<Value> values;
    for (const Column& c : columns) {
      const Both x = some_value(c, random);
      const Both y = random.chance(0.4) ? x : some_value(c, random);
      CHECK_OK(append_key_part(c.part, view(x.engine), a));
      CHECK_OK(append_key_part(c.part, view(y.engine), b));
      if (expected == 0) expected = compare_by_model(c, x.model, y.model);
      row_a.push_back(x.model);
      row_b.push_back(y.model);
      values.push_back(x.engine);
    }
    const int found = a.compare(b);
    const int wanted = expected < 0 ? -1 : expected > 0 ? 1 : 0;
    if ((found > 0) - (found < 0) != wanted) {
      RC_FAIL(model::to_string(row_a) + " = " + shown(a) + " against " + model::to_string(row_b) +
              " = " + shown(b) + " should be " + std::to_string(wanted));
    }
    std::string_view rest = a;
    for (size_t i = 0; i < columns.size(); ++i) {
      std::string_view skipped = rest;
      RC_ASSERT(skip_key_part(columns[i].part, skipped).ok());
      const auto taken = take_key_part(columns[i].part, rest);
      if (taken.ok()) {
        RC_ASSERT(*taken == values[i]);
        RC_ASSERT(rest == skipped);
      } else {
        RC_ASSERT(taken.code() == Code::unsupported);
        rest = skipped;
      }
    }
    RC_ASSERT(rest.empty());
  }
}

// What a prefix range holds, for keys of one string part.
RC_GTEST_PROP(KeyEncodingProperty, PrefixRangesHoldWhatBeginsWithThePrefix, (uint64_t seed)) {
  Prng random(seed);
  KeyPart part;
  part.type = ColumnType::string;
  part.descending = random.chance(0.5);
  part.collation = random.chance(0.5) ? Collation::binary : Collation::utf8mb4_general_ci;
  std::string text = part.collation == Collation::binary ? some_bytes(random) : some_text(random);
  std::string beginning = text.substr(0, random.below(text.size() + 1));
  const bool belongs = random.chance(0.7);
  if (!belongs) beginning += "zz";
  std::string key;
  std::string low;
  CHECK_OK(append_key_part(part, std::string_view(text), key));
  CHECK_OK(append_key_prefix(part, beginning, low));
  const std::string high = key_successor(low);
  RC_ASSERT((key >= low && (high.empty() || key < high)) == belongs);
}

RC_GTEST_PROP(KeyEncodingProperty, AnyBytesAreTakenApartOrRefused, (uint64_t seed)) {
  Prng random(seed);
  const Column c = some_column(random);
  std::string bytes;
  for (uint64_t n = random.below(12); n > 0; --n) bytes += static_cast<char>(random.next());
  const std::vector<char> exact(bytes.begin(), bytes.end());
  std::string_view rest(exact.data(), exact.size());
  (void)take_key_part(c.part, rest);
  rest = {exact.data(), exact.size()};
  (void)skip_key_part(c.part, rest);
}

RC_GTEST_PROP(DecimalProperty, PackedAndBack, (uint64_t seed)) {
  Prng random(seed);
  Column c;
  c.precision = static_cast<unsigned>(random.between(1, 65));
  c.scale = static_cast<unsigned>(random.below(std::min(c.precision, 30u) + 1));
  const Both decimal = some_decimal(c, random);
  const auto text = unpack_decimal(std::get<std::string>(decimal.engine), c.precision, c.scale);
  RC_ASSERT(text.ok());
  const auto again = pack_decimal(*text, c.precision, c.scale);
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == std::get<std::string>(decimal.engine));
}

TEST(Decimal, IsMySqlsPackedForm) {
  // The example of MySQL's decimal.c: DECIMAL(14,4) 1234567890.1234.
  const auto packed = pack_decimal("1234567890.1234", 14, 4);
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(shown(*packed), "810dfb38d204d2");
  EXPECT_EQ(shown(*pack_decimal("-1234567890.1234", 14, 4)), "7ef204c72dfb2d");
  EXPECT_EQ(*unpack_decimal(*packed, 14, 4), "1234567890.1234");
  EXPECT_EQ(*pack_decimal("-0.00", 5, 2), *pack_decimal("0", 5, 2));
  EXPECT_EQ(pack_decimal("12345", 4, 0).code(), Code::invalid_argument);
  EXPECT_EQ(pack_decimal("1.25", 4, 1).code(), Code::invalid_argument);
  EXPECT_EQ(pack_decimal("1x", 4, 1).code(), Code::invalid_argument);
  EXPECT_EQ(pack_decimal(".", 4, 1).code(), Code::invalid_argument);
}

std::string key_of(Collation collation, std::string_view text) {
  KeyPart part;
  part.type = ColumnType::string;
  part.collation = collation;
  std::string key;
  CHECK_OK(append_key_part(part, text, key));
  return key;
}

TEST(Collations, GeneralCiKnowsNeitherCaseNorAccent) {
  const auto ci = [](std::string_view s) { return key_of(Collation::utf8mb4_general_ci, s); };
  EXPECT_EQ(ci("M\u00fcller"), ci("MULLER  "));
  EXPECT_EQ(ci("stra\u00dfe"), ci("STRASE"));
  EXPECT_EQ(ci("\u0159eka"), ci("Reka"));
  EXPECT_EQ(ci("\u03c9\u03c3"), ci("\u03a9\u03c2"));
  EXPECT_EQ(ci("\u0436"), ci("\u0416"));
  EXPECT_EQ(ci("\U0001f600"), ci("\U0001f601")) << "all above U+FFFF are one";
  EXPECT_NE(ci("\u00f8"), ci("o"));
  EXPECT_EQ(ci("\u00f8"), ci("\u00d8"));
  EXPECT_NE(ci("\xff"), ci("\xfe")) << "bytes that are no text differ";
  EXPECT_NE(key_of(Collation::utf8mb4_bin, "\U0001f600"),
            key_of(Collation::utf8mb4_bin, "\U0001f601"));
  EXPECT_EQ(key_of(Collation::latin1_general_ci, "\xe9t\xe9"),
            key_of(Collation::latin1_general_ci, "ETE"));
}

TEST(Collations, SpacesPad) {
  const auto bin = [](std::string_view s) { return key_of(Collation::utf8mb4_bin, s); };
  EXPECT_EQ(bin("a"), bin("a   "));
  EXPECT_LT(bin("a\t"), bin("a"));
  EXPECT_LT(bin("a \t"), bin("a"));
  EXPECT_LT(bin("a\t"), bin("a \t"));
  EXPECT_LT(bin("a"), bin("a  b"));
  EXPECT_LT(bin("a  b"), bin("a b"));
  EXPECT_LT(bin("a b"), bin("ab"));
  const std::string many(70, ' ');
  EXPECT_LT(bin("a" + many + "\t"), bin("a"));
  EXPECT_LT(bin("a" + many + "b"), bin("a" + many.substr(1) + "b"));
}

TEST(KeyEncoding, RefusesWhatDoesNotFitAndLeavesTheKeyAlone) {
  KeyPart part;
  std::string key = "before";
  const auto code = [&](const ValueView& value) {
    const Code c = append_key_part(part, value, key).code();
    EXPECT_EQ(key, "before");
    return c;
  };
  EXPECT_EQ(code({}), Code::invalid_argument);
  EXPECT_EQ(code(uint64_t{1}), Code::invalid_argument);
  part.width = 1;
  EXPECT_EQ(code(int64_t{128}), Code::invalid_argument);
  EXPECT_EQ(code(int64_t{-129}), Code::invalid_argument);
  part.type = ColumnType::double_number;
  EXPECT_EQ(code(std::nan("")), Code::invalid_argument);
  part.type = ColumnType::float_number;
  EXPECT_EQ(code(0.1), Code::invalid_argument);
  EXPECT_EQ(code(1e300), Code::invalid_argument);
  part.type = ColumnType::bytes;
  const std::string long_text(limits::kMaxKeyBytes, 'x');
  EXPECT_EQ(code(std::string_view(long_text)), Code::too_large);
}

}  // namespace
}  // namespace aftersync::storage
