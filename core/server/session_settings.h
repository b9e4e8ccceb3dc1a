// What a session's variables mean to those who read statements and to those who execute them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/server/variables.h"
#include "core/sql/exec/session.h"
#include "core/sql/parser/parse.h"
#include "core/storage/collation.h"

namespace aftersync::server {

[[nodiscard]] bool has_sql_mode(const SessionVariables& variables, std::string_view mode);
[[nodiscard]] sql::ParseOptions parse_options(const SessionVariables& variables);
// Fills in all that follows from variables; what else is there stays.
void apply_variables(const SessionVariables& variables, sql::SessionSettings& settings);

// The character set and collation that a client's login or a result means, by the protocol's number
// of a collation; numbers that are not known mean the server's.
struct CharsetChoice {
  std::string charset;
  std::string collation;
};
[[nodiscard]] CharsetChoice charset_of_number(uint16_t number, const GlobalVariables& variables);

// How texts travel to the client: the number of the collation, and the character set they are
// turned into (nothing: UTF-8, as they are).
struct ResultCharset {
  uint16_t number = 45;
  std::optional<storage::Collation> encoding;
};
[[nodiscard]] ResultCharset result_charset(const SessionVariables& variables);
// The character set in which statements come, where that is not UTF-8.
[[nodiscard]] std::optional<storage::Collation> client_charset(const SessionVariables& variables);

}  // namespace aftersync::server
