// The calendar, and texts of dates and times.
#include "core/sql/value/temporal.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kDayMicros = 86'400 * kMicros;
constexpr uint32_t kMaxHour = 838;
constexpr uint32_t kLastYear = 9999;
constexpr uint32_t kFractionPowers[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};

void append_padded(std::string& to, uint64_t value, size_t digits) {
  const std::string text = std::to_string(value);
  if (text.size() < digits) to.append(digits - text.size(), '0');
  to += text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

uint32_t full_year(uint32_t year, size_t digits) {
  if (digits > 2) return year;
  return year < 70 ? year + 2000 : year + 1900;
}

// Takes at most `most` digits off the front.
uint32_t take_number(std::string_view& text, size_t most, size_t& digits) {
  uint32_t value = 0;
  for (digits = 0; digits < most && !text.empty() && is_digit(text[0]); ++digits) {
    value = value * 10 + static_cast<uint32_t>(text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

// ".123456": microseconds and how many digits there were; more than six are cut
// off.
void take_fraction(std::string_view& text, Temporal& value) {
  if (text.empty() || text[0] != '.') return;
  text.remove_prefix(1);
  size_t digits = 0;
  const uint32_t fraction = take_number(text, 6, digits);
  value.micros = fraction * kFractionPowers[digits];
  value.decimals = static_cast<uint8_t>(digits);
  while (!text.empty() && is_digit(text[0])) text.remove_prefix(1);
}

bool is_valid_time(const Temporal& value) {
  return value.minute < 60 && value.second < 60 &&
         (value.kind == TemporalKind::time || value.hour < 24);
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && is_space(text[0])) text.remove_prefix(1);
}

// The parts of a run of digits: YYYYMMDDhhmmss, YYMMDDhhmmss, YYYYMMDD, YYMMDD.
bool take_digit_run(std::string_view& text, size_t run, Temporal& value) {
  const size_t year_digits = run == 8 || run >= 14 ? 4 : 2;
  size_t digits = 0;
  value.year = full_year(take_number(text, year_digits, digits), year_digits);
  uint32_t* parts[] = {&value.month, &value.day, &value.hour, &value.minute, &value.second};
  for (size_t i = 0; i < 5; ++i) {
    *parts[i] = take_number(text, 2, digits);
    if (digits == 0 && i >= 2) break;
    if (digits == 0) return false;
    if (i >= 2) value.kind = TemporalKind::datetime;
  }
  return true;
}

bool take_separated(std::string_view& text, Temporal& value) {
  size_t digits = 0;
  value.year = take_number(text, 4, digits);
  if (digits == 0) return false;
  value.year = full_year(value.year, digits);
  uint32_t* parts[] = {&value.month, &value.day, &value.hour, &value.minute, &value.second};
  for (size_t i = 0; i < 5; ++i) {
    std::string_view ahead = text;
    if (i == 2) {
      if (ahead.empty() || !(is_space(ahead[0]) || ahead[0] == 'T')) break;
      ahead.remove_prefix(1);
      skip_spaces(ahead);
    } else {
      if (ahead.empty() || !is_punctuation(ahead[0]) || (i > 2 && ahead[0] == '.')) {
        if (i < 2) return false;
        break;
      }
      ahead.remove_prefix(1);
    }
    const uint32_t part = take_number(ahead, 2, digits);
    if (digits == 0) {
      if (i < 2) return false;
      break;
    }
    *parts[i] = part;
    text = ahead;
    if (i >= 2) value.kind = TemporalKind::datetime;
  }
  return true;
}

}  // namespace

bool is_leap_year(uint32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || (year % 400 == 0 && year != 0);
}

uint32_t days_in_month(uint32_t year, uint32_t month) {
  static constexpr std::array<uint8_t, 13> kDays = {0,  31, 28, 31, 30, 31, 30,
                                                    31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month];
}

int64_t day_number(uint32_t year, uint32_t month, uint32_t day) {
  if (year == 0 && month == 0) return 0;
  int64_t days = int64_t{365} * year + 31 * (int64_t{month} - 1) + day;
  int64_t before = year;
  if (month <= 2) {
    --before;
  } else {
    days -= (int64_t{month} * 4 + 23) / 10;
  }
  return days + before / 4 - ((before / 100 + 1) * 3) / 4;
}

Temporal date_of_day_number(int64_t days) {
  Temporal value;
  if (days <= 365 || days >= 3'652'500) return value;
  value.year = static_cast<uint32_t>(days * 100 / 36525);
  while (day_number(value.year + 1, 1, 1) <= days) ++value.year;
  while (day_number(value.year, 1, 1) > days) --value.year;
  int64_t rest = days - day_number(value.year, 1, 1);
  value.month = 1;
  while (rest >= days_in_month(value.year, value.month)) {
    rest -= days_in_month(value.year, value.month++);
  }
  value.day = static_cast<uint32_t>(rest) + 1;
  return value;
}

bool is_valid_date(const Temporal& value, bool zero_parts) {
  if (value.month > 12 || value.year > 9999) return false;
  if (value.month == 0 || value.day == 0) return zero_parts && value.day <= 31;
  return value.day <= days_in_month(value.year, value.month);
}

std::string Temporal::to_string() const {
  std::string text;
  if (kind != TemporalKind::time) {
    append_padded(text, year, 4);
    text += '-';
    append_padded(text, month, 2);
    text += '-';
    append_padded(text, day, 2);
    if (kind == TemporalKind::date) return text;
    text += ' ';
  } else if (negative) {
    text += '-';
  }
  append_padded(text, hour, 2);
  text += ':';
  append_padded(text, minute, 2);
  text += ':';
  append_padded(text, second, 2);
  if (decimals > 0) {
    text += '.';
    append_padded(text, micros / kFractionPowers[decimals], decimals);
  }
  return text;
}

Decimal Temporal::to_decimal() const {
  const uint64_t days = (uint64_t{year} * 100 + month) * 100 + day;
  const uint64_t seconds = (uint64_t{hour} * 100 + minute) * 100 + second;
  std::string digits = kind == TemporalKind::date   ? std::to_string(days)
                       : kind == TemporalKind::time ? std::to_string(seconds)
                                                    : std::to_string(days * 1'000'000 + seconds);
  if (decimals > 0) {
    digits += '.';
    append_padded(digits, micros / kFractionPowers[decimals], decimals);
  }
  const Decimal number = *Decimal::parse(digits);
  return negative ? number.negated() : number;
}

int64_t Temporal::ordinal() const {
  const int64_t time = ((int64_t{hour} * 60 + minute) * 60 + second) * kMicros + micros;
  if (kind == TemporalKind::time) return negative ? -time : time;
  // Month and day of zero sort before the first.
  if (month == 0 || day == 0) {
    return ((int64_t{year} * 13 + month) * 32 + day) * 1 +
           (day_number(year, 1, 1) - 1) * kDayMicros;
  }
  return day_number(year, month, day) * kDayMicros + time;
}

int64_t Temporal::packed() const {
  if (kind == TemporalKind::date) return (int64_t{year} << 4 | month) << 5 | day;
  const int64_t hms = (int64_t{hour} << 6 | minute) << 6 | second;
  const int64_t days = kind == TemporalKind::time ? 0 : (int64_t{year} * 13 + month) << 5 | day;
  const int64_t value = (days << 17 | hms) << 24 | micros;
  return negative ? -value : value;
}

Temporal unpacked_date(int64_t packed) {
  Temporal value;
  value.day = static_cast<uint32_t>(packed & 31);
  value.month = static_cast<uint32_t>(packed >> 5 & 15);
  value.year = static_cast<uint32_t>(packed >> 9);
  return value;
}

Temporal unpacked_time(int64_t packed, unsigned decimals) {
  Temporal value;
  value.kind = TemporalKind::time;
  value.decimals = static_cast<uint8_t>(decimals);
  value.negative = packed < 0;
  const int64_t magnitude = packed < 0 ? -packed : packed;
  const int64_t hms = magnitude >> 24;
  value.micros = static_cast<uint32_t>(magnitude & 0xffffff);
  value.second = static_cast<uint32_t>(hms & 63);
  value.minute = static_cast<uint32_t>(hms >> 6 & 63);
  value.hour = static_cast<uint32_t>(hms >> 12 & 1023);
  return value;
}

Temporal unpacked_datetime(int64_t packed, unsigned decimals) {
  Temporal value = unpacked_time(packed & ((int64_t{1} << 41) - 1), decimals);
  value.kind = TemporalKind::datetime;
  const int64_t days = packed >> 41;
  value.day = static_cast<uint32_t>(days & 31);
  value.month = static_cast<uint32_t>((days >> 5) % 13);
  value.year = static_cast<uint32_t>((days >> 5) / 13);
  return value;
}

int64_t unix_micros(const Temporal& value, int32_t zone_offset_s) {
  if (value.year == 0) return 0;
  return value.ordinal() - kUnixEpochDay * kDayMicros - zone_offset_s * kMicros;
}

Temporal datetime_of_unix(int64_t micros, int32_t zone_offset_s) {
  if (micros == 0) {
    Temporal zero;
    zero.kind = TemporalKind::datetime;
    return zero;
  }
  return datetime_of_ordinal(micros + zone_offset_s * kMicros + kUnixEpochDay * kDayMicros);
}

std::optional<Temporal> rounded(const Temporal& value, unsigned decimals) {
  Temporal made = value;
  made.decimals = static_cast<uint8_t>(decimals);
  const uint32_t unit = kFractionPowers[decimals];
  const uint32_t up = (value.micros + unit / 2) / unit * unit;
  made.micros = up;
  if (up < kMicros) return made;
  const uint32_t rest = up - static_cast<uint32_t>(kMicros);
  made.micros = rest;
  if (value.kind == TemporalKind::time) {
    if (value.hour == kMaxHour && value.minute == 59 && value.second == 59) {
      made.micros = 0;
      return made;
    }
    made.micros = 0;
    const int64_t magnitude = (made.negative ? -made.ordinal() : made.ordinal()) + kMicros;
    made = time_of_ordinal(made.negative ? -magnitude : magnitude);
  } else if (value.second < 59) {
    ++made.second;
    return made;
  } else {
    // Zero parts have no next day; the time goes round.
    if (value.month == 0 || value.day == 0) return std::nullopt;
    made.micros = 0;
    made = datetime_of_ordinal(made.ordinal() + kMicros);
    if (made.year == 0 || made.year > kLastYear) return std::nullopt;
  }
  made.decimals = static_cast<uint8_t>(decimals);
  return made;
}

std::optional<ParsedTemporal> parse_datetime(std::string_view text, AnyDay any_day) {
  ParsedTemporal parsed;
  Temporal& value = parsed.value;
  skip_spaces(text);
  size_t run = 0;
  while (run < text.size() && is_digit(text[run])) ++run;
  const bool packed =
      run >= 5 && (run == text.size() || text[run] == '.' || !is_punctuation(text[run]));
  if (!(packed ? take_digit_run(text, run, value) : take_separated(text, value)))
    return std::nullopt;
  if (value.kind == TemporalKind::datetime) take_fraction(text, value);
  skip_spaces(text);
  parsed.exact = text.empty();
  const bool some_day = value.month <= 12 && value.day <= 31;
  const bool valid = any_day == AnyDay::yes ? some_day : is_valid_date(value, true);
  if (!valid || !is_valid_time(value)) return std::nullopt;
  return parsed;
}

std::optional<ParsedTemporal> parse_time_or_datetime(std::string_view text) {
  constexpr size_t kLeastDatetime = 12;
  if (text.size() >= kLeastDatetime) {
    const auto datetime = parse_datetime(text);
    if (datetime && datetime->value.kind == TemporalKind::datetime) return datetime;
  }
  return parse_time(text);
}

std::optional<ParsedTemporal> parse_time(std::string_view text) {
  ParsedTemporal parsed;
  Temporal& value = parsed.value;
  value.kind = TemporalKind::time;
  skip_spaces(text);
  if (!text.empty() && text[0] == '-') {
    value.negative = true;
    text.remove_prefix(1);
  }
  size_t digits = 0;
  uint32_t first = take_number(text, 9, digits);
  if (digits == 0) return std::nullopt;
  uint32_t days = 0;
  std::string_view ahead = text;
  skip_spaces(ahead);
  bool colons = !text.empty() && text[0] == ':';
  if (ahead.size() < text.size() && !ahead.empty() && is_digit(ahead[0])) {
    days = first;
    text = ahead;
    first = take_number(text, 2, digits);
    colons = true;
  }
  if (colons) {
    value.hour = first;
    for (uint32_t* part : {&value.minute, &value.second}) {
      if (text.size() < 2 || text[0] != ':' || !is_digit(text[1])) break;
      text.remove_prefix(1);
      *part = take_number(text, 2, digits);
    }
  } else {
    value.hour = first / 10'000;
    value.minute = first / 100 % 100;
    value.second = first % 100;
  }
  value.hour += days * 24;
  take_fraction(text, value);
  skip_spaces(text);
  parsed.exact = text.empty();
  if (!is_valid_time(value)) return std::nullopt;
  if (value.hour > kMaxHour) {
    parsed.exact = false;
    parsed.clipped = true;
    value.hour = kMaxHour;
    value.minute = value.second = 59;
    value.micros = 0;
  }
  return parsed;
}

std::optional<Temporal> datetime_of_number(int64_t number) {
  if (number < 0) return std::nullopt;
  if (number == 0) return Temporal{};
  Temporal value;
  const bool with_time = number > 99'999'999;
  if (with_time) value.kind = TemporalKind::datetime;
  int64_t days = with_time ? number / 1'000'000 : number;
  if (with_time) {
    value.hour = static_cast<uint32_t>(number / 10'000 % 100);
    value.minute = static_cast<uint32_t>(number / 100 % 100);
    value.second = static_cast<uint32_t>(number % 100);
  }
  if (days < 101 || days > 99'991'231) return std::nullopt;
  if (days <= 691'231) {
    days += 20'000'000;
  } else if (days <= 991'231) {
    days += 19'000'000;
  }
  value.year = static_cast<uint32_t>(days / 10'000);
  value.month = static_cast<uint32_t>(days / 100 % 100);
  value.day = static_cast<uint32_t>(days % 100);
  if (!is_valid_date(value, true) || !is_valid_time(value)) return std::nullopt;
  return value;
}

std::optional<Temporal> time_of_number(int64_t number) {
  Temporal value;
  value.kind = TemporalKind::time;
  value.negative = number < 0;
  const uint64_t digits =
      number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  if (digits > 8'385'959) {
    const std::optional<Temporal> datetime = datetime_of_number(number);
    if (!datetime || datetime->kind != TemporalKind::datetime) return std::nullopt;
    return as_time(*datetime);
  }
  value.hour = static_cast<uint32_t>(digits / 10'000);
  value.minute = static_cast<uint32_t>(digits / 100 % 100);
  value.second = static_cast<uint32_t>(digits % 100);
  if (!is_valid_time(value)) return std::nullopt;
  return value;
}

Temporal as_date(const Temporal& value) {
  Temporal made;
  made.year = value.year;
  made.month = value.month;
  made.day = value.day;
  return made;
}

Temporal as_time(const Temporal& value) {
  Temporal made = value;
  made.kind = TemporalKind::time;
  made.year = made.month = made.day = 0;
  return made;
}

Temporal as_datetime(const Temporal& value, const Temporal& today) {
  if (value.kind == TemporalKind::time) {
    Temporal made = datetime_of_ordinal(as_date(today).ordinal() + value.ordinal());
    made.decimals = value.decimals;
    return made;
  }
  Temporal made = value;
  made.kind = TemporalKind::datetime;
  return made;
}

Temporal time_of_ordinal(int64_t micros) {
  Temporal value;
  value.kind = TemporalKind::time;
  value.negative = micros < 0;
  uint64_t rest = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  value.micros = static_cast<uint32_t>(rest % kMicros);
  rest /= kMicros;
  value.second = static_cast<uint32_t>(rest % 60);
  value.minute = static_cast<uint32_t>(rest / 60 % 60);
  value.hour = static_cast<uint32_t>(rest / 3600);
  return value;
}

Temporal datetime_of_ordinal(int64_t micros) {
  const int64_t days = micros / kDayMicros;
  Temporal value = time_of_ordinal(micros % kDayMicros);
  const Temporal date = date_of_day_number(days);
  value.kind = TemporalKind::datetime;
  value.negative = false;
  value.year = date.year;
  value.month = date.month;
  value.day = date.day;
  return value;
}

}  // namespace aftersync::sql
