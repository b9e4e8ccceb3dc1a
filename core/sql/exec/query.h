// Queries: from a plan to rows.
#pragma once

#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "core/sql/exec/statement_run.h"
#include "core/sql/exec/table_scan.h"

namespace aftersync::sql {

struct SelectPlan;

// Who takes the rows of a query. Both answer whether to go on.
class RowConsumer {
 public:
  virtual ~RowConsumer() = default;
  [[nodiscard]] virtual bool begin(const std::vector<ResultColumn>& columns) = 0;
  [[nodiscard]] virtual bool row(std::span<const Value> values) = 0;
};

// Keeps them, up to the statement's memory: 1038.
class CollectedRows final : public RowConsumer {
 public:
  explicit CollectedRows(StatementRun& run) : run_(run) {}
  bool begin(const std::vector<ResultColumn>& made) override {
    columns = made;
    return true;
  }
  bool row(std::span<const Value> values) override;

  std::vector<ResultColumn> columns;
  std::vector<ValueRow> rows;

 private:
  StatementRun& run_;
  uint64_t bytes_ = 0;
};

// What a row costs in memory, roughly.
[[nodiscard]] uint64_t memory_of(std::span<const Value> values);

// A statement: to the client, or INTO user variables.
void run_query(StatementRun& run, const Query& query);
// Part of another statement, within its transaction; `lock`: how rows are read where the query says
// nothing.
[[nodiscard]] bool run_query_into(StatementRun& run, const Query& query, RowConsumer& consumer,
                                  RowLocking lock = {});
// Plans a query, without executing it, and hands the plan over.
void with_plan(StatementRun& run, const Query& query,
               const std::function<void(const SelectPlan&)>& use);
[[nodiscard]] std::variant<Source, SqlError> derived_table(StatementRun& run,
                                                           const DerivedTable& table);

}  // namespace aftersync::sql
