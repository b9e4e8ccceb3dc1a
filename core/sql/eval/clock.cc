// Formats of dates and times (MySQL manual 14.7, DATE_FORMAT).
#include "core/sql/eval/clock.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace aftersync::sql {

namespace {

constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr uint32_t kPowers[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string padded(uint64_t number, size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

int64_t days_of(const Temporal& t) { return day_number(t.year, t.month, t.day); }
uint32_t weekday_of(int64_t days) { return static_cast<uint32_t>((days + 5) % 7); }

std::string_view ordinal_suffix(uint32_t day) {
  if (day >= 10 && day <= 19) return "th";
  switch (day % 10) {
    case 1: return "st";
    case 2: return "nd";
    case 3: return "rd";
    default: return "th";
  }
}

uint32_t twelve_hours(uint32_t hour) { return (hour + 11) % 12 + 1; }

// One specifier; false where the value has no such part.
bool append_part(const Temporal& t, char what, std::string& to) {
  const bool has_day = t.month > 0 && t.day > 0;
  const auto time = [&](bool twelve) {
    to += padded(twelve ? twelve_hours(t.hour) : t.hour, 2) + ":" + padded(t.minute, 2) + ":" +
          padded(t.second, 2);
    if (twelve) to += t.hour % 24 < 12 ? " AM" : " PM";
  };
  switch (what) {
    case 'a':
    case 'W':
      if (!has_day) return false;
      to += day_name(weekday_of(days_of(t))).substr(0, what == 'a' ? 3 : 9);
      return true;
    case 'b':
    case 'M':
      if (t.month == 0) return false;
      to += month_name(t.month).substr(0, what == 'b' ? 3 : 9);
      return true;
    case 'c': to += std::to_string(t.month); return true;
    case 'D': to += std::to_string(t.day).append(ordinal_suffix(t.day)); return true;
    case 'd': to += padded(t.day, 2); return true;
    case 'e': to += std::to_string(t.day); return true;
    case 'f': to += padded(t.micros, 6); return true;
    case 'H': to += padded(t.hour, 2); return true;
    case 'h':
    case 'I': to += padded(twelve_hours(t.hour), 2); return true;
    case 'i': to += padded(t.minute, 2); return true;
    case 'j':
      if (!has_day) return false;
      to += padded(static_cast<uint64_t>(days_of(t) - day_number(t.year, 1, 1) + 1), 3);
      return true;
    case 'k': to += std::to_string(t.hour); return true;
    case 'l': to += std::to_string(twelve_hours(t.hour)); return true;
    case 'm': to += padded(t.month, 2); return true;
    case 'p': to += t.hour % 24 < 12 ? "AM" : "PM"; return true;
    case 'r': time(true); return true;
    case 'S':
    case 's': to += padded(t.second, 2); return true;
    case 'T': time(false); return true;
    case 'U':
    case 'u':
    case 'V':
    case 'v': {
      static constexpr std::pair<char, unsigned> kModes[] = {
          {'U', 4}, {'u', 1}, {'V', 6}, {'v', 3}};
      if (!has_day) return false;
      for (const auto& [letter, mode] : kModes) {
        if (letter == what) to += padded(week_of(t, mode).week, 2);
      }
      return true;
    }
    case 'w':
      if (!has_day) return false;
      to += std::to_string((weekday_of(days_of(t)) + 1) % 7);
      return true;
    case 'X':
    case 'x':
      if (!has_day) return false;
      to += padded(week_of(t, what == 'X' ? 6 : 3).year, 4);
      return true;
    case 'Y': to += padded(t.year, 4); return true;
    case 'y': to += padded(t.year % 100, 2); return true;
    default: to += what; return true;
  }
}

// Reads a text by a format. What is read is kept until all of it is known: %j and %p change the
// parts they stand for.
class FormatReader {
 public:
  explicit FormatReader(std::string_view text) : text_(text) {}

  bool read(std::string_view format) {
    for (size_t i = 0; i < format.size(); ++i) {
      if (is_space(format[i])) {
        skip_spaces();
        continue;
      }
      if (text_.empty()) break;  // parts at the end may be missing
      if (format[i] == '%' && i + 1 < format.size()) {
        skip_spaces();
        if (!part(format[++i])) return false;
        continue;
      }
      if (text_[0] != format[i]) return false;
      text_.remove_prefix(1);
    }
    return true;
  }

  std::optional<Temporal> value() {
    if (half_of_day_) {
      if (value_.hour == 0 || value_.hour > 12) return std::nullopt;
      value_.hour = value_.hour % 12 + *half_of_day_;
    }
    if (day_of_year_ > 0) {
      const Temporal date = date_of_day_number(day_number(value_.year, 1, 1) + day_of_year_ - 1);
      value_.year = date.year;
      value_.month = date.month;
      value_.day = date.day;
    }
    const bool valid_time = value_.hour < 24 && value_.minute < 60 && value_.second < 60;
    // The 31st of April passes: the format has been kept to (14.7, STR_TO_DATE).
    if (value_.month > 12 || value_.day > 31 || !valid_time) return std::nullopt;
    value_.kind = !has_time_   ? TemporalKind::date
                  : !has_date_ ? TemporalKind::time
                               : TemporalKind::datetime;
    return value_;
  }

  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  void skip_spaces() {
    while (!text_.empty() && is_space(text_[0])) text_.remove_prefix(1);
  }

  bool number(size_t most_digits, uint32_t& to) {
    uint32_t made = 0;
    size_t digits = 0;
    for (; digits < most_digits && !text_.empty() && is_digit(text_[0]); ++digits) {
      made = made * 10 + static_cast<uint32_t>(text_[0] - '0');
      text_.remove_prefix(1);
    }
    to = made;
    digits_ = digits;
    return digits > 0;
  }
  bool date_number(size_t most_digits, uint32_t& to) {
    has_date_ = true;
    return number(most_digits, to);
  }
  bool time_number(uint32_t& to) {
    has_time_ = true;
    return number(2, to);
  }

  // A name out of a list, as its number from 0.
  template <size_t count>
  bool name(const std::array<std::string_view, count>& names, size_t letters, uint32_t& to) {
    for (uint32_t i = 0; i < count; ++i) {
      const std::string_view one = names[i].substr(0, letters);
      const bool same = text_.size() >= one.size() &&
                        std::equal(one.begin(), one.end(), text_.begin(),
                                   [](char a, char b) { return lower(a) == lower(b); });
      if (!same) continue;
      text_.remove_prefix(one.size());
      to = i;
      return true;
    }
    return false;
  }

  bool month_by_name(size_t letters) {
    has_date_ = true;
    const bool found = name(kMonths, letters, value_.month);
    ++value_.month;
    return found;
  }

  bool year(size_t digits) {
    if (!date_number(digits, value_.year)) return false;
    if (digits_ <= 2) value_.year += value_.year < 70 ? 2000 : 1900;
    return true;
  }

  bool fraction() {
    has_time_ = true;
    if (!number(6, value_.micros)) return false;
    value_.micros *= kPowers[digits_];
    return true;
  }

  bool half_of_day() {
    static constexpr std::array<std::string_view, 2> kHalves = {"AM", "PM"};
    uint32_t which = 0;
    has_time_ = true;
    if (!name(kHalves, 2, which)) return false;
    half_of_day_ = which * 12;
    return true;
  }

  bool part(char what) {
    uint32_t ignored = 0;
    switch (what) {
      case 'Y': return year(4);
      case 'y': return year(2);
      case 'm':
      case 'c': return date_number(2, value_.month);
      case 'd':
      case 'e': return date_number(2, value_.day);
      case 'D': {
        if (!date_number(2, value_.day)) return false;
        text_.remove_prefix(std::min<size_t>(text_.size(), 2));
        return true;
      }
      case 'M': return month_by_name(9);
      case 'b': return month_by_name(3);
      case 'W': return name(kDays, 9, ignored);
      case 'a': return name(kDays, 3, ignored);
      case 'H':
      case 'k':
      case 'h':
      case 'I':
      case 'l': return time_number(value_.hour);
      case 'i': return time_number(value_.minute);
      case 'S':
      case 's': return time_number(value_.second);
      case 'f': return fraction();
      case 'p': return half_of_day();
      case 'j': return date_number(3, day_of_year_);
      case 'T': return read("%H:%i:%S");
      case 'r': return read("%I:%i:%S %p");
      case '%':
        if (!text_.starts_with('%')) return false;
        text_.remove_prefix(1);
        return true;
      default: return false;
    }
  }

  std::string_view text_;
  Temporal value_;
  size_t digits_ = 0;
  bool has_date_ = false;
  bool has_time_ = false;
  uint32_t day_of_year_ = 0;
  std::optional<uint32_t> half_of_day_;
};

}  // namespace

std::string_view day_name(uint32_t weekday) { return kDays[weekday]; }
std::string_view month_name(uint32_t month) { return kMonths[month - 1]; }

Temporal cut_fraction(Temporal value, unsigned decimals) {
  value.decimals = static_cast<uint8_t>(decimals);
  value.micros -= value.micros % kPowers[decimals];
  return value;
}

unsigned fraction_digits(const BoundExpr& expr) {
  constexpr unsigned kAll = 6;
  if (expr.type.type == TypeClass::integer || expr.type.type == TypeClass::date) return 0;
  if (expr.type.type == TypeClass::decimal || is_temporal(expr.type.type)) {
    return std::min<unsigned>(expr.type.decimals, kAll);
  }
  const auto* text = std::get_if<std::string>(&expr.constant);
  if (text == nullptr) return kAll;
  const auto parsed = parse_time_or_datetime(*text);
  return parsed ? parsed->value.decimals : 0;
}

WeekOfYear week_of(const Temporal& date, unsigned mode) {
  const bool monday = (mode & 1) != 0;
  const bool whole_first = (mode & 4) != 0;
  bool week_year = (mode & 2) != 0;
  const int64_t days = days_of(date);
  int64_t first = day_number(date.year, 1, 1);
  // Days from the week's beginning to the year's first day.
  uint32_t offset = monday ? weekday_of(first) : (weekday_of(first) + 1) % 7;
  WeekOfYear made{0, date.year};
  const auto begins_late = [&] { return whole_first ? offset != 0 : offset >= 4; };
  if (date.month == 1 && date.day <= 7 - offset) {
    if (!week_year && begins_late()) return made;
    if (begins_late()) {  // the last week of the year before
      week_year = true;
      --made.year;
      const int64_t year_days = is_leap_year(made.year) ? 366 : 365;
      first -= year_days;
      offset = static_cast<uint32_t>((offset + 53 * 7 - year_days) % 7);
    }
  }
  const int64_t since = begins_late() ? days - (first + (7 - offset)) : days - (first - offset);
  if (week_year && since >= 52 * 7) {
    const uint32_t next = (offset + (is_leap_year(made.year) ? 366u : 365u)) % 7;
    const bool next_begins = whole_first ? next == 0 : next < 4;
    if (next_begins) return {1, made.year + 1};
  }
  made.week = static_cast<uint32_t>(since / 7) + 1;
  return made;
}

Value format_datetime(const Temporal& value, std::string_view format) {
  std::string made;
  if (value.negative) made += '-';
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      made += format[i];
    } else if (!append_part(value, format[++i], made)) {
      return {};
    }
  }
  return made;
}

std::optional<Temporal> parse_by_format(std::string_view text, std::string_view format) {
  FormatReader reader(text);
  if (!reader.read(format)) return std::nullopt;
  return reader.value();
}

}  // namespace aftersync::sql
