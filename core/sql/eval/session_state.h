// SessionState: what an expression may ask the session that evaluates it.
//
// Functions such as CONNECTION_ID(), variables, and the ? of prepared statements. Evaluation itself
// has no clock, no chance and no memory: all of that is the session's, so that a statement can be
// evaluated anywhere one can say what these answers are (a server, a test, a simulator).
//
// Called by the task that evaluates. Text given out is UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/sql/sql_error.h"
#include "core/sql/value/typed_value.h"

namespace aftersync::sql {

struct SystemVariable;

class SessionState {
 public:
  virtual ~SessionState() = default;

  [[nodiscard]] virtual uint64_t connection_id() const = 0;
  // USER(): as the client came, "name@host"; CURRENT_USER(): the account, "name@pattern".
  [[nodiscard]] virtual std::string user() const = 0;
  [[nodiscard]] virtual std::string current_user() const = 0;
  // DATABASE(); empty: none is in use.
  [[nodiscard]] virtual std::string database() const = 0;

  [[nodiscard]] virtual uint64_t last_insert_id() const = 0;
  // LAST_INSERT_ID(value): what the next statement's LAST_INSERT_ID() is, and the client is told.
  virtual void set_last_insert_id(uint64_t id) = 0;
  // ROW_COUNT(), FOUND_ROWS(): of the statement before.
  [[nodiscard]] virtual int64_t row_count() const = 0;
  [[nodiscard]] virtual uint64_t found_rows() const = 0;

  // @name, without regard to case; NULL of no type for one that was never set.
  [[nodiscard]] virtual TypedValue user_variable(std::string_view name) const = 0;
  virtual void set_user_variable(std::string_view name, TypedValue value) = 0;
  // @@name: 1193 and others for what cannot be read. VERSION() is @@version.
  [[nodiscard]] virtual std::variant<TypedValue, SqlError> system_variable(
      const SystemVariable& name) = 0;
  // ? of a prepared statement, from 0; nullptr: it was given no value. It stays for the statement.
  [[nodiscard]] virtual const TypedValue* parameter(uint32_t index) const = 0;

  // time_zone, as seconds east of UTC.
  [[nodiscard]] virtual int32_t zone_offset_s() const = 0;
  // Microseconds since 1970 UTC, now: SYSDATE(). (NOW() is the statement's time.)
  [[nodiscard]] virtual int64_t wall_micros() = 0;
  // From 0 to below 1: RAND().
  [[nodiscard]] virtual double uniform() = 0;
  [[nodiscard]] virtual std::string uuid() = 0;
  // SLEEP(): whether it was interrupted.
  [[nodiscard]] virtual bool sleep(double seconds) = 0;
};

}  // namespace aftersync::sql
