// BTree: descents, and changes that stay within a leaf.
#include "core/storage/btree.h"

#include <array>

#include "core/base/limits.h"
#include "core/base/probe.h"
#include "core/storage/btree_shape.h"
#include "core/storage/index_ops.h"

namespace aftersync::storage {

namespace f = index_format;

Result<TreeRoot> BTree::create(PageStore& store, Mtr& mtr, SpaceId space, IndexId index,
                               SpaceReservation& reservation) {
  SpaceAllocator allocator(store);
  TreeRoot made;
  made.index = index;
  made.space = space;
  ASSIGN_OR_RETURN(made.leaves, allocator.create_segment(mtr, space));
  ASSIGN_OR_RETURN(made.inner, allocator.create_segment(mtr, space));
  ASSIGN_OR_RETURN(made.overflow, allocator.create_segment(mtr, space));
  ASSIGN_OR_RETURN(Frame* const root,
                   allocator.allocate(mtr, space, made.inner, kNoPage, reservation));
  mtr.init_page(root, PageType::index, f::kVersion);
  index_ops::init(mtr, root, index, 0);
  made.root = root->id().page;
  return made;
}

Status BTree::damaged(PageNo no, std::string_view what) const {
  return {Code::corruption, space_path(root_.space) + " page " + std::to_string(no.value()) +
                                ": index " + std::to_string(root_.index.value()) + ": " +
                                std::string(what)};
}

// The root, latched as the descent will need it. Its level decides that, and is not known before it
// is latched: so the latch is chosen by what the level was last time, and chosen again if that has
// changed meanwhile.
Result<PageRef> BTree::fetch_root(uint16_t level, Latch latch, bool& arrived) {
  while (true) {
    const uint16_t expected = root_level_.load(std::memory_order_relaxed);
    const Latch first = expected == level ? latch : Latch::shared;
    auto root = store_.pool().fetch(page(root_.root), first, PageType::index);
    if (!root.ok()) return root;
    const SlottedPage view(root.value().bytes());
    if (view.index_id() != root_.index) [[unlikely]] {
      return damaged(root_.root, "root of index " + std::to_string(view.index_id().value()));
    }
    uint16_t found = view.level();
    if (found != expected) [[unlikely]] {
      root_level_.store(found, std::memory_order_relaxed);
      // The planted bug: a reader believes what it saw before it had the latch.
      if (latch == Latch::shared && level == 0 && expected == 0 &&
          AFTERSYNC_FAULT("bug/root-split-race")) {
        found = expected;
      }
    }
    arrived = found == level;
    if (found > level || (found == level && first == latch)) return root;
    if (found < level) return PageRef();
    PROBE("btree: the root's level changed before it was latched");
  }
}

Result<PageRef> BTree::fetch_child(const PageRef& parent, uint16_t slot, Latch latch) {
  const SlottedPage above(parent.bytes());
  if (slot >= above.slots()) [[unlikely]] {
    return damaged(parent.page_no(), "an inner node without children");
  }
  const PageNo no = above.child(slot);
  auto child = store_.pool().fetch(page(no), latch, PageType::index);
  if (!child.ok()) return child;
  const SlottedPage view(child.value().bytes());
  if (view.level() + 1 != above.level() || view.index_id() != root_.index) [[unlikely]] {
    return damaged(
        no, "not the child that page " + std::to_string(parent.page_no().value()) + " expects");
  }
  return child;
}

Result<Lsn> BTree::modify(std::string_view key, LeafChange& change) {
  if (key.empty() || key.size() > limits::kMaxKeyBytes) {
    return {Code::invalid_argument, "a key of " + std::to_string(key.size()) + " bytes"};
  }
  while (true) {
    ASSIGN_OR_RETURN(const Attempt attempted, attempt(key, change));
    if (attempted.need == 0) {
      if (attempted.shrunk) merge_up(key);
      return attempted.end;
    }
    RETURN_IF_ERROR(make_room(key, attempted.need));
  }
}

Result<BTree::Attempt> BTree::attempt(std::string_view key, LeafChange& change) {
  Mtr mtr(store_, kSmallMtr);
  RETURN_IF_ERROR(mtr.ready());
  auto leaf = leaf_for(key, Latch::exclusive);
  if (!leaf.ok()) return leaf.status();
  return attempt_on(mtr, mtr.adopt(std::move(leaf.value())), key, change);
}

namespace {

// Bytes that a decision adds to its page: negative when it takes some away.
int64_t growth(const LeafChange::Decision& decision, std::string_view key,
               const RecordView* found) {
  const auto record = static_cast<int64_t>(
      index_internal::record_bytes(key.size(), decision.value.size()) + f::kSlotBytes);
  const auto present =
      found == nullptr
          ? 0
          : static_cast<int64_t>(index_internal::record_bytes(key.size(), found->value.size()) +
                                 f::kSlotBytes);
  switch (decision.action) {
    case LeafChange::Action::insert: return record;
    case LeafChange::Action::replace: return record - present;
    case LeafChange::Action::erase: return -present;
    default: return 0;
  }
}

void carry_out(Mtr& mtr, Frame* leaf, uint16_t slot, std::string_view key,
               const LeafChange::Decision& decision) {
  switch (decision.action) {
    case LeafChange::Action::nothing: break;
    case LeafChange::Action::insert:
      index_ops::insert(mtr, leaf, slot, key, decision.value, decision.flags);
      break;
    case LeafChange::Action::replace:
      index_ops::replace(mtr, leaf, slot, decision.value, decision.flags);
      break;
    case LeafChange::Action::set_flags:
      if (!decision.value.empty()) index_ops::patch(mtr, leaf, slot, 0, decision.value);
      index_ops::set_flags(mtr, leaf, slot, decision.flags);
      break;
    case LeafChange::Action::erase: index_ops::erase(mtr, leaf, slot); break;
  }
}

}  // namespace

Result<BTree::Attempt> BTree::attempt_on(Mtr& mtr, Frame* leaf, std::string_view key,
                                         LeafChange& change) {
  const SlottedPage page(leaf->bytes());
  const size_t used = page.used();
  ASSIGN_OR_RETURN(const Step made, step(mtr, leaf, key, change));
  if (!made.changed) return Attempt{{}, made.need, false};
  const bool shrunk = btree_shape::wants_merge(used, page.used());
  return Attempt{mtr.commit(), 0, shrunk};
}

Result<BTree::Step> BTree::step(Mtr& mtr, Frame* leaf, std::string_view key, LeafChange& change) {
  using Action = LeafChange::Action;
  const SlottedPage page(leaf->bytes());
  const SlottedPage::Found at = page.lower_bound(key);
  const RecordView record = at.exact ? page.record(at.slot) : RecordView();
  const RecordView* const found = at.exact ? &record : nullptr;
  ASSIGN_OR_RETURN(const LeafChange::Decision decision, change.decide(found, *leaf, at.slot));
  if (decision.action == Action::nothing) return Step{};
  CHECK_EQ(decision.action == Action::insert, found == nullptr);
  if (decision.action == Action::set_flags) CHECK_LE(decision.value.size(), record.value.size());
  if (key.size() + decision.value.size() > f::kMaxRecordBytes) {
    return {Code::too_large, "a record of " + std::to_string(key.size()) + " + " +
                                 std::to_string(decision.value.size()) + " bytes; at most " +
                                 std::to_string(f::kMaxRecordBytes)};
  }
  const int64_t by = growth(decision, key, found);
  if (by > static_cast<int64_t>(page.total_free())) return Step{false, static_cast<size_t>(by)};
  RETURN_IF_ERROR(tell(mtr, leaf, at, key, decision.action, change.hooks()));
  change.finish(mtr);
  carry_out(mtr, leaf, at.slot, key, decision);
  return Step{true, 0};
}

// --- runs ---

Status BTree::modify_run(LeafRun& run) {
  while (true) {
    const std::string_view key = run.key();
    if (key.empty() || key.size() > limits::kMaxKeyBytes) {
      return {Code::invalid_argument, "a key of " + std::to_string(key.size()) + " bytes"};
    }
    ASSIGN_OR_RETURN(const Attempt attempted, attempt_run(run));
    if (attempted.need == 0) return {};
    RETURN_IF_ERROR(make_room(key, attempted.need));
  }
}

namespace {

// Whether a key that was not looked for has its place in this leaf all the same.
bool is_within(const SlottedPage& leaf, std::string_view key) {
  if (leaf.slots() == 0 || key < leaf.record(0).key) return false;
  return leaf.next() == kNoPage ||
         key <= leaf.record(static_cast<uint16_t>(leaf.slots() - 1)).key;
}

}  // namespace

// Ends when half of the redo that a small mini-transaction may have is used: any one change fits
// into the other half.
Result<BTree::Attempt> BTree::attempt_run(LeafRun& run) {
  Mtr mtr(store_, kSmallMtr);
  RETURN_IF_ERROR(mtr.ready());
  auto latched = leaf_for(run.key(), Latch::exclusive);
  if (!latched.ok()) return latched.status();
  Frame* const leaf = mtr.adopt(std::move(latched.value()));
  const SlottedPage page(leaf->bytes());
  const size_t used = page.used();
  const std::string first(run.key());
  ASSIGN_OR_RETURN(const Step made, step(mtr, leaf, first, run.change()));
  if (made.need > 0) return Attempt{{}, made.need, false};
  while (run.advance() && mtr.redo_bytes() <= kSmallMtr.redo_bytes / 2 &&
         is_within(page, run.key())) {
    const auto next = step(mtr, leaf, run.key(), run.change());
    if (!next.ok() || next->need > 0) break;
  }
  const bool shrunk = btree_shape::wants_merge(used, page.used());
  const Lsn end = mtr.commit();
  if (shrunk) merge_up(first);
  return Attempt{end, 0, false};
}

// What comes behind `at`; the leaf it is in stays latched.
Result<std::optional<RecordView>> BTree::record_behind(Mtr& mtr, Frame* leaf,
                                                       const SlottedPage::Found& at) {
  const SlottedPage page(leaf->bytes());
  const auto slot = static_cast<uint16_t>(at.slot + (at.exact ? 1 : 0));
  if (slot < page.slots()) return std::optional<RecordView>(page.record(slot));
  return first_in_next_leaf(page.next(), [&](PageNo no) -> Result<const char*> {
    ASSIGN_OR_RETURN(Frame* const next, mtr.fetch(this->page(no), Latch::shared, PageType::index));
    return next->bytes();
  });
}

Status BTree::tell(Mtr& mtr, Frame* leaf, const SlottedPage::Found& at, std::string_view key,
                   LeafChange::Action action, const KeyHooks& hooks) {
  const bool is_insert = action == LeafChange::Action::insert;
  if (is_insert ? !hooks.want_insert()
                : action != LeafChange::Action::erase || !hooks.want_erase()) {
    return {};
  }
  ASSIGN_OR_RETURN(const auto behind, record_behind(mtr, leaf, at));
  const RecordView* const record = behind ? &*behind : nullptr;
  if (is_insert) return hooks.insert(root_.index, key, record);
  hooks.erase(root_.index, key, record);
  return {};
}

}  // namespace aftersync::storage
