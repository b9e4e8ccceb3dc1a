// TreeCursor: a place in a tree, moving both ways, holding nothing between calls.
//
// It keeps a private copy of the leaf it is on (one 16 KiB copy a leaf, about a microsecond for a
// hundred rows) and reads records from that. So a cursor pins and latches nothing between calls,
// any number may be open with the smallest pool, and a slow reader stops nobody. At the end of its
// copy it goes on from the last key: by the sibling link when the leaf has not changed since (page
// lsn), by a new descent otherwise.
//
// What one sees is therefore each leaf at one moment, not the tree at one moment: visibility is the
// transaction layer's business, and a record to be locked must be looked up again.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/btree.h"

namespace aftersync::storage {

enum class Seek : uint8_t { at_or_after, after, at_or_before, before };

class TreeCursor {
 public:
  explicit TreeCursor(BTree& tree);

  // Each returns whether the cursor is on a record afterwards. Delete-marked records are shown.
  [[nodiscard]] Result<bool> seek(std::string_view key, Seek mode);
  [[nodiscard]] Result<bool> first();
  [[nodiscard]] Result<bool> last();
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] Result<bool> previous();

  // Valid until the cursor moves.
  [[nodiscard]] RecordView record() const;

 private:
  BTree& tree_;
  std::unique_ptr<char[]> copy_;
  PageNo page_ = kNoPage;
  Lsn page_lsn_;
  uint16_t slot_ = 0;
};

}  // namespace aftersync::storage
