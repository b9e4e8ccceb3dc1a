// Recovery: from what is on disk to a consistent set of pages.
//
//  1. doublewrite: torn pages of the last batch are restored.
//  2. scan: the redo from the checkpoint on is read frame by frame, up to the first one that is not
//     whole. Records are gathered in batches of bounded memory, by page.
//  3. apply: batch by batch, in page order, each record whose frame ends after the page's lsn.
//     A page whose first record initialises it is not read. Records that name no page go to the
//     sink.
//  4. a space whose file is missing must have been dropped later in the log; else it is reported
//     and put out of use. So is one whose page cannot be read.
//
// What is read need not be durable. A failed fdatasync drops what it could not write: the cache
// goes on showing it and calls it clean, a later sync succeeds without meaning it, and a power loss
// (or an eviction) brings the old bytes back. Every failed sync of ours stops the process, so only
// the next start meets such bytes, and it must not lean on them: were a page believed whose newest
// version is in the cache alone, its redo would be skipped as applied and let go by the next
// checkpoint. So each start rewrites, from what it has read and judged, whatever the last life may
// have left that way, and syncs it, before it gives up what could repair it:
//
//   pages       A page is written in place only by the batch in the doublewrite file, and the next
//               batch begins when all of this one is synced. So only its pages can be in doubt:
//               step 1 writes the copies back and syncs them, then each page as it was found (or
//               the copy, where that is torn), and syncs those. If a power loss tears one in the
//               middle of this, its copy is durable. If the header or a copy is not valid, that
//               batch has not got as far as the page in place.
//   redo        step 2 writes everything from the checkpoint to the end back and syncs it, before
//               anything is applied: log_replay.cc. What lies behind the end is never believed,
//               because the new epoch is durable before the first byte is appended.
//   checkpoint  It may be one that only the cache has. Then the one before is still on the device,
//               in the other block, and so is all redo since: nothing is appended before Log::start
//               has written a third one durably, over whichever block; a sector is old or new.
//   growth      A file may seem longer than it is. Its header, a page, says how far it is in use,
//               and was logged after the sync of the growth; growing again starts there.
//   new files   A file whose name or content is in doubt belongs to a statement that never got to
//               its redo: an orphan, removed by the catalog; its id is never used again.
//   old files   A name that comes back was logged as dropped, or is no table's: removed again.
//   state, data directory   page_store.h: renamed anew, or made again from nothing.
//
// Idempotent and restartable: besides bytes that were there already it writes only pages (through
// the doublewrite, as always), moves no checkpoint before it is done, and a crash in it leaves a
// state from which it can begin again.
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
