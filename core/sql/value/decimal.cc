// Arithmetic on decimals, limb by limb as on paper.
#include "core/sql/value/decimal.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

constexpr uint32_t kBase = 1'000'000'000;
constexpr unsigned kLimbDigits = 9;
constexpr uint32_t kPowers[] = {1,       10,        100,        1'000,      10'000,
                                100'000, 1'000'000, 10'000'000, 100'000'000};

}  // namespace

Decimal Decimal::of(uint64_t value) {
  Decimal made;
  while (value > 0) {
    made.limbs_[made.size_++] = static_cast<uint32_t>(value % kBase);
    value /= kBase;
  }
  return made;
}

Decimal Decimal::of(int64_t value) {
  const uint64_t magnitude =
      value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  Decimal made = of(magnitude);
  made.negative_ = value < 0;
  return made;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Decimal made;
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() > kDecimalDigits) return std::nullopt;
  const bool round_up = fraction.size() > kDecimalScale && fraction[kDecimalScale] >= '5';
  fraction = fraction.substr(0, kDecimalScale);
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      made.multiply_small(10);
      if (c != '0') {
        if (made.size_ == 0) made.size_ = 1;
        made.limbs_[0] += static_cast<uint32_t>(c - '0');  // the lowest digit is zero: no carry
      }
    }
  }
  made.scale_ = static_cast<uint8_t>(fraction.size());
  if (round_up) made.add_one();
  made.negative_ = negative && !made.is_zero();
  return made.checked();
}

unsigned Decimal::whole_digits() const {
  if (size_ == 0) return 0;
  const auto digits =
      static_cast<unsigned>((size_ - 1u) * kLimbDigits + std::to_string(limbs_[size_ - 1u]).size());
  return digits > scale_ ? digits - scale_ : 0;
}

std::string Decimal::to_string() const {
  std::string digits;
  for (size_t i = size_; i-- > 0;) {
    const std::string limb = std::to_string(limbs_[i]);
    if (!digits.empty()) digits.append(kLimbDigits - limb.size(), '0');
    digits += limb;
  }
  if (digits.size() <= scale_) digits.insert(0, scale_ + 1u - digits.size(), '0');
  if (scale_ > 0) digits.insert(digits.size() - scale_, 1, '.');
  return (negative_ ? "-" : "") + digits;
}

double Decimal::to_double() const { return std::strtod(to_string().c_str(), nullptr); }

Decimal Decimal::negated() const {
  Decimal made = *this;
  made.negative_ = !negative_ && !is_zero();
  return made;
}

void Decimal::trim() {
  while (size_ > 0 && limbs_[size_ - 1u] == 0) --size_;
  if (size_ == 0) negative_ = false;
}

void Decimal::multiply_small(uint32_t by) {
  uint64_t carry = 0;
  for (size_t i = 0; i < size_; ++i) {
    carry += uint64_t{limbs_[i]} * by;
    limbs_[i] = static_cast<uint32_t>(carry % kBase);
    carry /= kBase;
  }
  if (carry > 0) {
    CHECK_LT(size_, kLimbs);
    limbs_[size_++] = static_cast<uint32_t>(carry);
  }
}

uint32_t Decimal::divide_small(uint32_t by) {
  uint64_t remainder = 0;
  for (size_t i = size_; i-- > 0;) {
    remainder = remainder * kBase + limbs_[i];
    limbs_[i] = static_cast<uint32_t>(remainder / by);
    remainder %= by;
  }
  while (size_ > 0 && limbs_[size_ - 1u] == 0) --size_;
  return static_cast<uint32_t>(remainder);
}

void Decimal::shift_up(unsigned digits) {
  for (; digits >= kLimbDigits - 1; digits -= kLimbDigits - 1)
    multiply_small(kPowers[kLimbDigits - 1]);
  multiply_small(kPowers[digits]);
}

bool Decimal::shift_down(unsigned digits) {
  if (digits == 0) return false;
  for (--digits; digits >= kLimbDigits - 1; digits -= kLimbDigits - 1) {
    divide_small(kPowers[kLimbDigits - 1]);
  }
  divide_small(kPowers[digits]);
  return divide_small(10) >= 5;
}

void Decimal::add_one() {
  Decimal one = of(uint64_t{1});
  add_magnitude(*this, one);
}

Decimal Decimal::truncated(unsigned scale) const {
  Decimal made = *this;
  if (scale >= scale_) {
    made.shift_up(scale - scale_);
  } else {
    (void)made.shift_down(scale_ - scale);
  }
  made.scale_ = static_cast<uint8_t>(scale);
  made.trim();
  return made;
}

Decimal Decimal::rounded(unsigned scale) const {
  if (scale >= scale_) return truncated(scale);
  Decimal made = *this;
  if (made.shift_down(scale_ - scale)) made.add_one();
  made.scale_ = static_cast<uint8_t>(scale);
  made.trim();
  return made;
}

Decimal Decimal::floor() const {
  Decimal made = truncated(0);
  if (negative_ && compare(made, *this) != 0) {
    made.add_one();
    made.negative_ = true;
  }
  return made;
}

Decimal Decimal::ceiling() const { return negated().floor().negated(); }

std::optional<uint64_t> Decimal::to_unsigned() const {
  const Decimal whole = rounded(0);
  if (whole.negative_ || compare_magnitude(whole, of(UINT64_MAX)) > 0) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = whole.size_; i-- > 0;) value = value * kBase + whole.limbs_[i];
  return value;
}

std::optional<int64_t> Decimal::to_signed() const {
  Decimal whole = rounded(0);
  const bool minus = std::exchange(whole.negative_, false);
  const std::optional<uint64_t> magnitude = whole.to_unsigned();
  constexpr uint64_t kMost = uint64_t{1} << 63;
  if (!magnitude || *magnitude > kMost || (!minus && *magnitude == kMost)) return std::nullopt;
  return static_cast<int64_t>(minus ? 0 - *magnitude : *magnitude);
}

int Decimal::compare_magnitude(const Decimal& a, const Decimal& b) {
  if (a.size_ != b.size_) return a.size_ < b.size_ ? -1 : 1;
  for (size_t i = a.size_; i-- > 0;) {
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i] ? -1 : 1;
  }
  return 0;
}

void Decimal::add_magnitude(Decimal& to, const Decimal& other) {
  uint32_t carry = 0;
  const size_t limbs = std::max(to.size_, other.size_);
  for (size_t i = 0; i < limbs || carry > 0; ++i) {
    CHECK_LT(i, kLimbs);
    if (i >= to.size_) {
      to.limbs_[i] = 0;
      to.size_ = static_cast<uint8_t>(i + 1);
    }
    const uint32_t sum = to.limbs_[i] + (i < other.size_ ? other.limbs_[i] : 0) + carry;
    carry = sum >= kBase ? 1 : 0;
    to.limbs_[i] = sum - carry * kBase;
  }
}

void Decimal::subtract_magnitude(Decimal& from, const Decimal& smaller) {
  int64_t borrow = 0;
  for (size_t i = 0; i < from.size_; ++i) {
    int64_t limb = int64_t{from.limbs_[i]} - borrow - (i < smaller.size_ ? smaller.limbs_[i] : 0);
    borrow = limb < 0 ? 1 : 0;
    limb += borrow * int64_t{kBase};
    from.limbs_[i] = static_cast<uint32_t>(limb);
  }
  CHECK_EQ(borrow, 0);
  from.trim();
}

int Decimal::compare(const Decimal& a, const Decimal& b) {
  if (a.negative_ != b.negative_) return a.negative_ ? -1 : 1;
  const unsigned scale = std::max(a.scale_, b.scale_);
  const int magnitude = compare_magnitude(a.truncated(scale), b.truncated(scale));
  return a.negative_ ? -magnitude : magnitude;
}

// A result of which too many digits are in front is none; what is behind gives
// way first.
std::optional<Decimal> Decimal::checked() const {
  const unsigned whole = whole_digits();
  if (whole > kDecimalDigits) return std::nullopt;
  const unsigned scale = std::min({unsigned{scale_}, kDecimalScale, kDecimalDigits - whole});
  return scale < scale_ ? rounded(scale) : *this;
}

std::optional<Decimal> Decimal::add(const Decimal& a, const Decimal& b) {
  const unsigned scale = std::max(a.scale_, b.scale_);
  Decimal left = a.truncated(scale);
  Decimal right = b.truncated(scale);
  if (left.negative_ == right.negative_) {
    add_magnitude(left, right);
    return left.checked();
  }
  if (compare_magnitude(left, right) < 0) std::swap(left, right);
  subtract_magnitude(left, right);
  return left.checked();
}

std::optional<Decimal> Decimal::subtract(const Decimal& a, const Decimal& b) {
  return add(a, b.negated());
}

std::optional<Decimal> Decimal::multiply(const Decimal& a, const Decimal& b) {
  Decimal made;
  for (size_t i = 0; i < a.size_; ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.size_ || carry > 0; ++j) {
      CHECK_LT(i + j, kLimbs);
      carry +=
          uint64_t{made.limbs_[i + j]} + (j < b.size_ ? uint64_t{a.limbs_[i]} * b.limbs_[j] : 0);
      made.limbs_[i + j] = static_cast<uint32_t>(carry % kBase);
      carry /= kBase;
    }
  }
  made.size_ = static_cast<uint8_t>(std::min<size_t>(a.size_ + b.size_, kLimbs));
  made.scale_ = static_cast<uint8_t>(a.scale_ + b.scale_);
  made.negative_ = a.negative_ != b.negative_;
  made.trim();
  return made.checked();
}

void Decimal::divide_magnitude(const Decimal& a, const Decimal& b, Decimal& quotient,
                               Decimal& remainder) {
  quotient = Decimal();
  remainder = Decimal();
  for (size_t i = a.size_; i-- > 0;) {
    // remainder = remainder * base + the next limb
    for (size_t j = remainder.size_; j > 0; --j) remainder.limbs_[j] = remainder.limbs_[j - 1];
    remainder.limbs_[0] = a.limbs_[i];
    ++remainder.size_;
    remainder.trim();
    uint32_t low = 0;
    uint32_t high = kBase - 1;
    while (low < high) {  // the greatest digit whose product still fits
      const uint32_t middle = low + (high - low + 1) / 2;
      Decimal product = b;
      product.multiply_small(middle);
      if (compare_magnitude(product, remainder) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Decimal product = b;
    product.multiply_small(low);
    product.trim();
    subtract_magnitude(remainder, product);
    quotient.limbs_[i] = low;
  }
  quotient.size_ = a.size_;
  quotient.trim();
}

std::optional<Decimal> Decimal::divide(const Decimal& a, const Decimal& b, unsigned scale) {
  CHECK(!b.is_zero());
  Decimal dividend = a;
  Decimal divisor = b;
  dividend.negative_ = divisor.negative_ = false;
  // One digit more than asked for, to round by.
  const int up = static_cast<int>(scale) + 1 + b.scale_ - a.scale_;
  if (up >= 0) {
    dividend.shift_up(static_cast<unsigned>(up));
  } else {
    divisor.shift_up(static_cast<unsigned>(-up));
  }
  Decimal quotient;
  Decimal remainder;
  divide_magnitude(dividend, divisor, quotient, remainder);
  quotient.scale_ = static_cast<uint8_t>(scale + 1);
  quotient = quotient.rounded(scale);
  quotient.negative_ = a.negative_ != b.negative_ && !quotient.is_zero();
  return quotient.checked();
}

std::optional<Decimal> Decimal::modulo(const Decimal& a, const Decimal& b) {
  CHECK(!b.is_zero());
  const unsigned scale = std::max(a.scale_, b.scale_);
  Decimal dividend = a.truncated(scale);
  Decimal divisor = b.truncated(scale);
  Decimal quotient;
  Decimal remainder;
  divide_magnitude(dividend, divisor, quotient, remainder);
  remainder.scale_ = static_cast<uint8_t>(scale);
  remainder.negative_ = a.negative_ && !remainder.is_zero();
  return remainder.checked();
}

}  // namespace aftersync::sql
