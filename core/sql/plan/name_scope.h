// NameScope: what the names in a query mean.
//
// A name is that of a column of one of the tables; of a column of the select list, where those can
// be named; or it is an error: 1054 when nobody has it, 1052 when several do. A column that a join
// has USING is one column, under the name of its first table.
//
// The last error stays in the scope, with the clause in which it was made: bind() only learns that
// there is no such column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sql/eval/aggregate.h"
#include "core/sql/eval/bind.h"
#include "core/sql/plan/source.h"

namespace aftersync::sql {

// What the row that could not be inserted is called: no statement can say it.
inline constexpr std::string_view kInsertedAlias = "\x01inserted";

class NameScope final : public ColumnScope {
 public:
  // At the end; gives it its slots. 1066 for an alias that is taken.
  [[nodiscard]] std::optional<SqlError> add(Source source);
  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }
  [[nodiscard]] uint32_t slots() const { return slots_; }
  // A column that USING has merged with another one: unqualified names and * do not mean it.
  void merge(uint32_t slot) { merged_.push_back(slot); }
  [[nodiscard]] bool is_merged(uint32_t slot) const;
  // A column of the select list, to be had under its name where aliases may be used. Its slot.
  uint32_t add_output(const std::string& name, const TypeInfo& type);

  enum class Outputs : uint8_t { unknown, after_columns, before_columns };
  // For the expressions that are bound next. `clause`: as messages name it, "where clause".
  void enter(std::string_view clause, Outputs outputs = Outputs::unknown) {
    clause_ = clause;
    outputs_use_ = outputs;
  }
  // Only the first so many tables, and none before `begin`, can be named: in ON.
  void restrict_to(size_t begin, size_t end) {
    begin_ = begin;
    end_ = end;
  }

  // Of variables, parameters and functions of the session; it outlives what is bound.
  void set_session(SessionState& session) { session_ = &session; }
  // Binds; on an error says which clause it was in. `aggregates`: where those of the expression go;
  // null where there can be none.
  [[nodiscard]] std::variant<BoundExpr, SqlError> bind_here(
      const Expr& expr, std::vector<BoundAggregate>* aggregates = nullptr) const;

  [[nodiscard]] std::optional<std::pair<uint32_t, TypeInfo>> find(
      const ColumnName& name) const override;
  // VALUES(c): the column of a source under kInsertedAlias.
  [[nodiscard]] std::optional<std::pair<uint32_t, TypeInfo>> find_inserted(
      const ColumnName& name) const override;
  // The slot of a column of a table; nothing for names of outputs and errors.
  [[nodiscard]] std::optional<uint32_t> find_column(const ColumnName& name) const;
  [[nodiscard]] const Source& source_of(uint32_t slot) const;
  [[nodiscard]] const ResultColumn& column_of(uint32_t slot) const;
  // Every column of that source will be looked at.
  void need_all(size_t source) const;

 private:
  struct Output {
    std::string name;
    TypeInfo type;
    uint32_t slot = 0;
  };
  [[nodiscard]] std::optional<std::pair<uint32_t, TypeInfo>> find_output(
      const ColumnName& name) const;
  [[nodiscard]] std::optional<std::pair<uint32_t, TypeInfo>> find_in_tables(
      const ColumnName& name) const;

  mutable std::vector<Source> sources_;  // `needed` is set by looking
  std::vector<uint32_t> merged_;
  std::vector<Output> outputs_;
  uint32_t slots_ = 0;
  SessionState* session_ = nullptr;
  std::string clause_ = "field list";
  Outputs outputs_use_ = Outputs::unknown;
  size_t begin_ = 0;
  size_t end_ = SIZE_MAX;
  mutable std::optional<SqlError> error_;
};

}  // namespace aftersync::sql
