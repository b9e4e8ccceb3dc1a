// Diagnostics: the warnings and the error of one statement (SHOW WARNINGS).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sql/sql_error.h"

namespace aftersync::sql {

class Diagnostics {
 public:
  // Of the warnings that come after these, only the number is kept
  // (max_error_count).
  static constexpr size_t kKept = 1024;

  void warn(ErrorName name, std::initializer_list<std::string_view> args) {
    add(Severity::warning, name, args);
  }
  // What the client may want to know and nobody needs to mind. Counted with the warnings.
  void note(ErrorName name, std::initializer_list<std::string_view> args) {
    add(Severity::note, name, args);
  }
  // The statement fails; what is computed afterwards counts for nothing. The
  // first error stays.
  void fail(ErrorName name, std::initializer_list<std::string_view> args) {
    if (!failed()) error_ = make_error(name, args);
  }
  void fail(SqlError error) {
    if (!failed()) error_ = std::move(error);
  }
  // An error that somebody has met and that does not end the statement (IGNORE).
  void warn(SqlError error) {
    ++warning_count_;
    error.severity = Severity::warning;
    if (warnings_.size() < kKept) warnings_.push_back(std::move(error));
  }
  [[nodiscard]] bool failed() const { return error_.number != 0; }
  [[nodiscard]] const SqlError& error() const { return error_; }
  [[nodiscard]] const std::vector<SqlError>& warnings() const { return warnings_; }
  [[nodiscard]] uint64_t warning_count() const { return warning_count_; }
  void clear() { *this = Diagnostics(); }

 private:
  void add(Severity severity, ErrorName name, std::initializer_list<std::string_view> args) {
    ++warning_count_;
    if (warnings_.size() == kKept) return;
    warnings_.push_back(make_error(name, args));
    warnings_.back().severity = severity;
  }

  std::vector<SqlError> warnings_;
  uint64_t warning_count_ = 0;
  SqlError error_;
};

}  // namespace aftersync::sql
