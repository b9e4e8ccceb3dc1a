// The structure checker: a walk in depth, left to right, that remembers the last node of each
// level.
#include "core/storage/tree_check.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/storage/index_page_format.h"
#include "core/storage/overflow.h"
#include "core/storage/slotted_page.h"

namespace aftersync::storage {

namespace f = index_format;

double TreeReport::fill() const {
  return leaves == 0 ? 0
                     : static_cast<double>(leaf_bytes) /
                           (static_cast<double>(leaves) * static_cast<double>(f::kUsableBytes));
}

namespace {

struct Bounds {
  std::string low;
  std::string high;
  bool has_high = false;
};

class Walk {
 public:
  Walk(PageReader& reader, const SpaceMap& map, const TreeRoot& root, const VisitRecord& visit)
      : reader_(reader), map_(map), root_(root), on_record_(visit) {}
  [[nodiscard]] Result<TreeReport> run();

 private:
  Status visit(PageNo no, uint16_t level, const Bounds& bounds, bool only_child);
  Status visit_children(const SlottedPage& node, PageNo no, const Bounds& bounds);
  Status visit_records(const SlottedPage& leaf, PageNo no);
  Status check_keys(const SlottedPage& node, PageNo no, const Bounds& bounds);
  Status check_links(const SlottedPage& node, PageNo no);
  Status check_space();
  [[nodiscard]] Result<PageCopy> copy(PageNo no) {
    return copy_page(reader_, {root_.space, no}, PageType::index);
  }
  // Notes that the tree has the page, which must be one of `segment`.
  Status reach(PageNo no, SegmentNo segment, std::string_view again);
  [[nodiscard]] Status wrong(PageNo no, const std::string& what) const {
    return {Code::corruption, space_path(root_.space) + " page " + std::to_string(no.value()) +
                                  ": index " + std::to_string(root_.index.value()) + ": " + what};
  }

  struct Level {
    PageNo last = kNoPage;
    PageNo next = kNoPage;  // as `last` says
  };

  PageReader& reader_;
  const SpaceMap& map_;
  const TreeRoot root_;
  const VisitRecord& on_record_;
  TreeReport report_;
  std::vector<Level> levels_;
  std::set<PageNo> reached_;
};

Status Walk::reach(PageNo no, SegmentNo segment, std::string_view again) {
  if (!reached_.insert(no).second) return wrong(no, std::string(again));
  if (map_.owns(segment, no)) return {};
  const uint32_t owner = no.value() < map_.owner.size() ? map_.owner[no.value()] : SpaceMap::kFree;
  std::string found = "segment " + std::to_string(owner);
  if (owner == SpaceMap::kFree) found = "none";
  if (owner == SpaceMap::kLedger) found = "the space's own ledger";
  return wrong(no,
               "owner: expected segment " + std::to_string(segment.value()) + ", found " + found);
}

Result<TreeReport> Walk::run() {
  ASSIGN_OR_RETURN(const PageCopy root, copy(root_.root));
  const uint16_t level = SlottedPage(root.get()).level();
  if (level > 64) return wrong(root_.root, "level " + std::to_string(level));
  report_.levels = static_cast<uint16_t>(level + 1);
  levels_.resize(report_.levels);
  RETURN_IF_ERROR(visit(root_.root, level, {}, true));
  for (const Level& l : levels_) {
    if (l.next != kNoPage) {
      return wrong(l.last, "next page " + std::to_string(l.next.value()) + ", expected none");
    }
  }
  RETURN_IF_ERROR(check_space());
  return report_;
}

Status Walk::visit(PageNo no, uint16_t level, const Bounds& bounds, bool only_child) {
  const SegmentNo segment = level == 0 && no != root_.root ? root_.leaves : root_.inner;
  RETURN_IF_ERROR(reach(no, segment, "reached twice"));
  ASSIGN_OR_RETURN(const PageCopy bytes, copy(no));
  const SlottedPage node(bytes.get());
  if (const Status sound = node.check(); !sound.ok()) return wrong(no, sound.to_string());
  if (node.index_id() != root_.index) {
    return wrong(no, "belongs to index " + std::to_string(node.index_id().value()));
  }
  if (node.level() != level) {
    return wrong(no,
                 "level " + std::to_string(node.level()) + ", expected " + std::to_string(level));
  }
  if (node.slots() == 0 && !only_child) return wrong(no, "an empty node with siblings");
  RETURN_IF_ERROR(check_keys(node, no, bounds));
  RETURN_IF_ERROR(check_links(node, no));
  ++(level == 0 ? report_.leaves : report_.inner_nodes);
  return level == 0 ? visit_records(node, no) : visit_children(node, no, bounds);
}

Status Walk::check_keys(const SlottedPage& node, PageNo no, const Bounds& bounds) {
  if (node.slots() == 0) return {};
  if (!node.is_leaf() && node.key(0) != bounds.low) {
    return wrong(no, "first key differs from the parent's");
  }
  if (node.key(0) < bounds.low) return wrong(no, "a key below the parent's");
  const std::string_view last = node.key(static_cast<uint16_t>(node.slots() - 1));
  if (bounds.has_high && last >= bounds.high) {
    return wrong(no, "a key not below that of the node to the right");
  }
  return {};
}

// The nodes of a level come in key order, so each must name the one before it, and be named by it.
Status Walk::check_links(const SlottedPage& node, PageNo no) {
  Level& level = levels_[node.level()];
  if (node.prev() != level.last) {
    return wrong(no, "previous page " + std::to_string(node.prev().value()) + ", expected " +
                         std::to_string(level.last.value()));
  }
  if (level.last != kNoPage && level.next != no) {
    return wrong(level.last, "next page " + std::to_string(level.next.value()) + ", expected " +
                                 std::to_string(no.value()));
  }
  level = {no, node.next()};
  return {};
}

Status Walk::visit_children(const SlottedPage& node, PageNo no, const Bounds& bounds) {
  for (uint16_t slot = 0; slot < node.slots(); ++slot) {
    const RecordView entry = node.record(slot);
    if (entry.flags != 0) return wrong(no, "flags on a child pointer");
    Bounds below{std::string(entry.key), bounds.high, bounds.has_high};
    if (slot + 1 < node.slots()) {
      below.high = node.key(static_cast<uint16_t>(slot + 1));
      below.has_high = true;
    }
    RETURN_IF_ERROR(
        visit(node.child(slot), static_cast<uint16_t>(node.level() - 1), below, node.slots() == 1));
  }
  return {};
}

Status Walk::visit_records(const SlottedPage& leaf, PageNo no) {
  report_.leaf_bytes += leaf.used();
  for (uint16_t slot = 0; slot < leaf.slots(); ++slot) {
    const RecordView r = leaf.record(slot);
    ++report_.records;
    if (r.is_delete_marked()) ++report_.delete_marked;
    if (r.is_overflow()) {
      const auto on_page = [&](PageNo part) {
        ++report_.overflow_pages;
        return reach(part, root_.overflow, "in two overflow chains");
      };
      if (const Status whole = check_overflow(reader_, root_, r.value, on_page); !whole.ok()) {
        return wrong(no, "slot " + std::to_string(slot) + ": " + whole.to_string());
      }
    }
    if (on_record_) RETURN_IF_ERROR(on_record_(r));
  }
  return {};
}

// Every page reached is owned by its segment; so equal numbers mean the same pages.
Status Walk::check_space() {
  const bool leaf_root = report_.levels == 1;
  const auto expect = [&](std::string_view what, SegmentNo segment, uint64_t reached) -> Status {
    const uint64_t owned = map_.pages_of(segment);
    if (owned == reached) return {};
    return wrong(root_.root, "the " + std::string(what) + " segment owns " + std::to_string(owned) +
                                 " pages, " + std::to_string(reached) + " were reached");
  };
  RETURN_IF_ERROR(expect("leaf", root_.leaves, report_.leaves - (leaf_root ? 1 : 0)));
  return expect("inner", root_.inner, report_.inner_nodes + (leaf_root ? 1 : 0));
}

}  // namespace

Result<TreeReport> check_tree(PageReader& reader, const SpaceMap& map, const TreeRoot& root,
                              const VisitRecord& visit) {
  return Walk(reader, map, root, visit).run();
}

Result<TreeReport> check_tree(PageStore& store, const TreeRoot& root) {
  PoolReader reader(store.pool());
  ASSIGN_OR_RETURN(const SpaceMap map, check_space(reader, root.space));
  return check_tree(reader, map, root);
}

}  // namespace aftersync::storage
