// TableScan: the rows of a table by an access path, read or locked.
//
// Ranges are taken one after another, in the index's order or against it; a range that is a whole
// clustered key is looked up instead of scanned. Which locks are taken is LockingScan's business
// (locking_read.h).
//
// After an error (a Status from below, an interruption) next() says that there is nothing more and
// the statement has failed: its diagnostics know.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/sql/plan/access_path.h"
#include "core/txn/plain_read.h"

namespace aftersync::sql {

class StatementRun;

// Nothing: a plain read.
struct RowLocking {
  std::optional<txn::LockMode> mode{};
  txn::OnBusy on_busy = txn::OnBusy::wait;
};

class TableScan {
 public:
  TableScan(StatementRun& run, const OpenTable& table, const AccessPath& path,
            std::vector<KeyRange> ranges, RowLocking locking);

  [[nodiscard]] bool next();
  [[nodiscard]] const storage::Row& row() const { return *row_; }
  [[nodiscard]] const std::string& clustered_key() const { return *key_; }
  // The row does not match: its lock is given back where the isolation level lets it.
  void release_row();
  [[nodiscard]] bool is_locked() const { return locked_ == nullptr || locked_->is_locked(); }
  // After OnBusy::look: waits for the lock of a row that has been shown without one. False when the
  // row has gone; its newest version is row() now.
  [[nodiscard]] bool lock_row();

 private:
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] Result<bool> look_up(const KeyRange& range);
  void open(const KeyRange& range);

  StatementRun& run_;
  const OpenTable& table_;
  const size_t index_;
  const bool backward_;
  const std::vector<KeyRange> ranges_;
  const RowLocking locking_;
  size_t next_range_ = 0;
  std::unique_ptr<txn::PlainScan> plain_;
  std::unique_ptr<txn::LockingScan> locked_;
  storage::Row found_;  // by a look-up
  std::string found_key_;
  const storage::Row* row_ = nullptr;
  const std::string* key_ = nullptr;
};

}  // namespace aftersync::sql
