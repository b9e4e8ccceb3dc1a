// VariableService: @@name and SET, by MySQL's rules of scopes and values.
//
// What a variable means is somebody else's: whoever owns the session is told of each that has
// changed (on_session), and the server of each of its own (on_global).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/server/variables.h"
#include "core/sql/exec/services.h"

namespace aftersync::server {

// What a change of a variable brings about; an error takes it back.
struct VariableHooks {
  std::function<std::optional<sql::SqlError>(Option)> on_session;
  std::function<std::optional<sql::SqlError>(Option)> on_global;
  // 1227 unless the session may change the server's variables.
  std::function<std::optional<sql::SqlError>()> may_set_global;
  // Values that nobody keeps: warning_count, last_insert_id...; nothing for others.
  std::function<std::optional<OptionValue>(Option)> computed;
  // Keeps a value across restarts.
  std::function<std::optional<sql::SqlError>(Option, const std::string&)> persist;
};

// One session's; one task.
class VariableService : public sql::SystemVariables {
 public:
  VariableService(SessionVariables& variables, VariableHooks hooks)
      : variables_(variables), hooks_(std::move(hooks)) {}

  std::variant<sql::TypedValue, sql::SqlError> get(const sql::SystemVariable& name) override;
  std::optional<sql::SqlError> set(const sql::SystemVariable& name,
                                   const sql::TypedValue* value) override;
  std::optional<sql::SqlError> set_charset(const sql::SetCharset& charset) override;
  std::optional<sql::SqlError> set_transaction(const sql::SetTransaction& set) override;

  // As SHOW [GLOBAL | SESSION] VARIABLES lists it; nothing for what the scope does not have.
  [[nodiscard]] std::optional<std::string> text(Option option, bool global);
  // Sets the character sets of the connection.
  std::optional<sql::SqlError> use_charset(std::string_view charset, std::string_view collation);

 private:
  using Error = std::optional<sql::SqlError>;

  [[nodiscard]] OptionValue value(Option option, bool global);
  Error check_scope(const OptionSpec& spec, sql::VariableScope scope);
  [[nodiscard]] std::variant<ParsedOption, sql::SqlError> parse(const OptionSpec& spec,
                                                                const sql::TypedValue& value);
  Error set_session(Option option, OptionValue value);
  Error set_global(Option option, OptionValue value);
  Error set_related(Option option, bool global);

  SessionVariables& variables_;
  const VariableHooks hooks_;
};

// Option text as a value of SQL: flags and numbers are integers.
[[nodiscard]] sql::TypedValue typed_option(const OptionSpec& spec, const OptionValue& value);

}  // namespace aftersync::server
