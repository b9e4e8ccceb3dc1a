// SystemPage: making it, reading it, and counting.
#include "core/storage/system_page.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/storage/catalog_format.h"
#include "core/storage/segment.h"

namespace aftersync::storage {

namespace {

constexpr PageId kPage{kSystemSpace, catalog_format::kPage};
constexpr uint64_t kIdBatch = 4096;

}  // namespace

void store_tree(char* to, const TreeRoot& tree) {
  store_be(to, tree.root.value());
  store_be(to + 4, tree.leaves.value());
  store_be(to + 8, tree.inner.value());
  store_be(to + 12, tree.overflow.value());
}

TreeRoot load_tree(const char* from, IndexId index, SpaceId space) {
  const auto number = [&](size_t at) { return load_be<uint32_t>(from + at); };
  return {index,
          space,
          PageNo(number(0)),
          SegmentNo(number(4)),
          SegmentNo(number(8)),
          SegmentNo(number(12))};
}

Status SystemPage::bootstrap() {
  SpaceAllocator allocator(store_);
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve_fragments(kSystemSpace, 2));
  Mtr mtr(store_, kLargeMtr);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(const SegmentNo segment, allocator.create_segment(mtr, kSystemSpace));
  ASSIGN_OR_RETURN(Frame * page, allocator.allocate(mtr, kSystemSpace, segment,
                                                    catalog_format::kPage, reservation));
  CHECK_EQ(page->id().page, catalog_format::kPage);
  mtr.init_page(page, PageType::system, catalog_format::kVersion);
  ASSIGN_OR_RETURN(const TreeRoot tree, BTree::create(store_, mtr, kSystemSpace,
                                                      catalog_format::kTablesIndex, reservation));
  mtr.set(page, catalog_format::kMagicAt, catalog_format::kMagic);
  mtr.set(page, catalog_format::kVersionAt, catalog_format::kVersion);
  mtr.set(page, catalog_format::kIdsAt, catalog_format::kFirstId);
  mtr.set(page, catalog_format::kSpacesAt, kFirstTableSpace.value());
  char bytes[catalog_format::kTreeBytes];
  store_tree(bytes, tree);
  mtr.set_bytes(page, catalog_format::kTreeAt, {bytes, sizeof bytes});
  mtr.commit();
  return {};
}

Result<TreeRoot> SystemPage::judge(const char* bytes) {
  const std::string where = space_path(kSystemSpace) + " page 3: ";
  if (load_be<uint64_t>(bytes + catalog_format::kMagicAt) != catalog_format::kMagic) {
    return {Code::corruption, where + "not a catalog page: its magic number is missing"};
  }
  if (const auto version = load_be<uint32_t>(bytes + catalog_format::kVersionAt);
      version != catalog_format::kVersion) {
    return {Code::unsupported, where + "catalog format version: expected " +
                                   std::to_string(catalog_format::kVersion) + ", found " +
                                   std::to_string(version)};
  }
  return load_tree(bytes + catalog_format::kTreeAt, catalog_format::kTablesIndex, kSystemSpace);
}

Status SystemPage::open() {
  const PinBudget budget(store_.pool(), kReadPins);
  ASSIGN_OR_RETURN(const PageRef page, store_.pool().fetch(kPage, Latch::shared, PageType::system));
  const char* bytes = page.bytes();
  ASSIGN_OR_RETURN(tables_, judge(bytes));
  next_ = limit_ = load_be<uint64_t>(bytes + catalog_format::kIdsAt);
  next_space_ = load_be<uint32_t>(bytes + catalog_format::kSpacesAt);
  return {};
}

Result<uint64_t> SystemPage::next_id() {
  const uint64_t id = next_.fetch_add(1, std::memory_order_acq_rel);
  if (id >= limit_.load(std::memory_order_acquire)) RETURN_IF_ERROR(set_aside(id));
  return id;
}

std::optional<uint64_t> SystemPage::try_next_id() {
  uint64_t id = next_.load(std::memory_order_acquire);
  while (id < limit_.load(std::memory_order_acquire)) {
    if (next_.compare_exchange_weak(id, id + 1, std::memory_order_acq_rel)) return id;
  }
  return std::nullopt;
}

Status SystemPage::set_aside(uint64_t at_least) {
  const MutexLock lock(mutex_);
  if (at_least < limit_.load()) return {};
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * page, mtr.fetch(kPage, Latch::exclusive, PageType::system));
  const uint64_t limit = at_least + kIdBatch;
  mtr.set(page, catalog_format::kIdsAt, limit);
  mtr.commit();
  limit_.store(limit, std::memory_order_release);
  return {};
}

Result<SpaceId> SystemPage::next_space() {
  const MutexLock lock(mutex_);
  Mtr mtr(store_);
  RETURN_IF_ERROR(mtr.ready());
  ASSIGN_OR_RETURN(Frame * page, mtr.fetch(kPage, Latch::exclusive, PageType::system));
  mtr.set(page, catalog_format::kSpacesAt, next_space_ + 1);
  // The file of that name is made durable at once, outside the log. Were the count not, a crash
  // would leave an orphan, its removal in the log, and the same id for the next table: replay would
  // remove that one too.
  store_.log().flush_to(mtr.commit());
  return SpaceId(next_space_++);
}

}  // namespace aftersync::storage
