// The checker of undo: the directory, and every stream from its head to its end.
//
// Checked are
//   - each page by itself: of its stream, records whole and of a known kind up to the end;
//   - the chain: linked both ways, no page in two places, all of them, and no others, pages of the
//     undo segment;
//   - transactions: records of one after those of the other, each naming the one before of its own,
//     ended by a commit save the last, commit numbers growing along the stream.
// Whether rows and undo agree is not judged: rows are, by themselves, whole without it.
#pragma once

#include <cstdint>

#include "core/base/status.h"
#include "core/storage/page_reader.h"

namespace aftersync::storage {

struct UndoReport {
  uint32_t streams = 0;
  uint64_t pages = 0;
  uint64_t records = 0;     // commits left out
  uint64_t committed = 0;   // transactions whose undo is not purged yet
  uint64_t unfinished = 0;  // transactions that the next start will roll back
};

// Code::corruption, with page and what is wrong, at the first thing found. The ledger of the undo
// space is part of it.
[[nodiscard]] Result<UndoReport> check_undo(PageReader& reader);

}  // namespace aftersync::storage
