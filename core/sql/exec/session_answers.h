// SessionAnswers: what expressions ask a session (session_state.h).
#pragma once

#include <map>
#include <span>
#include <string>

#include "core/sql/eval/session_state.h"

namespace aftersync::sql {

class Session;

class SessionAnswers final : public SessionState {
 public:
  explicit SessionAnswers(Session& session) : session_(session) {}

  [[nodiscard]] uint64_t connection_id() const override;
  [[nodiscard]] std::string user() const override;
  [[nodiscard]] std::string current_user() const override;
  [[nodiscard]] std::string database() const override;
  [[nodiscard]] uint64_t last_insert_id() const override { return last_insert_id_; }
  void set_last_insert_id(uint64_t id) override;
  [[nodiscard]] int64_t row_count() const override { return row_count_; }
  [[nodiscard]] uint64_t found_rows() const override { return found_rows_; }
  [[nodiscard]] TypedValue user_variable(std::string_view name) const override;
  void set_user_variable(std::string_view name, TypedValue value) override;
  [[nodiscard]] std::variant<TypedValue, SqlError> system_variable(
      const SystemVariable& name) override;
  [[nodiscard]] const TypedValue* parameter(uint32_t index) const override;
  [[nodiscard]] int32_t zone_offset_s() const override;
  [[nodiscard]] int64_t wall_micros() override;
  [[nodiscard]] double uniform() override;
  [[nodiscard]] std::string uuid() override;
  [[nodiscard]] bool sleep(double seconds) override;

  // --- for those who execute ---

  // At the beginning and the end of a statement.
  void set_parameters(std::span<const TypedValue> parameters) { parameters_ = parameters; }
  // While a statement is only described, every parameter is there and is NULL.
  void set_describing(bool describing) { describing_ = describing; }
  // The first AUTO_INCREMENT value that the statement has made is LAST_INSERT_ID() of the next.
  void note_insert_id(uint64_t id) { next_insert_id_ = id; }
  // What the client is told: the explicit one if there is.
  [[nodiscard]] uint64_t statement_insert_id() const { return next_insert_id_; }
  void begin_statement() { next_insert_id_ = 0; }
  void end_statement(int64_t row_count);
  void set_found_rows(uint64_t rows) { found_rows_ = rows; }
  void forget();

 private:
  Session& session_;
  std::map<std::string, TypedValue, std::less<>> variables_;  // by name in lower case
  std::span<const TypedValue> parameters_;
  bool describing_ = false;
  TypedValue unknown_;  // any parameter of a statement that is described
  uint64_t last_insert_id_ = 0;
  uint64_t next_insert_id_ = 0;
  int64_t row_count_ = -1;
  uint64_t found_rows_ = 0;
};

}  // namespace aftersync::sql
