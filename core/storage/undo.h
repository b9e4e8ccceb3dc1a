// Undo: what each transaction would have to do to take its changes back. Format: undo_format.h.
//
// The problem. A transaction may roll back, crash unfinished, or be invisible to somebody who still
// needs the rows as they were. All three are served by one chain of records: per transaction,
// newest to oldest (rollback), and per row through roll pointers (older versions).
//
// Invariants
//  1. An undo record and the row change that points to it are in one mini-transaction.
//  2. A stream has at most one owner, and only the owner appends to it or cuts it. So commit
//  numbers
//     grow along a stream, provided each is drawn before the stream is given up.
//  3. Records of a committed transaction stay until purge has removed what they delete-marked and
//     no view needs them; until then every roll pointer into them can be followed.
//  4. Rolling back writes no undo; each step removes the last record and reverts the row in one
//     mini-transaction, so that a crash in the middle resumes where it was.
//
// Following a roll pointer found in a row is safe while that row's leaf is latched (a rollback of
// the row needs it), and from there on down the chain for whoever holds purge back.
//
// Locks: undo pages come after index pages and before pages of the allocator; a stream's pages in
// order of the chain. mutex_ is a leaf and is never held across a latch, I/O or a wait.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/platform/sync.h"
#include "core/storage/mtr.h"
#include "core/storage/page_store.h"
#include "core/storage/segment.h"
#include "core/storage/undo_format.h"
#include "core/storage/undo_page.h"

namespace aftersync::storage {

// A place in a stream.
struct UndoPosition {
  PageNo page = kNoPage;
  uint16_t offset = 0;
  friend bool operator==(const UndoPosition&, const UndoPosition&) = default;
};

// A transaction's undo while it runs. Owned by the transaction, used by one task at a time. Without
// a stream (it has not written) it has nothing to commit or take back.
struct UndoLog {
  static constexpr uint32_t kNoStream = UINT32_MAX;

  TrxId trx;
  uint32_t stream = kNoStream;
  UndoPosition end;     // where its next record goes
  RollPtr last_record;  // 0: none

  [[nodiscard]] bool has_stream() const { return stream != kNoStream; }
};

class Undo {
 public:
  explicit Undo(PageStore& store);

  // Makes the directory of a new undo space.
  Status bootstrap();
  // Reads the streams; returns the undo of unfinished transactions, whose owner the caller becomes.
  [[nodiscard]] Result<std::vector<UndoLog>> open();

  // Gives the transaction a stream, if it has none, and makes sure that a next record of at most
  // `bytes` fits at `log.end`. The caller holds nothing. Code::no_space; Code::unavailable when
  // kMaxStreams transactions are writing.
  Status prepare(UndoLog& log, size_t bytes);
  // Whether a record of `bytes` could be appended now.
  [[nodiscard]] static bool has_room(const UndoLog& log, size_t bytes);
  // Bytes to prepare for a record.
  [[nodiscard]] static size_t record_bytes(size_t key_bytes, size_t old_value_bytes);
  // Appends within the mini-transaction of the row's change; `record.previous_of_trx` is filled in.
  // Cannot fail after prepare(): undo that cannot be read any more stops the process.
  RollPtr append(Mtr& mtr, UndoLog& log, UndoRecord record);

  // Follows a roll pointer. Code::corruption when it leads to no record: purged (the caller had no
  // right to ask) or damaged.
  [[nodiscard]] Result<UndoRecord> read(RollPtr at);
  // Takes off the last record, in the mini-transaction that has reverted the row. Cannot fail, as
  // append().
  void pop(Mtr& mtr, UndoLog& log, const UndoRecord& record);
  // Whether the undo of a transaction is still there: it has not ended, or is in history and purge
  // has not begun with it. Of a purge that a crash has cut short only what it gave back counts.
  [[nodiscard]] bool has_undo_of(TrxId trx);

  // Ends the transaction and gives up its stream. `note` (at most kMaxNoteBytes) stays with the
  // undo until it is purged. Returns the lsn to wait for. Numbers grow from call to call.
  [[nodiscard]] Result<Lsn> commit(UndoLog& log, uint64_t commit_number, std::string_view note);
  // Gives up the stream after a complete rollback.
  void discard(UndoLog& log);

  // A committed transaction whose undo is still there.
  struct History {
    TrxId trx;
    uint64_t commit_number = 0;
    uint32_t stream = 0;
    UndoPosition begin;  // its first record
    UndoPosition end;    // after its commit
  };
  // Up to `most` of those with commit numbers below `limit`, the oldest first.
  [[nodiscard]] std::vector<History> oldest_history(uint64_t limit, size_t most);
  // Purge is about to visit it: from here on has_undo_of() denies it.
  void begin_purge(const History& history);
  // Its row records from the oldest on; `next` is the place behind each. No latch is held during
  // `visit`.
  using Visit = std::function<Status(RollPtr at, UndoPosition next, const UndoRecord& record)>;
  Status for_each_record(const History& history, const Visit& visit);
  // Gives back the undo of its stream up to and with this one.
  Status release(const History& history);
  // The same up to a place within this one, durably in the order of the log: purge will not visit
  // what is before it again, not even after a crash.
  Status release_up_to(const History& history, UndoPosition to);
  [[nodiscard]] uint64_t history_length();

 private:
  struct Stream {
    UndoPosition head;  // oldest record kept
    UndoPosition end;
    bool owned = false;
    std::deque<History> history;
  };

  // The transaction whose records a scan of a stream is among.
  struct Scan {
    UndoLog log;
    UndoPosition begin;
    bool is_whole = true;  // none of its records has been purged
  };

  Status scan_stream(uint32_t number, std::vector<UndoLog>& unfinished);
  Status scan_page(uint32_t number, const char* page, Scan& scan);
  Status take_stream(UndoLog& log);
  [[nodiscard]] Result<UndoPosition> make_stream(uint32_t number);
  Status move_to_next_page(UndoLog& log);
  [[nodiscard]] Result<Frame*> new_page(Mtr& mtr, uint32_t stream, PageNo previous,
                                        SpaceReservation& reservation);
  [[nodiscard]] Frame* fetch_surely(Mtr& mtr, PageNo page);
  void give_up(UndoLog& log);
  Status drop_first_page(uint32_t stream, PageNo first);
  Status give_back(uint32_t stream, UndoPosition to);

  PageStore& store_;
  SegmentNo segment_;

  Mutex make_mutex_;  // serialises make_stream; taken with nothing held, before any latch
  Mutex mutex_;
  // Guarded by mutex_. Streams are never removed.
  std::deque<Stream> streams_;
  std::vector<uint32_t> idle_;  // streams without an owner; the last one is taken first
  uint64_t history_length_ = 0;
  std::unordered_set<uint64_t> with_undo_;  // transaction ids; looked up only
};

}  // namespace aftersync::storage
