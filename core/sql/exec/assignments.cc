// The row that was to be inserted is a second source of the scope, under a name that no statement
// can say.
#include "core/sql/exec/assignments.h"

#include <algorithm>

namespace aftersync::sql {

bool Assignments::bind(StatementRun& run, const std::vector<Assignment>& set,
                       const OpenTable& table) {
  own_scope_.set_session(run.session_answers());
  for (const std::string& alias : {table.schema.name, std::string(kInsertedAlias)}) {
    Source source;
    source.database = alias == kInsertedAlias ? "" : table.schema.database;
    source.alias = alias;
    source.columns = result_columns(table, alias);
    if (auto error = own_scope_.add(std::move(source))) return run.fail(*std::move(error));
  }
  own_scope_.restrict_to(0, 1);
  return bind_all(run, set, own_scope_, table);
}

bool Assignments::bind(StatementRun& run, const std::vector<Assignment>& set,
                       const NameScope& scope) {
  return bind_all(run, set, scope, *scope.sources()[0].table);
}

bool Assignments::bind_all(StatementRun& run, const std::vector<Assignment>& set,
                           const NameScope& scope, const OpenTable& table) {
  table_ = &table;
  slots_.resize(2 * table.schema.columns.size());
  for (const Assignment& assignment : set) {
    One one;
    const std::optional<uint32_t> slot = scope.find_column(assignment.column);
    if (!slot) {
      return run.fail(ErrorName::unknown_column, {assignment.column.column, "field list"});
    }
    one.column = *slot;
    const auto* fallback = std::get_if<DefaultValue>(&assignment.value.node);
    one.is_default = fallback != nullptr && fallback->column.column.empty();
    if (!one.is_default) {
      auto bound = scope.bind_here(assignment.value);
      if (auto* error = std::get_if<SqlError>(&bound)) return run.fail(std::move(*error));
      one.value = std::get<BoundExpr>(std::move(bound));
    }
    all_.push_back(std::move(one));
  }
  return true;
}

bool Assignments::assigns(uint32_t column) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const One& one) { return one.column == column; });
}

bool Assignments::apply(StatementRun& run, const RowBuilder& prototype, const storage::Row& before,
                        const storage::Row* inserted, storage::Row& after) {
  RowBuilder builder = prototype;
  const auto columns = static_cast<uint32_t>(table_->schema.columns.size());
  for (uint32_t i = 0; i < columns; ++i) {
    slots_[i] = builder.load(before, i);
    if (inserted != nullptr) slots_[columns + i] = builder.load(*inserted, i);
  }
  for (const One& one : all_) {
    if (one.is_default) {
      if (!builder.assign_default(after, one.column)) return false;
    } else {
      EvalContext context = run.context(slots_);
      const Value value = one.value.evaluate(context);
      if (!run.ok() || !builder.assign(after, one.column, value, one.value.type)) return false;
    }
    slots_[one.column] = builder.load(after, one.column);
  }
  if (after == before) return true;
  for (uint32_t i = 0; i < columns; ++i) {
    if (table_->schema.columns[i].on_update && !assigns(i) && !builder.assign_now(after, i)) {
      return false;
    }
  }
  return true;
}

}  // namespace aftersync::sql
