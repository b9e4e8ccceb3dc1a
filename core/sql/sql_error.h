// What a client is told when a statement cannot be carried out: number,
// SQLSTATE and message.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace aftersync::sql {

// Two messages may share a number, so the names count by themselves.
enum class ErrorName : uint16_t {
#define SQL_ERROR(name, number, state, message) name,
#include "core/sql/errors.def"
#undef SQL_ERROR
};

enum class Severity : uint8_t { error, warning, note };  // the Level of SHOW WARNINGS

struct SqlError {
  uint16_t number = 0;  // 0: no error
  Severity severity = Severity::error;
  std::string sqlstate;
  std::string message;
  bool operator==(const SqlError&) const = default;
};

// Fills the message's %s with `args`, in their order.
[[nodiscard]] SqlError make_error(ErrorName name, std::initializer_list<std::string_view> args);

}  // namespace aftersync::sql
