// FixedSession: a session whose answers are always the same, but for what it is told to keep.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/sql/ast/expr.h"
#include "core/sql/eval/session_state.h"
#include "core/sql/value/temporal.h"

namespace aftersync {

class FixedSession final : public sql::SessionState {
 public:
  uint64_t connection_id() const override { return 7; }
  std::string user() const override { return "ann@host"; }
  std::string current_user() const override { return "ann@%"; }
  std::string database() const override { return database_name; }
  uint64_t last_insert_id() const override { return insert_id; }
  void set_last_insert_id(uint64_t id) override { insert_id = id; }
  int64_t row_count() const override { return -1; }
  uint64_t found_rows() const override { return 3; }
  sql::TypedValue user_variable(std::string_view name) const override {
    const auto at = variables.find(std::string(name));
    return at == variables.end() ? sql::TypedValue{} : at->second;
  }
  void set_user_variable(std::string_view name, sql::TypedValue value) override {
    variables[std::string(name)] = std::move(value);
  }
  std::variant<sql::TypedValue, sql::SqlError> system_variable(
      const sql::SystemVariable& name) override {
    const auto at = system.find(name.name);
    if (at == system.end()) return sql::make_error(sql::ErrorName::wrong_arguments, {name.name});
    return at->second;
  }
  const sql::TypedValue* parameter(uint32_t index) const override {
    return index < parameters.size() ? &parameters[index] : nullptr;
  }
  int32_t zone_offset_s() const override { return zone_s; }
  int64_t wall_micros() override { return sql::unix_micros(now, zone_s); }
  double uniform() override { return 0.25; }
  std::string uuid() override { return "00000000-0000-4000-8000-000000000000"; }
  bool sleep(double seconds) override {
    slept_s += seconds;
    return false;
  }

  std::string database_name = "test";
  uint64_t insert_id = 0;
  int32_t zone_s = 0;
  double slept_s = 0;
  sql::Temporal now = sql::parse_datetime("2024-02-29 12:34:56")->value;
  std::map<std::string, sql::TypedValue> variables;
  std::map<std::string, sql::TypedValue> system;
  std::vector<sql::TypedValue> parameters;
};

}  // namespace aftersync
