// BTree: one index. Ordered (key, value) records on pages; keys compare as bytes.
//
// The problem. Many tasks read and change one tree; pages split and merge under them; each change
// must be atomic across a crash and must carry an undo record with it.
//
// Shape
//  1. The root's page number never changes, so nothing outside the tree has to follow it. A root
//     that is full moves its records to a new page and becomes the parent of that page alone; a
//     root with a single child takes that child's records back. Splits and merges proper happen
//     below a parent only.
//  2. Every level is linked both ways.
//  3. An entry (key, child) of an inner node says: the child's subtree holds keys >= key, and below
//     the key of the next entry. The first entry of the leftmost node of a level has the empty key;
//     the first entry of any other node repeats the key by which its parent knows the node. What
//     stands in slot 0 is never compared. Keys of records are not empty.
//  4. Only the root may be an empty leaf, and a leaf that is its parent's only child.
//
// Concurrency: latch coupling, no unlatched reads.
//   read     shared latches from the root down, the child's taken before the parent's is let go;
//   change   the same down to the leaf's parent, the leaf exclusively. A change never leaves its
//            leaf;
//   split    when the leaf has no room, everything is let go, and *one* node is split in a
//            mini-transaction of its own: shared latches down to its grandparent, the parent and
//            the node exclusively. If the parent has no room for one more entry, that is let go as
//            well and the parent is split first. Then the change starts again.
//   merge    the same from below: after a change that leaves little in a leaf, it is joined with a
//            neighbour under the same parent, one mini-transaction for each level.
// So a split needs a handful of pins and one node's worth of redo however high the tree is, and
// holds the root exclusively only when the root or its child is what changes. Each of these steps
// leaves a tree in which every key can be found; a crash between them loses nothing.
//
// Latch order: parent before child, left before right on a level; then undo, then the allocator,
// then new pages. Every wait goes down or to the right, so latches cannot deadlock. Nobody walks to
// the left along the leaves: a cursor going back descends again (tree_cursor.h). A page number read
// under its parent's latch, or under its left neighbour's, cannot be freed before it is latched.
//
// Changes. modify() finds the place of one key and asks a LeafChange what to do there, with the
// leaf latched; undo is appended, in the same mini-transaction, by LeafChange::finish().
//
// Gaps. Who locks rows needs to know of a key what comes behind it, and that nothing comes between
// while he looks (key_guard.h). What comes behind is in the key's own leaf, or in the next one that
// is not empty; all of these stay latched together, from left to right.
//
// What it does not do: visibility, locking of rows, meaning of keys. A delete mark is a flag here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/fault.h"
#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/key_guard.h"
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
  SegmentNo inner;  // the root, and all nodes that are neither root nor leaf
  SegmentNo overflow;
  friend bool operator==(const TreeRoot&, const TreeRoot&) = default;
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
  // Who has to hear of an insertion or an erasure.
  [[nodiscard]] virtual KeyHooks hooks() const { return {}; }
};

// Changes one after another, of which modify_run() makes as many together as it can.
class LeafRun {
 public:
  virtual ~LeafRun() = default;
  // The next change to be made, and its key.
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual LeafChange& change() = 0;
  // It has been made: goes on to the one after it. False when there is none, or when that one has
  // to begin a run of its own. Called with the leaf latched: must not wait, nor touch pages.
  [[nodiscard]] virtual bool advance() = 0;
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

  // Calls `visit` with the first record at `key` or behind it, or with null when there is none, and
  // nothing can come between until it returns. An empty key is before all others. `visit` must not
  // wait, nor call into the engine; its Status is the answer. Code::unavailable: see kMostEmpty.
  template <typename Visit>
  Status visit_next(std::string_view key, Visit&& visit);

  // See LeafChange. Returns the end of its mini-transaction (lsn 0 if nothing changed).
  // Code::too_large for a record over kMaxRecordBytes, Code::invalid_argument for an empty key or
  // one over limits::kMaxKeyBytes; Code::no_space, io and corruption errors: nothing has changed
  // then, save that pages may have been split.
  [[nodiscard]] Result<Lsn> modify(std::string_view key, LeafChange& change);
  // As modify() for the run's next change, and in the same mini-transaction for those after it, up
  // to the first that belongs to another leaf, does not fit, or answers with an error. Errors are
  // only ever about the first: whoever gets one has seen nothing change.
  [[nodiscard]] Status modify_run(LeafRun& run);

  [[nodiscard]] const TreeRoot& root() const { return root_; }
  [[nodiscard]] PageStore& store() { return store_; }

 private:
  friend class BulkLoader;
  friend class TreeCursor;

  static constexpr uint16_t kUnknownLevel = 0xffff;

  // A node, latched, by coupling from the root; empty when the tree is lower than `level`.
  // `choose(page)` names the slot to follow in each inner node above.
  template <typename Choose>
  [[nodiscard]] Result<PageRef> descend(uint16_t level, Latch latch, Choose&& choose);
  // The root, or nothing when it is lower than `level`; whether the descent ends at it.
  [[nodiscard]] Result<PageRef> fetch_root(uint16_t level, Latch latch, bool& arrived);
  [[nodiscard]] Result<PageRef> fetch_child(const PageRef& parent, uint16_t slot, Latch latch);
  [[nodiscard]] Result<PageRef> leaf_for(std::string_view key, Latch latch) {
    return descend(0, latch, [key](const SlottedPage& node) { return node.child_slot(key); });
  }

  // Leaves without a record are rare: one that has become empty is joined with a neighbour, unless
  // it is its parent's only child. More of them in a row than this are not passed over.
  static constexpr size_t kMostEmpty = 5;
  // What stands behind a place in a leaf that is latched, if it is in another leaf. `fetch(page)`
  // latches one more, shared; those before it stay latched.
  template <typename Fetch>
  [[nodiscard]] Result<std::optional<RecordView>> first_in_next_leaf(PageNo next, Fetch&& fetch);
  [[nodiscard]] Result<std::optional<RecordView>> record_behind(Mtr& mtr, Frame* leaf,
                                                                const SlottedPage::Found& at);
  Status tell(Mtr& mtr, Frame* leaf, const SlottedPage::Found& at, std::string_view key,
              LeafChange::Action action, const KeyHooks& hooks);

  // modify(), once the leaf is latched. `need`: bytes that were missing, or 0 when it is done.
  struct Attempt {
    Lsn end;
    size_t need = 0;
    bool shrunk = false;
  };
  [[nodiscard]] Result<Attempt> attempt(std::string_view key, LeafChange& change);
  [[nodiscard]] Result<Attempt> attempt_on(Mtr& mtr, Frame* leaf, std::string_view key,
                                           LeafChange& change);
  [[nodiscard]] Result<Attempt> attempt_run(LeafRun& run);
  // Makes the change, without ending the mini-transaction.
  struct Step {
    bool changed = false;
    size_t need = 0;  // bytes of the page that were missing: not changed then
  };
  [[nodiscard]] Result<Step> step(Mtr& mtr, Frame* leaf, std::string_view key, LeafChange& change);

  // Splits (btree_split.cc).
  enum class Outcome : uint8_t { done, parent_full, nothing };
  // Bytes that a record needs in the node; of a parent that is full, in the parent.
  struct Need {
    size_t here = 0;
    size_t in_parent = 0;
  };
  Status make_room(std::string_view key, size_t bytes);
  [[nodiscard]] Result<Outcome> split_at(std::string_view key, uint16_t level, Need& need);
  [[nodiscard]] Result<Outcome> split_child(Mtr& mtr, Frame* parent, std::string_view key,
                                            Need& need, SpaceReservation& reservation);
  [[nodiscard]] Result<Outcome> grow_root(Mtr& mtr, Frame* root, const Need& need,
                                          SpaceReservation& reservation);

  // Merges (btree_merge.cc). Failing to merge is no failure of the change: the tree is right.
  void merge_up(std::string_view key);
  [[nodiscard]] Result<Outcome> merge_at(std::string_view key, uint16_t level);
  [[nodiscard]] Result<Outcome> merge_children(Mtr& mtr, Frame* parent, uint16_t left_slot);
  Status shrink_root();

  [[nodiscard]] SegmentNo segment_of(uint16_t level) const {
    return level == 0 ? root_.leaves : root_.inner;
  }
  [[nodiscard]] PageId page(PageNo no) const { return {root_.space, no}; }
  [[nodiscard]] Status damaged(PageNo no, std::string_view what) const;

  PageStore& store_;
  const TreeRoot root_;
  // What the root's level was when last seen: decides only which latch is tried first.
  std::atomic<uint16_t> root_level_{kUnknownLevel};
};

template <typename Choose>
Result<PageRef> BTree::descend(uint16_t level, Latch latch, Choose&& choose) {
  bool arrived = false;
  auto node = fetch_root(level, latch, arrived);
  if (!node.ok() || !node.value()) return node;
  while (!arrived) {
    const SlottedPage view(node.value().bytes());
    arrived = view.level() == level + 1;
    auto child = fetch_child(node.value(), choose(view), arrived ? latch : Latch::shared);
    if (!child.ok()) return child;
    node.value() = std::move(child.value());
  }
  return node;
}

template <typename Visit>
Result<bool> BTree::get(std::string_view key, Visit&& visit) {
  const PinBudget budget(store_.pool(), kReadPins);
  const auto leaf = leaf_for(key, Latch::shared);
  if (!leaf.ok()) return leaf.status();
  const SlottedPage page(leaf.value().bytes());
  const SlottedPage::Found found = page.lower_bound(key);
  if (!found.exact) return false;
  visit(page.record(found.slot));
  return true;
}

template <typename Fetch>
Result<std::optional<RecordView>> BTree::first_in_next_leaf(PageNo next, Fetch&& fetch) {
  for (size_t empty = 0; next != kNoPage; ++empty) {
    if (empty == kMostEmpty) return {Code::unavailable, "too many empty pages in a row"};
    ASSIGN_OR_RETURN(const char* const bytes, fetch(next));
    const SlottedPage leaf(bytes);
    if (leaf.level() != 0 || leaf.index_id() != root_.index) {
      return damaged(next, "not the leaf that its neighbour expects");
    }
    if (leaf.slots() > 0) return std::optional<RecordView>(leaf.record(0));
    next = leaf.next();
  }
  return std::optional<RecordView>();
}

template <typename Visit>
Status BTree::visit_next(std::string_view key, Visit&& visit) {
  const PinBudget budget(store_.pool(), kMostEmpty + 2);
  const auto leaf = leaf_for(key, Latch::shared);
  if (!leaf.ok()) return leaf.status();
  const SlottedPage origin(leaf.value().bytes());
  const uint16_t slot = origin.lower_bound(key).slot;
  if (slot < origin.slots()) {
    const RecordView record = origin.record(slot);
    return visit(&record);
  }
  std::array<PageRef, kMostEmpty> held;
  size_t count = 0;
  ASSIGN_OR_RETURN(const auto record,
                   first_in_next_leaf(origin.next(), [&](PageNo no) -> Result<const char*> {
                     auto next = store_.pool().fetch(page(no), Latch::shared, PageType::index);
                     if (!next.ok()) return next.status();
                     held[count] = std::move(next.value());
                     return held[count++].bytes();
                   }));
  return visit(record ? &*record : nullptr);
}

}  // namespace aftersync::storage
