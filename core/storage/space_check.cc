// The ledger checker: walks every list and believes no number that it has not counted.
#include "core/storage/space_check.h"

#include <bit>
#include <set>
#include <string>
#include <utility>

#include "core/base/coding.h"
#include "core/storage/page_store.h"
#include "core/storage/space.h"
#include "core/storage/space_format.h"

namespace aftersync::storage {

using namespace space_format;

namespace {

class SpaceCheck {
 public:
  SpaceCheck(PageReader& reader, SpaceId space)
      : reader_(reader), space_(space), path_(space_path(space)) {}

  Status run() {
    RETURN_IF_ERROR(open());
    RETURN_IF_ERROR(list(pages_[0].get() + kFreeListAt, ExtentState::free, 0, 0, 0));
    RETURN_IF_ERROR(list(pages_[0].get() + kFragmentListAt, ExtentState::fragment, 0, 1, 63));
    RETURN_IF_ERROR(list(pages_[0].get() + kFullFragmentListAt, ExtentState::fragment, 0, 64, 64));
    for (uint32_t s = 0; s < kMaxSegments; ++s) RETURN_IF_ERROR(segment(s));
    return extents();
  }
  [[nodiscard]] SpaceMap take_map() { return std::move(map_); }

 private:
  // Pages of the ledger, and sizes.
  Status open();
  Status add_page(PageNo no, PageType type);
  [[nodiscard]] const char* descriptor(uint32_t extent) const {
    const uint32_t page = extent / kDescriptorsPerPage * kPagesPerExtentsPage;
    return pages_.at(page).get() + kDescriptorsAt + extent % kDescriptorsPerPage * kDescriptorBytes;
  }
  [[nodiscard]] static uint32_t number(const char* at) { return load_be<uint32_t>(at); }
  [[nodiscard]] ExtentState state(uint32_t extent) const {
    return static_cast<ExtentState>(number(descriptor(extent) + 8));
  }
  [[nodiscard]] uint64_t bitmap(uint32_t extent) const {
    return load_be<uint64_t>(descriptor(extent) + 16);
  }

  Status list(const char* at, ExtentState state, uint32_t owner, int least, int most);
  Status extent_on_list(uint32_t extent, uint32_t before, ExtentState state, uint32_t owner);
  Status segment(uint32_t number);
  Status fragments(const char* inode, uint32_t segment, uint32_t& count);
  Status extents();
  Status fragment_extent(uint32_t extent, uint64_t& free_pages);

  [[nodiscard]] Status wrong(const std::string& what, uint64_t expected, uint64_t found) const {
    return {Code::corruption, path_ + ": " + what + ": expected " + std::to_string(expected) +
                                  ", found " + std::to_string(found)};
  }

  PageReader& reader_;
  const SpaceId space_;
  const std::string path_;
  std::map<uint32_t, PageCopy> pages_;
  uint32_t size_ = 0;     // usable pages
  uint32_t touched_ = 0;  // extents
  std::set<uint32_t> listed_;
  uint32_t used_in_list_ = 0;
  SpaceMap map_;
};

Status SpaceCheck::add_page(PageNo no, PageType type) {
  ASSIGN_OR_RETURN(pages_[no.value()], copy_page(reader_, {space_, no}, type));
  return {};
}

Status SpaceCheck::open() {
  RETURN_IF_ERROR(add_page(kHeaderPage, PageType::space_header));
  size_ = number(pages_[0].get() + kSizePagesAt);
  touched_ = number(pages_[0].get() + kTouchedExtentsAt);
  const uint32_t in_size = (size_ + kExtentPages - 1) / kExtentPages;
  if (touched_ == 0 || touched_ > in_size) {
    return wrong("extents touched, of at most as many", in_size, touched_);
  }
  for (uint32_t i = 0; i < kSegmentsPages; ++i) {
    RETURN_IF_ERROR(add_page(PageNo(kFirstSegmentsPage.value() + i), PageType::segments));
  }
  for (uint32_t e = kDescriptorsPerPage; e < touched_; e += kDescriptorsPerPage) {
    RETURN_IF_ERROR(add_page(PageNo(e * kExtentPages), PageType::extents));
  }
  map_.owner.assign(size_, SpaceMap::kFree);
  return {};
}

Status SpaceCheck::extent_on_list(uint32_t extent, uint32_t before, ExtentState expected,
                                  uint32_t owner) {
  const std::string name = "extent " + std::to_string(extent);
  if (extent >= touched_) return wrong(name + " on a list: extents touched", touched_, extent);
  if (!listed_.insert(extent).second) return wrong(name + ": lists it is on", 1, 2);
  if (state(extent) != expected) {
    return wrong(name + ": state", static_cast<uint64_t>(expected),
                 static_cast<uint64_t>(state(extent)));
  }
  const char* const own = descriptor(extent);
  if (expected == ExtentState::segment && number(own + 12) != owner) {
    return wrong(name + ": owner", owner, number(own + 12));
  }
  if (number(own) != before) return wrong(name + ": previous", before, number(own));
  return {};
}

// Walks a list whose extents are in `state`, owned by `owner`, with so many pages in use each.
Status SpaceCheck::list(const char* at, ExtentState expected, uint32_t owner, int least, int most) {
  uint32_t count = 0;
  uint32_t last = kNoExtent;
  for (uint32_t e = number(at); e != kNoExtent; last = e, e = number(descriptor(e) + 4)) {
    RETURN_IF_ERROR(extent_on_list(e, last, expected, owner));
    const uint64_t bits = bitmap(e);
    const int used = std::popcount(bits);
    if (used < least || used > most) {
      return wrong("extent " + std::to_string(e) + ": pages in use",
                   static_cast<uint64_t>(used < least ? least : most), static_cast<uint64_t>(used));
    }
    used_in_list_ += static_cast<uint32_t>(used);
    ++count;
    if (expected != ExtentState::segment) continue;
    for (uint32_t bit = 0; bit < kExtentPages; ++bit) {
      const uint32_t page = e * kExtentPages + bit;
      if ((bits >> bit & 1) != 0 && page < size_) map_.owner[page] = owner;
    }
  }
  if (number(at + 8) != count) return wrong("length of a list", count, number(at + 8));
  if (number(at + 4) != last) return wrong("last of a list", last, number(at + 4));
  return {};
}

// The single pages of a segment.
Status SpaceCheck::fragments(const char* inode, uint32_t segment, uint32_t& count) {
  for (uint32_t slot = 0; slot < kFragmentPages; ++slot) {
    const uint32_t page = number(inode + kInodeFragmentPagesAt + slot * 4);
    if (page == kNoPage.value()) continue;
    ++count;
    if (page >= size_) {
      return wrong("segment " + std::to_string(segment) + ": a page below", size_, page);
    }
    if (page / kExtentPages >= touched_ || state(page / kExtentPages) != ExtentState::fragment) {
      return wrong("page " + std::to_string(page) + " of segment " + std::to_string(segment) +
                       ": state of its extent",
                   static_cast<uint64_t>(ExtentState::fragment), 0);
    }
    if (map_.owner[page] != SpaceMap::kFree) {
      return wrong("page " + std::to_string(page) + ": owners", 1, 2);
    }
    map_.owner[page] = segment;
  }
  return {};
}

Status SpaceCheck::segment(uint32_t slot) {
  const char* const inode = pages_[kFirstSegmentsPage.value() + slot / kInodesPerPage].get() +
                            kInodesAt + slot % kInodesPerPage * kInodeBytes;
  if (number(inode + kInodeUsedAt) == 0) return {};
  const std::string name = "segment " + std::to_string(slot);
  if (number(inode + kInodeUsedAt) != 1) return wrong(name + ": in use", 1, number(inode));
  const auto walk = [&](size_t at, int least, int most) {
    return list(inode + at, ExtentState::segment, slot, least, most).in(name);
  };
  used_in_list_ = 0;
  RETURN_IF_ERROR(walk(kInodeFreeListAt, 0, 0));
  RETURN_IF_ERROR(walk(kInodePartialListAt, 1, 63));
  RETURN_IF_ERROR(walk(kInodeFullListAt, 64, 64));
  uint32_t singles = 0;
  RETURN_IF_ERROR(fragments(inode, slot, singles));
  if (singles != number(inode + kInodeFragmentsAt)) {
    return wrong(name + ": fragment pages", singles, number(inode + kInodeFragmentsAt));
  }
  const uint32_t pages = used_in_list_ + singles;
  if (pages != number(inode + kInodePagesAt)) {
    return wrong(name + ": pages", pages, number(inode + kInodePagesAt));
  }
  map_.pages[slot] = pages;
  return {};
}

// Of a shared extent: every used page belongs to somebody, every free one to nobody.
Status SpaceCheck::fragment_extent(uint32_t extent, uint64_t& free_pages) {
  for (uint32_t bit = 0; bit < kExtentPages; ++bit) {
    const uint32_t page = extent * kExtentPages + bit;
    const bool used = (bitmap(extent) >> bit & 1) != 0;
    const bool own = page < kFirstFreePage.value() || page % kPagesPerExtentsPage == 0;
    const bool inside = page < size_;
    if (!used && inside) ++free_pages;
    const bool owned = own || (inside && map_.owner[page] != SpaceMap::kFree);
    if (used != owned) {
      return wrong("page " + std::to_string(page) + ": in use", used ? 0 : 1, used ? 1 : 0);
    }
    if (!own || !inside) continue;
    if (map_.owner[page] != SpaceMap::kFree) {
      return wrong("page " + std::to_string(page) + ", of the ledger: other owners", 0, 1);
    }
    map_.owner[page] = SpaceMap::kLedger;
  }
  return {};
}

// Every touched extent is on one list.
Status SpaceCheck::extents() {
  if (listed_.size() != touched_) return wrong("extents on lists", touched_, listed_.size());
  uint64_t free_pages = 0;
  for (uint32_t e = 0; e < touched_; ++e) {
    if (state(e) == ExtentState::fragment) RETURN_IF_ERROR(fragment_extent(e, free_pages));
  }
  const uint32_t counted = number(pages_[0].get() + kFragmentPagesFreeAt);
  if (counted != free_pages) return wrong("free fragment pages", free_pages, counted);
  return {};
}

}  // namespace

Result<SpaceMap> check_space(PageReader& reader, SpaceId space) {
  SpaceCheck check(reader, space);
  RETURN_IF_ERROR(check.run());
  return check.take_map();
}

Status SpaceAllocator::check(SpaceId space) {
  PoolReader reader(store_.pool());
  return check_space(reader, space).status();
}

}  // namespace aftersync::storage
