// Storing dates and times.
#include <limits>

#include "core/sql/value/convert.h"
#include "core/sql/value/storing.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLastTimestamp = std::numeric_limits<int32_t>::max();  // 2038-01-19 03:14:07 UTC

bool is_zero_date(const Temporal& value) {
  return value.year == 0 && value.month == 0 && value.day == 0;
}

Temporal zero_datetime() {
  Temporal zero;
  zero.kind = TemporalKind::datetime;
  return zero;
}

// The digits behind the point of a number that is a date or a time: parts of a second.
uint32_t micros_of(const Decimal& number) {
  const auto rest = Decimal::subtract(number, number.truncated(0));
  const auto micros = Decimal::multiply(rest->truncated(6), Decimal::of(kSecond));
  const int64_t signed_micros = micros->to_signed().value_or(0);
  return static_cast<uint32_t>(signed_micros < 0 ? -signed_micros : signed_micros);
}

}  // namespace

std::optional<Temporal> Storing::datetime_of(const Value& value, Trouble& trouble) const {
  if (const auto* v = std::get_if<Temporal>(&value)) {
    return v->kind == TemporalKind::time ? as_datetime(*v, context_.now) : *v;
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto parsed = parse_datetime(*text, AnyDay::yes);
    trouble = parsed && parsed->exact ? Trouble::none : Trouble::truncated;
    if (!parsed) return std::nullopt;
    if (is_valid_date(parsed->value, true)) return parsed->value;
    trouble = Trouble::out_of_range;
    return std::nullopt;
  }
  Diagnostics ignored;
  const Decimal number = to_decimal(value, ignored);
  const auto whole = number.truncated(0).to_signed();
  std::optional<Temporal> made = whole ? datetime_of_number(*whole) : std::nullopt;
  if (!made) {
    trouble = Trouble::truncated;
    return std::nullopt;
  }
  if (made->kind == TemporalKind::datetime) made->micros = micros_of(number);
  return made;
}

std::optional<Temporal> Storing::time_of(const Value& value, Trouble& trouble) const {
  if (const auto* v = std::get_if<Temporal>(&value)) return *v;
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto parsed = parse_time_or_datetime(*text);
    if (!parsed || !parsed->exact) {
      trouble = parsed && parsed->clipped ? Trouble::out_of_range : Trouble::truncated;
    }
    return parsed ? std::optional(parsed->value) : std::nullopt;
  }
  Diagnostics ignored;
  const Decimal number = to_decimal(value, ignored);
  const auto whole = number.truncated(0).to_signed();
  std::optional<Temporal> made = whole ? time_of_number(*whole) : std::nullopt;
  if (made) {
    made->micros = micros_of(number);
    made->negative = number.negative();
    return made;
  }
  const bool too_large = !whole || *whole > 8'385'959 || *whole < -8'385'959;
  trouble = too_large ? Trouble::out_of_range : Trouble::truncated;
  if (too_large) made = parse_time(number.negative() ? "-838:59:59" : "838:59:59")->value;
  return made;
}

void Storing::bad_time(std::string_view type, const Value& value, Trouble what) {
  if (context_.mode.strict) {
    context_.diagnostics.fail(ErrorName::column_bad_time,
                              {type, to_text(value, from_), column_.name_, row()});
    return;
  }
  trouble(what == Trouble::out_of_range ? ErrorName::column_out_of_range
                                        : ErrorName::column_truncated);
}

bool Storing::forbidden_zero(const Temporal& value) const {
  if (is_zero_date(value)) return context_.mode.no_zero_date;
  return context_.mode.no_zero_in_date && (value.month == 0 || value.day == 0);
}

storage::Value Storing::date_or_datetime(const Value& value) {
  const bool is_date = column_.definition_.type == storage::ColumnType::date;
  const bool is_timestamp = column_.definition_.type == storage::ColumnType::timestamp;
  Trouble trouble = Trouble::none;
  std::optional<Temporal> made = datetime_of(value, trouble);
  if (made) made->kind = TemporalKind::datetime;
  if (made && forbidden_zero(*made)) {
    trouble = Trouble::out_of_range;
    made.reset();
  }
  const bool lost_time =
      made && is_date && made->hour + made->minute + made->second + made->micros > 0;
  if (made) {
    made = rounded(*made, column_.type_info_.decimals);
    if (!made) trouble = Trouble::out_of_range;
  }
  int64_t micros = 0;
  if (made && is_timestamp && !is_zero_date(*made)) {
    micros = unix_micros(*made, context_.zone_offset_s);
    if (made->month == 0 || made->day == 0 || micros < kSecond ||
        micros / kSecond > kLastTimestamp) {
      trouble = Trouble::out_of_range;
      micros = 0;
    }
  }
  if (trouble != Trouble::none) {
    bad_time(is_date ? "date" : "datetime", value, trouble);
  } else if (lost_time) {
    note();
  }
  if (is_timestamp) return micros;
  const Temporal stored = made.value_or(zero_datetime());
  return is_date ? as_date(stored).packed() : stored.packed();
}

storage::Value Storing::time(const Value& value) {
  Trouble trouble = Trouble::none;
  std::optional<Temporal> made = time_of(value, trouble);
  const bool lost_date = made && made->kind != TemporalKind::time;
  if (made) made = rounded(as_time(*made), column_.type_info_.decimals);
  if (trouble != Trouble::none) {
    bad_time("time", value, trouble);
  } else if (lost_date) {
    note();
  }
  return made ? made->packed() : int64_t{0};
}

}  // namespace aftersync::sql
