// BTree: one index. Ordered (key, value) records on pages; keys compare as bytes.
//
// The problem. Many tasks read and change one tree; pages split and merge under them; each change
// must be atomic across a crash and must carry an undo record with it.
//
// Shape. The root's page number never changes (a root split moves its records to two new pages), so
// nothing outside the tree has to follow it. Every level is linked both ways.
//
// Concurrency: latch coupling, no unlatched reads.
//   read        shared latches from the root down, the child's taken before the parent's is let go;
//   optimistic  the same down to the leaf's parent, the leaf exclusively; enough when the change
//               stays within the leaf;
//   pessimistic otherwise let go of everything and start again with a large mini-transaction:
//               exclusive latches from the root down, letting go of ancestors as soon as a node is
//               *safe* (has room for one more separator, or would not fall below the merge limit).
// Order: parent before child; left sibling before right. Who moves to the left along the leaves
// lets go first, or only tries. So latches cannot deadlock.
//
// Changes. modify() finds the place of one key and asks a LeafChange what to do there, with the
// leaf latched; undo is appended, in the same mini-transaction, by LeafChange::finish().
//
// What it does not do: visibility, locking of rows, meaning of keys. A delete mark is a flag here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/mtr.h"
#include "core/storage/page_store.h"
#include "core/storage/segment.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage {

// What the catalog knows of a tree; never changes in its life.
struct TreeRoot {
  IndexId index;
  SpaceId space;
  PageNo root;
  SegmentNo leaves;
  SegmentNo inner;
  SegmentNo overflow;
};

// What modify() does at its place; implemented by the layer above.
class LeafChange {
 public:
  enum class Action : uint8_t {
    nothing,
    insert,     // no record with that key
    replace,    // its value and flags
    set_flags,  // its flags, and the first bytes of its value (system columns) if given
    erase,
  };
  struct Decision {
    Action action = Action::nothing;
    // For insert and replace: the whole value as it will stand in the leaf; for set_flags, bytes
    // that replace the value's beginning. In the LeafChange's own memory: finish() may still write
    // into it, but not change its length.
    std::string_view value;
    uint8_t flags = 0;
  };

  virtual ~LeafChange() = default;
  // `found` is the record with the key, or null; `leaf` and `slot` say where it is or would be. The
  // leaf is latched exclusively. May be called again after a restart; must not change anything. An
  // error ends modify() with it.
  [[nodiscard]] virtual Result<Decision> decide(const RecordView* found, const Frame& leaf,
                                                uint16_t slot) = 0;
  // Called exactly once, when nothing can fail any more, right before the change is made: appends
  // undo in `mtr` and completes the value.
  virtual void finish(Mtr& mtr) = 0;
};

class BTree {
 public:
  BTree(PageStore& store, TreeRoot root) : store_(store), root_(root) {}

  // Makes an empty tree: segments and root page. `reservation` covers 1 fragment page.
  [[nodiscard]] static Result<TreeRoot> create(PageStore& store, Mtr& mtr, SpaceId space,
                                               IndexId index, SpaceReservation& reservation);

  // Calls `visit` with the record of exactly `key`, under a shared latch; false when there is none.
  // `visit` must not call into the engine. Allocates nothing.
  template <typename Visit>
  [[nodiscard]] Result<bool> get(std::string_view key, Visit&& visit);

  // See LeafChange. Returns the end of its mini-transaction (lsn 0 if nothing changed).
  // Code::too_large for a record over kMaxRecordBytes, Code::no_space, io and corruption errors:
  // nothing has changed then.
  [[nodiscard]] Result<Lsn> modify(std::string_view key, LeafChange& change);

  [[nodiscard]] const TreeRoot& root() const { return root_; }

 private:
  // The leaf for `key`, latched `latch`, by coupling from the root.
  [[nodiscard]] Result<PageRef> descend(std::string_view key, Latch latch);

  PageStore& store_;
  const TreeRoot root_;
};

template <typename Visit>
Result<bool> BTree::get(std::string_view key, Visit&& visit) {
  const PinBudget budget(store_.pool(), kReadPins);
  ASSIGN_OR_RETURN(const PageRef leaf, descend(key, Latch::shared));
  const SlottedPage page(leaf.bytes());
  const SlottedPage::Found found = page.lower_bound(key);
  if (!found.exact) return false;
  visit(page.record(found.slot));
  return true;
}

}  // namespace aftersync::storage
