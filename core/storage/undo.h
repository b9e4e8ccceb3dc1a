// Undo: what each transaction would have to do to take its changes back. Format: undo_format.h.
//
// The problem. A transaction may roll back, crash unfinished, or be invisible to somebody who still
// needs the rows as they were. All three are served by one chain of records: per transaction,
// newest to oldest (rollback), and per row through roll pointers (older versions).
//
// Invariants
//  1. An undo record and the row change that points to it are in one mini-transaction.
//  2. An undo log is on exactly one list: active, history or cache.
//  3. A log in history is given back only by purge, after everything it deleted has been removed
//  and
//     no view needs it; until then every roll pointer into it can be followed.
//  4. Rolling back writes no undo; each step removes the last record and reverts the row in one
//     mini-transaction, so that a crash in the middle resumes where it was.
//
// Latches: undo pages after index pages, before pages of the allocator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/mtr.h"
#include "core/storage/page_store.h"
#include "core/storage/undo_format.h"

namespace aftersync::storage {

// A transaction's undo log while it runs. Owned by the transaction, used by one task at a time.
struct UndoLog {
  TrxId trx;
  uint8_t segment = 0;
  PageNo first_page = kNoPage;
  PageNo last_page = kNoPage;
  RollPtr last_record;
};

struct UndoRecord {
  undo_format::UndoKind kind{};
  TableId table;
  RollPtr previous_of_trx;
  TrxId old_trx;
  RollPtr old_roll;
  uint8_t old_flags = 0;
  std::string key;
  std::string old_value;
};

class Undo {
 public:
  explicit Undo(PageStore& store);

  // Makes the directory and the rollback segments of a new undo space.
  Status bootstrap();
  // Reads the lists; returns the logs of unfinished transactions (active and prepared).
  [[nodiscard]] Result<std::vector<UndoLog>> open();

  // Gives the transaction an undo log, if it has none, and makes sure that the next record of at
  // most `record_bytes` fits in `log.last_page`. The caller holds nothing. Code::no_space.
  Status prepare(UndoLog& log, size_t record_bytes);
  // Appends; cannot fail after prepare(). Within the mini-transaction of the row's change.
  RollPtr append(Mtr& mtr, UndoLog& log, const UndoRecord& record);
  [[nodiscard]] static size_t record_bytes(size_t key_bytes, size_t old_value_bytes);

  // Follows a roll pointer. Code::not_found: purged (the caller had no right to ask).
  [[nodiscard]] Result<UndoRecord> read(RollPtr at);
  // Takes off the last record in `mtr`, which also reverts the row.
  void pop(Mtr& mtr, UndoLog& log, const UndoRecord& record);

  // Ends the log: into history with `commit_number` and `note` (at most kMaxNoteBytes, kept with
  // the log and logged). Returns the lsn to wait for.
  [[nodiscard]] Result<Lsn> commit(UndoLog& log, uint64_t commit_number, std::string_view note);
  // After a complete rollback.
  Status discard(UndoLog& log);

  // Purge. The oldest committed log with a commit number below `limit`, or none (empty optional).
  struct HistoryEntry {
    UndoLog log;
    uint64_t commit_number = 0;
  };
  [[nodiscard]] Result<bool> oldest_history(uint64_t limit, HistoryEntry& entry);
  // Its records from the oldest on; `visit` does the removing, in mini-transactions of its own.
  template <typename Visit>
  Status for_each_record(const UndoLog& log, Visit&& visit);
  // Gives its pages back (or keeps one for reuse). Idempotent after a crash.
  Status release(const HistoryEntry& entry);
  [[nodiscard]] uint64_t history_length() const;

 private:
  PageStore& store_;
};

}  // namespace aftersync::storage
