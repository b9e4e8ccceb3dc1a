// Decimal: exact numbers of at most 65 digits, of which at most 30 are behind
// the point.
//
// Rules of MySQL manual 14.24: sums have the larger scale, products the sum of
// scales, quotients the dividend's and div_precision_increment (4) more; all
// scales are cut at 30. Rounding is half away from zero. The scale is part of
// the value: 1.50 prints its zero.
//
// Held as a whole number in base 10^9, lowest limb first, and the scale.
// Intermediate results have room for 65 + 65 digits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftersync::sql {

inline constexpr unsigned kDecimalDigits = 65;
inline constexpr unsigned kDecimalScale = 30;
inline constexpr unsigned kDivisionScale = 4;  // div_precision_increment

class Decimal {
 public:
  Decimal() = default;
  [[nodiscard]] static Decimal of(int64_t value);
  [[nodiscard]] static Decimal of(uint64_t value);
  // [+-]digits[.digits], with no more than 65 digits in front; more than 30
  // behind are rounded.
  [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

  [[nodiscard]] unsigned scale() const { return scale_; }
  [[nodiscard]] bool negative() const { return negative_; }
  [[nodiscard]] bool is_zero() const { return size_ == 0; }
  // Digits in front of the point; 0 for less than one.
  [[nodiscard]] unsigned whole_digits() const;
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] double to_double() const;

  [[nodiscard]] Decimal negated() const;
  // With exactly `scale` digits behind the point; rounded, or cut off.
  [[nodiscard]] Decimal rounded(unsigned scale) const;
  [[nodiscard]] Decimal truncated(unsigned scale) const;
  // The nearest whole number at or below; at or above.
  [[nodiscard]] Decimal floor() const;
  [[nodiscard]] Decimal ceiling() const;

  // Rounded to a whole number; nothing when it does not fit.
  [[nodiscard]] std::optional<int64_t> to_signed() const;
  [[nodiscard]] std::optional<uint64_t> to_unsigned() const;

  // Nothing when the result has more than 65 digits in front of the point.
  [[nodiscard]] static std::optional<Decimal> add(const Decimal& a, const Decimal& b);
  [[nodiscard]] static std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
  [[nodiscard]] static std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
  // The divisor is not zero. `scale`: that of the result.
  [[nodiscard]] static std::optional<Decimal> divide(const Decimal& a, const Decimal& b,
                                                     unsigned scale);
  // The remainder, with the dividend's sign.
  [[nodiscard]] static std::optional<Decimal> modulo(const Decimal& a, const Decimal& b);
  // Below, at or above zero as `a` is to `b`.
  [[nodiscard]] static int compare(const Decimal& a, const Decimal& b);

 private:
  static constexpr size_t kLimbs = 20;

  void trim();
  void multiply_small(uint32_t by);
  uint32_t divide_small(uint32_t by);  // returns the remainder
  void shift_up(unsigned digits);      // times 10^digits
  // Divides by 10^digits; whether the first digit that fell off was five or
  // more.
  bool shift_down(unsigned digits);
  void add_one();
  [[nodiscard]] static int compare_magnitude(const Decimal& a, const Decimal& b);
  static void add_magnitude(Decimal& to, const Decimal& other);
  static void subtract_magnitude(Decimal& from, const Decimal& smaller);
  // to -= other * digit * 10^(9 * limbs), where that fits.
  static void divide_magnitude(const Decimal& a, const Decimal& b, Decimal& quotient,
                               Decimal& remainder);
  [[nodiscard]] std::optional<Decimal> checked() const;

  bool negative_ = false;
  uint8_t scale_ = 0;
  uint8_t size_ = 0;  // limbs in use; the highest of them is not zero
  std::array<uint32_t, kLimbs> limbs_{};
};

}  // namespace aftersync::sql
