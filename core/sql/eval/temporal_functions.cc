// Functions of dates and times (MySQL manual 14.7).
#include <array>

#include "core/base/check.h"
#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/operators.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kLastDay = 3'652'424;  // 9999-12-31

std::optional<Temporal> datetime(CallFrame& f, size_t i) {
  std::optional<Temporal> value = to_datetime(f.args[i], f.context.diagnostics);
  if (value && value->kind == TemporalKind::time) value = as_datetime(*value, f.context.now);
  return value;
}

bool has_zero_part(const Temporal& value) { return value.month == 0 || value.day == 0; }

template <uint32_t Temporal::*part>
Value date_part(CallFrame& f) {
  const auto value = datetime(f, 0);
  return value ? Value(int64_t{(*value).*part}) : Value();
}

template <uint32_t Temporal::*part>
Value time_part(CallFrame& f) {
  const auto value = to_time(f.args[0], f.context.diagnostics);
  return value ? Value(int64_t{(*value).*part}) : Value();
}

int64_t day_of(const Temporal& value) { return day_number(value.year, value.month, value.day); }

Value quarter(CallFrame& f) {
  const auto value = datetime(f, 0);
  return value ? Value(int64_t{(value->month + 2) / 3}) : Value();
}

// From 0 for Monday.
int64_t weekday_of(const Temporal& value) { return (day_of(value) + 5) % 7; }

Value weekday(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return weekday_of(*value);
}

Value day_of_week(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return (weekday_of(*value) + 1) % 7 + 1;
}

Value day_of_year(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return day_of(*value) - day_number(value->year, 1, 1) + 1;
}

Value to_days(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return day_of(*value);
}

Value from_days(CallFrame& f) { return date_of_day_number(f.position(0)); }

Value last_day(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || value->month == 0) return {};
  Temporal made = as_date(*value);
  made.day = days_in_month(made.year, made.month);
  return made;
}

Value date_difference(CallFrame& f) {
  const auto a = datetime(f, 0);
  const auto b = datetime(f, 1);
  if (!a || !b || has_zero_part(*a) || has_zero_part(*b)) return {};
  return day_of(*a) - day_of(*b);
}

Value date(CallFrame& f) {
  const auto value = datetime(f, 0);
  return value ? Value(as_date(*value)) : Value();
}

Value make_date(CallFrame& f) {
  int64_t year = f.position(0);
  const int64_t day = f.position(1);
  if (year < 0 || year > 9999 || day <= 0 || day > kLastDay) return {};
  if (year < 100) year += year < 70 ? 2000 : 1900;
  const int64_t days = day_number(static_cast<uint32_t>(year), 1, 1) + day - 1;
  if (days > kLastDay) return {};
  return date_of_day_number(days);
}

Value time_to_seconds(CallFrame& f) {
  const auto value = to_time(f.args[0], f.context.diagnostics);
  if (!value) return {};
  if (f.self.type.type == TypeClass::integer) return value->ordinal() / kSecond;
  const auto seconds = Decimal::divide(Decimal::of(value->ordinal()), Decimal::of(kSecond), 6);
  return seconds->rounded(f.self.type.decimals);
}

// What an interval of `amount` units is: months, or microseconds.
struct Interval {
  int64_t months = 0;
  int64_t micros = 0;
  bool has_time = false;  // of units below a day
  bool fits = true;
};

constexpr int64_t kUnitMicros[] = {1, kSecond, 60 * kSecond, 3600 * kSecond, kDay, 7 * kDay, 0,
                                   0, 0};
constexpr int64_t kUnitMonths[] = {0, 0, 0, 0, 0, 0, 1, 3, 12};

// The units that a compound one is made of, the largest first; the last is what
// it ends with.
struct Compound {
  IntervalUnit unit;
  std::array<IntervalUnit, 5> parts;
  size_t count;
};
using U = IntervalUnit;
constexpr Compound kCompounds[] = {
    {U::second_microsecond, {U::second, U::microsecond}, 2},
    {U::minute_microsecond, {U::minute, U::second, U::microsecond}, 3},
    {U::minute_second, {U::minute, U::second}, 2},
    {U::hour_microsecond, {U::hour, U::minute, U::second, U::microsecond}, 4},
    {U::hour_second, {U::hour, U::minute, U::second}, 3},
    {U::hour_minute, {U::hour, U::minute}, 2},
    {U::day_microsecond, {U::day, U::hour, U::minute, U::second, U::microsecond}, 5},
    {U::day_second, {U::day, U::hour, U::minute, U::second}, 4},
    {U::day_minute, {U::day, U::hour, U::minute}, 3},
    {U::day_hour, {U::day, U::hour}, 2},
    {U::year_month, {U::year, U::month}, 2},
};

void add_units(Interval& interval, IntervalUnit unit, int64_t amount) {
  const auto at = static_cast<size_t>(unit);
  int64_t months = 0;
  int64_t micros = 0;
  interval.fits = interval.fits && !__builtin_mul_overflow(amount, kUnitMonths[at], &months) &&
                  !__builtin_mul_overflow(amount, kUnitMicros[at], &micros) &&
                  !__builtin_add_overflow(interval.months, months, &interval.months) &&
                  !__builtin_add_overflow(interval.micros, micros, &interval.micros);
  interval.has_time = interval.has_time || unit < IntervalUnit::day;
}

// '1 02:03' for DAY_MINUTE: numbers with anything between, the rightmost for
// the smallest unit.
Interval compound_interval(const Compound& compound, const std::string& text) {
  Interval interval;
  std::vector<int64_t> numbers;
  size_t last_digits = 0;
  size_t at = text.find_first_not_of(' ');
  const bool minus = at != std::string::npos && text[at] == '-';
  for (at = 0; at < text.size();) {
    if (text[at] < '0' || text[at] > '9') {
      ++at;
      continue;
    }
    int64_t number = 0;
    const size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (__builtin_mul_overflow(number, 10, &number)) interval.fits = false;
      number += text[at] - '0';
    }
    last_digits = at - first;
    numbers.push_back(number);
  }
  if (numbers.size() > compound.count) interval.fits = false;
  const size_t skip = compound.count - std::min(compound.count, numbers.size());
  for (size_t i = 0; i < numbers.size() && interval.fits; ++i) {
    const IntervalUnit unit = compound.parts[skip + i];
    int64_t number = numbers[i];
    // '.5' microseconds are a fraction of a second.
    if (unit == IntervalUnit::microsecond) {
      for (size_t digits = last_digits; digits < 6; ++digits) number *= 10;
    }
    add_units(interval, unit, minus ? -number : number);
  }
  if (compound.unit != IntervalUnit::year_month) interval.has_time = true;
  return interval;
}

Interval interval_of(IntervalUnit unit, const Value& amount, EvalContext& context) {
  for (const Compound& compound : kCompounds) {
    if (compound.unit == unit) return compound_interval(compound, to_text(amount));
  }
  Interval interval;
  if (unit == IntervalUnit::second && !std::holds_alternative<int64_t>(amount)) {
    // Seconds may have a fraction.
    const Decimal micros = to_decimal(amount, context.diagnostics).rounded(6);
    const auto scaled = Decimal::multiply(micros, Decimal::of(kSecond));
    const auto fits = scaled ? scaled->to_signed() : std::nullopt;
    interval.fits = fits.has_value();
    interval.micros = fits.value_or(0);
    interval.has_time = true;
    return interval;
  }
  const Integer number = to_integer(amount, context.diagnostics);
  interval.fits = !number.is_unsigned || number.bits <= INT64_MAX;
  add_units(interval, unit, number.as_signed());
  return interval;
}

bool add_months(Temporal& value, int64_t months) {
  const int64_t all = int64_t{value.year} * 12 + value.month - 1 + months;
  if (all < 0 || all >= 120'000) return false;
  value.year = static_cast<uint32_t>(all / 12);
  value.month = static_cast<uint32_t>(all % 12) + 1;
  value.day = std::min(value.day, days_in_month(value.year, value.month));
  return true;
}

// Adds an interval; nothing when the result is no date.
std::optional<Temporal> shifted(Temporal value, const Interval& interval, bool subtract) {
  if (!interval.fits || interval.micros == INT64_MIN) return std::nullopt;
  const int64_t sign = subtract ? -1 : 1;
  if (value.kind == TemporalKind::time) {
    int64_t micros = 0;
    if (interval.months != 0 ||
        __builtin_add_overflow(value.ordinal(), sign * interval.micros, &micros)) {
      return std::nullopt;
    }
    const uint8_t decimals = value.decimals;
    Temporal made = time_of_ordinal(micros);
    if (made.hour > 838) return std::nullopt;
    made.decimals = decimals;
    return made;
  }
  if (interval.months != 0) {
    // Zero parts make no month to count from.
    if (value.month == 0 || !add_months(value, sign * interval.months)) return std::nullopt;
    return value;
  }
  if (has_zero_part(value)) return std::nullopt;
  int64_t micros = 0;
  if (__builtin_add_overflow(value.ordinal(), sign * interval.micros, &micros)) return std::nullopt;
  if (micros < kDay || micros / kDay > kLastDay) return std::nullopt;
  Temporal made = datetime_of_ordinal(micros);
  made.decimals = value.decimals;
  if (value.kind == TemporalKind::date && !interval.has_time) made = as_date(made);
  if (made.year == 0) return std::nullopt;
  return made;
}

// option: unit * 2 + subtract
Value add_interval(const BoundExpr& self, EvalContext& context) {
  const Value base = self.arg(0, context);
  const Value amount = self.arg(1, context);
  if (is_null(base) || is_null(amount)) return {};
  const auto unit = static_cast<IntervalUnit>(self.option / 2);
  std::optional<Temporal> value = to_datetime(base, context.diagnostics);
  if (!value) return {};
  const Interval interval = interval_of(unit, amount, context);
  if (self.type.type == TypeClass::datetime) value = as_datetime(*value, context.now);
  std::optional<Temporal> made = shifted(*value, interval, self.option % 2 != 0);
  if (!made) {
    context.diagnostics.warn(ErrorName::datetime_overflow,
                             {self.type.type == TypeClass::time ? "time" : "datetime"});
    return {};
  }
  if (self.type.type != TypeClass::string) {
    made->decimals = self.type.decimals;
    return *made;
  }
  // Of a text: a date when it was one, and the digits of a second that there
  // are.
  if (made->micros > 0) made->decimals = 6;
  return made->to_string();
}

int64_t months_between(const Temporal& from, const Temporal& to) {
  int64_t months = (int64_t{to.year} - from.year) * 12 + to.month - from.month;
  const auto rest = [](const Temporal& t) {
    return t.day * kDay + ((int64_t{t.hour} * 60 + t.minute) * 60 + t.second) * kSecond + t.micros;
  };
  if (months > 0 && rest(to) < rest(from)) --months;
  if (months < 0 && rest(to) > rest(from)) ++months;
  return months;
}

Value timestamp_difference(CallFrame& f) {
  const auto from = datetime(f, 0);
  const auto to = datetime(f, 1);
  if (!from || !to || has_zero_part(*from) || has_zero_part(*to)) return {};
  const auto unit = static_cast<size_t>(f.self.option);
  if (kUnitMonths[unit] > 0) return months_between(*from, *to) / kUnitMonths[unit];
  return (as_datetime(*to, f.context.now).ordinal() - as_datetime(*from, f.context.now).ordinal()) /
         kUnitMicros[unit];
}

// EXTRACT of a compound unit strings the numbers together, two digits each.
Value extract(CallFrame& f) {
  const auto unit = static_cast<IntervalUnit>(f.self.option);
  const bool of_time = unit < IntervalUnit::day || (unit >= IntervalUnit::second_microsecond &&
                                                    unit < IntervalUnit::day_microsecond);
  const auto value = of_time ? to_time(f.args[0], f.context.diagnostics) : datetime(f, 0);
  if (!value) return {};
  const auto part = [&](IntervalUnit one) -> int64_t {
    switch (one) {
      case IntervalUnit::microsecond: return value->micros;
      case IntervalUnit::second: return value->second;
      case IntervalUnit::minute: return value->minute;
      case IntervalUnit::hour: return value->hour;
      case IntervalUnit::day: return value->day;
      case IntervalUnit::month: return value->month;
      case IntervalUnit::quarter: return (value->month + 2) / 3;
      default: return value->year;
    }
  };
  const int64_t sign = value->negative ? -1 : 1;
  for (const Compound& compound : kCompounds) {
    if (compound.unit != unit) continue;
    int64_t number = 0;
    for (size_t i = 0; i < compound.count; ++i) {
      const IntervalUnit one = compound.parts[i];
      number = number * (one == IntervalUnit::microsecond ? kSecond : 100) + part(one);
    }
    return sign * number;
  }
  return sign * part(unit);
}

TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo seconds_of(const std::vector<BoundExpr>& args) {
  const TypeInfo& type = args[0].type;
  const bool fraction = is_temporal(type.type) && type.decimals > 0;
  return fraction ? decimal_type(type.decimals) : integer_type();
}
TypeInfo date_of(const std::vector<BoundExpr>& /*args*/) { return temporal_type(TypeClass::date); }

constexpr FunctionSpec kFunctions[] = {
    {"DATE", 1, 1, date_of, strict<date>},
    {"DATEDIFF", 2, 2, integer_of, strict<date_difference>},
    {"DAY", 1, 1, integer_of, strict<date_part<&Temporal::day>>},
    {"DAYOFMONTH", 1, 1, integer_of, strict<date_part<&Temporal::day>>},
    {"DAYOFWEEK", 1, 1, integer_of, strict<day_of_week>},
    {"DAYOFYEAR", 1, 1, integer_of, strict<day_of_year>},
    {"EXTRACT", 1, 1, integer_of, strict<extract>},
    {"FROM_DAYS", 1, 1, date_of, strict<from_days>},
    {"HOUR", 1, 1, integer_of, strict<time_part<&Temporal::hour>>},
    {"LAST_DAY", 1, 1, date_of, strict<last_day>},
    {"MAKEDATE", 2, 2, date_of, strict<make_date>},
    {"MICROSECOND", 1, 1, integer_of, strict<time_part<&Temporal::micros>>},
    {"MINUTE", 1, 1, integer_of, strict<time_part<&Temporal::minute>>},
    {"MONTH", 1, 1, integer_of, strict<date_part<&Temporal::month>>},
    {"QUARTER", 1, 1, integer_of, strict<quarter>},
    {"SECOND", 1, 1, integer_of, strict<time_part<&Temporal::second>>},
    {"TIMESTAMPDIFF", 2, 2, integer_of, strict<timestamp_difference>},
    {"TIME_TO_SEC", 1, 1, seconds_of, strict<time_to_seconds>},
    {"TO_DAYS", 1, 1, integer_of, strict<to_days>},
    {"WEEKDAY", 1, 1, integer_of, strict<weekday>},
    {"YEAR", 1, 1, integer_of, strict<date_part<&Temporal::year>>},
};

}  // namespace

std::span<const FunctionSpec> temporal_functions() { return kFunctions; }

BoundExpr bound_interval(IntervalUnit unit, bool subtract, BoundExpr base, BoundExpr amount) {
  BoundExpr made;
  made.function = add_interval;
  made.option = static_cast<int64_t>(unit) * 2 + (subtract ? 1 : 0);
  const TypeInfo& type = base.type;
  const bool of_days = unit == IntervalUnit::day || unit == IntervalUnit::week ||
                       unit == IntervalUnit::month || unit == IntervalUnit::quarter ||
                       unit == IntervalUnit::year || unit == IntervalUnit::year_month;
  const std::string_view name = to_string(unit);
  const unsigned micros = name.ends_with("MICROSECOND") ? 6 : 0;
  if (type.type == TypeClass::date) {
    made.type = temporal_type(of_days ? TypeClass::date : TypeClass::datetime, micros);
  } else if (type.type == TypeClass::datetime || type.type == TypeClass::time) {
    made.type = temporal_type(type.type, std::max<unsigned>(type.decimals, micros));
  } else {
    made.type = text_type();
  }
  made.args.push_back(std::move(base));
  made.args.push_back(std::move(amount));
  return made;
}

}  // namespace aftersync::sql
