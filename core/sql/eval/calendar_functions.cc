// Functions that make texts of dates and dates of texts, count weeks and add times (MySQL manual
// 14.7).
#include <algorithm>
#include <cmath>

#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/clock.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kMostTime = (838 * 3600 + 59 * 60 + 59) * kSecond;

std::optional<Temporal> datetime(CallFrame& f, size_t i) {
  std::optional<Temporal> value = to_datetime(f.args[i], f.context.diagnostics);
  return value ? std::optional(as_datetime(*value, f.context.now)) : std::nullopt;
}
bool has_zero_part(const Temporal& value) { return value.month == 0 || value.day == 0; }

Value date_format(CallFrame& f) {
  const auto value = datetime(f, 0);
  return value ? format_datetime(*value, f.text(1)) : Value();
}

Value time_format(CallFrame& f) {
  const auto value = to_time(f.args[0], f.context.diagnostics);
  return value ? format_datetime(*value, f.text(1)) : Value();
}

Value str_to_date(CallFrame& f) {
  std::optional<Temporal> made = parse_by_format(f.text(0), f.text(1));
  if (!made) {
    f.context.diagnostics.warn(ErrorName::wrong_value_for_type,
                               {"datetime", f.text(0), "str_to_date"});
    return {};
  }
  if (f.self.type.type == TypeClass::date) return as_date(*made);
  if (f.self.type.type == TypeClass::time) made = as_time(*made);
  if (f.self.type.type == TypeClass::datetime) made->kind = TemporalKind::datetime;
  made->decimals = f.self.type.decimals;
  return *made;
}

Value day_name_of(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  const int64_t days = day_number(value->year, value->month, value->day);
  return std::string(day_name(static_cast<uint32_t>((days + 5) % 7)));
}

Value month_name_of(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || value->month == 0) return {};
  return std::string(month_name(value->month));
}

// The modes of WEEK() as manual 14.7 numbers them; those of week_of() differ in the bit for the
// first week.
unsigned week_mode(int64_t mode) {
  const auto bits = static_cast<unsigned>(mode & 7);
  return (bits & 1) != 0 ? bits : bits ^ 4;
}

Value week(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return int64_t{week_of(*value, week_mode(f.size() > 1 ? f.position(1) : 0)).week};
}

Value week_of_year(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return int64_t{week_of(*value, 3).week};
}

Value year_week(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  const WeekOfYear made = week_of(*value, week_mode(f.size() > 1 ? f.position(1) : 0) | 2);
  return int64_t{made.year} * 100 + made.week;
}

// A time of that many microseconds; what is too much is clipped, with a warning.
Value time_of_micros(int64_t micros, CallFrame& f, const std::string& shown) {
  if (micros > kMostTime || micros < -kMostTime) {
    f.context.diagnostics.warn(ErrorName::truncated_wrong_value, {"time", shown});
    micros = std::clamp(micros, -kMostTime, kMostTime);
  }
  Temporal made = time_of_ordinal(micros);
  return cut_fraction(made, f.self.type.decimals);
}

Value seconds_to_time(CallFrame& f) {
  const Decimal seconds = to_decimal(f.args[0], f.context.diagnostics).rounded(6);
  const auto scaled = Decimal::multiply(seconds, Decimal::of(kSecond));
  const auto micros = scaled ? scaled->to_signed() : std::nullopt;
  const int64_t clipped = micros.value_or(seconds.negative() ? INT64_MIN : INT64_MAX);
  return time_of_micros(clipped, f, f.text(0));
}

Value make_time(CallFrame& f) {
  const int64_t hour = f.position(0);
  const int64_t minute = f.position(1);
  const Decimal seconds = to_decimal(f.args[2], f.context.diagnostics).rounded(6);
  const auto scaled = Decimal::multiply(seconds, Decimal::of(kSecond));
  const auto micros = scaled ? scaled->to_signed() : std::nullopt;
  if (minute < 0 || minute > 59 || !micros || *micros < 0 || *micros >= 60 * kSecond) return {};
  const int64_t magnitude = std::min<int64_t>(std::abs(std::clamp<int64_t>(hour, -900, 900)), 900);
  const int64_t whole = (magnitude * 60 + minute) * 60 * kSecond + *micros;
  return time_of_micros(hour < 0 ? -whole : whole, f, f.text(0));
}

bool is_datetime(const Value& value) {
  if (const auto* v = std::get_if<Temporal>(&value)) return v->kind != TemporalKind::time;
  const auto* text = std::get_if<std::string>(&value);
  const auto parsed = text == nullptr ? std::nullopt : parse_time_or_datetime(*text);
  return parsed && parsed->value.kind == TemporalKind::datetime;
}

template <int sign>
Value add_time(CallFrame& f) {
  const auto time = to_time(f.args[1], f.context.diagnostics);
  if (!time || is_datetime(f.args[1])) return {};
  Temporal made;
  if (is_datetime(f.args[0])) {
    const auto value = datetime(f, 0);
    if (!value || has_zero_part(*value)) return {};
    const int64_t micros = value->ordinal() + sign * time->ordinal();
    if (micros < kDay || micros / kDay > 3'652'424) return {};
    made = datetime_of_ordinal(micros);
  } else {
    const auto value = to_time(f.args[0], f.context.diagnostics);
    if (!value) return {};
    const int64_t micros = value->ordinal() + sign * time->ordinal();
    made = time_of_ordinal(std::clamp(micros, -kMostTime, kMostTime));
  }
  if (f.self.type.type != TypeClass::string) return cut_fraction(made, f.self.type.decimals);
  return cut_fraction(made, made.micros > 0 ? 6 : 0).to_string();
}

Value time_difference(CallFrame& f) {
  if (is_datetime(f.args[0]) != is_datetime(f.args[1])) return {};
  int64_t micros[2] = {0, 0};
  for (size_t i = 0; i < 2; ++i) {
    const auto value =
        is_datetime(f.args[0]) ? datetime(f, i) : to_time(f.args[i], f.context.diagnostics);
    if (!value) return {};
    micros[i] = value->ordinal();
  }
  const int64_t difference = micros[0] - micros[1];
  return time_of_micros(difference, f, time_of_ordinal(difference).to_string());
}

Value time(CallFrame& f) {
  const auto value = to_time(f.args[0], f.context.diagnostics);
  return value ? Value(cut_fraction(*value, f.self.type.decimals)) : Value();
}

Value timestamp(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value) return {};
  if (f.size() == 1) return cut_fraction(*value, f.self.type.decimals);
  const auto time = to_time(f.args[1], f.context.diagnostics);
  if (!time || has_zero_part(*value)) return {};
  const int64_t micros = value->ordinal() + time->ordinal();
  if (micros < kDay || micros / kDay > 3'652'424) return {};
  return cut_fraction(datetime_of_ordinal(micros), f.self.type.decimals);
}

Value to_seconds(CallFrame& f) {
  const auto value = datetime(f, 0);
  if (!value || has_zero_part(*value)) return {};
  return value->ordinal() / kSecond;
}

// YYMM or YYYYMM as months, and back.
int64_t months_of_period(int64_t period) {
  int64_t year = period / 100;
  if (year < 70) {
    year += 2000;
  } else if (year < 100) {
    year += 1900;
  }
  return year * 12 + period % 100 - 1;
}

bool is_period(int64_t period) {
  return period > 0 && period < 1'000'000'00 && period % 100 >= 1 && period % 100 <= 12;
}

Value add_period(CallFrame& f) {
  const int64_t period = f.position(0);
  if (!is_period(period)) {
    f.context.diagnostics.fail(ErrorName::wrong_arguments, {"period_add"});
    return {};
  }
  const int64_t more = std::clamp<int64_t>(f.position(1), -100'000'000, 100'000'000);
  const int64_t months = months_of_period(period) + more;
  return months / 12 * 100 + months % 12 + 1;
}

Value period_difference(CallFrame& f) {
  const int64_t a = f.position(0);
  const int64_t b = f.position(1);
  if (!is_period(a) || !is_period(b)) {
    f.context.diagnostics.fail(ErrorName::wrong_arguments, {"period_diff"});
    return {};
  }
  return months_of_period(a) - months_of_period(b);
}

TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo plain_text(const std::vector<BoundExpr>& /*args*/) { return text_type(); }
unsigned most_digits(const std::vector<BoundExpr>& args) {
  unsigned most = 0;
  for (const BoundExpr& arg : args) most = std::max(most, fraction_digits(arg));
  return most;
}
TypeInfo time_of(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::time, most_digits(args));
}
TypeInfo time_of_last(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::time, fraction_digits(args.back()));
}
TypeInfo datetime_of(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::datetime, most_digits(args));
}
// Of a text it may be either, so it stays a text.
TypeInfo sum_of(const std::vector<BoundExpr>& args) {
  const TypeClass type = args[0].type.type;
  if (type == TypeClass::time) return temporal_type(TypeClass::time, most_digits(args));
  if (is_temporal(type)) return temporal_type(TypeClass::datetime, most_digits(args));
  return text_type();
}
// By the parts that a constant format has.
TypeInfo parsed_type(const std::vector<BoundExpr>& args) {
  const auto* format = std::get_if<std::string>(&args[1].constant);
  if (format == nullptr) return temporal_type(TypeClass::datetime, 6);
  const auto has = [&](std::string_view letters) {
    for (size_t at = 0; (at = format->find('%', at)) != std::string::npos; at += 2) {
      if (at + 1 < format->size() && letters.find((*format)[at + 1]) != std::string::npos) {
        return true;
      }
    }
    return false;
  };
  const bool with_time = has("HhIiklprSsTf");
  if (!with_time) return temporal_type(TypeClass::date);
  const bool with_date = has("YymcdeDMbWajUuVvXxw");
  return temporal_type(with_date ? TypeClass::datetime : TypeClass::time, has("f") ? 6 : 0);
}

constexpr FunctionSpec kFunctions[] = {
    {"ADDTIME", 2, 2, sum_of, strict<add_time<1>>},
    {"DATE_FORMAT", 2, 2, plain_text, strict<date_format>},
    {"DAYNAME", 1, 1, plain_text, strict<day_name_of>},
    {"MAKETIME", 3, 3, time_of_last, strict<make_time>},
    {"MONTHNAME", 1, 1, plain_text, strict<month_name_of>},
    {"PERIOD_ADD", 2, 2, integer_of, strict<add_period>},
    {"PERIOD_DIFF", 2, 2, integer_of, strict<period_difference>},
    {"SEC_TO_TIME", 1, 1, time_of, strict<seconds_to_time>},
    {"STR_TO_DATE", 2, 2, parsed_type, strict<str_to_date>},
    {"SUBTIME", 2, 2, sum_of, strict<add_time<-1>>},
    {"TIME", 1, 1, time_of, strict<time>},
    {"TIMEDIFF", 2, 2, time_of, strict<time_difference>},
    {"TIMESTAMP", 1, 2, datetime_of, strict<timestamp>},
    {"TIME_FORMAT", 2, 2, plain_text, strict<time_format>},
    {"TO_SECONDS", 1, 1, integer_of, strict<to_seconds>},
    {"WEEK", 1, 2, integer_of, strict<week>},
    {"WEEKOFYEAR", 1, 1, integer_of, strict<week_of_year>},
    {"YEARWEEK", 1, 2, integer_of, strict<year_week>},
};

}  // namespace

std::span<const FunctionSpec> calendar_functions() { return kFunctions; }

}  // namespace aftersync::sql
