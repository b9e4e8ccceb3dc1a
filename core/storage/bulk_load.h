// BulkLoader: rows in key order, packed into leaves that are filled once and never split.
//
// The problem. Inserting a sorted million rows one by one pays a descent, a mini-transaction and a
// redo record for each. Building the tree offline would be fastest, but then it is not a tree until
// the end, and somebody has to know what to do with it after a crash.
//
// What it does. It gathers records until they fill 15/16 of a leaf, and then appends them as one
// new last leaf, in one mini-transaction: allocate, one copy_in, links, one entry in the parent.
// When the parent has no room it is split as for any insert in ascending order, which leaves 15/16
// there as well. So at every moment there is a right tree that holds a prefix of the rows, others
// may read and even change it meanwhile, and a crash leaves that prefix. Making the load atomic is
// the business of whoever loads: a new table or index is dropped if it is not finished.
//
// Keys must ascend and lie behind everything in the tree, and not before the place where its last
// leaf begins (which matters only when that one has been emptied).
//
// Use by one task. Holds no latch between calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/storage/btree.h"
#include "core/storage/index_ops.h"

namespace aftersync::storage {

class BulkLoader {
 public:
  explicit BulkLoader(BTree& tree) : tree_(tree) {}
  BulkLoader(const BulkLoader&) = delete;
  BulkLoader& operator=(const BulkLoader&) = delete;

  // Code::duplicate_key when `key` equals the one before (or the last one in the tree);
  // Code::invalid_argument when it is less, or empty or too long; Code::too_large;
  // Code::no_space, io and corruption errors: of what has been added so far a prefix is in the
  // tree. After an error the loader is of no more use.
  Status add(std::string_view key, std::string_view value, uint8_t flags = 0);
  // Writes out the last leaf. Returns the lsn to wait for.
  [[nodiscard]] Result<Lsn> finish();
  [[nodiscard]] uint64_t records() const { return records_; }

 private:
  enum class Outcome : uint8_t { done, again, parent_full };
  Status append_leaf();
  [[nodiscard]] Result<Outcome> try_append();
  Status make_room_above();
  [[nodiscard]] Result<Outcome> fill_empty(Mtr& mtr, Frame* leaf);
  [[nodiscard]] Result<Outcome> append_child(Mtr& mtr, Frame* parent,
                                             SpaceReservation& reservation);
  Status check_order(const SlottedPage& last_leaf, std::string_view fence) const;

  BTree& tree_;
  index_ops::CopyIn pending_{0};
  std::string first_key_;    // of pending_
  std::string last_key_;     // of all that was added
  size_t parent_needs_ = 0;  // bytes that the parent lacked
  uint64_t records_ = 0;
  Lsn end_;
};

}  // namespace aftersync::storage
