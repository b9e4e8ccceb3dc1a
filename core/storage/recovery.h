// Recovery: from what is on disk to a consistent set of pages.
//
//  1. doublewrite: torn pages of the last batch are restored.
//  2. scan: the redo from the checkpoint on is read frame by frame, up to the first one that is not
//     whole. Records are gathered in batches of bounded memory, by page.
//  3. apply: batch by batch, in page order, each record whose frame ends after the page's lsn.
//     A page whose first record initialises it is not read. Records that name no page go to the
//     sink.
//  4. a space whose file is missing must have been dropped later in the log; else it is reported
//  and
//     put out of use. So is one whose page cannot be read.
//
// Idempotent and restartable: it writes only pages (through the doublewrite, as always), moves no
// checkpoint before it is done, and a crash in it leaves a state from which it can begin again.
// Rolling back unfinished transactions is not its business: storage's undo does that afterwards,
// with ordinary mini-transactions.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/log/log.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

class BufferPool;
class Spaces;

struct RecoveryStats {
  LogScan log;
  uint64_t records = 0;
  uint64_t records_applied = 0;
  uint64_t records_skipped = 0;  // the page had them already
  uint64_t pages_touched = 0;
  uint64_t batches = 0;
  uint32_t torn_pages_repaired = 0;
  uint64_t duration_us = 0;
  std::vector<SpaceId> lost_spaces;  // out of use: file missing or damaged
};

// Receives, in log order, what recovery meets besides page changes.
class RecoverySink {
 public:
  virtual ~RecoverySink() = default;
  virtual void on_note(Lsn end, std::string_view bytes) = 0;
};

// Runs steps 2 to 4 once; then it is done with.
class Recovery {
 public:
  Recovery(Log& log, Spaces& spaces, BufferPool& pool, RecoverySink* sink, RecoveryStats& stats)
      : log_(log), spaces_(spaces), pool_(pool), sink_(sink), stats_(stats) {}

  // Fails when the log is damaged, or a space that is not optional is.
  Status run();

 private:
  struct Change {
    PageOp op;
    std::string_view args;
    Lsn start;  // of its frame
    Lsn end;
  };
  using Changes = std::vector<Change>;

  Status take_frame(Lsn start, Lsn end, std::string_view payload);
  Status take_record(const RedoRecord& record, Lsn start, Lsn end);
  Status apply_batch();
  Status apply_to_page(PageId id, const Changes& changes);
  Status ensure_space(SpaceId id);
  Status lose(SpaceId id, const Status& why);

  Log& log_;
  Spaces& spaces_;
  BufferPool& pool_;
  RecoverySink* const sink_;
  RecoveryStats& stats_;
  std::deque<std::string> payloads_;  // what the changes of this batch point into
  size_t batch_bytes_ = 0;
  std::map<PageId, Changes> changes_;
  std::set<PageId> touched_;
  std::map<SpaceId, Status> lost_;  // until a later record says that they were dropped
  std::set<SpaceId> dropped_;
};

}  // namespace aftersync::storage
