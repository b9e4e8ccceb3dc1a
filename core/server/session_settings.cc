// From variables to settings.
#include "core/server/session_settings.h"

#include "core/sql/value/collations.h"

namespace aftersync::server {

namespace {

// Numbers of MySQL's collations that clients say at login, by ranges of a character set. Source:
// MySQL 8.0, information_schema.COLLATIONS.
struct NumberRange {
  uint16_t first;
  uint16_t last;
  std::string_view charset;
};
constexpr NumberRange kRanges[] = {
    {5, 5, "latin1"},      {8, 8, "latin1"},      {11, 11, "ascii"},     {15, 15, "latin1"},
    {31, 31, "latin1"},    {33, 33, "utf8mb3"},   {45, 46, "utf8mb4"},   {47, 49, "latin1"},
    {63, 63, "binary"},    {65, 65, "ascii"},     {76, 76, "utf8mb3"},   {83, 83, "utf8mb3"},
    {94, 94, "latin1"},    {192, 215, "utf8mb3"}, {223, 223, "utf8mb3"}, {224, 247, "utf8mb4"},
    {255, 323, "utf8mb4"},
};
constexpr uint16_t kUtf8mb3Number = 33;

std::optional<storage::Collation> encoding_of(std::string_view charset) {
  if (charset != "latin1" && charset != "ascii") return std::nullopt;
  return sql::default_collation(charset)->id;
}

}  // namespace

bool has_sql_mode(const SessionVariables& variables, std::string_view mode) {
  const auto at = find_word(spec_of(Option::sql_mode).words, mode);
  return (variables.number(Option::sql_mode) >> *at & 1) != 0;
}

sql::ParseOptions parse_options(const SessionVariables& variables) {
  sql::ParseOptions options;
  options.ansi_quotes = has_sql_mode(variables, "ANSI_QUOTES");
  options.no_backslash_escapes = has_sql_mode(variables, "NO_BACKSLASH_ESCAPES");
  options.pipes_as_concat = has_sql_mode(variables, "PIPES_AS_CONCAT");
  options.ignore_space = has_sql_mode(variables, "IGNORE_SPACE");
  return options;
}

void apply_variables(const SessionVariables& variables, sql::SessionSettings& settings) {
  const auto seconds = [&](Option option) {
    return std::chrono::seconds(static_cast<int64_t>(variables.number(option)));
  };
  settings.isolation = static_cast<txn::Isolation>(variables.number(Option::transaction_isolation));
  settings.read_only_transactions = variables.flag(Option::transaction_read_only);
  settings.snapshot_isolation = variables.flag(Option::innodb_snapshot_isolation);
  settings.row_lock_timeout = seconds(Option::innodb_lock_wait_timeout);
  settings.definition_lock_timeout = seconds(Option::lock_wait_timeout);
  settings.strict = has_sql_mode(variables, "STRICT_TRANS_TABLES") ||
                    has_sql_mode(variables, "STRICT_ALL_TABLES");
  settings.no_zero_dates = has_sql_mode(variables, "NO_ZERO_DATE");
  settings.only_full_group_by = has_sql_mode(variables, "ONLY_FULL_GROUP_BY");
  settings.no_auto_value_on_zero = has_sql_mode(variables, "NO_AUTO_VALUE_ON_ZERO");
  settings.no_backslash_escapes = has_sql_mode(variables, "NO_BACKSLASH_ESCAPES");
  settings.ansi_quotes = has_sql_mode(variables, "ANSI_QUOTES");
  settings.auto_increment_increment = variables.number(Option::auto_increment_increment);
  settings.auto_increment_offset = variables.number(Option::auto_increment_offset);
  settings.select_limit = variables.number(Option::sql_select_limit);
  settings.safe_updates = variables.flag(Option::sql_safe_updates);
}

CharsetChoice charset_of_number(uint16_t number, const GlobalVariables& variables) {
  for (const sql::CollationInfo& one : sql::all_collations()) {
    if (one.number == number) return {std::string(one.charset), std::string(one.name)};
  }
  for (const NumberRange& range : kRanges) {
    if (number < range.first || number > range.last) continue;
    return {std::string(range.charset), std::string(default_collation(range.charset))};
  }
  return {variables.text(Option::character_set_client),
          variables.text(Option::collation_connection)};
}

ResultCharset result_charset(const SessionVariables& variables) {
  const std::string charset = variables.text(Option::character_set_results);
  ResultCharset result;
  if (charset == "utf8mb3") result.number = kUtf8mb3Number;
  result.encoding = encoding_of(charset);
  if (result.encoding) result.number = sql::info_of(*result.encoding).number;
  return result;
}

std::optional<storage::Collation> client_charset(const SessionVariables& variables) {
  return encoding_of(variables.text(Option::character_set_client));
}

}  // namespace aftersync::server
