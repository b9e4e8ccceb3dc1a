// RowApplier: the row events of a binlog, done again in the engine.
//
// For the recovery from the binlog and for replicas. A row is found by its clustered key where the
// table has one that can be read from the image, else by comparing all that the image holds with
// each row, as MySQL does. A table must be here as it was there: as many columns, each as what the
// event says it is; wider ones are not converted.
//
// Errors, all naming the table: Code::not_found, the row to be changed is not there (MySQL's 1032),
// or there is no such table (1146); Code::duplicate_key (1062); Code::unsupported, the columns
// differ (1677); Code::corruption, an event that cannot be; those of RowWriter and of locks. What a
// failing event did has been taken back; the transaction goes on, unless a lock ended it.
//
// Thread safety: one task at a time, one transaction after the other.
#pragma once

#include <cstdint>
#include <map>

#include "core/base/status.h"
#include "core/binlog/event.h"
#include "core/binlog/row_events.h"
#include "core/txn/logged_table.h"
#include "core/txn/transaction.h"

namespace aftersync::txn {

class RowApplier {
 public:
  // `exact`: a row that is found by its key must be what the image says, or it is Code::corruption.
  RowApplier(LoggedTables& tables, bool exact) : tables_(tables), exact_(exact) {}

  // Does a table map or rows event within `trx`.
  Status apply(Transaction& trx, const binlog::EventView& event);
  // Forgets the tables that are mapped: between transactions.
  void forget_maps() { maps_.clear(); }

 private:
  struct Mapped {
    binlog::TableMap map;
    LoggedTables::Found found;
  };
  struct Place {
    std::string key;
    storage::Row row;
  };

  Status map(const binlog::EventView& event);
  Status apply_rows(Transaction& trx, const binlog::EventView& event, Mapped& mapped);
  Status apply_row(Transaction& trx, const binlog::RowsReader& rows, Mapped& mapped,
                   const binlog::RowImage& before, const binlog::RowImage& after);
  [[nodiscard]] Result<Place> find(Transaction& trx, const Mapped& mapped,
                                   const binlog::RowImage& image, const binlog::ColumnSet& columns);
  [[nodiscard]] Result<Place> find_by_key(Transaction& trx, const Mapped& mapped,
                                          const storage::Row& wanted,
                                          const binlog::ColumnSet& columns);
  [[nodiscard]] Result<Place> find_by_all(Transaction& trx, const Mapped& mapped,
                                          const storage::Row& wanted,
                                          const binlog::ColumnSet& columns);

  LoggedTables& tables_;
  const bool exact_;
  std::map<uint64_t, Mapped> maps_;
};

}  // namespace aftersync::txn
