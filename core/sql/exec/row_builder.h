// RowBuilder: a row to be stored, column by column: given values, defaults, counters.
#pragma once

#include <string>

#include "core/sql/exec/statement_run.h"

namespace aftersync::sql {

class RowBuilder {
 public:
  // `ignore`: what does not fit is made to, with warnings, whatever the SQL mode says.
  RowBuilder(StatementRun& run, const OpenTable& table, bool ignore);

  // Row number of the statement, from 1: for messages.
  void set_row_number(uint64_t number) { store_.row_number = number; }
  // All false: the statement has failed.
  [[nodiscard]] bool assign(storage::Row& row, uint32_t column, const Value& value,
                            const TypeInfo& type);
  // As if the column were left out: DEFAULT. 1364.
  [[nodiscard]] bool assign_default(storage::Row& row, uint32_t column);
  // ON UPDATE CURRENT_TIMESTAMP.
  [[nodiscard]] bool assign_now(storage::Row& row, uint32_t column);
  // The column as expressions see it.
  [[nodiscard]] Value load(const storage::Row& row, uint32_t column) const;

 private:
  StatementRun& run_;
  const OpenTable& table_;
  StoreContext store_;
};

}  // namespace aftersync::sql
