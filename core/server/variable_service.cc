// @@name and SET: scopes, kinds of values, and what follows from a change.
#include "core/server/variable_service.h"

#include "core/server/server_errors.h"
#include "core/sql/value/convert.h"

namespace aftersync::server {

namespace {

using sql::SqlError;
using sql::VariableScope;

bool is_global(VariableScope scope) {
  return scope == VariableScope::global || scope == VariableScope::persist ||
         scope == VariableScope::persist_only;
}

// The variable that follows another one: a character set its collation, and the other way round.
struct Related {
  Option charset;
  Option collation;
};
constexpr Related kRelated[] = {
    {Option::character_set_connection, Option::collation_connection},
    {Option::character_set_database, Option::collation_database},
    {Option::character_set_server, Option::collation_server},
};

OptionValue parsed(Option option, std::string_view text) {
  return parse_option(spec_of(option), text)->value;
}

std::string shown(const sql::TypedValue& value) {
  return sql::is_null(value.value) ? "NULL" : sql::to_text(value.value, value.type);
}

// SYSTEM, UTC, or an offset from -13:59 to +14:00.
bool is_time_zone(std::string_view name) {
  if (equals_ignoring_case(name, "SYSTEM") || equals_ignoring_case(name, "UTC")) return true;
  const size_t colon = name.find(':');
  if (name.size() < 5 || name.size() > 6 || colon != name.size() - 3 ||
      (name[0] != '+' && name[0] != '-')) {
    return false;
  }
  const auto digit = [&](size_t at) { return name[at] >= '0' && name[at] <= '9'; };
  if (!digit(1) || !digit(colon - 1) || !digit(colon + 1) || !digit(colon + 2)) return false;
  int minutes = 0;
  for (size_t i = 1; i < colon; ++i) minutes = minutes * 10 + (name[i] - '0');
  minutes = minutes * 60 + (name[colon + 1] - '0') * 10 + (name[colon + 2] - '0');
  return name[colon + 1] < '6' && minutes <= (name[0] == '+' ? 14 * 60 : 13 * 60 + 59);
}

std::string_view isolation_text(sql::IsolationName name) {
  switch (name) {
    case sql::IsolationName::read_uncommitted: return "READ-UNCOMMITTED";
    case sql::IsolationName::read_committed: return "READ-COMMITTED";
    case sql::IsolationName::serializable: return "SERIALIZABLE";
    default: return "REPEATABLE-READ";
  }
}

}  // namespace

sql::TypedValue typed_option(const OptionSpec& spec, const OptionValue& value) {
  sql::TypedValue typed;
  switch (spec.kind) {
    case OptionKind::flag:
      typed.type.type = sql::TypeClass::integer;
      typed.value = static_cast<int64_t>(std::get<uint64_t>(value));
      return typed;
    case OptionKind::number:
      typed.type.type = sql::TypeClass::integer;
      typed.type.is_unsigned = true;
      typed.value = std::get<uint64_t>(value);
      return typed;
    case OptionKind::real:
      typed.type.type = sql::TypeClass::real;
      typed.type.decimals = sql::TypeInfo::kNotFixed;
      typed.value = std::get<double>(value);
      return typed;
    default: break;
  }
  typed.type.type = sql::TypeClass::string;
  std::string text = option_text(spec, value);
  if (spec.kind == OptionKind::choice && text == "NULL") return typed;
  typed.value = std::move(text);
  return typed;
}

OptionValue VariableService::value(Option option, bool global) {
  if (auto computed = hooks_.computed(option)) return *std::move(computed);
  const OptionSpec& spec = spec_of(option);
  return global || !spec.has_session() ? variables_.globals().get(option) : variables_.get(option);
}

std::variant<sql::TypedValue, SqlError> VariableService::get(const sql::SystemVariable& name) {
  const std::optional<Option> option = find_option(name.name);
  if (!name.base.empty() || !option || spec_of(*option).place == OptionPlace::start_only) {
    return errors::unknown_variable(name.base.empty() ? name.name : name.base + "." + name.name);
  }
  const OptionSpec& spec = spec_of(*option);
  if (is_global(name.scope) && !spec.has_global()) {
    return errors::variable_kind(spec.name, "SESSION");
  }
  if (name.scope == VariableScope::session && !spec.has_session()) {
    return errors::variable_kind(spec.name, "GLOBAL");
  }
  return typed_option(spec, value(*option, is_global(name.scope)));
}

std::optional<std::string> VariableService::text(Option option, bool global) {
  const OptionSpec& spec = spec_of(option);
  if (spec.place == OptionPlace::start_only || (global && !spec.has_global())) return std::nullopt;
  std::string text = option_text(spec, value(option, global));
  return spec.kind == OptionKind::choice && text == "NULL" ? "" : text;
}

VariableService::Error VariableService::check_scope(const OptionSpec& spec, VariableScope scope) {
  if (!spec.can_change()) return errors::variable_kind(spec.name, "read only");
  if (!is_global(scope)) {
    if (!spec.has_session()) return errors::global_variable(spec.name);
    if (spec.name == "max_allowed_packet") return errors::read_only_session_variable(spec.name);
    return std::nullopt;
  }
  if (!spec.has_global()) return errors::session_variable(spec.name);
  return hooks_.may_set_global();
}

std::variant<ParsedOption, SqlError> VariableService::parse(const OptionSpec& spec,
                                                            const sql::TypedValue& given) {
  const auto wrong = [&] { return errors::wrong_value(spec.name, shown(given)); };
  if (sql::is_null(given.value) && spec.name != "character_set_results") return wrong();
  const bool counts = spec.kind == OptionKind::number || spec.kind == OptionKind::real;
  if (const auto* text = std::get_if<std::string>(&given.value)) {
    if (counts) return errors::wrong_type(spec.name);
    if (spec.name == "time_zone" && !is_time_zone(*text)) return errors::unknown_time_zone(*text);
    Result<ParsedOption> parsed = parse_option(spec, *text);
    if (!parsed.ok()) return wrong();
    return *parsed;
  }
  if (sql::is_null(given.value)) return parse_option(spec, "NULL").value();
  const auto* number = std::get_if<int64_t>(&given.value);
  const auto* natural = std::get_if<uint64_t>(&given.value);
  if (number == nullptr && natural == nullptr) {
    if (spec.kind != OptionKind::real) return errors::wrong_type(spec.name);
    Result<ParsedOption> parsed = parse_option(spec, shown(given));
    if (!parsed.ok()) return wrong();
    return *parsed;
  }
  if (spec.kind == OptionKind::text) return errors::wrong_type(spec.name);
  const bool negative = number != nullptr && *number < 0;
  const uint64_t size = number == nullptr ? *natural
                        : negative        ? uint64_t{0} - static_cast<uint64_t>(*number)
                                          : static_cast<uint64_t>(*number);
  Result<ParsedOption> parsed = number_option(spec, size, negative);
  if (!parsed.ok()) return wrong();
  return *parsed;
}

VariableService::Error VariableService::set(const sql::SystemVariable& name,
                                            const sql::TypedValue* given) {
  const std::optional<Option> option = find_option(name.name);
  if (!name.base.empty() || !option || spec_of(*option).place == OptionPlace::start_only) {
    return errors::unknown_variable(name.base.empty() ? name.name : name.base + "." + name.name);
  }
  const OptionSpec& spec = spec_of(*option);
  if (auto error = check_scope(spec, name.scope)) return error;
  ParsedOption value;
  if (given != nullptr) {
    auto parsed = parse(spec, *given);
    if (auto* error = std::get_if<SqlError>(&parsed)) return std::move(*error);
    value = std::get<ParsedOption>(std::move(parsed));
  } else {
    if (spec.place == OptionPlace::session_only && spec.kind == OptionKind::number) {
      return errors::no_default(spec.name);
    }
    value.value = is_global(name.scope) || !spec.has_global()
                      ? parse_option(spec, spec.initial)->value
                      : variables_.globals().get(*option);
  }
  if (name.scope == VariableScope::persist || name.scope == VariableScope::persist_only) {
    if (auto error = hooks_.persist(*option, option_text(spec, value.value))) return error;
    if (name.scope == VariableScope::persist_only) return std::nullopt;
  }
  return is_global(name.scope) ? set_global(*option, std::move(value.value))
                               : set_session(*option, std::move(value.value));
}

VariableService::Error VariableService::set_session(Option option, OptionValue value) {
  OptionValue before = variables_.get(option);
  variables_.set(option, std::move(value));
  if (auto error = hooks_.on_session(option)) {
    variables_.set(option, std::move(before));
    return error;
  }
  return set_related(option, false);
}

VariableService::Error VariableService::set_global(Option option, OptionValue value) {
  OptionValue before = variables_.globals().get(option);
  variables_.globals().set(option, std::move(value));
  if (auto error = hooks_.on_global(option)) {
    variables_.globals().set(option, std::move(before));
    return error;
  }
  return set_related(option, true);
}

VariableService::Error VariableService::set_related(Option option, bool global) {
  for (const Related& pair : kRelated) {
    if (option != pair.charset && option != pair.collation) continue;
    const std::string text = option_text(spec_of(option), this->value(option, global));
    const Option other = option == pair.charset ? pair.collation : pair.charset;
    const std::string_view follows =
        option == pair.charset ? default_collation(text) : charset_of(text);
    if (global) {
      variables_.globals().set(other, parsed(other, follows));
    } else {
      variables_.set(other, parsed(other, follows));
      return hooks_.on_session(other);
    }
  }
  return std::nullopt;
}

VariableService::Error VariableService::use_charset(std::string_view charset,
                                                    std::string_view collation) {
  // Statements cannot be read as bytes: MySQL has the same exception for UCS-2 and its like.
  const std::string_view client = charset == "binary" ? "utf8mb4" : charset;
  const std::pair<Option, std::string_view> changes[] = {
      {Option::character_set_client, client},
      {Option::character_set_results, charset},
      {Option::character_set_connection, charset},
      {Option::collation_connection, collation},
  };
  for (const auto& [option, text] : changes) {
    variables_.set(option, parsed(option, text));
    if (auto error = hooks_.on_session(option)) return error;
  }
  return std::nullopt;
}

VariableService::Error VariableService::set_charset(const sql::SetCharset& set) {
  const std::string wanted =
      set.charset.empty() ? variables_.globals().text(Option::character_set_client) : set.charset;
  const OptionSpec& charsets = spec_of(Option::character_set_connection);
  const auto charset = find_word(charsets.words, charset_name(wanted));
  if (!charset) return sql::make_error(sql::ErrorName::unknown_charset, {wanted});
  const std::string_view name = word_at(charsets.words, *charset);
  if (!set.names) {
    // SET CHARACTER SET: the connection's is that of the database.
    const std::string database = variables_.text(Option::collation_database);
    if (auto error = use_charset(name, default_collation(name))) return error;
    return set_session(Option::collation_connection,
                       parsed(Option::collation_connection, database));
  }
  if (set.collation.empty()) return use_charset(name, default_collation(name));
  const auto collation = parse_option(spec_of(Option::collation_connection), set.collation);
  if (!collation.ok()) {
    return sql::make_error(sql::ErrorName::unknown_collation, {set.collation});
  }
  const std::string text = option_text(spec_of(Option::collation_connection), collation->value);
  if (charset_of(text) != name) {
    return errors::wrong_collation(text, name);
  }
  return use_charset(name, text);
}

VariableService::Error VariableService::set_transaction(const sql::SetTransaction& set) {
  const auto assign = [&](Option option, std::string_view text) -> Error {
    if (auto error = check_scope(spec_of(option), set.scope)) return error;
    return is_global(set.scope) ? set_global(option, parsed(option, text))
                                : set_session(option, parsed(option, text));
  };
  if (set.isolation != sql::IsolationName::unspecified) {
    if (auto error = assign(Option::transaction_isolation, isolation_text(set.isolation))) {
      return error;
    }
  }
  if (set.access == sql::AccessMode::unspecified) return std::nullopt;
  return assign(Option::transaction_read_only,
                set.access == sql::AccessMode::read_only ? "ON" : "OFF");
}

}  // namespace aftersync::server
