// The tables of the workloads that commit through a binlog, and how to change them so that the
// binlog is told.
//
//   db/journal   id BIGINT PRIMARY KEY, session INT           one row for each transaction
//   db/accounts  k INT PRIMARY KEY, v BIGINT NULL, note VARCHAR(300); index on v
//   db/plain     k INT, note VARCHAR(300)                     no primary key
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/storage/engine.h"
#include "core/txn/logged_table.h"
#include "core/txn/transaction.h"
#include "faults/txn/binlog_replay.h"

namespace aftersync::faults {

class SampleTables final : public txn::LoggedTables {
 public:
  // Creates those that are not there.
  [[nodiscard]] static Result<std::unique_ptr<SampleTables>> open(storage::Engine& engine);

  Result<Found> find(std::string_view database, std::string_view table) override;
  // By "database/table". CHECK: it is one of them.
  [[nodiscard]] const Found& at(std::string_view name) const { return tables_.find(name)->second; }
  static constexpr std::string_view kNames[] = {"db/journal", "db/accounts", "db/plain"};

  // The newest versions of a table's rows, sorted.
  [[nodiscard]] Result<std::vector<RowBytes>> rows(storage::Engine& engine,
                                                   std::string_view name) const;

 private:
  std::map<std::string, Found, std::less<>> tables_;
};

// One change of a row, as a statement of its own: in the engine, and told to the transaction's
// binlog cache. Errors as RowWriter and BinlogCache.
Status insert_row(txn::Transaction& trx, const txn::LoggedTables::Found& in,
                  const storage::Row& row);
Status update_row(txn::Transaction& trx, const txn::LoggedTables::Found& in, std::string_view key,
                  const storage::Row& before, const storage::Row& after);
Status remove_row(txn::Transaction& trx, const txn::LoggedTables::Found& in, std::string_view key,
                  const storage::Row& before);

}  // namespace aftersync::faults
