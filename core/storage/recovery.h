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
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/log/log.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

class PageStore;

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

}  // namespace aftersync::storage
