// The newest commit note, on the system page.
//
// The note of a commit record stays with the undo only until that is purged. What the layer above
// wants to know after a crash is what the newest commit that it finds there has said (where the
// engine is in the binlog), so the system page has it as well, changed in the mini-transaction of
// the commit record: the two cannot be told apart by a crash.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/mtr.h"

namespace aftersync::storage {

// `note`: at most undo_format::kMaxNoteBytes. Within the mini-transaction of a commit, behind its
// undo page. A page that cannot be read any more stops the process.
void set_last_note(PageStore& store, Mtr& mtr, std::string_view note);
// Empty when no commit has had a note. The caller holds no latch.
[[nodiscard]] Result<std::string> last_note(PageStore& store);

}  // namespace aftersync::storage
