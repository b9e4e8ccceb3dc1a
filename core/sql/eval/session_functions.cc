// Functions of the session: who asks, what time it is, chance (MySQL manual 14.7, 14.15, 14.23).
//
// The time is the statement's, in the session's time zone; only SYSDATE() looks at the clock.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/sql/eval/call_frame.h"
#include "core/sql/eval/clock.h"
#include "core/sql/eval/types.h"

namespace aftersync::sql {

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLastUnixSecond = 32'536'771'199;  // 3001-01-18 23:59:59 UTC

Value connection_id(CallFrame& f) { return f.context.session->connection_id(); }
Value user(CallFrame& f) { return f.context.session->user(); }
Value current_user(CallFrame& f) { return f.context.session->current_user(); }
Value row_count(CallFrame& f) { return f.context.session->row_count(); }
Value found_rows(CallFrame& f) { return f.context.session->found_rows(); }
Value uuid(CallFrame& f) { return f.context.session->uuid(); }

Value database(CallFrame& f) {
  std::string name = f.context.session->database();
  return name.empty() ? Value() : Value(std::move(name));
}

Value last_insert_id(CallFrame& f) {
  if (f.size() == 0) return f.context.session->last_insert_id();
  const uint64_t id = f.integer(0).bits;
  f.context.session->set_last_insert_id(id);
  return id;
}

Value sleep(const BoundExpr& self, EvalContext& context) {
  const Value given = self.arg(0, context);
  const double seconds = is_null(given) ? -1 : to_double(given, context.diagnostics);
  if (seconds < 0) {
    context.diagnostics.warn(ErrorName::wrong_arguments, {"sleep."});
    return int64_t{0};
  }
  return int64_t{context.session->sleep(seconds)};
}

// RAND(n): MySQL's two coupled linear sequences, so that a seed gives the numbers it gives there.
struct SeededChance final : NodeMemory {
  static constexpr uint64_t kModulus = 0x3fffffff;
  uint64_t first = 0;
  uint64_t second = 0;
  bool seeded = false;

  void seed(uint64_t from) {
    first = static_cast<uint32_t>(from * 0x10001 + 55'555'555) % kModulus;
    second = static_cast<uint32_t>(from * 0x10000001) % kModulus;
    seeded = true;
  }
  double next() {
    first = (first * 3 + second) % kModulus;
    second = (first + second + 33) % kModulus;
    return static_cast<double>(first) / static_cast<double>(kModulus);
  }
};

std::shared_ptr<NodeMemory> seeded_chance() { return std::make_shared<SeededChance>(); }

// A constant seeds once a statement, anything else with each row.
Value seeded_number(const BoundExpr& self, EvalContext& context) {
  if (self.args.empty()) return context.session->uniform();
  auto& chance = static_cast<SeededChance&>(*self.memory);
  const bool is_constant = !is_null(self.args[0].constant);
  if (!chance.seeded || !is_constant) {
    const Value given = self.arg(0, context);
    chance.seed(is_null(given) ? 0 : to_integer(given, context.diagnostics).bits);
  }
  return chance.next();
}

Value now(CallFrame& f) { return cut_fraction(f.context.now, f.self.type.decimals); }
Value current_date(CallFrame& f) { return as_date(f.context.now); }
Value current_time(CallFrame& f) {
  return cut_fraction(as_time(f.context.now), f.self.type.decimals);
}

Temporal utc_now(CallFrame& f) {
  return datetime_of_unix(unix_micros(f.context.now, f.context.session->zone_offset_s()), 0);
}
Value utc_timestamp(CallFrame& f) { return cut_fraction(utc_now(f), f.self.type.decimals); }
Value utc_date(CallFrame& f) { return as_date(utc_now(f)); }
Value utc_time(CallFrame& f) { return cut_fraction(as_time(utc_now(f)), f.self.type.decimals); }

Value sysdate(CallFrame& f) {
  SessionState& session = *f.context.session;
  const Temporal value = datetime_of_unix(session.wall_micros(), session.zone_offset_s());
  return cut_fraction(value, f.self.type.decimals);
}

// Seconds with as many digits as the type has; 0 for what is outside of what it counts.
Value unix_seconds(int64_t micros, CallFrame& f) {
  if (micros < 0 || micros / kSecond > kLastUnixSecond) micros = 0;
  if (f.self.type.type == TypeClass::integer) return micros / kSecond;
  const auto seconds = Decimal::divide(Decimal::of(micros), Decimal::of(kSecond), 6);
  return seconds->truncated(f.self.type.decimals);
}

Value unix_timestamp(CallFrame& f) {
  const int32_t zone = f.context.session->zone_offset_s();
  if (f.size() == 0) return unix_micros(f.context.now, zone) / kSecond;
  const auto value = to_datetime(f.args[0], f.context.diagnostics);
  if (!value) return unix_seconds(0, f);
  const Temporal local = as_datetime(*value, f.context.now);
  if (local.month == 0 || local.day == 0) return unix_seconds(0, f);
  return unix_seconds(unix_micros(local, zone), f);
}

std::optional<Temporal> from_unix(CallFrame& f) {
  const Decimal number = to_decimal(f.args[0], f.context.diagnostics);
  const auto scaled = Decimal::multiply(number.rounded(6), Decimal::of(kSecond));
  const auto micros = scaled ? scaled->to_signed() : std::nullopt;
  if (!micros || *micros < 0 || *micros / kSecond > kLastUnixSecond) return std::nullopt;
  const int64_t shifted = *micros + f.context.session->zone_offset_s() * kSecond;
  return datetime_of_ordinal(shifted + kUnixEpochDay * 86'400 * kSecond);
}

Value from_unixtime(CallFrame& f) {
  const auto value = from_unix(f);
  if (!value) return {};
  if (f.size() == 2) return format_datetime(*value, f.text(1));
  return cut_fraction(*value, f.self.type.decimals);
}

// '+hh:mm', as offsets in seconds; SYSTEM and names of zones are none.
std::optional<int32_t> zone_of(const std::string& text) {
  const size_t colon = text.find(':');
  const bool shaped = (text.size() == 6 || text.size() == 5) && colon == text.size() - 3 &&
                      (text[0] == '+' || text[0] == '-');
  if (!shaped) return std::nullopt;
  int32_t parts[2] = {0, 0};
  for (size_t i = 1; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    int32_t& part = parts[i > colon ? 1 : 0];
    part = part * 10 + (text[i] - '0');
  }
  const int32_t seconds = (parts[0] * 60 + parts[1]) * 60;
  if (parts[1] > 59 || seconds > 14 * 3600) return std::nullopt;
  return text[0] == '-' ? -seconds : seconds;
}

Value convert_tz(CallFrame& f) {
  const auto value = to_datetime(f.args[0], f.context.diagnostics);
  const auto from = zone_of(f.text(1));
  const auto to = zone_of(f.text(2));
  if (!value || !from || !to || value->month == 0 || value->day == 0) return {};
  Temporal made = as_datetime(*value, f.context.now);
  const int64_t micros = made.ordinal() + int64_t{*to - *from} * kSecond;
  made = datetime_of_ordinal(micros);
  return cut_fraction(made, f.self.type.decimals);
}

TypeInfo unsigned_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(true); }
TypeInfo integer_of(const std::vector<BoundExpr>& /*args*/) { return integer_type(); }
TypeInfo plain_text(const std::vector<BoundExpr>& /*args*/) { return text_type(); }
TypeInfo real_of(const std::vector<BoundExpr>& /*args*/) { return real_type(); }
TypeInfo date_of(const std::vector<BoundExpr>& /*args*/) { return temporal_type(TypeClass::date); }

// The digits of a second that a call asks for, as a literal.
unsigned digits_asked(const std::vector<BoundExpr>& args) {
  const auto* digits = args.empty() ? nullptr : std::get_if<int64_t>(&args[0].constant);
  return digits == nullptr ? 0 : static_cast<unsigned>(std::clamp<int64_t>(*digits, 0, 6));
}
TypeInfo datetime_of(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::datetime, digits_asked(args));
}
TypeInfo time_of(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::time, digits_asked(args));
}
TypeInfo unix_seconds_of(const std::vector<BoundExpr>& args) {
  unsigned decimals = 0;
  if (!args.empty()) decimals = fraction_digits(args[0]);
  return decimals > 0 ? decimal_type(decimals) : integer_type();
}
TypeInfo from_unix_of(const std::vector<BoundExpr>& args) {
  if (args.size() == 2) return text_type();
  return temporal_type(TypeClass::datetime, fraction_digits(args[0]));
}
TypeInfo shifted_of(const std::vector<BoundExpr>& args) {
  return temporal_type(TypeClass::datetime, fraction_digits(args[0]));
}

constexpr FunctionSpec kFunctions[] = {
    {"CONNECTION_ID", 0, 0, unsigned_of, strict<connection_id>, nullptr, true},
    {"CONVERT_TZ", 3, 3, shifted_of, strict<convert_tz>},
    {"CURDATE", 0, 0, date_of, strict<current_date>},
    {"CURRENT_USER", 0, 0, plain_text, strict<current_user>, nullptr, true},
    {"CURTIME", 0, 1, time_of, strict<current_time>},
    {"DATABASE", 0, 0, plain_text, strict<database>, nullptr, true},
    {"FOUND_ROWS", 0, 0, integer_of, strict<found_rows>, nullptr, true},
    {"FROM_UNIXTIME", 1, 2, from_unix_of, strict<from_unixtime>, nullptr, true},
    {"LAST_INSERT_ID", 0, 1, unsigned_of, strict<last_insert_id>, nullptr, true},
    {"NOW", 0, 1, datetime_of, strict<now>},
    {"RAND", 0, 1, real_of, seeded_number, seeded_chance, true},
    {"ROW_COUNT", 0, 0, integer_of, strict<row_count>, nullptr, true},
    {"SCHEMA", 0, 0, plain_text, strict<database>, nullptr, true},
    {"SESSION_USER", 0, 0, plain_text, strict<user>, nullptr, true},
    {"SLEEP", 1, 1, integer_of, sleep, nullptr, true},
    {"SYSDATE", 0, 1, datetime_of, strict<sysdate>, nullptr, true},
    {"SYSTEM_USER", 0, 0, plain_text, strict<user>, nullptr, true},
    {"UNIX_TIMESTAMP", 0, 1, unix_seconds_of, strict<unix_timestamp>, nullptr, true},
    {"USER", 0, 0, plain_text, strict<user>, nullptr, true},
    {"UTC_DATE", 0, 0, date_of, strict<utc_date>, nullptr, true},
    {"UTC_TIME", 0, 1, time_of, strict<utc_time>, nullptr, true},
    {"UTC_TIMESTAMP", 0, 1, datetime_of, strict<utc_timestamp>, nullptr, true},
    {"UUID", 0, 0, plain_text, strict<uuid>, nullptr, true},
};

}  // namespace

std::span<const FunctionSpec> session_functions() { return kFunctions; }

}  // namespace aftersync::sql
