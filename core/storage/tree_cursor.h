// TreeCursor: a place in a tree, moving both ways, holding nothing between calls.
//
// The problem. A scan is interrupted after every row: the caller locks it, waits for somebody,
// sends it to a client. A cursor that kept its leaf latched would stop writers for as long, and one
// that kept it pinned would take a frame from a pool that may have only 64.
//
// What it does. It keeps a private copy of the leaf it is on and reads records from that; in the
// copy it finds its way with nobody's leave. With the copy it keeps the leaf's two *fences*, the
// keys between which the tree keeps everything that belongs there, taken from the inner nodes
// passed on the way down. At the end of the copy it goes on at the fence by a new descent. So it
// does not matter what has become of the leaf meanwhile: the rows beyond a fence are those that the
// copy could not have, wherever a split or merge has put them.
//
// Why not by the sibling link. To follow it safely one has to latch the leaf again, see that it is
// still the page that was copied (it may have been freed, and be another page now), and then latch
// the neighbour: two latched pages, against three or four for a descent through inner nodes that
// are always in memory. And going back, the link alone is not enough: the left neighbour may have
// been split since, and the rows nearest to us are in its new right half. That mistake is planted
// as bug/cursor-skips.
//
// Why a copy, and not a batch of rows visited under the latch. The copy costs about as much as
// touching the same rows once in memory (a leaf is 16 KiB, less than one microsecond), is paid once
// a leaf, and then costs the writers nothing whatever the caller does between rows. Visiting under
// the latch would need a callback that may not call into the engine, which a row lock, a lookup in
// the clustered index or an undo chain all do.
//
// What one sees is each leaf at one moment, not the tree at one moment: visibility is the
// transaction layer's business, and a record to be locked must be looked up again.
//
// Use by one task.
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

  // Each returns whether the cursor is on a record afterwards. Delete-marked records are shown. A
  // cursor that has run off one end comes back by a step in the other direction. After an error it
  // has to be placed anew.
  [[nodiscard]] Result<bool> seek(std::string_view key, Seek mode);
  [[nodiscard]] Result<bool> first();
  [[nodiscard]] Result<bool> last();
  [[nodiscard]] Result<bool> next() {
    if (slot_ + 1 < count_) {
      ++slot_;
      return true;
    }
    return next_leaf();
  }
  [[nodiscard]] Result<bool> previous() {
    if (slot_ > 0) {
      --slot_;
      return true;
    }
    return previous_leaf();
  }

  [[nodiscard]] bool on_record() const { return slot_ >= 0 && slot_ < count_; }
  // Of the record it is on. Valid until the cursor moves.
  [[nodiscard]] RecordView record() const;

 private:
  // A key that bounds a leaf, if there is one on that side.
  struct Fence {
    std::string key;
    bool present = false;
  };

  template <typename Choose>
  Status load(Choose&& choose);
  void copy_leaf(const char* page);
  [[nodiscard]] SlottedPage copy() const { return SlottedPage(copy_.get()); }
  Status load_at(std::string_view key);
  Status load_before(std::string_view key);
  [[nodiscard]] Result<bool> next_leaf();
  [[nodiscard]] Result<bool> previous_leaf();
  [[nodiscard]] Result<bool> forward_from(int slot);
  [[nodiscard]] Result<bool> backward_from(int slot);
  Status load_remembered_link();

  BTree& tree_;
  const std::unique_ptr<char[]> copy_;
  int slot_ = -1;  // -1: before the first record of the copy; count_: after the last
  int count_ = 0;
  Fence low_;   // the leaf's keys are >= it
  Fence high_;  // and below it
  std::string target_;
};

}  // namespace aftersync::storage
